package main

import (
	"fmt"
	"slices"
	"strings"
)

// model is what every SDK has, whatever the language.
type model struct {
	Version string // of the contract
	Methods []*method
	Types   []*namedType // of methods
	Events  []*event     // of webhooks in the standard form
	Data    []*namedType // of events' data

	types map[string]*namedType
}

// method is a published operation.
type method struct {
	ID          string // operationId, such as listLeads
	Verb, Path  string
	Doc         string // sentences
	Deprecated  bool
	PathParams  []param
	Query       []param
	Body        *shape
	BodyNeeded  bool
	Results     []result // more than one if the status decides; none if there is no content
	Text        bool     // the result is a text that is no JSON
	Paging      paging
	Item        *shape // of a list
	Idempotency bool   // takes an Idempotency-Key
}

// result is what a successful response with a status has.
type result struct {
	Status, Name string
	Shape        *shape
}

// paging is how a list continues.
type paging string

const (
	pagingNone   paging = ""
	pagingPage   paging = "page"   // with page, per_page and a total
	pagingCursor paging = "cursor" // with cursor and next_cursor
)

// param is a parameter in a path or a query.
type param struct {
	Name, Doc string
	Of        *shape
	Min       *float64
}

// namedType is an object, or a string with known values.
type namedType struct {
	Name, Doc string
	Fields    []field
	Values    []string // of a string
	Asked     bool     // a part of requests
	Answered  bool     // a part of responses
	Partial   bool     // a body in which an absent field and null are different
}

type field struct {
	Name, Doc string
	Of        *shape
	Required  bool
}

type event struct {
	Type string // such as lead.created
	Name string // such as LeadCreatedEvent
	Doc  string
	Data *shape
}

// shape is how a value looks.
type shape struct {
	Kind     kind
	Name     string // of a named type
	Of       *shape // of the items of a list and the values of a map
	Values   []string
	Nullable bool
}

type kind string

const (
	kindString  kind = "string"
	kindTime    kind = "time"
	kindInteger kind = "integer"
	kindNumber  kind = "number"
	kindBoolean kind = "boolean"
	kindAny     kind = "any"
	kindObject  kind = "object" // with any fields
	kindNamed   kind = "named"
	kindList    kind = "list"
	kindMap     kind = "map"
)

// newModel reads the operations, the types that they need, and the events of the profile hookline.
func newModel(d *document) (*model, error) {
	m := &model{Version: d.Info.Version, types: map[string]*namedType{}}
	r := &reader{document: d, types: m.types, order: &m.Types}
	for _, item := range d.Paths {
		for _, o := range []struct {
			verb string
			is   *operation
		}{{"GET", item.Value.Get}, {"PUT", item.Value.Put}, {"POST", item.Value.Post}, {"PATCH", item.Value.Patch},
			{"DELETE", item.Value.Delete}} {
			if o.is == nil || o.is.Public {
				continue
			}
			made, err := r.method(o.verb, item.Key, item.Value, o.is)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", o.is.OperationID, err)
			}
			if made != nil {
				m.Methods = append(m.Methods, made)
			}
		}
	}
	markPartial(m)
	return m, m.readEvents(d)
}

// markPartial finds the bodies that change what exists: in them null removes a value and an absent field keeps it. A
// body that also creates replaces everything.
func markPartial(m *model) {
	created := map[string]bool{}
	for _, o := range m.Methods {
		if o.Body != nil && o.Verb == "POST" {
			created[o.Body.Name] = true
		}
	}
	for _, o := range m.Methods {
		if o.Body != nil && o.Verb != "POST" && !created[o.Body.Name] {
			m.types[o.Body.Name].Partial = true
		}
	}
}

// readEvents reads the union of the profile hookline's events. Their data have types of their own: webhooks are
// received without the client.
func (m *model) readEvents(d *document) error {
	union, ok := d.Components.Schemas.get("HooklineEvent")
	if !ok {
		return fmt.Errorf("no schema HooklineEvent")
	}
	r := &reader{document: d, types: map[string]*namedType{}, order: &m.Data}
	for _, member := range union.OneOf {
		s, ok := d.Components.Schemas.get(member.name())
		if !ok {
			return fmt.Errorf("no schema %s", member.name())
		}
		kind, _ := s.Properties.get("type")
		data, _ := s.Properties.get("data")
		if kind == nil || data == nil || len(kind.Enum) != 1 {
			return fmt.Errorf("%s: got no single type and data", member.name())
		}
		of, err := r.shape(data, member.name()+"Data", answered)
		if err != nil {
			return err
		}
		m.Events = append(m.Events, &event{Type: *kind.Enum[0], Name: member.name(), Doc: plain(s.Description),
			Data: of})
	}
	return nil
}

// plain is a description as a comment can have it: without marks for editions, and on one line.
func plain(text string) string {
	for {
		begin := strings.Index(text, "<!--")
		end := strings.Index(text, "-->")
		if begin < 0 || end < begin {
			return strings.Join(strings.Fields(text), " ")
		}
		text = text[:begin] + text[end+len("-->"):]
	}
}

// Unions are the results that depend on the status, each once.
func (m *model) Unions() [][]result {
	var all [][]result
	for _, o := range m.Methods {
		if len(o.Results) > 1 && !slices.ContainsFunc(all,
			func(u []result) bool { return goUnion(u) == goUnion(o.Results) }) {
			all = append(all, o.Results)
		}
	}
	return all
}
