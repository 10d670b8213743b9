package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// anything reports whether a schema allows every value.
func anything(node any) bool {
	m, ok := node.(map[string]any)
	return node == nil || node == true || ok && !slices.ContainsFunc(slices.Collect(maps.Keys(m)), func(k string) bool {
		return asserting[k]
	})
}

// textsOf reads a keyword that is a text or a list of texts.
func textsOf(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	var out []string
	for _, item := range list(v) {
		s, _ := item.(string)
		out = append(out, s)
	}
	return out
}

// allowed lists the values that a schema names as the only ones, and the keyword that does; empty when none does.
func allowed(m map[string]any) (keyword string, values []any) {
	if v, there := m["const"]; there {
		return "const", []any{v}
	}
	if v, there := m["enum"]; there {
		return "enum", list(v)
	}
	return "", nil
}

// without lists the values that another list does not have.
func without(values, others []any) []any {
	known := make(map[string]bool, len(others))
	for _, v := range others {
		known[canonical(v)] = true
	}
	return slices.DeleteFunc(slices.Clone(values), func(v any) bool { return known[canonical(v)] })
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
