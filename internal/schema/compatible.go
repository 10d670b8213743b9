package schema

import (
	"maps"
	"reflect"
	"slices"

	"github.com/hookline/hookline/internal/problem"
)

// maxCompared is how many pairs of schemas are compared; alternatives within alternatives multiply.
const maxCompared = 20_000

// Compatible names every place, after at, where a new schema breaks those who read data of an old one. Nothing is named
// only when whatever fits the new one also fits the old one, once it is without what the old one does not know:
// a reader ignores unknown properties, and relies on everything else.
//
// It errs on the side of the reader: a change that it can't follow is named, too.
func Compatible(at string, old, fresh *Schema) []problem.Detail {
	c := comparer{old: old, fresh: fresh, left: maxCompared, open: map[pair]bool{}}
	wrong := c.compare(old.doc, fresh.doc, path{at}, false)
	if c.left < 0 {
		return []problem.Detail{{Field: at, Message: "has too many alternatives within alternatives to be compared with the present schema"}}
	}
	return tidy(wrong)
}

// comparer compares two schemas. Each comparison returns what is wrong, and nothing is kept, since alternatives are
// tried.
type comparer struct {
	old, fresh *Schema
	left       int
	open       map[pair]bool // what is being compared: a schema that contains itself comes back to it
}

type pair struct {
	old, fresh uintptr
	exact      bool
}

// place is one comparison of two schemas that are no references. exact means that nothing may be left out of the data
// before it is held against the old schema, since more than one part of that looks at the same data: one part would
// see what another does not know.
type place struct {
	*comparer
	old, fresh map[string]any
	at         path
	exact      bool
	types      []string // that the new one allows
}

func breaks(at path, message string) []problem.Detail {
	return []problem.Detail{{Field: at.String(), Message: message}}
}

func (c *comparer) compare(old, fresh any, at path, exact bool) []problem.Detail {
	if c.left--; c.left < 0 {
		return breaks(at, "can't be compared")
	}
	old, fresh = c.old.flat(old), c.fresh.flat(fresh)
	if fresh == false || anything(old) {
		return nil
	}
	was, ok := old.(map[string]any)
	if !ok {
		return breaks(at, "allows what was not allowed at all")
	}
	is := object(fresh) // nil for true
	key := pair{reflect.ValueOf(was).Pointer(), reflect.ValueOf(is).Pointer(), exact}
	if c.open[key] {
		return nil
	}
	c.open[key] = true
	defer delete(c.open, key)
	wrong := place{c, was, is, at, exact, c.types(is, 0)}.compare()
	for _, branch := range branches(c.fresh, is) {
		if len(wrong) > 0 && len(c.compare(was, branch, at, exact)) == 0 {
			return nil // data that fits all of them fits this one
		}
	}
	return wrong
}

// branches are schemas that all hold beside what a schema says itself.
func branches(s *Schema, m map[string]any) []any {
	if target, ok := s.resolve(m["$ref"]); ok {
		return append([]any{target}, list(m["allOf"])...)
	}
	return list(m["allOf"])
}

// anything says whether a schema lets everything in.
func anything(node any) bool {
	m, ok := node.(map[string]any)
	return node == nil || node == true || ok && !slices.ContainsFunc(slices.Collect(maps.Keys(m)), func(k string) bool { return asserting[k] })
}

func (p place) compare() []problem.Detail {
	if p.old["unevaluatedProperties"] != nil || p.old["unevaluatedItems"] != nil {
		if p.same(p.old, p.fresh) {
			return nil
		}
		return breaks(p.at, "can't be compared beside unevaluatedProperties or unevaluatedItems; leave it as it is, or register a new type")
	}
	within := p
	within.exact = p.exact || parts(p.old) > 1 || p.old["uniqueItems"] == true
	var out []problem.Detail
	out = append(out, p.kinds()...)
	out = append(out, p.values()...)
	if p.allows("number") {
		out = append(out, p.numbers()...)
	}
	if p.allows("string") {
		out = append(out, p.texts()...)
	}
	if p.allows("array") {
		out = append(out, p.sizes("minItems", "maxItems")...)
		out = append(out, within.items()...)
	}
	if p.allows("object") {
		out = append(out, p.sizes("minProperties", "maxProperties")...)
		out = append(out, p.required()...)
		out = append(out, within.properties()...)
		out = append(out, within.additional()...)
	}
	out = append(out, within.all()...)
	out = append(out, within.any("anyOf")...)
	out = append(out, within.any("oneOf")...)
	return append(out, p.opaque()...)
}

