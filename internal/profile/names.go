package profile

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/event"
)

// EventName returns the profile's name of an event type.
func (p Profile) EventName(eventType string) string {
	if name, ok := p.Names[eventType]; ok {
		return name
	}
	return eventType
}

// Canonical returns our names for a name of the profile: several where it makes no difference between them. One of ours
// stands for the same, and comes first. Any other name is its own.
func (p Profile) Canonical(name string) []string {
	called := p.EventName(name)
	out := []string{}
	if called != name {
		out = append(out, name)
	}
	for _, ours := range slices.Sorted(maps.Keys(p.Names)) {
		if p.Names[ours] == called && ours != name {
			out = append(out, ours)
		}
	}
	if len(out) == 0 {
		return []string{name}
	}
	return out
}

// word is what may be the name of an event type in a text.
var word = regexp.MustCompile(`[a-z0-9_]+(\.[a-z0-9_]+)*`)

// InText replaces our names for event types in a text by the profile's.
func (p Profile) InText(text string) string { return word.ReplaceAllStringFunc(text, p.EventName) }

// Sells reports whether the product has a resource of the contract; all have the empty one.
func (p Profile) Sells(resource string) bool {
	return resource == "" || p.Resources == nil || slices.Contains(p.Resources, resource)
}

// Offers reports whether endpoints of the product's tenants can subscribe to a type of the catalogue.
func (p Profile) Offers(eventType, resource string) bool {
	_, named := p.Names[eventType]
	return p.Sells(resource) && (named || !p.NamedOnly)
}

// Choices are the profiles that endpoints of the product's tenants can have: all of them for the default profile, else
// the product's own and the default.
func (p Profile) Choices() []string {
	if p.Resources == nil {
		return All()
	}
	return []string{p.Name, Default}
}

// Edition is the part of the contract that is published for the product; all of it for the default profile.
func (p Profile) Edition() contract.Edition {
	e := contract.Edition{Name: p.Name}
	if p.Resources == nil {
		return e
	}
	e.Sells, e.Offers, e.Called, e.First = p.Sells, p.Offers, p.EventName, p.FirstEvent
	e.Data, e.Rewrites = p.FromCanonical, func(eventType string) bool { return p.Forms[eventType].From != nil }
	e.Example = func(eventType string, data []byte) ([]byte, error) {
		_, body, err := p.Example(eventType, data, exampleTime)
		return body, err
	}
	e.Keys = p.ownKeys()
	e.Values = map[string]string{"profile": p.Name, "signing": string(p.Signing[0])}
	e.Others = slices.DeleteFunc(All(), func(name string) bool { return slices.Contains(p.Choices(), name) })
	return e
}

// ownKeys are the prefixes of the product's keys by those of ours.
func (p Profile) ownKeys() map[string]string {
	return map[string]string{hookline.Keys.Live: p.Keys.Live, hookline.Keys.Test: p.Keys.Test}
}

// WithOwnKeys returns a sample, in which keys begin as ours do, with the prefixes of the product's keys.
func (p Profile) WithOwnKeys(sample []byte) []byte {
	for ours, own := range p.ownKeys() {
		sample = bytes.ReplaceAll(sample, []byte(ours), []byte(own))
	}
	return sample
}

// Wants reports whether a subscription covers an event type. It may use our names, with groups and *, or the profile's.
func (p Profile) Wants(pattern, eventType string) bool {
	name, named := p.Names[eventType]
	if p.NamedOnly && !named {
		return false
	}
	return event.Matches(pattern, eventType) || named && pattern == name
}

// Covers is Wants for what is no subscription and so may also be about types that the profile has no name for.
func (p Profile) Covers(pattern, eventType string) bool {
	return event.Matches(pattern, eventType) || pattern == p.EventName(eventType)
}

// Understands reports whether a subscription can cover any event type; known reports it for our names.
func (p Profile) Understands(pattern string, known func(pattern string) bool) bool {
	for eventType := range p.Names {
		if p.Wants(pattern, eventType) {
			return true
		}
	}
	return !p.NamedOnly && known(pattern)
}

// OwnTypes lists the names that the profile has for event types, sorted.
func (p Profile) OwnTypes() []string { return slices.Compact(slices.Sorted(maps.Values(p.Names))) }

// Sets reports whether the profile sets a header itself, so that consumers can't; the case does not matter.
func (p Profile) Sets(header string) bool {
	if len(header) >= len(standardPrefix) && strings.EqualFold(header[:len(standardPrefix)], standardPrefix) {
		return true
	}
	for _, name := range p.Headers {
		if strings.EqualFold(header, name) {
			return true
		}
	}
	return false
}

// standardPrefix starts the headers of Standard Webhooks. The id is sent under every profile.
const standardPrefix = "webhook-"

// NamesOf lists the names of an event type by profile, where they differ from ours: the profile's own, and all of them
// for the default profile.
func (p Profile) NamesOf(eventType string) map[string]string {
	out, asked := map[string]string{}, p.Name
	for _, p := range profiles {
		if name, ok := p.Names[eventType]; ok && (asked == Default || asked == p.Name) {
			out[p.Name] = name
		}
	}
	return out
}

// DefaultEvents are the subscriptions of an endpoint that names none: those of a product with one event; none
// elsewhere.
func (p Profile) DefaultEvents() []string {
	if !p.NamedOnly {
		return nil
	}
	if names := slices.Compact(slices.Sorted(maps.Values(p.Names))); len(names) == 1 {
		return names
	}
	return nil
}
