package contract

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/hookline/hookline/openapi"
)

// Document is a published document: 3.1, without the operators' operations. Tag changes when it does.
type Document struct {
	JSON, YAML Form
	Tag        string
}

// Form is a document in one format, as it is and compressed with gzip.
type Form struct{ Plain, Gzip []byte }

func form(plain []byte) (Form, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(plain); err != nil {
		return Form{}, fmt.Errorf("contract: %w", err)
	}
	if err := z.Close(); err != nil {
		return Form{}, fmt.Errorf("contract: %w", err)
	}
	return Form{Plain: plain, Gzip: b.Bytes()}, nil
}

// Edition is what a document is published for: everything, or a product with a part of it and with names of its own.
type Edition struct {
	Name   string // identifies the edition; a document is made once for each
	Sells  func(resource string) bool
	Offers func(eventType, resource string) bool
	Called func(eventType string) string
	// Data are ours of an event type as the product writes them, which Rewrites says that it does otherwise.
	Data     func(eventType string, data []byte) ([]byte, error)
	Rewrites func(eventType string) bool
	// Example is the body of the product's request about an event with the data.
	Example func(eventType string, data []byte) ([]byte, error)
	Others  []string // names of the products that are left out
	First   string   // the event type that examples are about, by our name
	// Keys are the prefixes of the product's keys, by those of the contract's examples; Values are those of the fields
	// in examples that its conventions decide.
	Keys, Values map[string]string
}

// documents has a func() (Document, error) for each edition.
var documents sync.Map

// Publish returns the document of an edition. It is made when it is first asked for, and kept.
func (c *Contract) Publish(e Edition) (Document, error) {
	made, _ := documents.LoadOrStore(e.Name, sync.OnceValues(func() (Document, error) { return c.publish(e) }))
	return made.(func() (Document, error))()
}

// publish makes a document without everything marked x-audience: operator, without what the edition lacks and without
// the extensions for our own generators. The order of the contract stays.
func (c *Contract) publish(edition Edition) (Document, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(openapi.YAML, &root); err != nil {
		return Document{}, fmt.Errorf("contract: %w", err)
	}
	prune(&root)
	edition.cut(c, root.Content[0])
	edition.rewrite(root.Content[0])
	if edition.Sells != nil {
		c.newWording(edition).apply(root.Content[0])
	}
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(&root); err != nil {
		return Document{}, fmt.Errorf("contract: %w", err)
	}
	raw, err := ordered(root.Content[0])
	if err != nil {
		return Document{}, fmt.Errorf("contract: %w", err)
	}
	d := Document{Tag: fmt.Sprintf(`W/"%x"`, sha256.Sum256(raw))}
	if d.JSON, err = form(raw); err != nil {
		return Document{}, err
	}
	d.YAML, err = form(b.Bytes())
	return d, err
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
	if n == nil || n.Kind != yaml.MappingNode {
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
