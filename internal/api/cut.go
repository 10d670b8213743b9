package api

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// cut is a JSON object, and what is taken out of it: the parts that fields, such as auth.token_url or events[1], name.
type cut struct {
	object json.RawMessage
	fields []string
	taken  *part
}

// part is what is taken out of a value: all of it, or parts of its properties or items.
type part struct {
	all        bool
	properties map[string]*part
	items      map[int]*part
}

func newCut(object []byte, fields []string) *cut {
	c := &cut{object: object, fields: fields, taken: &part{}}
	for _, field := range fields {
		c.taken.take(object, field)
	}
	return c
}

// rest is what is left; nil when the body is no object.
func (c *cut) rest() []byte {
	var properties map[string]json.RawMessage
	if c.taken.all || json.Unmarshal(c.object, &properties) != nil || properties == nil {
		return nil
	}
	return c.taken.without(c.object)
}

// take marks the part of a value that a field names. A field that is not there marks nothing.
func (p *part) take(value json.RawMessage, field string) {
	if field == "" {
		p.all = true
		return
	}
	var properties map[string]json.RawMessage
	if json.Unmarshal(value, &properties) == nil {
		if name, rest, ok := property(properties, field); ok {
			if p.properties == nil {
				p.properties = map[string]*part{}
			}
			child(p.properties, name).take(properties[name], rest)
		}
		return
	}
	var items []json.RawMessage
	if n, rest, ok := item(field); ok && json.Unmarshal(value, &items) == nil && n < len(items) {
		if p.items == nil {
			p.items = map[int]*part{}
		}
		child(p.items, n).take(items[n], rest)
		return
	}
	p.all = true // a value without parts
}

func child[K comparable](of map[K]*part, key K) *part {
	if of[key] == nil {
		of[key] = &part{}
	}
	return of[key]
}

// property splits the name of a property off a field. Names may contain dots: the longest that there is counts.
func property[V any](of map[string]V, field string) (name, rest string, ok bool) {
	for candidate := range of {
		after, found := strings.CutPrefix(field, candidate)
		if found && (after == "" || after[0] == '.' || after[0] == '[') && (!ok || len(candidate) > len(name)) {
			name, rest, ok = candidate, strings.TrimPrefix(after, "."), true
		}
	}
	return name, rest, ok
}

// item splits the number of an item off a field.
func item(field string) (n int, rest string, ok bool) {
	if !strings.HasPrefix(field, "[") {
		return 0, "", false
	}
	number, after, ok := strings.Cut(field[1:], "]")
	n, err := strconv.Atoi(number)
	return n, strings.TrimPrefix(after, "."), ok && err == nil && n >= 0
}

// without is a value without what is taken out of it.
func (p *part) without(value json.RawMessage) json.RawMessage {
	var properties map[string]json.RawMessage
	var items []json.RawMessage
	var out any
	switch {
	case len(p.properties) > 0 && json.Unmarshal(value, &properties) == nil:
		for name, of := range p.properties {
			if of.all {
				delete(properties, name)
			} else {
				properties[name] = of.without(properties[name])
			}
		}
		out = properties
	case len(p.items) > 0 && json.Unmarshal(value, &items) == nil:
		left := []json.RawMessage{}
		for n, it := range items {
			if of := p.items[n]; of == nil {
				left = append(left, it)
			} else if !of.all {
				left = append(left, of.without(it))
			}
		}
		out = left
	default:
		return value
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return value
	}
	return raw
}

// original is a field of the rest as the body has it: items behind one that was taken out have another number there.
func (c *cut) original(field string) string {
	var out strings.Builder
	for p := c.taken; field != ""; {
		if n, rest, ok := item(field); ok {
			var of *part
			if p != nil {
				n, of = p.numberOf(n)
			}
			out.WriteString("[" + strconv.Itoa(n) + "]")
			p, field = of, between(&out, field, rest)
			continue
		}
		var name, rest string
		var ok bool
		if p != nil {
			name, rest, ok = property(p.properties, field)
		}
		if !ok {
			break
		}
		out.WriteString(name)
		p, field = p.properties[name], between(&out, field, rest)
	}
	return out.String() + field
}

// between writes the dot that separated the rest of a field from what came before it.
func between(out *strings.Builder, field, rest string) string {
	if rest != "" && strings.HasSuffix(field, "."+rest) {
		out.WriteByte('.')
	}
	return rest
}

// numberOf is the number in the body of the n-th item that is left, and what was taken out of it.
func (p *part) numberOf(n int) (int, *part) {
	for i := 0; i <= n; i++ {
		if of := p.items[i]; of != nil && of.all {
			n++
		}
	}
	return n, p.items[n]
}

// touches reports whether a field is one of those that were taken out, a part of one, or has one as a part.
func (c *cut) touches(field string) bool {
	return slices.ContainsFunc(c.fields, func(taken string) bool {
		return within(taken, field) || within(field, taken)
	})
}

func within(outer, inner string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
