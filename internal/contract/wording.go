package contract

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// wording puts the names of a product in the place of ours in the texts and the examples of its document. What the
// product lacks is replaced: an event type and a group of them by the first of its own, a permission by one for the
// resource of that.
type wording struct {
	edition     Edition
	types       map[string]EventType
	first       EventType // of the product
	groups      []string  // of the event types that the product has
	permissions map[string]string
	keys        *strings.Replacer
}

func (c *Contract) newWording(e Edition) wording {
	w := wording{edition: e, types: map[string]EventType{}, permissions: map[string]string{}}
	for _, t := range c.EventTypes {
		if t.Resource == "" { // Hookline's own events have the same names everywhere
			continue
		}
		w.types[t.Name] = t
		if e.Offers(t.Name, t.Resource) {
			w.groups = append(w.groups, groupOf(t.Name))
		}
	}
	w.first = w.types[e.First]
	var prefixes []string
	for ours, own := range e.Keys {
		prefixes = append(prefixes, ours, own)
	}
	w.keys = strings.NewReplacer(prefixes...)
	noun := c.mainNoun(w.first)
	for _, permission := range c.Permissions() {
		if !slices.Contains(c.PermissionsOf(e.Sells), permission) {
			verb, _, _ := strings.Cut(permission, ":")
			w.permissions[permission] = verb + ":" + noun
		}
	}
	return w
}

// mainNoun is what permissions to read and to write the resource of an event type call it: by the resource or the group
// of the type, where they can.
func (c *Contract) mainNoun(t EventType) string {
	all := c.PermissionsOf(func(resource string) bool { return resource == t.Resource })
	best, most := "", -1
	for _, permission := range all {
		noun, reads := strings.CutPrefix(permission, "read:")
		if !reads || !slices.Contains(all, "write:"+noun) {
			continue
		}
		fit := 0
		switch {
		case noun == t.Resource:
			fit = 2
		case strings.HasPrefix(noun, groupOf(t.Name)):
			fit = 1
		}
		if fit > most {
			best, most = noun, fit
		}
	}
	return best
}

func groupOf(eventType string) string {
	group, _, _ := strings.Cut(eventType, ".")
	return group
}

var (
	// named is what may be an event type or a group of them in a text.
	named = regexp.MustCompile(`[a-z0-9_]+(\.[a-z0-9_]+)*(\.\*)?`)
	// permitted is what may be a permission.
	permitted = regexp.MustCompile(`(read|write):[a-z_]+`)
)

// text replaces names in a text.
func (w wording) text(text string) string {
	text = permitted.ReplaceAllStringFunc(text, func(permission string) string {
		if own, ok := w.permissions[permission]; ok {
			return own
		}
		return permission
	})
	return w.keys.Replace(named.ReplaceAllStringFunc(text, w.name))
}

// name is the product's name of an event type or of a group; any other is its own.
func (w wording) name(name string) string {
	if group, all := strings.CutSuffix(name, ".*"); all {
		known := slices.ContainsFunc(slices.Collect(maps.Keys(w.types)), func(t string) bool {
			return groupOf(t) == group
		})
		if known && !slices.Contains(w.groups, group) {
			return groupOf(w.first.Name) + ".*"
		}
		return name
	}
	if _, ours := w.types[name]; !ours {
		return name
	}
	return w.edition.Called(w.has(name).Name)
}

// has is an event type that the product has: the one with the name, or the first.
func (w wording) has(name string) EventType {
	if t := w.types[name]; w.edition.Offers(name, t.Resource) {
		return t
	}
	return w.first
}

// apply rewrites the texts and examples in a part of the document. Names that are values, such as those of an enum,
// stay: what uses them is cut by their resource.
func (w wording) apply(n *yaml.Node) {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		key, value := n.Content[i].Value, n.Content[i+1]
		switch {
		case value.Kind == yaml.ScalarNode && (key == "description" || key == "summary"):
			value.Value = w.text(value.Value)
		case key == "example" || key == "examples" && value.Kind != yaml.ScalarNode:
			w.example(value)
		case key == "properties":
			for j := 1; j < len(value.Content); j += 2 {
				w.apply(value.Content[j])
			}
		default:
			w.apply(value)
		}
	}
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			w.apply(item)
		}
	}
}

// example rewrites an example: all of its texts, the values that follow from the product's conventions, and what was
// said about an event that the product lacks.
func (w wording) example(n *yaml.Node) {
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!str" && !w.body(n) {
			n.Value = w.text(n.Value)
		}
	case yaml.MappingNode:
		w.about(n)
		for i := 0; i < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if own, ok := w.edition.Values[key.Value]; ok && value.Tag == "!!str" {
				value.Value = own
			}
			w.example(value)
			key.Value = w.text(key.Value)
		}
		seen := map[string]bool{}
		keepEntries(n, func(key string, _ *yaml.Node) bool {
			defer func() { seen[key] = true }()
			return !seen[key]
		})
	case yaml.SequenceNode:
		seen := map[string]bool{}
		keepItems(n, func(item *yaml.Node) bool {
			before := item.Value
			w.example(item)
			repeated := item.Value != before && seen[item.Value] // two of our names for one of the product's
			seen[item.Value] = true
			return !repeated
		})
	}
}

// about replaces what an object says of an event, or of an event type, that has another name or is not the product's.
func (w wording) about(n *yaml.Node) {
	name := entry(n, "type")
	if name == nil {
		name = entry(n, "event_type")
	}
	if name == nil || w.types[name.Value].Name == "" {
		return
	}
	t := w.has(name.Value)
	if names := entry(n, "names"); names != nil {
		names.Content = nil
		if called := w.edition.Called(t.Name); called != t.Name {
			names.Content = []*yaml.Node{text(w.edition.Name), text(called)}
		}
	}
	if t.Name == name.Value && !w.edition.Rewrites(t.Name) {
		return
	}
	data, err := w.edition.Data(t.Name, t.Sample)
	if err != nil {
		return // a test of each profile's document finds it
	}
	replace(n, "data", parsed(data))
	replace(n, "sample", parsed(data))
	if t.Name == name.Value {
		return
	}
	name.Value = t.Name
	if entry(n, "sample") != nil {
		replace(n, "group", text(t.Group))
		replace(n, "description", text(t.Description))
	}
	replace(n, "filter", text(`event.type == "`+w.edition.Called(t.Name)+`"`))
}

// body replaces a text that is a request in our envelope by the product's for the event, and reports whether it was.
func (w wording) body(n *yaml.Node) bool {
	var ours struct {
		Type, Timestamp string
		Data            json.RawMessage
	}
	if json.Unmarshal([]byte(n.Value), &ours) != nil || ours.Timestamp == "" || w.types[ours.Type].Name == "" {
		return false
	}
	t := w.has(ours.Type)
	body, err := w.edition.Example(t.Name, t.Sample)
	if err != nil {
		return false // a test of each profile's document finds it
	}
	n.Value = string(body)
	return true
}

// parsed is JSON, which YAML can read, as a node.
func parsed(raw []byte) *yaml.Node {
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil || len(doc.Content) == 0 {
		return text("") // a sample of the contract is JSON
	}
	return doc.Content[0]
}
