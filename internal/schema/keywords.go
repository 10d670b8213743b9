package schema

import (
	"maps"
	"slices"
)

// How a keyword contains schemas: as its value, in a list, or under names.
var (
	single = []string{
		"additionalProperties", "items", "contains", "not", "if", "then", "else", "propertyNames",
		"unevaluatedProperties", "unevaluatedItems", "contentSchema",
	}
	listed = []string{"allOf", "anyOf", "oneOf", "prefixItems"}
	named  = []string{"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"}
)

// refused are keywords with references that are not supported, within a document or to another, and those of earlier
// drafts that would be misunderstood or ignored.
var refused = map[string]string{
	"$anchor":          "is not supported; refer to #/$defs/name",
	"$dynamicAnchor":   "is not supported; refer to #/$defs/name",
	"$dynamicRef":      "is not supported; use $ref with #/$defs/name",
	"$recursiveAnchor": "is not supported; refer to #/$defs/name",
	"$recursiveRef":    "is not supported; use $ref with #/$defs/name",
	"$vocabulary":      "is not supported",
	"dependencies":     "is of an earlier draft; use dependentRequired or dependentSchemas",
	"additionalItems":  "is of an earlier draft; use prefixItems and items",
}

// counts are keywords whose value is a count.
var counts = []string{
	"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains",
}

// asserting are the keywords that decide whether data is valid; all others are annotations.
var asserting = map[string]bool{
	"$ref": true, "type": true, "enum": true, "const": true, "format": true, "pattern": true, "required": true,
	"minLength": true, "maxLength": true, "minimum": true, "maximum": true, "exclusiveMinimum": true,
	"exclusiveMaximum": true,
	"multipleOf":       true, "minItems": true, "maxItems": true, "uniqueItems": true, "minContains": true,
	"maxContains":   true,
	"minProperties": true, "maxProperties": true, "dependentRequired": true, "properties": true,
	"patternProperties":    true,
	"additionalProperties": true, "propertyNames": true, "unevaluatedProperties": true, "unevaluatedItems": true,
	"items":       true,
	"prefixItems": true, "contains": true, "allOf": true, "anyOf": true, "oneOf": true, "not": true, "if": true,
	"then": true,
	"else": true, "dependentSchemas": true,
	// These are not validated, but a consumer that decodes the data relies on them.
	"contentEncoding": true, "contentMediaType": true, "contentSchema": true,
}

// asserted are the asserting keywords in order.
var asserted = slices.Sorted(maps.Keys(asserting))
