package schema

import (
	"maps"
	"reflect"
	"slices"

	"github.com/hookline/hookline/internal/problem"
)

func (p place) required() []problem.Detail {
	var out []problem.Detail
	is := textsOf(p.fresh["required"])
	for _, name := range textsOf(p.old["required"]) {
		if !slices.Contains(is, name) {
			out = append(out, breaks(p.at.with("required"), name+" must stay required; consumers rely on it being there. Go on sending it")...)
		}
	}
	now := object(p.fresh["dependentRequired"])
	for name, needed := range object(p.old["dependentRequired"]) {
		for _, other := range textsOf(needed) {
			if !slices.Contains(textsOf(now[name]), other) {
				out = append(out, breaks(p.at.with("dependentRequired", name), other+" must stay required with it")...)
			}
		}
	}
	return out
}

func (p place) properties() []problem.Detail {
	var out []problem.Detail
	was, is := object(p.old["properties"]), object(p.fresh["properties"])
	for name, old := range was {
		at := p.at.with("properties", name)
		fresh, there := is[name]
		if !there || p.comparer.fresh.flat(fresh) == false && p.comparer.old.flat(old) != false {
			out = append(out, breaks(at, "must stay; consumers may read it. Mark it deprecated, and register a new type for data without it")...)
			continue
		}
		out = append(out, p.comparer.compare(old, fresh, at, p.exact)...)
	}
	rest := p.comparer.old.flat(p.old["additionalProperties"])
	for name, fresh := range is {
		if _, known := was[name]; known || anything(rest) || fresh == false {
			continue
		}
		at := p.at.with("properties", name)
		switch {
		case rest != false: // it was allowed as one of many, and is read as those are
			out = append(out, p.comparer.compare(rest, fresh, at, p.exact)...)
		case p.exact || p.old["minProperties"] != nil:
			out = append(out, breaks(at, "can't be added here: the old schema allows no other properties, and more than one part of it looks at them. Register a new type")...)
		}
	}
	return out
}

func (p place) additional() []problem.Detail {
	old, there := p.old["additionalProperties"]
	if !there || anything(p.comparer.old.flat(old)) {
		return nil
	}
	at := p.at.with("additionalProperties")
	fresh := p.comparer.fresh.flat(p.fresh["additionalProperties"])
	if fresh == false {
		return nil
	}
	if p.comparer.old.flat(old) == false {
		return breaks(at, "must stay false; consumers expect no other properties. Name those that are new under properties")
	}
	return p.comparer.compare(old, fresh, at, p.exact)
}

func (p place) items() []problem.Detail {
	if p.old["prefixItems"] != nil || p.fresh["prefixItems"] != nil {
		if p.sameAt("items") {
			return p.unique()
		}
		return breaks(p.at.with("items"), "can't be compared beside prefixItems; leave it as it is, or register a new type")
	}
	out := p.unique()
	if old, ok := p.old["items"]; ok {
		out = append(out, p.comparer.compare(old, p.fresh["items"], p.at.with("items"), p.exact)...)
	}
	return out
}

func (p place) unique() []problem.Detail {
	if p.old["uniqueItems"] == true && p.fresh["uniqueItems"] != true {
		return breaks(p.at.with("uniqueItems"), "must stay true; consumers expect no item twice")
	}
	return nil
}

// apart says whether no two of the schemas can hold at once: their types differ, or they require a property whose
// allowed values differ.
func (s *Schema) apart(nodes []any) bool {
	for i, a := range nodes {
		for _, b := range nodes[:i] {
			if !s.distinct(object(s.flat(a)), object(s.flat(b))) {
				return false
			}
		}
	}
	return true
}

func (s *Schema) distinct(a, b map[string]any) bool {
	ta, tb := textsOf(a["type"]), textsOf(b["type"])
	if len(ta) > 0 && len(tb) > 0 && !slices.ContainsFunc(ta, func(t string) bool { return overlaps(t, tb) }) {
		return true
	}
	if !slices.Equal(ta, []string{"object"}) || !slices.Equal(tb, ta) {
		return false
	}
	for _, name := range textsOf(a["required"]) {
		if !slices.Contains(textsOf(b["required"]), name) {
			continue
		}
		va, fixed := values(object(s.flat(object(a["properties"])[name])))
		vb, both := values(object(s.flat(object(b["properties"])[name])))
		shared := slices.ContainsFunc(va, func(x any) bool {
			return slices.ContainsFunc(vb, func(y any) bool { return canonical(x) == canonical(y) })
		})
		if fixed && both && !shared {
			return true
		}
	}
	return false
}

func overlaps(t string, types []string) bool {
	return slices.Contains(types, t) || t == "integer" && slices.Contains(types, "number") || t == "number" && slices.Contains(types, "integer")
}

// same says whether a part of the old schema and one of the new one let the same in, as far as that can be seen: they
// are alike but for what only describes.
func (c *comparer) same(old, fresh any) bool { return c.alike(old, fresh, map[pair]bool{}) }

// sameAt is same for what a keyword holds.
func (p place) sameAt(keyword string) bool {
	old, was := p.old[keyword]
	fresh, is := p.fresh[keyword]
	return was == is && (!was || p.alikeAt(keyword, old, fresh, map[pair]bool{}))
}

func (c *comparer) alike(old, fresh any, open map[pair]bool) bool {
	if c.left--; c.left < 0 {
		return false
	}
	if a, ok := old.([]any); ok {
		b, ok := fresh.([]any)
		return ok && slices.EqualFunc(a, b, func(x, y any) bool { return c.alike(x, y, open) })
	}
	old, fresh = c.old.flat(old), c.fresh.flat(fresh)
	a, ok := old.(map[string]any)
	b, too := fresh.(map[string]any)
	if !ok || !too {
		return canonical(old) == canonical(fresh)
	}
	key := pair{reflect.ValueOf(a).Pointer(), reflect.ValueOf(b).Pointer(), false}
	if open[key] {
		return true
	}
	open[key] = true
	keys := map[string]bool{}
	maps.Copy(keys, asserting)
	for k := range keys {
		va, was := a[k]
		vb, is := b[k]
		if was != is || was && !c.alikeAt(k, va, vb, open) {
			return false
		}
	}
	return true
}

func (c *comparer) alikeAt(keyword string, a, b any, open map[pair]bool) bool {
	switch {
	case keyword == "$ref":
		x, _ := c.old.resolve(a)
		y, _ := c.fresh.resolve(b)
		return c.alike(x, y, open)
	case slices.Contains(single, keyword), slices.Contains(listed, keyword):
		return c.alike(a, b, open)
	case slices.Contains(named, keyword):
		return maps.EqualFunc(object(a), object(b), func(x, y any) bool { return c.alike(x, y, open) })
	case keyword == "type" || keyword == "required":
		x, y := slices.Sorted(slices.Values(textsOf(a))), slices.Sorted(slices.Values(textsOf(b)))
		return slices.Equal(x, y)
	}
	return canonical(a) == canonical(b)
}
