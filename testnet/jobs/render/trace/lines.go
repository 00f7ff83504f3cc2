package trace

import (
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// lines remembers where the entries of a scene file stand, by paths such as
// "image.width", "material.brass.color" or "sphere.3.radius" (counted from 1).
type lines map[string]int

// readLines finds the lines of a file, as far as it is good TOML, and counts its
// entries, as far as they are allowed.
func readLines(data []byte) (found lines, entries int) {
	found = make(lines)
	counts := make(map[string]int)
	var p unstable.Parser
	p.Reset(data)
	table := ""
	for entries <= MaxEntries && p.NextExpression() {
		entries++
		e := p.Expression()
		path, line := "", 0
		for key := e.Key(); key.Next(); {
			part := key.Node()
			if line == 0 {
				line = p.Shape(p.Range(part.Data)).Start.Line
				if part.Raw.Length > 0 {
					line = p.Shape(part.Raw).Start.Line
				}
			}
			path = join(path, string(part.Data))
		}
		switch e.Kind {
		case unstable.Table:
			table = path
		case unstable.ArrayTable:
			counts[path]++
			table = join(path, strconv.Itoa(counts[path]))
			path = table
		case unstable.KeyValue:
			path = join(table, path)
		default:
			continue
		}
		if found[path] == 0 {
			found[path] = line
		}
	}
	return found, entries
}

func join(path, part string) string {
	if path == "" {
		return part
	}
	return path + "." + part
}

// of returns the line of path, or of the nearest entry around it, or 0.
func (l lines) of(path string) int {
	for path != "" {
		if line := l[path]; line != 0 {
			return line
		}
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
	}
	return 0
}
