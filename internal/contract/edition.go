package contract

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// cut removes what the edition lacks: operations, webhooks, tags, rows of tables and components that nothing uses.
func (e Edition) cut(c *Contract, root *yaml.Node) {
	if e.Sells == nil {
		return
	}
	sold := map[string]bool{} // by the name of each tag that is a resource
	keepItems(entry(root, "tags"), func(tag *yaml.Node) bool {
		name := entry(tag, "name").Value
		if resource := entry(tag, "x-resource"); resource != nil {
			sold[name] = e.Sells(name)
			return sold[name]
		}
		return true
	})
	keepEntries(entry(root, "paths"), func(_ string, item *yaml.Node) bool {
		keepEntries(item, func(method string, op *yaml.Node) bool {
			return !slices.Contains(methods, method) || e.Sells(resourceIn(op, sold))
		})
		return hasOperation(item)
	})
	webhooks, named := entry(root, "webhooks"), map[string]bool{}
	own := entry(entry(webhooks, e.Name), "post")
	keepEntries(webhooks, func(name string, item *yaml.Node) bool {
		if entry(entry(item, "post"), "x-profile") != nil {
			return false
		}
		called := e.Called(name)
		if named[called] || !e.Offers(name, resourceIn(entry(item, "post"), sold)) {
			return false
		}
		named[called] = true
		e.speak(c, root, own, name, entry(item, "post"))
		return true
	})
	for i := 0; i < len(webhooks.Content); i += 2 {
		webhooks.Content[i].Value = e.Called(webhooks.Content[i].Value)
	}
	keepItems(entry(entry(entry(entry(root, "components"), "schemas"), "Profile"), "enum"), func(n *yaml.Node) bool {
		return !slices.Contains(e.Others, n.Value)
	})
	e.withhold(root)
	e.dropUnused(root)
}

// withhold removes the properties and the values of enums that belong to a resource which the edition lacks, as
// x-resources of a schema says; also from the examples beside a reference to the schema.
func (e Edition) withhold(root *yaml.Node) {
	lacking := map[string][]string{} // by schema
	schemas := entry(entry(root, "components"), "schemas")
	for i := 0; i < len(schemas.Content); i += 2 {
		lacking[schemaPrefix+schemas.Content[i].Value] = e.lacks(schemas.Content[i+1])
	}
	e.withholdIn(root, lacking)
}

// lacks lists what x-resources of a schema says to belong to a resource which the edition lacks.
func (e Edition) lacks(schema *yaml.Node) []string {
	var out []string
	if belongs := entry(schema, "x-resources"); belongs != nil {
		for i := 0; i < len(belongs.Content); i += 2 {
			if !e.Sells(belongs.Content[i+1].Value) {
				out = append(out, belongs.Content[i].Value)
			}
		}
	}
	return out
}

func (e Edition) withholdIn(n *yaml.Node, lacking map[string][]string) {
	if out := e.lacks(n); len(out) > 0 {
		keepEntries(entry(n, "properties"), func(name string, _ *yaml.Node) bool { return !slices.Contains(out, name) })
		for _, list := range []string{"required", "enum"} {
			keepItems(entry(n, list), func(item *yaml.Node) bool { return !slices.Contains(out, item.Value) })
		}
	}
	if ref := entry(entry(n, "schema"), "$ref"); ref != nil {
		keepEntries(entry(n, "example"), func(name string, _ *yaml.Node) bool {
			return !slices.Contains(lacking[ref.Value], name)
		})
	}
	for _, child := range n.Content {
		e.withholdIn(child, lacking)
	}
}

// speak describes the requests about an event type as the product makes them: own is the webhook that describes all of
// its requests, and post the one of the type.
func (e Edition) speak(c *Contract, root, own *yaml.Node, eventType string, post *yaml.Node) {
	if own == nil {
		return
	}
	media, all := mediaOf(post), mediaOf(own)
	schema, schemas := entry(all, "schema"), entry(entry(root, "components"), "schemas")
	union := entry(schemas, strings.TrimPrefix(entry(schema, "$ref").Value, schemaPrefix))
	if one := entry(entry(entry(union, "discriminator"), "mapping"), e.Called(eventType)); one != nil {
		schema = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{text("$ref"), text(one.Value)}}
	}
	replace(media, "schema", schema)
	replace(post, "parameters", entry(own, "parameters"))
	replace(post, "summary", text(e.Called(eventType)))
	if d, ok := c.Delivered(e.Name, e.Called(eventType)); ok {
		replace(post, "description", text(d.Description))
	}
	if example := entry(media, "example"); example != nil {
		replace(media, "example", e.example(eventType, entry(example, "data")))
	}
}

