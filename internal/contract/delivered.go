package contract

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Delivered describes the requests of a product about an event type. Schema is the JSON Schema of their data.
type Delivered struct {
	Description string
	Schema      []byte
}

// Delivered returns how the requests of a product describe the event type that it calls name; ok is false when the
// contract does not describe them one by one.
func (c *Contract) Delivered(product, name string) (d Delivered, ok bool) {
	types := c.delivered[product]
	if d, ok = types[name]; !ok {
		d, ok = types[anyName]
	}
	return d, ok
}

// anyName stands for the event types of a product whose requests all have one schema.
const anyName = ""

// readDelivered reads the webhooks that describe all requests of a product.
func (c *Contract) readDelivered(tree map[string]any) error {
	c.delivered = map[string]map[string]Delivered{}
	schemas := object(object(tree["components"])["schemas"])
	named := func(ref any) map[string]any {
		text, _ := ref.(string)
		return object(schemas[strings.TrimPrefix(text, schemaPrefix)])
	}
	for _, item := range object(tree["webhooks"]) {
		post := object(object(item)["post"])
		product, _ := post["x-profile"].(string)
		if product == "" {
			continue
		}
		media := object(object(object(post["requestBody"])["content"])["application/json"])
		all := named(object(media["schema"])["$ref"])
		one := map[string]any{}
		for name, ref := range object(object(all["discriminator"])["mapping"]) {
			one[name] = named(ref)
		}
		if len(one) == 0 {
			one[anyName] = all
		}
		c.delivered[product] = map[string]Delivered{}
		for name, envelope := range one {
			d, err := describe(tree, object(envelope))
			if err != nil {
				return fmt.Errorf("contract: requests of %s about %q: %w", product, name, err)
			}
			c.delivered[product][name] = d
		}
	}
	return nil
}

func describe(tree, envelope map[string]any) (Delivered, error) {
	d := Delivered{}
	d.Description, _ = envelope["description"].(string)
	data, err := inline(tree, object(envelope["properties"])["data"], 0)
	if err == nil {
		d.Schema, err = json.Marshal(data)
	}
	return d, err
}
