package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hookline/hookline/internal/problem"
)

// maxCompared is how many steps a comparison may take: pairs of schemas, tens of values, hundreds of bytes of others.
const maxCompared = 20_000

// Compatible returns every place where a new schema breaks consumers of an old one, by the rules of the package's
// documentation, at most a hundred, and of a definition used twice only the first; at is the path to put before each.
func Compatible(at string, old, fresh *Schema) []problem.Detail {
	definitions := func(s *Schema) string { return canonical([]any{s.doc["$defs"], s.doc["definitions"]}) }
	c := comparer{old: old, fresh: fresh, left: maxCompared, compared: map[[2]uintptr]bool{},
		sameDefinitions: definitions(old) == definitions(fresh)}
	if c.compare(old.doc, fresh.doc, path{at}); c.left < 0 {
		return []problem.Detail{{Field: at, Message: "is too large to compare; register a new type"}}
	}
	return tidy(c.wrong)
}

type comparer struct {
	old, fresh      *Schema
	left            int                 // steps
	compared        map[[2]uintptr]bool // pairs of schemas: one may contain itself
	sameDefinitions bool
	wrong           []problem.Detail
}

func (c *comparer) breaks(at path, format string, args ...any) {
	c.wrong = append(c.wrong, problem.Detail{Field: at.String(), Message: fmt.Sprintf(format, args...)})
}

func (c *comparer) compare(old, fresh any, at path) {
	old, fresh = c.old.flat(old), c.fresh.flat(fresh)
	was, is := object(old), object(fresh) // nil for false and true
	pair := [2]uintptr{reflect.ValueOf(was).Pointer(), reflect.ValueOf(is).Pointer()}
	switch c.left--; {
	case c.left < 0, len(c.wrong) >= maxDetails, fresh == false, anything(old), c.compared[pair]:
	case was == nil:
		c.breaks(at, "allows what was not allowed; consumers don't know it")
	default:
		c.compared[pair] = true
		for _, k := range asserted {
			c.keyword(k, was, is, at.with(k))
		}
	}
}

// keyword applies the rule of one keyword.
func (c *comparer) keyword(k string, was, is map[string]any, at path) {
	old, there := was[k]
	fresh := is[k]
	c.left -= (len(list(old)) + len(list(fresh))) / 10
	switch k {
	case "type":
		known, now := textsOf(old), textsOf(fresh)
		unknown := func(t string) bool {
			return !slices.Contains(known, t) && (t != "integer" || !slices.Contains(known, "number"))
		}
		if there && (len(now) == 0 || slices.ContainsFunc(now, unknown)) {
			c.breaks(at, "must stay %s; consumers expect nothing else", strings.Join(known, " or "))
		}
	case "const", "enum":
		_, known := allowed(was)
		if listed, now := allowed(is); there && (listed == "" || len(without(now, known)) > 0) {
			c.breaks(at, "must not allow more than %s; consumers know no other values", words(known))
		}
	case "minimum", "exclusiveMinimum":
		c.limit(old, fresh, 1, at)
	case "minLength", "minItems", "minProperties":
		c.limit(old, cmp.Or(fresh, any(json.Number("0"))), 1, at)
	case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties":
		c.limit(old, fresh, -1, at)
	case "required":
		for _, name := range without(list(old), list(fresh)) {
			c.breaks(at, "%v must stay required; consumers rely on it", name)
		}
	case "properties":
		c.properties(object(old), object(fresh), c.old.flat(was["additionalProperties"]), at)
	case "items", "additionalProperties":
		c.compare(old, fresh, at)
	case "$ref", "allOf":
		for i, member := range c.old.members(old) {
			c.compare(member, nth(c.fresh.members(fresh), i, is), at.with(fmt.Sprint(i)))
		}
	case "anyOf", "oneOf":
		for i := range max(1, len(list(fresh))) { // a schema without alternatives is compared itself
			c.compare(nth(list(old), i, !there), nth(list(fresh), i, is), at.with(fmt.Sprint(i)))
		}
	case "pattern", "format", "multipleOf", "uniqueItems", "contentEncoding", "contentMediaType":
		if !there || old == false {
			return
		}
		fallthrough
	default: // what is unevaluated depends on every other keyword
		if !c.same(old, fresh) || there && strings.HasPrefix(k, "unevaluated") && !c.same(was, is) {
			c.breaks(at, "must stay as it is; whether another value breaks consumers can't be checked")
		}
	}
}

// limit is the rule of lower limits, with the sign 1, and of upper ones, with -1.
func (c *comparer) limit(old, fresh any, sign int, at path) {
	before, limited := rat(old)
	now, still := rat(fresh)
	if limited && (!still || now.Cmp(before)*sign < 0) {
		c.breaks(at, "must not allow more than the present limit, %s; consumers rely on it", number(before))
	}
}

// properties is the rule of properties; others is the schema of those that the old schema does not name.
func (c *comparer) properties(known, now map[string]any, others any, at path) {
	for _, name := range slices.Sorted(maps.Keys(known)) {
		fresh, there := now[name]
		if there && (c.fresh.flat(fresh) != false || c.old.flat(known[name]) == false) {
			c.compare(known[name], fresh, at.with(name))
			continue
		}
		c.breaks(at.with(name), "must stay; consumers may read it. Mark it deprecated instead")
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if _, there := known[name]; !there && others != false { // consumers of a closed object ignore new properties
			c.compare(others, now[name], at.with(name))
		}
	}
}

// same reports whether two values are equal, including what they refer to.
func (c *comparer) same(old, fresh any) bool {
	a, b := canonical(old), canonical(fresh)
	c.left -= (len(a) + len(b)) / 100
	return a == b && (c.sameDefinitions || !strings.Contains(a, `"$ref"`))
}

// nth returns a value of a list, or another one when the list is shorter.
func nth(values []any, i int, otherwise any) any {
	if i < len(values) {
		return values[i]
	}
	return otherwise
}
