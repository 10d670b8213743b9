package contract

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
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

// kinds of a Place: one name, several separated by commas, the keys of an object, one name or group of a filter, or a
// time. A list is of a filter, too.
const (
	oneName     = "name"
	manyNames   = "list"
	keyNames    = "keys"
	namePattern = "pattern"
	oneTime     = "time"
)

// Place is a place in JSON that has names of event types, or times, itself or in its parts.
type Place struct {
	kind   string
	fields map[string]*Place
	items  *Place
}

// single reports whether the place has one name.
func (p *Place) single() bool { return p.kind == oneName || p.kind == namePattern }

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

// JSON translates the names in a JSON value; everything else stays. A nil Place has none.
func (p *Place) JSON(raw []byte, t Translate) ([]byte, error) {
	out, _, err := p.Rewrite(raw, t)
	return out, err
}

// Rewrite is JSON that also returns where the names of lists and the keys of objects came from.
func (p *Place) Rewrite(raw []byte, t Translate) ([]byte, Origins, error) {
	var out bytes.Buffer
	r := rewriting{d: jsontext.NewDecoder(bytes.NewReader(raw), verbatim...), e: jsontext.NewEncoder(&out, verbatim...),
		to: t, origins: Origins{}}
	if err := p.rewrite(r); err != nil {
		return nil, nil, fmt.Errorf("contract: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), r.origins, nil
}

// Origins say, by a part of a path in a translated value, such as events[2], what the part was before.
type Origins map[string]string

// Field returns a path in the translated value, such as retry_policies.lead.created.max_attempts, as it was before.
func (o Origins) Field(path string) string {
	for end := len(path); end > 0; end-- {
		before, moved := o[path[:end]]
		if moved && (end == len(path) || path[end] == '.' || path[end] == '[') {
			return before + path[end:]
		}
	}
	return path
}

// rewriting is one translation of a value.
type rewriting struct {
	d       *jsontext.Decoder
	e       *jsontext.Encoder
	to      Translate
	origins Origins
}

// came records what a part of the list or the object at a path was before.
func (r rewriting) came(at, from, to string) {
	if from != to {
		r.origins[join(at, []string{to})] = join(at, []string{from})
	}
}

func (p *Place) rewrite(r rewriting) error {
	kind := r.d.PeekKind()
	switch {
	case p != nil && kind == '{':
		return p.rewriteObject(r)
	case p != nil && kind == '[' && p.items != nil:
		return p.rewriteArray(r)
	case p != nil && kind == '"' && (p.single() || p.kind == manyNames || p.kind == oneTime):
		token, err := r.d.ReadToken()
		if err != nil {
			return err
		}
		return r.e.WriteToken(jsontext.String(p.Text(token.String(), r.to)))
	}
	v, err := r.d.ReadValue()
	if err != nil {
		return err
	}
	return r.e.WriteValue(v)
}

func (p *Place) rewriteObject(r rewriting) error {
	if err := r.copyToken(); err != nil {
		return err
	}
	var written []string
	at := ""
	if p.kind == keyNames {
		at = r.at()
	}
	for r.d.PeekKind() == '"' {
		token, err := r.d.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		if p.kind != keyNames {
			if err := r.e.WriteToken(jsontext.String(name)); err != nil {
				return err
			}
			if err := p.fields[name].rewrite(r); err != nil {
				return err
			}
			continue
		}
		v, err := r.d.ReadValue()
		if err != nil {
			return err
		}
		v = v.Clone()
		for _, to := range r.to(name) {
			if slices.Contains(written, to) {
				continue
			}
			written = append(written, to)
			r.came(at, name, to)
			if err := r.e.WriteToken(jsontext.String(to)); err != nil {
				return err
			}
			if err := r.e.WriteValue(v); err != nil {
				return err
			}
		}
	}
	return r.copyToken()
}

func (p *Place) rewriteArray(r rewriting) error {
	if err := r.copyToken(); err != nil {
		return err
	}
	if !p.items.single() {
		for r.d.PeekKind() != ']' {
			if err := p.items.rewrite(r); err != nil {
				return err
			}
		}
		return r.copyToken()
	}
	at, written, next := r.at(), []string{}, 0
	for index := 0; r.d.PeekKind() != ']'; index++ {
		if r.d.PeekKind() != '"' {
			r.came(at, strconv.Itoa(index), strconv.Itoa(next))
			next++
			if err := p.items.rewrite(r); err != nil {
				return err
			}
			continue
		}
		token, err := r.d.ReadToken()
		if err != nil {
			return err
		}
		for _, to := range r.to(token.String()) {
			if slices.Contains(written, to) {
				continue
			}
			r.came(at, strconv.Itoa(index), strconv.Itoa(next))
			next, written = next+1, append(written, to)
			if err := r.e.WriteToken(jsontext.String(to)); err != nil {
				return err
			}
		}
	}
	return r.copyToken()
}

func (r rewriting) copyToken() error {
	token, err := r.d.ReadToken()
	if err != nil {
		return err
	}
	return r.e.WriteToken(token)
}

// at is the path of the list or the object that was just opened.
func (r rewriting) at() string {
	return join("", slices.Collect(r.d.StackPointer().Tokens()))
}

// finder finds the places in the contract.
type finder struct {
	tree map[string]any
	kind func(schema map[string]any) string // of the place that a schema describes; empty when it is none
	open []string                           // the schemas that are being looked at: some contain themselves
}

// ofEventTypes is the kind of the places that x-event-type marks.
func ofEventTypes(schema map[string]any) string {
	kind, _ := schema["x-event-type"].(string)
	return kind
}

// ofTimes is the kind of the places that have times.
func ofTimes(schema map[string]any) string {
	if schema["format"] == "date-time" {
		return oneTime
	}
	return ""
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
	p := &Place{fields: map[string]*Place{}, kind: f.kind(s)}
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
