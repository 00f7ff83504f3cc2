package trace

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// lines remembers where the entries of a scene file stand, by paths such as
// "image.width", "material.brass.color" or "sphere.3.radius" (counted from 1).
type lines map[string]int

// scan reads the keys of a scene file before its values are read: it notes
// their lines, and refuses what no scene has and what would take long to read,
// because the decoder compares every key with its siblings.
type scan struct {
	found   lines
	parser  unstable.Parser
	ends    []int // where each line of the file ends
	entries int
}

// readLines finds the lines of a file as far as it is good TOML: what is not,
// the decoder tells better.
func readLines(data []byte) (lines, error) {
	s := &scan{found: make(lines)}
	for i, c := range data {
		if c == '\n' {
			s.ends = append(s.ends, i)
		}
	}
	s.parser.Reset(data)
	counts := make(map[string]int)
	root := reflect.TypeFor[document]()
	at, place := root, ""
	for s.parser.NextExpression() {
		e := s.parser.Expression()
		if e.Kind == unstable.Table || e.Kind == unstable.ArrayTable {
			at, place = root, ""
		}
		kind, path, line, err := s.key(e, at, place)
		if err != nil {
			return nil, err
		}
		switch e.Kind {
		case unstable.Table:
			at, place = kind, path
		case unstable.ArrayTable:
			counts[path]++
			path = join(path, strconv.Itoa(counts[path]))
			at, place = element(kind), path
		case unstable.KeyValue:
			if err := s.value(e.Value(), kind, path, line); err != nil {
				return nil, err
			}
		}
		s.note(path, line)
	}
	return s.found, nil
}

// key follows the key of e from the type at, and returns the type, the path and
// the line that it leads to.
func (s *scan) key(e *unstable.Node, at reflect.Type, path string) (reflect.Type, string, int, error) {
	line := 0
	for i := e.Key(); i.Next(); {
		part := i.Node()
		name := string(part.Data)
		if line == 0 {
			line = 1 + sort.SearchInts(s.ends, int(s.parser.Range(part.Data).Offset))
		}
		if s.entries++; s.entries > MaxEntries {
			return nil, "", 0, &SceneError{line, fmt.Sprintf("the scene has more than %d keys and headers; many objects are shorter as a repeat or as dots", MaxEntries)}
		}
		if at = member(element(at), name); at == nil {
			return nil, "", 0, &SceneError{line, fmt.Sprintf("%.40q is nothing that a scene knows here", name)}
		}
		path = join(path, name)
	}
	return at, path, line, nil
}

// value looks for keys in inline tables.
func (s *scan) value(n *unstable.Node, at reflect.Type, path string, line int) error {
	switch n.Kind {
	case unstable.Array:
		count := 0
		for i := n.Children(); i.Next(); {
			count++
			// Only what holds tables has keys; a point's numbers are no entries.
			if k := i.Node().Kind; k == unstable.Array || k == unstable.InlineTable {
				if err := s.value(i.Node(), element(at), join(path, strconv.Itoa(count)), line); err != nil {
					return err
				}
			}
		}
	case unstable.InlineTable:
		for i := n.Children(); i.Next(); {
			kind, inner, line, err := s.key(i.Node(), at, path)
			if err != nil {
				return err
			}
			s.note(inner, line)
			if err := s.value(i.Node().Value(), kind, inner, line); err != nil {
				return err
			}
		}
	}
	return nil
}

// note keeps the first line of a path.
func (s *scan) note(path string, line int) {
	if path != "" && s.found[path] == 0 {
		s.found[path] = line
	}
}

// element is what a list is made of; anything else is itself.
func element(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// member is the type of a table's entry, nil where there is none of this name.
func member(t reflect.Type, name string) reflect.Type {
	switch t.Kind() {
	case reflect.Map:
		return t.Elem()
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Anonymous {
				if inner := member(f.Type, name); inner != nil {
					return inner
				}
			} else if f.Tag.Get("toml") == name {
				return f.Type
			}
		}
	}
	return nil
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
