package main

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is the part of an OpenAPI document that the SDKs are made of. The order of the contract stays.
type document struct {
	Info       struct{ Version string }
	Paths      ordered[pathItem]
	Components struct {
		Schemas    ordered[*schema]
		Parameters map[string]parameter
		Responses  map[string]response
	}
}

type pathItem struct {
	Parameters                    []parameter
	Get, Put, Post, Patch, Delete *operation
}

type operation struct {
	OperationID string `yaml:"operationId"`
	Summary     string
	Description string
	Tags        []string
	Deprecated  bool
	Permission  string `yaml:"x-permission"`
	Public      bool   `yaml:"x-public"`
	Parameters  []parameter
	RequestBody *struct {
		Required bool
		Content  ordered[mediaType]
	} `yaml:"requestBody"`
	Responses ordered[response]
}

type response struct {
	Ref     string `yaml:"$ref"`
	Content ordered[mediaType]
}

type mediaType struct{ Schema *schema }

type parameter struct {
	Ref         string `yaml:"$ref"`
	Name, In    string
	Description string
	Required    bool
	Schema      *schema
}

// schema is a JSON Schema as the contract uses it: no allOf and no anyOf, and oneOf only of references.
type schema struct {
	Ref         string     `yaml:"$ref"`
	Type        typeOf     `yaml:"type"`
	Format      string     `yaml:"format"`
	Description string     `yaml:"description"`
	Enum        []*string  `yaml:"enum"`
	Minimum     *float64   `yaml:"minimum"`
	Properties  properties `yaml:"properties"`
	Required    []string   `yaml:"required"`
	Items       *schema    `yaml:"items"`
	Additional  additional `yaml:"additionalProperties"`
	OneOf       []*schema  `yaml:"oneOf"`
	AnyOf       []*schema  `yaml:"anyOf"`
	AllOf       []*schema  `yaml:"allOf"`
	Like        []string   `yaml:"x-like"`
	Delivered   bool       `yaml:"x-delivered"`
}

type properties = ordered[*schema]

// name is the name of the referenced schema, or "".
func (s *schema) name() string { return last(s.Ref) }

func last(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

// typeOf is a type, or a type and null.
type typeOf struct {
	Name     string
	Nullable bool
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (t *typeOf) UnmarshalYAML(n *yaml.Node) error {
	var names []string
	if n.Kind == yaml.ScalarNode {
		names = []string{n.Value}
	} else if err := n.Decode(&names); err != nil {
		return err
	}
	for _, name := range names {
		switch {
		case name == "null":
			t.Nullable = true
		case t.Name != "":
			return fmt.Errorf("line %d: got the types %v, want one and null", n.Line, names)
		default:
			t.Name = name
		}
	}
	return nil
}

// additional is false or absent, true, or a schema.
type additional struct {
	Any    bool
	Schema *schema
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (a *additional) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&a.Any)
	}
	return n.Decode(&a.Schema)
}

// ordered is a mapping in its order.
type ordered[T any] []entry[T]

type entry[T any] struct {
	Key   string
	Value T
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (o *ordered[T]) UnmarshalYAML(n *yaml.Node) error {
	for i := 0; i < len(n.Content); i += 2 {
		e := entry[T]{Key: n.Content[i].Value}
		if err := n.Content[i+1].Decode(&e.Value); err != nil {
			return fmt.Errorf("%s: %w", e.Key, err)
		}
		*o = append(*o, e)
	}
	return nil
}

func (o ordered[T]) get(key string) (value T, ok bool) {
	i := slices.IndexFunc(o, func(e entry[T]) bool { return e.Key == key })
	if i < 0 {
		return value, false
	}
	return o[i].Value, true
}

func parse(raw []byte) (*document, error) {
	var d document
	if err := yaml.Unmarshal(raw, &d); err != nil {
		return nil, err
	}
	return &d, nil
}

// parameters are those of a path and of an operation on it, references resolved.
func (d *document) parameters(item pathItem, o *operation) ([]parameter, error) {
	var all []parameter
	for _, p := range slices.Concat(item.Parameters, o.Parameters) {
		if p.Ref != "" {
			found, ok := d.Components.Parameters[last(p.Ref)]
			if !ok {
				return nil, fmt.Errorf("%s: no parameter %s", o.OperationID, p.Ref)
			}
			p = found
		}
		all = append(all, p)
	}
	return all, nil
}
