package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// direction says where a value is used.
type direction int

const (
	asked direction = 1 << iota
	answered
)

// reader turns schemas into shapes, and gives those that need a name a named type.
type reader struct {
	document *document
	types    map[string]*namedType
	order    *[]*namedType
}

// method is nil for a stream, which is read event by event and not returned.
func (r *reader) method(verb, path string, item pathItem, o *operation) (*method, error) {
	m := &method{ID: o.OperationID, Verb: verb, Path: path, Deprecated: o.Deprecated,
		Doc: join(o.Summary, o.Description, needs(o.Permission))}
	parameters, err := r.document.parameters(item, o)
	if err != nil {
		return nil, err
	}
	for _, p := range parameters {
		of, err := r.shape(p.Schema, "", asked)
		if err != nil {
			return nil, err
		}
		made := param{Name: p.Name, Doc: plain(p.Description), Of: of, Min: p.Schema.Minimum}
		switch {
		case p.In == "path":
			m.PathParams = append(m.PathParams, made)
		case p.In == "query":
			m.Query = append(m.Query, made)
		case p.Name == "Idempotency-Key":
			m.Idempotency = true
		}
	}
	slices.SortStableFunc(m.PathParams, func(a, b param) int {
		return strings.Index(path, "{"+a.Name+"}") - strings.Index(path, "{"+b.Name+"}")
	})
	if o.RequestBody != nil {
		body, ok := o.RequestBody.Content.get("application/json")
		if !ok {
			return nil, errors.New("the body is no JSON")
		}
		if m.Body, err = r.shape(body.Schema, "", asked); err != nil {
			return nil, err
		}
		m.BodyNeeded = o.RequestBody.Required
	}
	if stream, err := r.results(m, o); stream || err != nil {
		return nil, err
	}
	return m, r.list(m)
}

func needs(permission string) string {
	if permission == "" || permission == "authenticated" {
		return ""
	}
	return "Needs the permission `" + permission + "`."
}

// join makes sentences of texts, as one line.
func join(texts ...string) string {
	var all []string
	for _, text := range texts {
		if text = plain(text); text != "" && !strings.HasSuffix(text, ".") {
			text += "."
		}
		if text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, " ")
}

// results reads what successful responses have.
func (r *reader) results(m *method, o *operation) (stream bool, err error) {
	for _, answer := range o.Responses {
		if answer.Key[0] != '2' {
			continue
		}
		for _, media := range answer.Value.Content {
			switch media.Key {
			case "application/json":
				of, err := r.shape(media.Value.Schema, "", answered)
				if err != nil {
					return false, err
				}
				if !slices.ContainsFunc(m.Results, func(r result) bool { return r.Name == of.Name }) {
					m.Results = append(m.Results, result{answer.Key, of.Name, of})
				}
			case "text/event-stream":
				return true, nil
			default:
				m.Text = true
			}
		}
	}
	return false, nil
}

// list finds out how a list continues, from its parameters and its result.
func (r *reader) list(m *method) error {
	if m.Verb != "GET" || len(m.Results) != 1 || r.types[m.Results[0].Name] == nil {
		return nil
	}
	has := func(name string) bool {
		return slices.ContainsFunc(m.Query, func(p param) bool { return p.Name == name })
	}
	fields := r.types[m.Results[0].Name].Fields
	data := slices.IndexFunc(fields, func(f field) bool { return f.Name == "data" && f.Of.Kind == kindList })
	switch {
	case data < 0:
		return nil
	case has("cursor"):
		m.Paging = pagingCursor
	case has("page"):
		m.Paging = pagingPage
	default:
		return nil
	}
	m.Item = fields[data].Of.Of
	return nil
}

// shape reads a schema. An object or enum that has no name of its own gets the one given; "" leaves an enum without a
// type.
func (r *reader) shape(s *schema, name string, at direction) (*shape, error) {
	if s == nil {
		return &shape{Kind: kindAny}, nil
	}
	if s.Ref != "" {
		target, ok := r.document.Components.Schemas.get(s.name())
		if !ok {
			return nil, fmt.Errorf("no schema %s", s.Ref)
		}
		return r.shape(target, s.name(), at)
	}
	if len(s.OneOf)+len(s.AnyOf)+len(s.AllOf) > 0 {
		return nil, errors.New("the SDKs have no form for oneOf, anyOf and allOf")
	}
	out := &shape{Nullable: s.Type.Nullable}
	var err error
	switch {
	case s.Type.Name == "object" && len(s.Properties) > 0:
		out.Kind, out.Name = kindNamed, name
		err = r.named(s, name, at)
	case s.Type.Name == "object" && s.Additional.Schema != nil:
		out.Kind = kindMap
		out.Of, err = r.shape(s.Additional.Schema, name+"Value", at)
	case s.Type.Name == "object" && len(s.Like) == 1:
		return r.shape(&schema{Ref: "/" + s.Like[0]}, "", at)
	case s.Type.Name == "object":
		out.Kind = kindObject
	case s.Type.Name == "array":
		out.Kind = kindList
		out.Of, err = r.shape(s.Items, strings.TrimSuffix(name, "s"), at)
	case s.Type.Name == "string" && len(s.Enum) > 0:
		out.Kind, out.Values = kindString, values(s)
		if name != "" {
			out.Kind, out.Name = kindNamed, name
			err = r.named(s, name, at)
		}
	case s.Type.Name == "string" && s.Format == "date-time":
		out.Kind = kindTime
	case s.Type.Name == "":
		out.Kind = kindAny
	default:
		out.Kind = kind(s.Type.Name)
	}
	return out, err
}

func values(s *schema) []string {
	var all []string
	for _, v := range s.Enum {
		if v != nil {
			all = append(all, *v)
		}
	}
	return all
}

// named reads the type of an object or an enum, once for each direction.
func (r *reader) named(s *schema, name string, at direction) error {
	if name == "" {
		return errors.New("an object has no name")
	}
	t, known := r.types[name]
	if !known {
		t = &namedType{Name: name, Doc: plain(s.Description), Values: values(s)}
		r.types[name] = t
		*r.order = append(*r.order, t)
	}
	if at == asked && t.Asked || at == answered && t.Answered {
		return nil
	}
	t.Asked, t.Answered = t.Asked || at == asked, t.Answered || at == answered
	t.Fields = nil
	for _, p := range s.Properties {
		of, err := r.shape(p.Value, name+camel(p.Key), at)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", name, p.Key, err)
		}
		t.Fields = append(t.Fields, field{Name: p.Key, Doc: plain(p.Value.Description), Of: of,
			Required: slices.Contains(s.Required, p.Key)})
	}
	return nil
}

// initialisms are written in capitals in names of Go and of types.
var initialisms = []string{"api", "cidr", "cidrs", "csv", "dns", "http", "https", "id", "ids", "ip", "json", "ms",
	"sha", "tls",
	"ttfb", "ui", "url", "urls", "utc"}

// camel turns next_cursor, ticket.created or createdAt into NextCursor, TicketCreated and CreatedAt.
func camel(name string) string {
	var out strings.Builder
	for _, word := range strings.FieldsFunc(name, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	}) {
		switch {
		case word == "ids" || word == "urls" || word == "cidrs":
			out.WriteString(strings.ToUpper(word[:len(word)-1]) + "s")
		case slices.Contains(initialisms, word):
			out.WriteString(strings.ToUpper(word))
		default:
			out.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return out.String()
}
