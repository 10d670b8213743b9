package docsui

import (
	"cmp"
	"encoding/json"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hookline/hookline/internal/profile"
)

// edition is the documentation for the tenants of one product: the guides, and the reference of what it has.
type edition struct {
	name string
	base string // of its addresses: /docs, or /docs/leadie
	info object
	// schemas, parameters and responses are those of the document's components, by name.
	schemas, parameters, responses, headers map[string]json.RawMessage

	tags     []tag
	payloads []payload
	markdown markdown // for descriptions
	pages    sync.Map // of func() (*shown, error), by path
}

// tag is a page of the reference.
type tag struct {
	Name, Title string
	Description string
	Operations  []operation
}

// operation is an operation of the contract, with what somebody needs to call it.
type operation struct {
	ID, Method, Path     string
	Summary              string
	Description          template.HTML
	Plain                string // the description as it is written
	Permission           string // empty for a public one
	Entitlement, Credits string
	BodyLimit            string
	Idempotent           bool
	Parameters           []parameter
	Body                 []field
	BodyOptional         bool
	Responses            []response
	Errors               []response
	Samples              []sample
	example              json.RawMessage // of the body
}

// parameter is one of the path, the query or the headers.
type parameter struct {
	Name, In, Type string
	Required       bool
	Notes          []string
	Description    template.HTML
	Plain          string
	example        json.RawMessage
}

// response is an answer with a status.
type response struct {
	Status      string
	Description template.HTML
	Plain       string
	Fields      []field
	Example     string
	Type        string // of the content, where it is no JSON
}

// payload is an event as an endpoint receives it.
type payload struct {
	Name, ID    string
	Description string
	HTML        template.HTML
	Headers     []parameter
	Fields      []field
	Example     string
	Type        string // of the content
}

// newEdition reads the document that is published for a profile.
func (s *site) newEdition(name string) (*edition, error) {
	p, _ := profile.Find(name)
	made, err := s.contract.Publish(p.Edition())
	if err != nil {
		return nil, err
	}
	doc := objectOf(made.JSON.Plain)
	e := &edition{name: name, base: "/docs", info: doc.in("info")}
	if name != profile.Default {
		e.base += "/" + name
	}
	e.markdown = newMarkdown(func(to string) string { return resolve(e.base, "", to) })
	components := doc.in("components")
	for section, into := range map[string]*map[string]json.RawMessage{"schemas": &e.schemas,
		"parameters": &e.parameters, "responses": &e.responses, "headers": &e.headers} {
		*into = map[string]json.RawMessage{}
		for _, m := range components.in(section) {
			(*into)[m.name] = m.value
		}
	}
	for _, raw := range doc.list("tags") {
		t := objectOf(raw)
		e.tags = append(e.tags, tag{Name: t.text("name"), Title: titled(t.text("name")),
			Description: t.text("description")})
	}
	for _, path := range doc.in("paths") {
		e.readPath(path.name, objectOf(path.value))
	}
	e.tags = slices.DeleteFunc(e.tags, func(t tag) bool { return len(t.Operations) == 0 })
	for _, hook := range doc.in("webhooks") {
		post := objectOf(hook.value).in("post")
		if of := post.text("x-profile"); of == "" || of == profile.CloudEvents { // others describe the same events again
			e.readPayload(hook.name, post)
		}
	}
	return e, nil
}

