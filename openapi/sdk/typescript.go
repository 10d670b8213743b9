package main

import (
	"fmt"
	"strings"
	"text/template"
)

func typescriptFiles(m *model) ([]file, error) {
	raw, err := render("typescript-methods.tmpl", template.FuncMap{"signature": tsSignature, "call": tsCall,
		"returns": tsReturns, "lines": tsComment, "names": tsNames}, m)
	return []file{{"pkg/typescript/src/methods.gen.ts", raw}}, err
}

// tsNames are the types that the methods name; all are of gen/typescript.
func tsNames(m *model) []string {
	var all []string
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			all = append(all, name)
		}
	}
	for _, o := range m.Methods {
		if len(o.Query) > 0 {
			add(title(o.ID) + "Data")
		}
		if o.Body != nil {
			add(o.Body.Name)
		}
		for _, r := range o.Results {
			add(r.Name)
		}
		if o.Paging != pagingNone {
			add(o.Item.Name)
		}
	}
	return all
}

func tsSignature(m *method) string {
	var all []string
	for _, p := range m.PathParams {
		all = append(all, lower(p.Name)+": string")
	}
	if m.Body != nil {
		optional := "?"
		if m.BodyNeeded {
			optional = ""
		}
		all = append(all, "body"+optional+": "+m.Body.Name)
	}
	if len(m.Query) > 0 {
		all = append(all, fmt.Sprintf("query: NonNullable<%sData['query']> = {}", title(m.ID)))
	}
	return strings.Join(append(all, "options: CallOptions = {}"), ", ")
}

func tsReturns(m *method) string {
	if m.Paging != pagingNone {
		return fmt.Sprintf("List<%s, %s>", m.Results[0].Name, m.Item.Name)
	}
	if m.Text {
		return "Promise<string>"
	}
	if len(m.Results) == 0 {
		return "Promise<void>"
	}
	names := make([]string, len(m.Results))
	for i, r := range m.Results {
		names[i] = r.Name
	}
	return "Promise<" + strings.Join(names, " | ") + ">"
}

func tsCall(m *method) string {
	path := fmt.Sprintf("'%s'", m.Path)
	if len(m.PathParams) > 0 {
		for _, p := range m.PathParams {
			path = strings.Replace(path, "{"+p.Name+"}", fmt.Sprintf("${inPath('%s', %s)}", lower(p.Name),
				lower(p.Name)), 1)
		}
		path = "`" + strings.Trim(path, "'") + "`"
	}
	if m.Paging != pagingNone {
		return "return new List((query) => this.request({ method: 'GET', path: " + path + ", query }, options), query);"
	}
	parts := []string{fmt.Sprintf("method: '%s'", m.Verb), "path: " + path}
	if len(m.Query) > 0 {
		parts = append(parts, "query")
	}
	if m.Body != nil {
		parts = append(parts, "body")
	}
	if m.Idempotency {
		parts = append(parts, "keyed: true")
	}
	if m.Text {
		parts = append(parts, "text: true")
	}
	return "return this.request({ " + strings.Join(parts, ", ") + " }, options);"
}

// tsComment writes a text as the lines of a comment.
func tsComment(text string) string {
	return comment("   *", strings.ReplaceAll(text, "*/", "* /"))
}
