package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// format is a way to write data.
type format string

// The formats.
const (
	formatTable format = "table" // for people
	formatJSON  format = "json"  // one value
	formatLines format = "jsonl" // one value per line
	formatCSV   format = "csv"   // a line of names, then one per value
)

// String returns the format's name.
func (f *format) String() string {
	if *f == "" {
		return string(formatTable)
	}
	return string(*f)
}

// Type is what help calls the flag's value.
func (f *format) Type() string { return "format" }

// Set reads a format's name.
func (f *format) Set(s string) error {
	switch v := format(s); v {
	case formatTable, formatJSON, formatLines, formatCSV:
		*f = v
		return nil
	}
	return fmt.Errorf("%q is none of table, json, jsonl, csv", s)
}

// human reports whether people are the readers.
func (f format) human() bool { return f == "" || f == formatTable }

// column is a column of a table: its name and what stands in it.
type column[T any] struct {
	name string
	cell func(T) string
}

// show writes a list in the wanted format. nothing is said to a person when the
// list is empty.
func show[T any](a *app, list []T, nothing string, columns ...column[T]) error {
	switch a.format {
	case formatJSON:
		if list == nil {
			list = []T{}
		}
		return writeJSON(a.out, list)
	case formatLines:
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		for _, v := range list {
			if err := e.Encode(v); err != nil {
				return err
			}
		}
		return nil
	}
	rows := make([][]string, 0, len(list)+1)
	rows = append(rows, make([]string, len(columns)))
	for i, c := range columns {
		rows[0][i] = c.name
	}
	for _, v := range list {
		row := make([]string, len(columns))
		for i, c := range columns {
			row[i] = plainCell(c.cell(v))
		}
		rows = append(rows, row)
	}
	if a.format == formatCSV {
		for i := range rows[0] {
			rows[0][i] = strings.ReplaceAll(strings.ToLower(rows[0][i]), " ", "_")
		}
		return csv.NewWriter(a.out).WriteAll(rows)
	}
	if len(list) == 0 && nothing != "" {
		a.say("%s", nothing)
		return nil
	}
	return writeTable(a.out, rows)
}

// fact is a line of what is said of one thing.
type fact struct{ name, value string }

// showOne writes one thing: its facts to people, the thing itself to programs.
func showOne(a *app, v any, facts ...fact) error {
	switch a.format {
	case formatJSON:
		return writeJSON(a.out, v)
	case formatLines:
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		return e.Encode(v)
	case formatCSV:
		var names, values []string
		for _, f := range facts {
			names = append(names, strings.ReplaceAll(strings.ToLower(f.name), " ", "_"))
			values = append(values, plainCell(f.value))
		}
		return csv.NewWriter(a.out).WriteAll([][]string{names, values})
	}
	var rows [][]string
	for _, f := range facts {
		if f.value != "" {
			rows = append(rows, []string{f.name, plainCell(f.value)})
		}
	}
	return writeTable(a.out, rows)
}

// writeJSON writes a value over several lines.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// writeTable writes rows with their columns aligned.
func writeTable(w io.Writer, rows [][]string) error {
	var width []int
	for _, r := range rows {
		for i, c := range r {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	for _, r := range rows {
		var line strings.Builder
		for i, c := range r {
			line.WriteString(c)
			if i < len(r)-1 {
				line.WriteString(strings.Repeat(" ", width[i]-utf8.RuneCountInString(c)+2))
			}
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(line.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}

// plainCell removes what could move the cursor or break a line: names come from
// strangers.
func plainCell(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return '?'
		}
		return r
	}, s)
}
