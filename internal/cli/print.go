package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"
)

// Time is a time for people: local, with its zone.
func Time(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 MST") }

// Clock is the time of day of something that happens now.
func Clock(t time.Time) string { return t.Local().Format("15:04:05") }

// ShortTime is a time in a table whose head has the zone; see Zone.
func ShortTime(t time.Time) string { return t.Local().Format("Jan _2 15:04:05") }

// Zone is the head of a column of times.
func Zone() string { return "TIME (" + time.Now().Format("MST") + ")" }

// Table prints rows under their heads. Columns are separated by two spaces; the last one may be of any length.
func Table(w io.Writer, heads []string, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{heads}, rows...) {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = Plain(cell)
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	return t.Flush()
}

// Fields prints names and values, a line each.
func Fields(w io.Writer, pairs ...string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fmt.Fprintf(t, "%s\t%s\n", pairs[i], Plain(pairs[i+1]))
		}
	}
	return t.Flush()
}

// Plain replaces control characters: what others wrote must not move a terminal's cursor.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '·'
		}
		return r
	}, text)
}

// JSON prints an answer of the API as it is, indented.
func JSON(w io.Writer, raw []byte) error {
	if len(bytes.TrimSpace(raw)) == 0 {
		raw = []byte("{}")
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		out = *bytes.NewBuffer(raw) // the document as YAML, or an export
	}
	_, err := fmt.Fprintln(w, strings.TrimRight(out.String(), "\n"))
	return err
}

// Data reads data that was given as JSON, as @file, or as - for stdin.
func Data(given string, stdin io.Reader) (json.RawMessage, error) {
	raw := []byte(given)
	var err error
	switch {
	case given == "-":
		raw, err = io.ReadAll(stdin)
	case strings.HasPrefix(given, "@"):
		raw, err = os.ReadFile(given[1:])
	}
	if err != nil {
		return nil, &Error{Text: fmt.Sprintf("--data can't be read: %v. Give a file as @file.json, or - for stdin.", err)}
	}
	if !json.Valid(raw) {
		return nil, &Error{Usage: true, Text: "--data is not JSON. Write it like --data '{\"name\":\"Ada\"}', " +
			"--data @file.json, or --data - for stdin."}
	}
	return raw, nil
}
