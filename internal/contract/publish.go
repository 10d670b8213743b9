package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/hookline/hookline/openapi"
)

// publish makes the documents for integrators, without everything marked x-audience: operator and without the
// extensions for our own generators. The order of the contract stays.
func (c *Contract) publish() error {
	var root yaml.Node
	if err := yaml.Unmarshal(openapi.YAML, &root); err != nil {
		return fmt.Errorf("contract: %w", err)
	}
	prune(&root)
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(&root); err != nil {
		return fmt.Errorf("contract: %w", err)
	}
	c.YAML = b.Bytes()
	var err error
	if c.JSON, err = ordered(root.Content[0]); err != nil {
		return fmt.Errorf("contract: %w", err)
	}
	return nil
}

// prune removes the entries that are not public from every mapping, and paths without operations.
func prune(n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		kept := n.Content[:0]
		for i := 0; i < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if strings.HasPrefix(key.Value, "x-go-") || forOperators(value) {
				continue
			}
			prune(value)
			if strings.HasPrefix(key.Value, "/") && !hasOperation(value) {
				continue
			}
			kept = append(kept, key, value)
		}
		n.Content = kept
		return
	}
	kept := n.Content[:0]
	for _, child := range n.Content {
		if forOperators(child) {
			continue
		}
		prune(child)
		kept = append(kept, child)
	}
	n.Content = kept
}

func forOperators(n *yaml.Node) bool {
	v := entry(n, "x-audience")
	return v != nil && v.Value == "operator"
}

func hasOperation(item *yaml.Node) bool {
	for _, m := range methods {
		if entry(item, m) != nil {
			return true
		}
	}
	return false
}

func entry(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// ordered writes a node as JSON, its keys in the order of the YAML.
func ordered(n *yaml.Node) ([]byte, error) {
	open, closing, step := byte('['), byte(']'), 1
	switch n.Kind {
	case yaml.MappingNode:
		open, closing, step = '{', '}', 2
	case yaml.SequenceNode:
	default:
		var v any
		if err := n.Decode(&v); err != nil {
			return nil, err
		}
		if n.Tag == "!!timestamp" {
			v = n.Value
		}
		return json.Marshal(v)
	}
	out := []byte{open}
	for i := 0; i < len(n.Content); i += step {
		if i > 0 {
			out = append(out, ',')
		}
		if step == 2 {
			key, err := json.Marshal(n.Content[i].Value)
			if err != nil {
				return nil, err
			}
			out = append(append(out, key...), ':')
		}
		value, err := ordered(n.Content[i+step-1])
		if err != nil {
			return nil, err
		}
		out = append(out, value...)
	}
	return append(out, closing), nil
}
