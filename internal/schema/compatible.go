package schema

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/hookline/hookline/internal/problem"
)

// maxCompared is how many steps a comparison may take; a step is a pair of schemas, or some names, values or bytes.
const maxCompared = 20_000

var (
	// opaque keywords must not differ at all: the rules don't compare them.
	opaque = []string{
		"not", "if", "then", "else", "contains", "minContains", "maxContains", "dependentSchemas", "dependentRequired",
		"propertyNames", "prefixItems", "patternProperties", "contentSchema", "unevaluatedProperties",
		"unevaluatedItems",
	}
	// fixed keywords may appear, but not change or go.
	fixed  = []string{"pattern", "format", "multipleOf", "uniqueItems", "contentEncoding", "contentMediaType"}
	lowest = []string{"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
	most   = []string{"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
)

// Compatible returns every place where a new schema breaks consumers of an old one, by the rules of the package's
// documentation, at most a hundred; at is the path to put before each.
func Compatible(at string, old, fresh *Schema) []problem.Detail {
	c := comparer{old: old, fresh: fresh, left: maxCompared, clean: map[[2]uintptr]bool{}}
	c.sameDefinitions = canonical([]any{old.doc["$defs"],
		old.doc["definitions"]}) == canonical([]any{fresh.doc["$defs"], fresh.doc["definitions"]})
	c.compare(old.doc, fresh.doc, path{at})
	if c.left < 0 {
		return []problem.Detail{{Field: at,
			Message: "is too large to be compared with the present schema; register a new type"}}
	}
	return tidy(c.wrong)
}

type comparer struct {
	old, fresh      *Schema
	left            int                 // steps
	clean           map[[2]uintptr]bool // pairs without violations, or being compared: a schema may contain itself
	sameDefinitions bool
	wrong           []problem.Detail
}

func (c *comparer) breaks(at path, format string, args ...any) {
	c.wrong = append(c.wrong, problem.Detail{Field: at.String(), Message: fmt.Sprintf(format, args...)})
}

func (c *comparer) compare(old, fresh any, at path) {
	old, fresh = c.old.flat(old), c.fresh.flat(fresh)
	if c.left--; c.left < 0 || len(c.wrong) >= maxDetails || fresh == false || anything(old) {
		return
	}
	was, is := object(old), object(fresh) // nil for false and true
	if was == nil {
		c.breaks(at, "allows what was not allowed at all")
		return
	}
	pair, before := [2]uintptr{reflect.ValueOf(was).Pointer(), reflect.ValueOf(is).Pointer()}, len(c.wrong)
	if c.clean[pair] {
		return
	}
	c.clean[pair] = true
	for _, k := range opaque {
		beside := strings.HasPrefix(k, "unevaluated") && was[k] != nil // depends on every other keyword
		if !c.same(was[k], is[k]) || beside && !c.same(was, is) {
			c.breaks(at.with(k), "can't be compared, so it must stay as it is; for another one, register a new type")
		}
	}
	c.values(was, is, at)
	c.bounds(was, is, at)
	c.properties(was, is, at)
	c.parts(was, is, at)
	if len(c.wrong) > before {
		delete(c.clean, pair)
	}
}

// same reports whether two parts are equal, including what they refer to.
func (c *comparer) same(old, fresh any) bool {
	a, b := canonical(old), canonical(fresh)
	c.left -= (len(a) + len(b)) / 100
	return a == b && (c.sameDefinitions || !strings.Contains(a, `"$ref"`))
}

func (c *comparer) values(was, is map[string]any, at path) {
	types, now := textsOf(was["type"]), textsOf(is["type"])
	unknown := func(t string) bool {
		return !slices.Contains(types, t) && (t != "integer" || !slices.Contains(types, "number"))
	}
	if len(types) > 0 && (len(now) == 0 || slices.ContainsFunc(now, unknown)) {
		c.breaks(at.with("type"),
			"must stay %s; consumers don't expect anything else. Add a property of another name instead",
			strings.Join(types, " or "))
	}
	k, known := allowed(was)
	still, values := allowed(is)
	c.left -= (len(known) + len(values)) / 10
	texts := set(known)
	values = slices.DeleteFunc(slices.Clone(values), func(v any) bool { return texts[canonical(v)] })
	switch {
	case k != "" && still == "":
		c.breaks(at.with(k), "must stay; consumers know these values only. Add a property of another name instead")
	case k != "" && len(values) > 0:
		c.breaks(at.with(k),
			"has new values, which consumers don't know: %s. Add a property of another name, or register a new type",
			words(values))
	}
}

func (c *comparer) bounds(was, is map[string]any, at path) {
	for _, k := range fixed {
		if v, there := was[k]; there && v != false && canonical(v) != canonical(is[k]) {
			c.breaks(at.with(k),
				"must stay as it is; whether another one lets in more can't be told. Add a property of another "+
					"name instead")
		}
	}
	for i, k := range slices.Concat(lowest, most) {
		before, there := rat(was[k])
		if !there || strings.HasPrefix(k, "min") && k != "minimum" && before.Sign() == 0 { // at least none is no limit
			continue
		}
		now, there := rat(is[k])
		if !there || i < len(lowest) && now.Cmp(before) < 0 || i >= len(lowest) && now.Cmp(before) > 0 {
			c.breaks(at.with(k), "must not let in more than the present limit, %s; consumers rely on it",
				number(before))
		}
	}
}

func (c *comparer) properties(was, is map[string]any, at path) {
	required := set(list(is["required"]))
	c.left -= (len(list(was["required"])) + len(required)) / 10
	for _, name := range list(was["required"]) {
		if !required[canonical(name)] {
			c.breaks(at.with("required"), "%v must stay required; consumers rely on it being there. Go on sending it",
				name)
		}
	}
	known, now := object(was["properties"]), object(is["properties"])
	for _, name := range slices.Sorted(maps.Keys(known)) {
		fresh, there := now[name]
		if !there || c.fresh.flat(fresh) == false && c.old.flat(known[name]) != false {
			c.breaks(at.with("properties", name),
				"must stay; consumers may read it. Mark it deprecated, and register a new type for data without it")
			continue
		}
		c.compare(known[name], fresh, at.with("properties", name))
	}
	rest, others := c.old.flat(was["additionalProperties"]), is["additionalProperties"]
	if rest == false { // one with a name may be new all the same: consumers ignore it
		if c.fresh.flat(others) != false {
			c.breaks(at.with("additionalProperties"),
				"must stay false; consumers expect no other properties. Name those that are new under properties")
		}
		return
	}
	c.compare(rest, others, at.with("additionalProperties"))
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if _, there := known[name]; !there { // it was allowed as one of many, and is read as those are
			c.compare(rest, now[name], at.with("properties", name))
		}
	}
}

// parts compares the schemas of items, and those that apply beside this one.
func (c *comparer) parts(was, is map[string]any, at path) {
	c.compare(was["items"], is["items"], at.with("items"))
	if target, ok := c.old.resolve(was["$ref"]); ok {
		next, both := c.fresh.resolve(is["$ref"])
		if !both {
			next = is
		}
		c.compare(target, next, at)
	}
	for _, k := range []string{"allOf", "anyOf", "oneOf"} {
		known, now := list(was[k]), list(is[k])
		if k == "allOf" {
			now = now[:min(len(now), len(known))] // more of them allow less
		}
		for len(now) < len(known) && (k == "allOf" || len(now) == 0) {
			now = append(slices.Clone(now), is) // what is allowed at all must be what was
		}
		for i, fresh := range now {
			switch {
			case i < len(known):
				c.compare(known[i], fresh, at.with(k, strconv.Itoa(i)))
			case len(known) > 0:
				c.breaks(at.with(k, strconv.Itoa(i)),
					"is an alternative that was not there; consumers don't know it. Register a new type for it")
			}
		}
	}
}
