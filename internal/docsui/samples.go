package docsui

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// sample is a call of an operation in one language.
type sample struct{ Name, Language, Code string }

// samplesOf writes a call in four languages from the examples of its operation; in curl alone where the SDKs have no
// method: public operations need no key, and a stream does not return.
func samplesOf(o operation, body json.RawMessage) []sample {
	curl := sample{"curl", "bash", curlSample(o, body)}
	if o.Permission == "" || slices.ContainsFunc(o.Responses, response.stream) {
		return []sample{curl}
	}
	return []sample{
		curl, {"TypeScript", "typescript", typescriptSample(o, body)},
		{"Python", "python", pythonSample(o, body)}, {"Go", "go", goSample(o, body)},
	}
}

// stream says whether the answer is events, one after the other.
func (r response) stream() bool { return r.Type == "text/event-stream" }

var braces = regexp.MustCompile(`\{([^}]+)\}`)

// target is the path of a call with examples for its parameters.
func (o operation) target() string {
	path := braces.ReplaceAllStringFunc(o.Path, func(name string) string {
		for _, p := range o.in("path") {
			if p.Name == strings.Trim(name, "{}") {
				return url.PathEscape(p.orID())
			}
		}
		return name
	})
	query := url.Values{}
	for _, p := range o.in("query") {
		if p.value() != "" && string(p.example) != "null" {
			query.Set(p.Name, p.value())
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

func quoted(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(raw)
}

// shell quotes a text for a shell.
func shell(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func curlSample(o operation, body json.RawMessage) string {
	var b strings.Builder
	b.WriteString("curl")
	if o.Method != "GET" {
		b.WriteString(" -X " + o.Method)
	}
	fmt.Fprintf(&b, ` "$HOOKLINE_URL%s"`, o.target())
	if o.Permission != "" {
		b.WriteString(" \\\n  -H \"Authorization: Bearer $HOOKLINE_API_KEY\"")
	}
	if o.Idempotent {
		b.WriteString(" \\\n  -H \"Idempotency-Key: $(uuidgen)\"")
	}
	if body != nil {
		b.WriteString(" \\\n  -H 'Content-Type: application/json' \\\n  -d " + shell(indented(body)))
	}
	return b.String()
}

// typescriptSample calls the method that is named by the operation: parameters of the path, then the body or the query.
func typescriptSample(o operation, body json.RawMessage) string {
	var arguments []string
	for _, p := range o.in("path") {
		arguments = append(arguments, strings.ReplaceAll(quoted(p.orID()), `"`, "'"))
	}
	if body != nil {
		arguments = append(arguments, indented(body))
	}
	var query []string
	for _, p := range o.in("query") {
		if v := p.value(); v != "" {
			if !number(v) {
				v = quoted(v)
			}
			query = append(query, p.Name+": "+v)
		}
	}
	if body == nil && len(query) > 0 {
		arguments = append(arguments, "{ "+strings.Join(query, ", ")+" }")
	}
	return "const answer = await hookline." + o.ID + "(" + strings.Join(arguments, ", ") + ");"
}

var capital = regexp.MustCompile(`[A-Z]+`)

// snake is a name as Python writes it: create_lead.
func snake(name string) string {
	return capital.ReplaceAllStringFunc(name, func(part string) string { return "_" + strings.ToLower(part) })
}

// literal is a word of JSON outside of texts.
var literal = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b`)

func pythonSample(o operation, body json.RawMessage) string {
	var arguments []string
	for _, p := range o.in("path") {
		arguments = append(arguments, quoted(p.orID()))
	}
	if body != nil {
		arguments = append(arguments, literal.ReplaceAllStringFunc(indented(body), func(word string) string {
			if python, ok := map[string]string{"true": "True", "false": "False", "null": "None"}[word]; ok {
				return python
			}
			return word
		}))
	}
	for _, p := range o.in("query") {
		if v := p.value(); v != "" && body == nil {
			if !number(v) {
				v = quoted(v)
			}
			name := p.Name
			if name == "from" { // a word of the language
				name += "_"
			}
			arguments = append(arguments, name+"="+v)
		}
	}
	return "answer = hookline." + snake(o.ID) + "(" + strings.Join(arguments, ", ") + ")"
}
