package contract

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// exemplify rewrites the examples of a document: event types become those of the product, by its names, and data are
// its samples.
func (e Edition) exemplify(c *Contract, n *yaml.Node) {
	keepEntries(n, func(key string, value *yaml.Node) bool {
		if key == "example" {
			e.rename(c, value)
		}
		return true
	})
	for _, child := range n.Content {
		e.exemplify(c, child)
	}
}

// rename rewrites an example.
func (e Edition) rename(c *Contract, n *yaml.Node) {
	if eventType := entry(n, "type"); eventType != nil {
		for _, key := range []string{"data", "sample"} {
			if data := entry(n, key); data != nil && data.Kind == yaml.MappingNode {
				replace(n, key, e.dataOf(c, eventType.Value, data))
			}
		}
	}
	if body := entry(n, "body"); body != nil {
		e.renameBody(c, body)
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		if t, ok := c.instead(n.Value, e.Offers); ok {
			n.Value = e.Called(t.Name)
		}
		if strings.Contains(n.Value, "\n") { // a file
			n.Value = cell.ReplaceAllStringFunc(n.Value, func(text string) string {
				name := text[1 : len(text)-1]
				if t, ok := c.instead(name, e.Offers); ok {
					name = e.Called(t.Name)
				}
				return text[:1] + name + text[len(text)-1:]
			})
		}
	}
	for _, child := range n.Content { // keys, too
		e.rename(c, child)
	}
	if n.Kind == yaml.SequenceNode {
		var seen []string
		keepItems(n, func(item *yaml.Node) bool {
			again := item.Kind == yaml.ScalarNode && item.Tag == "!!str" && slices.Contains(seen, item.Value)
			seen = append(seen, item.Value)
			return !again
		})
	}
}

// cell is what may be an event type in a line of CSV or NDJSON.
var cell = regexp.MustCompile(`[",][a-z_]+\.[a-z_]+[",]`)

// renameBody rewrites the body of a request to an endpoint, which is JSON in a text.
func (e Edition) renameBody(c *Contract, body *yaml.Node) {
	var sent struct{ Type string }
	if json.Unmarshal([]byte(body.Value), &sent) != nil {
		return
	}
	t, ok := c.instead(sent.Type, e.Offers)
	if !ok {
		return
	}
	if sample, err := c.Sampled(t.Name, t.Sample, e.Offers); err == nil {
		if raw, err := e.Example(t.Name, sample); err == nil {
			body.Value = string(raw)
		}
	}
}

// dataOf are the data of an example that is about an event type.
func (e Edition) dataOf(c *Contract, eventType string, data *yaml.Node) *yaml.Node {
	t, ok := c.instead(eventType, e.Offers)
	if !ok || t.Name == eventType && !e.Rewrites(eventType) {
		return data
	}
	sample, err := c.Sampled(t.Name, t.Sample, e.Offers)
	if err == nil {
		sample, err = e.Data(t.Name, sample)
	}
	var doc yaml.Node
	if err != nil || yaml.Unmarshal(sample, &doc) != nil || len(doc.Content) == 0 {
		return data // a test of each profile's document finds it
	}
	return doc.Content[0]
}
