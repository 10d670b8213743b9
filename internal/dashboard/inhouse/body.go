package inhouse

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// JSON is the media type of a Body.
const JSON = "application/json"

// Body is what a form sends to the API. What can't be read as the type of its field is sent as it was typed: the API
// alone says what is valid, and reports everything that is not at once.
type Body map[string]any

// Text sets a field to what was typed, without white space around it, and leaves an empty one out.
func (b Body) Text(name, typed string) {
	if typed = strings.TrimSpace(typed); typed != "" {
		b[name] = typed
	}
}

// Integer sets a field to a whole number, and leaves an empty one out. The API takes 99.00 for one, but people who type
// it may mean a price.
func (b Body) Integer(name, typed string) {
	if n, err := strconv.ParseInt(strings.TrimSpace(typed), 10, 64); err == nil {
		b[name] = n
		return
	}
	b.Text(name, typed)
}

// Decimal sets a field to a number, and leaves an empty one out.
func (b Body) Decimal(name, typed string) {
	if f, err := strconv.ParseFloat(strings.TrimSpace(typed), 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
		b[name] = f
		return
	}
	b.Text(name, typed)
}

// Time sets a field to a time, and leaves an empty one out.
func (b Body) Time(name, typed string) {
	at, err := Moment(strings.TrimSpace(typed))
	if err == nil && at != nil {
		b[name] = at.UTC().Format(time.RFC3339)
		return
	}
	b.Text(name, typed)
}

// Words sets a field to a list of what was typed, separated by commas or white space, and leaves an empty one out.
func (b Body) Words(name, typed string) {
	if words := Words(typed); len(words) > 0 {
		b[name] = words
	}
}

// Pairs reads lines of "name: value". The value of a line without a colon is null, which no field allows.
func Pairs(text string) map[string]any {
	out := map[string]any{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(line, ":")
		name = strings.TrimSpace(name)
		switch {
		case ok:
			out[name] = strings.TrimSpace(value)
		case name != "":
			out[name] = nil
		}
	}
	return out
}

// Reader returns the body as JSON.
func (b Body) Reader() io.Reader {
	raw, err := json.Marshal(b)
	if err != nil {
		panic(err) // a form has texts, numbers and lists of them
	}
	return bytes.NewReader(raw)
}