// parts counts what of a schema looks into objects and arrays.
func parts(m map[string]any) int {
	n := len(list(m["allOf"]))
	for _, k := range []string{"anyOf", "oneOf", "$ref", "not", "if", "dependentSchemas", "contains", "propertyNames", "patternProperties", "prefixItems"} {
		if _, ok := m[k]; ok {
			n++
		}
	}
	for _, k := range []string{"properties", "required", "additionalProperties", "dependentRequired", "minProperties", "maxProperties", "items", "minItems", "maxItems", "uniqueItems"} {
		if _, ok := m[k]; ok {
			n++
			break
		}
	}
	for _, v := range append(list(m["enum"]), m["const"]) {
		if object(v) != nil || list(v) != nil {
			return n + 1
		}
	}
	return n
}

// opaque are keywords that are not understood well enough to compare; what belongs together is in a row.
var opaque = [][]string{
	{"not"}, {"if", "then", "else"}, {"contains", "minContains", "maxContains"}, {"dependentSchemas"}, {"propertyNames"},
	{"prefixItems"}, {"patternProperties"},
}

func (p place) opaque() []problem.Detail {
	var out []problem.Detail
	for _, group := range opaque {
		first := group[0]
		_, was := p.old[first]
		if first == "patternProperties" && !anything(p.old["additionalProperties"]) || first == "prefixItems" && !anything(p.old["items"]) {
			_, is := p.fresh[first] // it takes something away from the other one
			was = was || is
		}
		if !was {
			continue
		}
		for _, k := range group {
			if !p.sameAt(k) {
				out = append(out, breaks(p.at.with(k), "can't be compared, so it must stay as it is; for another one, register a new type")...)
			}
		}
	}
	return out
}

func (p place) all() []problem.Detail {
	var out []problem.Detail
	fresh := branches(p.comparer.fresh, p.fresh)
	for i, old := range branches(p.comparer.old, p.old) {
		wrong := p.comparer.compare(old, p.fresh, p.at, p.exact)
		if len(wrong) > 0 && i < len(fresh) {
			wrong = p.comparer.compare(old, fresh[i], p.at, p.exact)
		}
		out = append(out, wrong...)
	}
	return out
}

// any compares alternatives: each new one must be a case of an old one. oneOf is the same where no two of the old
// alternatives can hold at once.
func (p place) any(keyword string) []problem.Detail {
	old := list(p.old[keyword])
	if len(old) == 0 {
		return nil
	}
	fresh := []any{p.fresh}
	for _, k := range []string{"oneOf", "anyOf", keyword} {
		if l := list(p.fresh[k]); len(l) > 0 {
			fresh = l
		}
	}
	if keyword == "oneOf" && !p.comparer.old.apart(old) {
		if p.sameAt(keyword) {
			return nil
		}
		return breaks(p.at.with(keyword), "can't be compared, since nothing tells its alternatives apart (such as a required property with a const in each); leave it as it is, or register a new type")
	}
	var out []problem.Detail
	for i, alternative := range fresh {
		if slices.ContainsFunc(old, func(o any) bool { return len(p.comparer.compare(o, alternative, p.at, p.exact)) == 0 }) {
			continue
		}
		if i < len(old) && len(fresh) <= len(old) {
			out = append(out, p.comparer.compare(old[i], alternative, p.at.with(keyword), p.exact)...)
			continue
		}
		out = append(out, breaks(p.at.with(keyword), "has an alternative that was not there; consumers don't know it. Register a new type for it")...)
	}
	return out
}
