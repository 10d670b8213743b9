package contract

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Names say where an operation has names of event types, as x-event-type marks them in the contract, so that a profile
// with names of its own can be applied to requests and responses in one place.
type Names struct {
	Path, Query map[string]*Place // by parameter
	Body        *Place
	Answer      *Place // of the responses of the operation that are no errors; of a stream's messages, for a stream
}

// Translate returns the names that take the place of a name, at least one. Only lists have room for several; elsewhere
// the first is used.
type Translate func(name string) []string

// kinds of a Place: one name, several separated by commas, or the keys of an object.
const (
	oneName   = "name"
	manyNames = "list"
	keyNames  = "keys"
)

// Place is a place in JSON that has names of event types, itself or in its parts.
type Place struct {
	kind   string
	fields map[string]*Place
	items  *Place
}

// Text translates a value that is not JSON, such as a parameter's.
func (p *Place) Text(text string, t Translate) string {
	if p.kind == manyNames {
		return strings.Join(several(strings.Split(text, ","), t), ",")
	}
	return t(text)[0]
}

// several translates names and leaves out repetitions.
func several(names []string, t Translate) []string {
	var out []string
	for _, name := range names {
		for _, to := range t(name) {
			if !slices.Contains(out, to) {
				out = append(out, to)
			}
		}
	}
	return out
}

// verbatim keeps values as they are written.
var verbatim = []jsontext.Options{jsontext.PreserveRawStrings(true), jsontext.AllowDuplicateNames(true),
	jsontext.AllowInvalidUTF8(true)}

// JSON translates the names in a JSON value; everything else stays.
func (p *Place) JSON(raw []byte, t Translate) ([]byte, error) {
	var out bytes.Buffer
	d, e := jsontext.NewDecoder(bytes.NewReader(raw), verbatim...), jsontext.NewEncoder(&out, verbatim...)
	if err := p.rewrite(d, e, t); err != nil {
		return nil, fmt.Errorf("contract: names of event types: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func (p *Place) rewrite(d *jsontext.Decoder, e *jsontext.Encoder, t Translate) error {
	kind := d.PeekKind()
	switch {
	case p != nil && kind == '{':
		return p.rewriteObject(d, e, t)
	case p != nil && kind == '[' && p.items != nil:
		return p.rewriteArray(d, e, t)
	case p != nil && kind == '"' && (p.kind == oneName || p.kind == manyNames):
		token, err := d.ReadToken()
		if err != nil {
			return err
		}
		return e.WriteToken(jsontext.String(p.Text(token.String(), t)))
	}
	v, err := d.ReadValue()
	if err != nil {
		return err
	}
	return e.WriteValue(v)
}

func (p *Place) rewriteObject(d *jsontext.Decoder, e *jsontext.Encoder, t Translate) error {
	if err := copyToken(d, e); err != nil {
		return err
	}
	var written []string
	for d.PeekKind() == '"' {
		token, err := d.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		if p.kind != keyNames {
			if err := e.WriteToken(jsontext.String(name)); err != nil {
				return err
			}
			if err := p.fields[name].rewrite(d, e, t); err != nil {
				return err
			}
			continue
		}
		v, err := d.ReadValue()
		if err != nil {
			return err
		}
		v = v.Clone()
		for _, to := range t(name) {
			if slices.Contains(written, to) {
				continue
			}
			written = append(written, to)
			if err := e.WriteToken(jsontext.String(to)); err != nil {
				return err
			}
			if err := e.WriteValue(v); err != nil {
				return err
			}
		}
	}
	return copyToken(d, e)
}

func (p *Place) rewriteArray(d *jsontext.Decoder, e *jsontext.Encoder, t Translate) error {
	if err := copyToken(d, e); err != nil {
		return err
	}
	var written []string
	for d.PeekKind() != ']' {
		if p.items.kind != oneName || d.PeekKind() != '"' {
			if err := p.items.rewrite(d, e, t); err != nil {
				return err
			}
			continue
		}
		token, err := d.ReadToken()
		if err != nil {
			return err
		}
		for _, to := range t(token.String()) {
			if slices.Contains(written, to) {
				continue
			}
			written = append(written, to)
			if err := e.WriteToken(jsontext.String(to)); err != nil {
				return err
			}
		}
	}
	return copyToken(d, e)
}

func copyToken(d *jsontext.Decoder, e *jsontext.Encoder) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	return e.WriteToken(token)
}

// finder finds the places in the contract.
type finder struct {
	tree map[string]any
	open []string // the schemas that are being looked at: some contain themselves
}

func (f *finder) resolve(v any) map[string]any {
	o := object(v)
	ref, ok := o["$ref"].(string)
	if !ok {
		return o
	}
	target := any(f.tree)
	for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		target = object(target)[part]
	}
	return object(target)
}

// schema returns the place that a schema describes; nil when it has no names.
func (f *finder) schema(v any) *Place {
	if ref, ok := object(v)["$ref"].(string); ok {
		if slices.Contains(f.open, ref) {
			return nil
		}
		f.open = append(f.open, ref)
		defer func() { f.open = f.open[:len(f.open)-1] }()
	}
	s := f.resolve(v)
	p := &Place{fields: map[string]*Place{}}
	p.kind, _ = s["x-event-type"].(string)
	for name, child := range object(s["properties"]) {
		p.add(name, f.schema(child))
	}
	if s["items"] != nil {
		p.items = f.schema(s["items"])
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		parts, _ := s[keyword].([]any)
		for _, part := range parts {
			p.merge(f.schema(part))
		}
	}
	like, _ := s["x-like"].([]any)
	for _, name := range like {
		p.merge(f.schema(map[string]any{"$ref": fmt.Sprint(schemaPrefix, name)}))
	}
	if p.kind == "" && p.items == nil && len(p.fields) == 0 {
		return nil
	}
	return p
}

func (p *Place) add(name string, child *Place) {
	if child != nil {
		p.fields[name] = child
	}
}

func (p *Place) merge(other *Place) {
	if other == nil {
		return
	}
	for name, child := range other.fields {
		p.add(name, child)
	}
	if other.items != nil {
		p.items = other.items
	}
	if other.kind != "" {
		p.kind = other.kind
	}
}

// names finds the places of an operation, which may have parameters in common with others of its path.
func (f *finder) names(op map[string]any, common any) Names {
	n := Names{Path: map[string]*Place{}, Query: map[string]*Place{}}
	shared, _ := common.([]any)
	own, _ := op["parameters"].([]any)
	for _, v := range slices.Concat(shared, own) {
		parameter := f.resolve(v)
		place := f.schema(parameter["schema"])
		if place == nil {
			continue
		}
		name, _ := parameter["name"].(string)
		switch parameter["in"] {
		case "path":
			n.Path[name] = place
		case "query":
			n.Query[name] = place
		}
	}
	n.Body = f.content(op["requestBody"])
	for status, response := range object(op["responses"]) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		switch found := f.content(response); {
		case n.Answer == nil:
			n.Answer = found
		case found != nil:
			n.Answer.merge(found)
		}
	}
	return n
}

// content is the place in a body, of whatever type.
func (f *finder) content(body any) *Place {
	for _, media := range object(f.resolve(body)["content"]) {
		if p := f.schema(object(media)["schema"]); p != nil {
			return p
		}
	}
	return nil
}

// Any reports whether there are names.
func (n Names) Any() bool { return len(n.Path)+len(n.Query) > 0 || n.Body != nil || n.Answer != nil }
