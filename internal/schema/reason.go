package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// maxWords is how many bytes of an enum a message repeats.
const maxWords = 300

// reason rewrites the validator's message in plain words, without values of the data.
func reason(k jsonschema.ErrorKind) string {
	if text := ofText(k); text != "" {
		return text
	}
	switch k := k.(type) {
	case *kind.Type:
		return "must be " + articles(k.Want)
	case *kind.Enum:
		return "must be one of " + words(k.Want)
	case *kind.Const:
		return "must be " + words([]any{k.Want})
	case *kind.Minimum:
		return "must be at least " + number(k.Want)
	case *kind.Maximum:
		return "must be at most " + number(k.Want)
	case *kind.ExclusiveMinimum:
		return "must be more than " + number(k.Want)
	case *kind.ExclusiveMaximum:
		return "must be less than " + number(k.Want)
	case *kind.MultipleOf:
		return "must be a multiple of " + number(k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("must have at least %d items", k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("must have at most %d items", k.Want)
	case *kind.UniqueItems:
		return fmt.Sprintf("must not have equal items; [%d] and [%d] are", k.Duplicates[0], k.Duplicates[1])
	case *kind.MinProperties:
		return fmt.Sprintf("must have at least %d fields", k.Want)
	case *kind.MaxProperties:
		return fmt.Sprintf("must have at most %d fields", k.Want)
	case *kind.PropertyNames:
		return "has a field whose name is not allowed"
	case *kind.Contains, *kind.MinContains:
		return "does not have the items that the schema asks for (contains)"
	case *kind.MaxContains:
		return "has too many of the items that the schema counts (contains)"
	case *kind.AnyOf:
		return "fits none of the alternatives (anyOf)"
	case *kind.OneOf:
		if k.Subschemas == nil {
			return "fits none of the alternatives (oneOf)"
		}
		return "fits more than one of the alternatives (oneOf)"
	case *kind.Not:
		return "is excluded by the schema (not)"
	case *kind.FalseSchema:
		return "is not allowed"
	}
	return "is not valid"
}

func ofText(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.MinLength:
		if k.Want == 1 {
			return "must not be empty"
		}
		return fmt.Sprintf("must have at least %d characters", k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("must have at most %d characters", k.Want)
	case *kind.Pattern:
		return "must match " + k.Want
	case *kind.Format:
		switch k.Want {
		case "date-time":
			return "must be a time such as 2026-01-31T12:00:00Z"
		case "date":
			return "must be a date such as 2026-01-31"
		case "email":
			return "must be an email address"
		}
		return "must have the format " + k.Want
	}
	return ""
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	f, _ := r.Float64()
	raw, _ := json.Marshal(f)
	return string(raw)
}

func words(values []any) string {
	all := make([]string, 0, len(values))
	length := 0
	for _, v := range values {
		raw, _ := json.Marshal(v)
		text := strings.Trim(string(raw), `"`)
		if length += len(text); length > maxWords {
			all = append(all, "…")
			break
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func articles(types []string) string {
	all := make([]string, 0, len(types))
	for _, t := range types {
		switch t {
		case "null":
			all = append(all, t)
		case "object", "array", "integer":
			all = append(all, "an "+t)
		default:
			all = append(all, "a "+t)
		}
	}
	return strings.Join(all, " or ")
}
