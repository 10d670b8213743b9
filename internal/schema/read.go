package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hookline/hookline/internal/pattern"
	"github.com/hookline/hookline/internal/problem"
)

// The limits of numbers: few programs read larger ones, and computing with them takes long.
const (
	maxDigits   = 100
	maxExponent = 400
)

// tame reports whether a number is within the limits.
func tame(n json.Number) bool {
	text := n.String()
	if len(text) > maxDigits {
		return false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exponent, err := strconv.Atoi(text[i+1:])
		return err == nil && -maxExponent <= exponent && exponent <= maxExponent
	}
	return true
}

// reader collects the violations of a schema, and its references.
type reader struct {
	schema   *Schema
	count    int // schemas
	patterns int // the size of all regular expressions
	wrong    []problem.Detail
}

func (r *reader) refuse(at path, format string, args ...any) {
	r.wrong = append(r.wrong, problem.Detail{Field: at.String(), Message: fmt.Sprintf(format, args...)})
}

// plain checks a document as JSON: its depth and its numbers.
func (r *reader) plain(v any, at path, depth int) {
	if depth == 0 {
		r.wrong = []problem.Detail{{Field: at[0], Message: fmt.Sprintf("is more than %d levels deep", maxDepth)}}
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for k, child := range v {
			r.plain(child, at.with(k), depth-1)
		}
	case []any:
		for i, child := range v {
			r.plain(child, at.with(strconv.Itoa(i)), depth-1)
		}
	case json.Number:
		if !tame(v) {
			r.refuse(at, "is a number with more than %d digits or an exponent beyond %d", maxDigits, maxExponent)
		}
	}
}

func (r *reader) root(at path) {
	doc := r.schema.doc
	if draft, ok := doc["$schema"]; ok && draft != Draft && draft != Draft+"#" {
		r.refuse(at.with("$schema"), "must be %s, or be left out", Draft)
	}
	if id, ok := doc["$id"].(string); ok && strings.HasPrefix(id, "#") {
		r.refuse(at.with("$id"), "is not a name for the whole document")
	}
	if r.node(doc, at); r.count > maxSchemas {
		r.wrong = []problem.Detail{{Field: at.String(),
			Message: fmt.Sprintf("consists of %d schemas; it can have %d. Every property is one", r.count, maxSchemas)}}
		return
	}
	if r.patterns > maxPatterns {
		r.refuse(at, "has regular expressions that are too large together; use fewer or smaller repetitions")
	}
	seen := map[string]int{}
	for ref, target := range r.schema.refs {
		if r.circular(ref, target, seen) {
			r.refuse(at,
				"has a definition that comes back to itself, %s; only a part of the data, such as a property, can "+
					"be like the whole", ref)
			return
		}
	}
}

// node checks a schema and its subschemas. The metaschema checks their form.
func (r *reader) node(v any, at path) {
	r.count++
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	r.keywords(m, at)
	for _, k := range single {
		if child, ok := m[k]; ok {
			r.node(child, at.with(k))
		}
	}
	for _, k := range listed {
		children, _ := m[k].([]any)
		for i, child := range children {
			r.node(child, at.with(k, strconv.Itoa(i)))
		}
	}
	for _, k := range named {
		children, _ := m[k].(map[string]any)
		for name, child := range children {
			r.node(child, at.with(k, name))
			if k == "patternProperties" {
				r.pattern(name, at.with(k, name))
			}
		}
	}
}

func (r *reader) keywords(m map[string]any, at path) {
	for k, why := range refused {
		if _, there := m[k]; there {
			r.refuse(at.with(k), "%s", why)
		}
	}
	if len(at) > 1 {
		for _, k := range []string{"$id", "$schema"} {
			if _, there := m[k]; there {
				r.refuse(at.with(k), "is only for the whole document")
			}
		}
	}
	if pattern, ok := m["pattern"].(string); ok {
		r.pattern(pattern, at.with("pattern"))
	}
	for _, k := range counts {
		if n, ok := rat(m[k]); ok && n.Cmp(big.NewRat(maxCount, 1)) > 0 {
			r.refuse(at.with(k), "must be at most %d", maxCount)
		}
	}
	if ref, ok := m["$ref"].(string); ok {
		target, found := r.find(ref)
		if !found {
			r.refuse(at.with("$ref"),
				"must be #/$defs/name or #/definitions/name and name a definition of this document; nothing else "+
					"is looked up")
		}
		r.schema.refs[ref] = target
	}
}

func (r *reader) pattern(text string, at path) {
	size, err := pattern.Measure(text)
	if err != nil {
		r.refuse(at, "%s", err.Error())
	}
	r.schema.patterns[text] = size
	r.patterns += size
}

// circular reports whether a definition refers to itself for the same data. seen is 1 for definitions in progress, and
// 2 for checked ones.
func (r *reader) circular(ref string, target any, seen map[string]int) bool {
	if seen[ref] > 0 {
		return seen[ref] == 1
	}
	seen[ref] = 1
	for _, next := range here(target, nil) {
		if r.circular(next, r.schema.refs[next], seen) {
			return true
		}
	}
	seen[ref] = 2
	return false
}

// here lists the references of a schema that apply to the same data.
func here(node any, refs []string) []string {
	m := object(node)
	if len(m) == 0 {
		return refs
	}
	if ref, ok := m["$ref"].(string); ok {
		refs = append(refs, ref)
	}
	for _, k := range []string{"allOf", "anyOf", "oneOf"} {
		for _, child := range list(m[k]) {
			refs = here(child, refs)
		}
	}
	for _, k := range []string{"not", "if", "then", "else"} {
		refs = here(m[k], refs)
	}
	for _, child := range object(m["dependentSchemas"]) {
		refs = here(child, refs)
	}
	return refs
}

// find returns the definition that a $ref names.
func (r *reader) find(ref string) (any, bool) {
	parts := strings.Split(ref, "/")
	if len(parts) != 3 || parts[0] != "#" || !slices.Contains([]string{"$defs", "definitions"}, parts[1]) {
		return nil, false
	}
	name, err := url.PathUnescape(parts[2])
	if err != nil {
		return nil, false
	}
	name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
	all, _ := r.schema.doc[parts[1]].(map[string]any)
	target, ok := all[name]
	return target, ok
}

// rat is the exact value of a JSON number.
func rat(v any) (*big.Rat, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return nil, false
	}
	return new(big.Rat).SetString(n.String())
}
