package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/hookline/hookline/internal/problem"
)

// MaxDataDepth is how many levels data can have.
const MaxDataDepth = 32

// Check returns every violation of the schema by data, JSON; at is the path to put before each.
func (s *Schema) Check(at string, data []byte) []problem.Detail {
	v, err := decode(data)
	if err != nil {
		return []problem.Detail{{Field: at, Message: "is not JSON"}}
	}
	if wrong := unreadable(v, path{at}, MaxDataDepth); len(wrong) > 0 {
		return tidy(wrong)
	}
	c := counter{schema: s, left: maxSteps}
	if c.visit(s.doc, v); c.left < 0 {
		return []problem.Detail{{Field: at,
			Message: fmt.Sprintf("takes more than %d steps to check against the schema; send less at once, or make "+
				"the schema simpler", maxSteps)}}
	}
	var failed *jsonschema.ValidationError
	if err := s.compiled.Validate(v); errors.As(err, &failed) {
		return violations(at, failed)
	}
	return nil
}

// maxDetails is how many violations are reported at once.
const maxDetails = problem.MaxDetails

// unreadable reports what few programs can read, whatever the schema allows. It stops when that is enough.
func unreadable(v any, at path, depth int) []problem.Detail {
	var out []problem.Detail
	switch v := v.(type) {
	case map[string]any:
		if depth == 0 {
			return []problem.Detail{{Field: at[0], Message: fmt.Sprintf("is more than %d levels deep", MaxDataDepth)}}
		}
		for k, child := range v {
			if out = append(out, unreadable(child, at.with(k), depth-1)...); len(out) >= maxDetails {
				break
			}
		}
	case []any:
		if depth == 0 {
			return []problem.Detail{{Field: at[0], Message: fmt.Sprintf("is more than %d levels deep", MaxDataDepth)}}
		}
		for i, child := range v {
			if out = append(out, unreadable(child, at.with(strconv.Itoa(i)), depth-1)...); len(out) >= maxDetails {
				break
			}
		}
	case json.Number:
		if !tame(v) {
			out = []problem.Detail{{Field: field(at[0], at[1:]),
				Message: "is a number that few programs can read; send it as text"}}
		}
	}
	return out
}

// tidy sorts details, so that the same violation gives the same response, and truncates the list.
func tidy(details []problem.Detail) []problem.Detail {
	slices.SortFunc(details, func(a, b problem.Detail) int {
		return strings.Compare(a.Field+"\x00"+a.Message, b.Field+"\x00"+b.Message)
	})
	return problem.Limited(slices.Compact(details))
}

func field(at string, steps []string) string {
	var b strings.Builder
	b.WriteString(at)
	for _, step := range steps {
		if _, err := strconv.Atoi(step); err == nil {
			b.WriteString("[" + step + "]")
			continue
		}
		b.WriteString("." + step)
	}
	return b.String()
}

func violations(at string, failed *jsonschema.ValidationError) []problem.Detail {
	var out []problem.Detail
	for _, e := range leaves(failed) {
		where := field(at, e.InstanceLocation)
		switch k := e.ErrorKind.(type) {
		case *kind.Required:
			for _, name := range k.Missing {
				out = append(out, problem.Detail{Field: field(where, []string{name}), Message: "is required"})
			}
		case *kind.AdditionalProperties:
			for _, name := range k.Properties {
				out = append(out, problem.Detail{Field: field(where, []string{name}), Message: "is not a known field"})
			}
		case *kind.DependentRequired:
			for _, name := range k.Missing {
				out = append(out, problem.Detail{Field: field(where, []string{name}), Message: "is required with " +
					k.Prop})
			}
		default:
			out = append(out, problem.Detail{Field: where, Message: reason(e.ErrorKind)})
		}
	}
	return tidy(out)
}

// leaves returns the violations at the leaves; the others only group them.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	causes := e.Causes
	switch k := e.ErrorKind.(type) {
	case *kind.AnyOf:
		causes = meant(e)
	case *kind.OneOf:
		causes = nil
		if k.Subschemas == nil {
			causes = meant(e)
		}
	case *kind.Contains, *kind.MinContains, *kind.PropertyNames:
		causes = nil
	}
	if len(causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var out []*jsonschema.ValidationError
	for _, cause := range causes {
		out = append(out, leaves(cause)...)
	}
	return out
}

// meant returns the violations of the one alternative that matches the data's type and its properties with fixed
// values. It returns none when no alternative, or more than one, matches.
func meant(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	var found []*jsonschema.ValidationError
	for _, alternative := range e.Causes {
		another := slices.ContainsFunc(leaves(alternative), func(l *jsonschema.ValidationError) bool {
			deeper := len(l.InstanceLocation) - len(e.InstanceLocation)
			switch l.ErrorKind.(type) {
			case *kind.Type:
				return deeper == 0
			case *kind.Const, *kind.Enum:
				return deeper <= 1
			case *kind.FalseSchema:
				return deeper == 0
			}
			return false
		})
		if !another {
			found = append(found, alternative)
		}
	}
	if len(found) != 1 {
		return nil
	}
	return found
}