func titled(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

var methods = []string{"get", "put", "post", "patch", "delete"}

func (e *edition) readPath(path string, item object) {
	for _, m := range item {
		if !slices.Contains(methods, m.name) {
			continue
		}
		op := objectOf(m.value)
		o := operation{ID: op.text("operationId"), Method: strings.ToUpper(m.name), Path: path,
			Summary: op.text("summary"), Plain: op.text("description"), Permission: op.text("x-permission"),
			Entitlement: op.text("x-entitlement"), Credits: string(op.get("x-credits")),
			BodyLimit: string(op.get("x-body-limit"))}
		o.Description = e.markdown.text(o.Plain)
		for _, raw := range append(item.list("parameters"), op.list("parameters")...) {
			p := e.parameter(raw)
			o.Idempotent = o.Idempotent || p.Name == "Idempotency-Key"
			o.Parameters = append(o.Parameters, p)
		}
		var body json.RawMessage
		if request := op.in("requestBody"); request != nil {
			media := request.in("content", "application/json")
			o.Body = e.fields(media.get("schema"), nil)
			o.BodyOptional = string(request.get("required")) != "true"
			body = exampleIn(media)
		}
		e.readResponses(&o, op.in("responses"))
		o.example, o.Samples = body, samplesOf(o, body)
		for _, name := range op.list("tags") {
			for i := range e.tags {
				if e.tags[i].Name == textOf(name) {
					e.tags[i].Operations = append(e.tags[i].Operations, o)
				}
			}
		}
	}
}

func (e *edition) readResponses(o *operation, all object) {
	for _, m := range all {
		raw := objectOf(m.value)
		if ref := raw.text("$ref"); ref != "" {
			raw = objectOf(e.responses[last(ref)])
		}
		r := response{Status: m.name, Plain: raw.text("description")}
		r.Description = e.markdown.text(r.Plain)
		for _, media := range raw.in("content") {
			r.Type = media.name
			if strings.HasPrefix(r.Status, "2") {
				r.Fields = e.fields(objectOf(media.value).get("schema"), nil)
				r.Example = shownExample(exampleIn(objectOf(media.value)))
			}
			break
		}
		if strings.HasPrefix(r.Status, "4") || strings.HasPrefix(r.Status, "5") {
			o.Errors = append(o.Errors, r)
			continue
		}
		o.Responses = append(o.Responses, r)
	}
	slices.SortStableFunc(o.Errors, func(a, b response) int { return strings.Compare(a.Status, b.Status) })
}

func shownExample(raw json.RawMessage) string {
	if s := textOf(raw); s != "" {
		return s
	}
	if raw == nil {
		return ""
	}
	return indented(raw)
}

// exampleIn is the first example of a media type or a parameter.
func exampleIn(o object) json.RawMessage {
	if one := o.get("example"); one != nil {
		return one
	}
	for _, m := range o.in("examples") {
		return objectOf(m.value).get("value")
	}
	return nil
}

func (e *edition) parameter(raw json.RawMessage) parameter {
	o := objectOf(raw)
	if ref := o.text("$ref"); ref != "" {
		o = objectOf(e.parameters[last(ref)])
	}
	p := parameter{Name: o.text("name"), In: o.text("in"), Plain: o.text("description"),
		Required: string(o.get("required")) == "true", example: exampleIn(o)}
	p.Description = e.markdown.text(p.Plain)
	p.Type, p.Notes = e.typeOf(o.get("schema"))
	return p
}

func (e *edition) readPayload(name string, post object) {
	p := payload{Name: name, ID: anchorOf(name), Description: post.text("description")}
	p.HTML = e.markdown.text(p.Description)
	for _, raw := range post.list("parameters") {
		p.Headers = append(p.Headers, e.parameter(raw))
	}
	for _, media := range post.in("requestBody", "content") {
		p.Type = media.name
		p.Fields = e.fields(objectOf(media.value).get("schema"), nil)
		p.Example = shownExample(exampleIn(objectOf(media.value)))
	}
	e.payloads = append(e.payloads, p)
}

// schema is a schema of the document by its name.
func (e *edition) schema(name string) object { return objectOf(e.schemas[name]) }

// tag finds a page of the reference.
func (e *edition) tag(name string) (tag, bool) {
	i := slices.IndexFunc(e.tags, func(t tag) bool { return t.Name == name })
	if i < 0 {
		return tag{}, false
	}
	return e.tags[i], true
}

// anchorOf is the anchor of an event on the page of payloads.
func anchorOf(event string) string { return strings.ReplaceAll(event, ".", "-") }

func last(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

// Access says in words what a call needs.
func (o operation) Access() string {
	switch o.Permission {
	case "":
		return "No key is needed."
	case "authenticated":
		return "Every valid key may call it."
	}
	return ""
}

// Asked lists the parameters but the Idempotency-Key, which has a guide.
func (o operation) Asked() []parameter {
	return slices.DeleteFunc(slices.Clone(o.Parameters), func(p parameter) bool { return p.Name == "Idempotency-Key" })
}

// in lists the parameters of a kind: path, query or header.
func (o operation) in(kind string) []parameter {
	var out []parameter
	for _, p := range o.Parameters {
		if p.In == kind {
			out = append(out, p)
		}
	}
	return out
}

// value is the example of a parameter for samples; it is empty when it has none.
func (p parameter) value() string { return scalar(p.example) }

// number reports whether a value is written without quotes.
func number(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil || text == "true" || text == "false"
}

// orID is a value, or one that stands for the parameter.
func (p parameter) orID() string { return cmp.Or(p.value(), strings.TrimSuffix(p.Name, "_id")+"_id") }
