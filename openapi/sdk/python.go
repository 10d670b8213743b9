package main

import (
	"fmt"
	"slices"
	"strings"
	"text/template"
)

func pythonFiles(m *model) ([]file, error) {
	p := python{}
	var files []file
	for name, path := range map[string]string{
		"python-types.tmpl":   "pkg/python/src/hookline/types.py",
		"python-methods.tmpl": "pkg/python/src/hookline/_methods.py",
		"python-events.tmpl":  "pkg/python/src/hookline/events.py",
	} {
		raw, err := render(name, template.FuncMap{"type": p.shape, "dict": p.dict, "signature": p.signature,
			"call":    p.call,
			"returns": p.returns, "snake": snake, "doc": docstring, "literal": literal, "inOrder": inOrder}, m)
		if err != nil {
			return nil, err
		}
		files = append(files, file{path, raw})
	}
	return files, nil
}

// python writes shapes as annotations of Python 3.9.
type python struct{}

func (p python) shape(s *shape) string {
	out := ""
	switch s.Kind {
	case kindString, kindTime:
		out = "str"
		if len(s.Values) > 0 {
			out = literal(s.Values)
		}
	case kindInteger:
		out = "int"
	case kindNumber:
		out = "float"
	case kindBoolean:
		out = "bool"
	case kindNamed:
		out = s.Name
	case kindList:
		out = "List[" + p.shape(s.Of) + "]"
	case kindMap:
		out = "Dict[str, " + p.shape(s.Of) + "]"
	case kindObject:
		out = "Dict[str, Any]"
	case kindAny:
		return "Any"
	default:
		panic("unknown kind " + s.Kind)
	}
	if s.Nullable {
		return "Optional[" + out + "]"
	}
	return out
}

func literal(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = fmt.Sprintf("%q", v)
	}
	return "Literal[" + strings.Join(quoted, ", ") + "]"
}

// dict is a TypedDict. Python 3.9 has no NotRequired, so required keys are in a class of their own; and a key that is a
// word of the language needs the other way of writing.
func (p python) dict(t *namedType) string {
	var required, optional []field
	for _, f := range t.Fields {
		if f.Required {
			required = append(required, f)
		} else {
			optional = append(optional, f)
		}
	}
	doc := ""
	if t.Doc != "" {
		doc = "    " + docstring(4, t.Doc) + "\n"
	}
	switch {
	case len(optional) == 0:
		return p.class(t.Name, "TypedDict", "", doc, required)
	case len(required) == 0:
		return p.class(t.Name, "TypedDict", ", total=False", doc, optional)
	}
	return p.class("_"+t.Name, "TypedDict", "", "", required) + "\n\n" +
		p.class(t.Name, "_"+t.Name, ", total=False", doc, optional)
}

func (p python) class(name, base, total, doc string, fields []field) string {
	var b strings.Builder
	reserved := slices.ContainsFunc(fields, func(f field) bool { return slices.Contains(pythonKeywords, f.Name) })
	if reserved {
		inner := name + "Fields"
		if inner[0] != '_' {
			inner = "_" + inner
		}
		fmt.Fprintf(&b, "%s = TypedDict(\n    %q,\n    {\n", inner, inner)
		for _, f := range fields {
			fmt.Fprintf(&b, "        %q: %q,\n", f.Name, p.shape(f.Of))
		}
		b.WriteString("    }" + strings.ReplaceAll(total, ", ", ",\n    ") + ",\n)\n\n\n")
		if base != "TypedDict" {
			inner = base + ", " + inner
		}
		fmt.Fprintf(&b, "class %s(%s%s):\n", name, inner, total)
		if doc == "" {
			doc = "    pass\n"
		}
		b.WriteString(doc)
		return b.String()
	}
	fmt.Fprintf(&b, "class %s(%s%s):\n%s", name, base, total, doc)
	if doc != "" {
		b.WriteString("\n")
	}
	for _, f := range fields {
		fmt.Fprintf(&b, "    %s: %s\n", f.Name, p.shape(f.Of))
		if f.Doc != "" {
			fmt.Fprintf(&b, "    %s\n", docstring(4, f.Doc))
		}
	}
	return b.String()
}

var pythonKeywords = []string{"and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
	"elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
	"not", "or", "pass", "raise", "return", "try", "while", "with", "yield"}

