package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Narrowing is a field of a request that narrows what the operation is about to event types.
type Narrowing struct {
	Field  string
	Names  []string
	Groups bool // the names may be groups, such as lead.*
}

// Narrowings lists where a request has filters by names of event types. body is its body, JSON.
func (n Names) Narrowings(query url.Values, body []byte) []Narrowing {
	var out []Narrowing
	for _, name := range slices.Sorted(maps.Keys(n.Query)) {
		for _, value := range query[name] {
			n.Query[name].narrowings(name, value, &out)
		}
	}
	if n.Body.narrows() {
		var v any
		if json.Unmarshal(body, &v) == nil {
			n.Body.narrowings("", v, &out)
		}
	}
	return out
}

// narrows reports whether the place, or a part of it, is a filter.
func (p *Place) narrows() bool {
	if p == nil {
		return false
	}
	return p.kind == manyNames || p.kind == namePattern || p.items.narrows() ||
		slices.ContainsFunc(slices.Collect(maps.Values(p.fields)), (*Place).narrows)
}

func (p *Place) narrowings(at string, v any, out *[]Narrowing) {
	if p == nil {
		return
	}
	switch v := v.(type) {
	case string:
		switch {
		case v == "": // is no filter
		case p.kind == manyNames:
			*out = append(*out, Narrowing{Field: at, Names: strings.Split(v, ",")})
		case p.kind == namePattern:
			*out = append(*out, Narrowing{Field: at, Names: []string{v}, Groups: true})
		}
	case []any:
		for i, item := range v {
			p.items.narrowings(fmt.Sprintf("%s[%d]", at, i), item, out)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			p.fields[name].narrowings(strings.TrimPrefix(at+"."+name, "."), v[name], out)
		}
	}
}
