package main

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"go/token"
	"strings"
	"text/template"
)

//go:embed templates
var templates embed.FS

func goFiles(m *model) ([]file, error) {
	g := golang{m}
	var files []file
	for name, path := range map[string]string{
		"go-types.tmpl":   "pkg/client/types.gen.go",
		"go-methods.tmpl": "pkg/client/methods.gen.go",
		"go-params.tmpl":  "pkg/client/params.gen.go",
		"go-events.tmpl":  "pkg/webhook/events.gen.go",
	} {
		raw, err := render(name, template.FuncMap{"type": g.shape, "field": g.field, "camel": camel, "comment": comment,
			"param": g.param, "lower": lower, "constants": g.constants, "or": goUnion, "set": g.set, "title": title,
			"oneof": oneOf, "arguments": g.arguments, "returns": g.returns}, m)
		if err != nil {
			return nil, err
		}
		if raw, err = format.Source(raw); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		files = append(files, file{path, raw})
	}
	return files, nil
}

func render(name string, funcs template.FuncMap, m *model) ([]byte, error) {
	t, err := template.New(name).Funcs(funcs).ParseFS(templates, "templates/"+name)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, m)
	return b.Bytes(), err
}

// golang writes shapes as types of Go.
type golang struct{ *model }

// shape is the type of a value that is never null.
func (g golang) shape(s *shape, request bool) string {
	switch s.Kind {
	case kindString:
		return "string"
	case kindTime:
		return "time.Time"
	case kindInteger:
		return "int64"
	case kindNumber:
		return "float64"
	case kindBoolean:
		return "bool"
	case kindNamed:
		return s.Name
	case kindList:
		return "[]" + g.element(s.Of, request)
	case kindMap:
		return "map[string]" + g.element(s.Of, request)
	case kindAny, kindObject:
		if request {
			return "any"
		}
		return "json.RawMessage"
	}
	panic("unknown kind " + s.Kind)
}

func (g golang) element(s *shape, request bool) string {
	if s.Nullable && !s.nilable() {
		return "*" + g.shape(s, request)
	}
	return g.shape(s, request)
}

// nilable reports whether nil is a value of the type in Go.
func (s *shape) nilable() bool {
	return s.Kind == kindList || s.Kind == kindMap || s.Kind == kindAny || s.Kind == kindObject
}

// field is the declaration of a field.
func (g golang) field(t *namedType, f field) string {
	of, tag := g.shape(f.Of, t.Asked && !t.Answered), f.Name
	switch {
	case t.Partial && !f.Required && f.Of.Nullable:
		of, tag = "Nullable["+of+"]", tag+",omitzero"
	case f.Of.nilable() && !f.Required:
		tag += ",omitzero"
	case f.Of.nilable():
	case !f.Required:
		of, tag = "*"+of, tag+",omitempty"
	case f.Of.Nullable:
		of = "*" + of
	}
	return fmt.Sprintf("%s %s `json:%q`", camel(f.Name), of, tag)
}

// param is the type of a parameter of a query. Its zero value leaves it out, so it is a pointer where zero is a value.
func (g golang) param(p param) string {
	of := g.shape(p.Of, true)
	if p.Of.Kind == kindBoolean || p.Of.Kind == kindNumber ||
		p.Of.Kind == kindInteger && (p.Min == nil || *p.Min < 1) {
		return "*" + of
	}
	return of
}

// set is the call that puts a parameter into a query.
func (g golang) set(p param) string {
	value := "p." + camel(p.Name)
	if p.Of.Kind == kindNamed {
		value = "string(" + value + ")"
	}
	return fmt.Sprintf("q.set(%q, %s)", p.Name, value)
}

// constants are the names of a string's values.
func (g golang) constants(t *namedType) (string, error) {
	var b strings.Builder
	used := map[string]bool{}
	for _, v := range t.Values {
		name := t.Name + camel(v)
		if used[name] {
			return "", fmt.Errorf("%s: two values are called %s", t.Name, name)
		}
		used[name] = true
		fmt.Fprintf(&b, "%s %s = %q\n", name, t.Name, v)
	}
	return b.String(), nil
}

// goUnion is the name of a result that depends on the status.
func goUnion(results []result) string {
	names := make([]string, len(results))
	for i, r := range results {
		names[i] = r.Name
	}
	return strings.Join(names, "Or")
}

// title turns an operationId into the name of a method.
func title(id string) string { return strings.ToUpper(id[:1]) + id[1:] }

// lower is a parameter's name in Go: lead_id is leadID, and type, a word of the language, is typeName.
func lower(name string) string {
	words := strings.SplitN(name, "_", 2)
	out := words[0]
	if len(words) == 2 {
		out += camel(words[1])
	}
	if token.IsKeyword(out) {
		out += "Name"
	}
	return out
}

// comment writes a text as lines that begin with a mark, of at most 110 columns.
func comment(mark, text string) string {
	var b strings.Builder
	line := mark
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > 110 && line != mark {
			b.WriteString(line + "\n")
			line = mark
		}
		line += " " + word
	}
	return b.String() + line
}

// oneOf lists the values of a string without a type.
func oneOf(s *shape) string {
	if len(s.Values) == 0 || s.Kind == kindNamed {
		return ""
	}
	return " One of " + strings.Join(s.Values, ", ") + "."
}

func (g golang) arguments(m *method) string {
	all := []string{"ctx context.Context"}
	for _, p := range m.PathParams {
		all = append(all, lower(p.Name)+" string")
	}
	if len(m.Query) > 0 {
		all = append(all, "params "+title(m.ID)+"Params")
	}
	if m.Body != nil {
		of := g.shape(m.Body, true)
		if !m.BodyNeeded {
			of = "*" + of
		}
		all = append(all, "body "+of)
	}
	return strings.Join(append(all, "options ...CallOption"), ", ")
}

func (g golang) returns(m *method) string {
	switch {
	case m.Text:
		return "([]byte, error)"
	case len(m.Results) == 0:
		return "error"
	case len(m.Results) == 1:
		return "(*" + g.shape(m.Results[0].Shape, false) + ", error)"
	}
	return "(*" + goUnion(m.Results) + ", error)"
}