// inOrder sorts the types so that each comes after those that its own definition needs when the module is loaded: only
// strings are, since annotations are not evaluated.
func inOrder(types []*namedType) []*namedType {
	out := slices.Clone(types)
	slices.SortStableFunc(out, func(a, b *namedType) int {
		return len(b.Values[:min(1,
			len(b.Values))]) - len(a.Values[:min(1, len(a.Values))])
	})
	return out
}

// snake turns createLead into create_lead.
func snake(id string) string {
	var b strings.Builder
	for i, c := range id {
		if c >= 'A' && c <= 'Z' {
			if i > 0 && (id[i-1] < 'A' || id[i-1] > 'Z') {
				b.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	if slices.Contains(pythonKeywords, b.String()) {
		b.WriteByte('_')
	}
	return b.String()
}

// docstring is a text in triple quotes, in lines of at most 110 columns.
func docstring(indent int, text string) string {
	margin := strings.Repeat(" ", indent)
	lines := strings.Split(comment(margin, strings.ReplaceAll(text, `\`, `\\`)), "\n")
	for i, line := range lines {
		lines[i] = margin + strings.TrimSpace(line)
	}
	body := strings.TrimSpace(strings.Join(lines, "\n"))
	if len(lines) > 1 {
		body += "\n" + margin
	}
	if strings.HasSuffix(body, `"`) {
		body += " "
	}
	return `"""` + body + `"""`
}

// signature is what stands between the brackets of a method, one argument a line.
func (p python) signature(m *method) string {
	all := []string{"self"}
	for _, a := range m.PathParams {
		all = append(all, snake(a.Name)+": str")
	}
	if m.Body != nil {
		if m.BodyNeeded {
			all = append(all, "body: t."+p.shape(m.Body))
		} else {
			all = append(all, "body: Optional[t."+p.shape(m.Body)+"] = None")
		}
	}
	all = append(all, "*")
	for _, q := range m.Query {
		of := p.shape(q.Of)
		if q.Of.Kind == kindNamed {
			of = "t." + of
		}
		if q.Of.Kind == kindTime {
			of = "Union[str, datetime]"
		}
		all = append(all, snake(q.Name)+": Optional["+of+"] = None")
	}
	if m.Idempotency {
		all = append(all, "idempotency_key: Optional[str] = None")
	}
	all = append(all, "timeout: Optional[float] = None")
	return strings.Join(all, ",\n        ")
}

func (p python) returns(m *method) string {
	switch {
	case m.Text:
		return "str"
	case len(m.Results) == 0:
		return "None"
	case m.Paging != pagingNone:
		return "List[t." + p.shape(m.Results[0].Shape) + ", t." + p.shape(m.Item) + "]"
	}
	names := make([]string, len(m.Results))
	for i, r := range m.Results {
		names[i] = "t." + p.shape(r.Shape)
	}
	if len(names) > 1 {
		return "Union[" + strings.Join(names, ", ") + "]"
	}
	return names[0]
}

// call is what a method does.
func (p python) call(m *method) string {
	in := make([]string, len(m.PathParams))
	for i, a := range m.PathParams {
		in[i] = snake(a.Name)
	}
	path := fmt.Sprintf("%q", m.Path)
	if len(in) > 0 {
		path = fmt.Sprintf("path(%q, %s)", m.Path, strings.Join(in, ", "))
	}
	var query []string
	for _, q := range m.Query {
		query = append(query, fmt.Sprintf("%q: %s", q.Name, snake(q.Name)))
	}
	arguments := []string{fmt.Sprintf("%q", m.Verb), path}
	if len(query) > 0 {
		arguments = append(arguments, "query={"+strings.Join(query, ", ")+"}")
	}
	if m.Body != nil {
		arguments = append(arguments, "body=body")
	}
	if m.Idempotency {
		arguments = append(arguments, "keyed=True, idempotency_key=idempotency_key")
	}
	arguments = append(arguments, "timeout=timeout")
	name := "self._request"
	if m.Paging != pagingNone {
		name = "List(self"
		return "return " + name + ", " + strings.Join(arguments[1:], ", ") + ")"
	}
	if m.Text {
		arguments = append(arguments, "text=True")
	}
	made := name + "(" + strings.Join(arguments, ", ") + ")"
	if len(m.Results) == 0 && !m.Text {
		return made
	}
	return "return cast(Any, " + made + ")"
}