// example is the example request of an event type with the data, JSON in a form that YAML is, too.
func (e Edition) example(eventType string, data *yaml.Node) *yaml.Node {
	var doc yaml.Node
	raw, err := ordered(data)
	if err == nil {
		raw, err = e.Example(eventType, raw)
	}
	if err == nil {
		err = yaml.Unmarshal(raw, &doc)
	}
	if err != nil || len(doc.Content) == 0 {
		return data // a test of each profile's document finds it
	}
	return doc.Content[0]
}

// mediaOf is the only media type of a request body.
func mediaOf(op *yaml.Node) *yaml.Node { return entry(entry(op, "requestBody"), "content").Content[1] }

func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

func replace(n *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content[i+1] = value
		}
	}
}

// resourceIn is the resource that an operation belongs to by its tags.
func resourceIn(op *yaml.Node, sold map[string]bool) string {
	if tags := entry(op, "tags"); tags != nil {
		for _, tag := range tags.Content {
			if _, ok := sold[tag.Value]; ok {
				return tag.Value
			}
		}
	}
	return ""
}

// marked is a part of a text for some profiles; in Markdown, its marks are comments.
var marked = regexp.MustCompile(`<!--for ([a-z ]+)-->((?s:.*?))<!--/for-->`)

// emptied is a line of which nothing is left; left out parts are NUL characters.
var emptied = regexp.MustCompile("(?m)^[ \x00]*\x00[ \x00]*\n")

// rewrite leaves in all texts what concerns the edition, without marks. What x-for says for a profile, beside a
// description, is added to it.
func (e Edition) rewrite(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		n.Value = e.withoutOthers(n.Value)
	}
	keepEntries(n, func(key string, _ *yaml.Node) bool {
		return !slices.Contains(e.Others, key) && key != "x-resources"
	})
	if more := entry(n, "x-for"); more != nil {
		text := entry(n, "description")
		for i := 0; i < len(more.Content); i += 2 {
			if e.concerns(more.Content[i].Value) {
				text.Value = strings.TrimRight(text.Value, "\n") + " " + more.Content[i+1].Value
			}
		}
		keepEntries(n, func(key string, _ *yaml.Node) bool { return key != "x-for" })
	}
	for _, child := range n.Content {
		e.rewrite(child)
	}
}

// concerns reports whether a list of profiles, with spaces between, has one that the edition is for.
func (e Edition) concerns(profiles string) bool {
	return e.Others == nil || slices.Contains(strings.Fields(profiles), e.Name)
}

// withoutOthers removes the rows of tables, and the marked parts, that are about other products alone.
func (e Edition) withoutOthers(text string) string {
	text = marked.ReplaceAllStringFunc(text, func(part string) string {
		if found := marked.FindStringSubmatch(part); e.concerns(found[1]) {
			return found[2]
		}
		return "\x00"
	})
	text = strings.ReplaceAll(emptied.ReplaceAllString(text, ""), "\x00", "")
	lines := strings.SplitAfter(text, "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool {
		return slices.ContainsFunc(e.Others, func(other string) bool {
			return strings.HasPrefix(line, "| `"+other+"` |")
		})
	})
	return strings.Join(lines, "")
}

// dropUnused removes components until all that are left are referred to.
func (e Edition) dropUnused(root *yaml.Node) {
	for components := entry(root, "components"); ; {
		used, dropped := map[string]bool{}, false
		references(root, used)
		for i := 0; i < len(components.Content); i += 2 {
			kind := components.Content[i].Value
			if kind == "securitySchemes" {
				continue
			}
			keepEntries(components.Content[i+1], func(name string, _ *yaml.Node) bool {
				keep := used["#/components/"+kind+"/"+name]
				dropped = dropped || !keep
				return keep
			})
		}
		if !dropped {
			return
		}
	}
}

func references(n *yaml.Node, used map[string]bool) {
	if ref := entry(n, "$ref"); ref != nil {
		used[ref.Value] = true
	}
	for _, child := range n.Content {
		references(child, used)
	}
}

// keepEntries removes the entries of a mapping that keep refuses.
func keepEntries(n *yaml.Node, keep func(key string, value *yaml.Node) bool) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	var kept []*yaml.Node
	for i := 0; i < len(n.Content); i += 2 {
		if keep(n.Content[i].Value, n.Content[i+1]) {
			kept = append(kept, n.Content[i], n.Content[i+1])
		}
	}
	n.Content = kept
}

// keepItems removes the items of a sequence that keep refuses.
func keepItems(n *yaml.Node, keep func(*yaml.Node) bool) {
	if n != nil {
		n.Content = slices.DeleteFunc(n.Content, func(item *yaml.Node) bool { return !keep(item) })
	}
}
