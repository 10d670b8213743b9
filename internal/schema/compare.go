package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"sort"
	"strings"

	"github.com/hookline/hookline/internal/problem"
)

var allTypes = []string{"array", "boolean", "integer", "null", "number", "object", "string"}

// types lists what a new schema allows; whole numbers are numbers, too.
func (c *comparer) types(m map[string]any, depth int) []string {
	if depth > maxDepth {
		return allTypes
	}
	declared := textsOf(m["type"])
	listed, is := values(m)
	switch {
	case len(declared) > 0:
	case is:
		for _, v := range listed {
			declared = append(declared, typeOf(v))
		}
	case m["anyOf"] != nil || m["oneOf"] != nil:
		for _, alternative := range append(list(m["anyOf"]), list(m["oneOf"])...) {
			declared = append(declared, c.types(object(c.fresh.flat(alternative)), depth+1)...)
		}
	default:
		return allTypes
	}
	sort.Strings(declared)
	return slices.Compact(declared)
}

// textsOf reads a keyword that is a text or a list of texts.
func textsOf(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	var out []string
	for _, item := range list(v) {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func typeOf(v any) string {
	switch v := v.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		return "string"
	case bool:
		return "boolean"
	case json.Number:
		if r, ok := rat(v); ok && r.IsInt() {
			return "integer"
		}
		return "number"
	}
	return "null"
}

func (p place) allows(kind string) bool {
	return slices.Contains(p.types, kind) || kind == "number" && slices.Contains(p.types, "integer")
}

func (p place) kinds() []problem.Detail {
	was := textsOf(p.old["type"])
	if len(was) == 0 {
		return nil
	}
	for _, t := range p.types {
		if !slices.Contains(was, t) && !(t == "integer" && slices.Contains(was, "number")) {
			return breaks(p.at.with("type"), fmt.Sprintf("must stay %s; consumers don't expect anything else. Add a property of another name instead", strings.Join(was, " or ")))
		}
	}
	return nil
}

// values are what a schema lists as allowed, if it does.
func values(m map[string]any) (all []any, ok bool) {
	enum, listed := m["enum"]
	fixed, one := m["const"]
	if !one {
		return list(enum), listed
	}
	if listed && !slices.ContainsFunc(list(enum), func(v any) bool { return canonical(v) == canonical(fixed) }) {
		return nil, true
	}
	return []any{fixed}, true
}

func (p place) values() []problem.Detail {
	var out []problem.Detail
	for _, k := range []string{"enum", "const"} {
		v, ok := p.old[k]
		if !ok {
			continue
		}
		known := map[string]bool{}
		if k == "const" {
			v = []any{v}
		}
		for _, item := range list(v) {
			known[canonical(item)] = true
		}
		fresh, listed := values(p.fresh)
		if !listed {
			out = append(out, breaks(p.at.with(k), "must stay; consumers know these values only. Add a property of another name instead")...)
		}
		for _, item := range fresh {
			if !known[canonical(item)] {
				out = append(out, breaks(p.at.with(k), "has the new value "+words([]any{item})+", which consumers don't know. Add a property of another name, or register a new type")...)
			}
		}
	}
	return out
}

// canonical is equal for equal values, however their numbers are written.
func canonical(v any) string {
	switch v := v.(type) {
	case json.Number:
		if r, ok := rat(v); ok {
			return r.RatString()
		}
	case []any:
		items := make([]string, 0, len(v))
		for _, item := range v {
			items = append(items, canonical(item))
		}
		return "[" + strings.Join(items, ",") + "]"
	case map[string]any:
		var b strings.Builder
		for _, k := range slices.Sorted(maps.Keys(v)) {
			fmt.Fprintf(&b, "%q:%s,", k, canonical(v[k]))
		}
		return "{" + b.String() + "}"
	}
	raw, _ := json.Marshal(v)
	return string(raw)
}

// limit is a bound; itself says whether the bound is allowed.
type limit struct {
	at     *big.Rat
	itself bool
}

// bound reads the tighter of a bound and its exclusive form; sign is -1 for lower ones, so that smaller is tighter.
func bound(m map[string]any, inclusive, exclusive string, sign int64) *limit {
	var out *limit
	for k, itself := range map[string]bool{inclusive: true, exclusive: false} {
		r, ok := rat(m[k])
		if !ok {
			continue
		}
		r.Mul(r, big.NewRat(sign, 1))
		if out == nil || r.Cmp(out.at) < 0 || r.Cmp(out.at) == 0 && !itself {
			out = &limit{r, itself}
		}
	}
	return out
}

func (p place) numbers() []problem.Detail {
	var out []problem.Detail
	for _, b := range []struct {
		inclusive, exclusive string
		sign                 int64
	}{{"minimum", "exclusiveMinimum", -1}, {"maximum", "exclusiveMaximum", 1}} {
		was, is := bound(p.old, b.inclusive, b.exclusive, b.sign), bound(p.fresh, b.inclusive, b.exclusive, b.sign)
		if was == nil {
			continue
		}
		if is == nil || is.at.Cmp(was.at) > 0 || is.at.Cmp(was.at) == 0 && is.itself && !was.itself {
			out = append(out, breaks(p.at.with(b.inclusive), "lets in numbers that were out of range; keep the limit, or add a property of another name")...)
		}
	}
	if was, ok := rat(p.old["multipleOf"]); ok {
		if is, there := rat(p.fresh["multipleOf"]); !there || !new(big.Rat).Quo(is, was).IsInt() {
			out = append(out, breaks(p.at.with("multipleOf"), "lets in numbers that were not allowed; keep it, or use a multiple of it")...)
		}
	}
	return out
}

func (p place) texts() []problem.Detail {
	out := p.sizes("minLength", "maxLength")
	for _, k := range []string{"pattern", "format", "contentEncoding", "contentMediaType"} {
		if was, ok := p.old[k]; ok && was != p.fresh[k] {
			out = append(out, breaks(p.at.with(k), "must stay; whether another one is narrower can't be told. Add a property of another name instead")...)
		}
	}
	if _, ok := p.old["contentSchema"]; ok && !p.sameAt("contentSchema") {
		out = append(out, breaks(p.at.with("contentSchema"), "can't be compared, so it must stay as it is")...)
	}
	return out
}

func (p place) sizes(least, most string) []problem.Detail {
	var out []problem.Detail
	if was, ok := rat(p.old[least]); ok && was.Sign() > 0 {
		if is, there := rat(p.fresh[least]); !there || is.Cmp(was) < 0 {
			out = append(out, breaks(p.at.with(least), "must not become less")...)
		}
	}
	if was, ok := rat(p.old[most]); ok {
		if is, there := rat(p.fresh[most]); !there || is.Cmp(was) > 0 {
			out = append(out, breaks(p.at.with(most), "must not become more; consumers may have no room for it")...)
		}
	}
	return out
}
