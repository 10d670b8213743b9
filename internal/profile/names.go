package profile

import (
	"maps"
	"slices"
	"strings"

	"github.com/hookline/hookline/internal/event"
)

// EventName returns the profile's name of an event type.
func (p Profile) EventName(eventType string) string {
	if name, ok := p.Names[eventType]; ok {
		return name
	}
	return eventType
}

// Wants reports whether a subscription covers an event type. It may use our names, with groups and *, or the profile's.
func (p Profile) Wants(pattern, eventType string) bool {
	name, named := p.Names[eventType]
	if p.NamedOnly && !named {
		return false
	}
	return event.Matches(pattern, eventType) || named && pattern == name
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

// OwnTypes lists the event types that the profile has names for, and those names, sorted.
func (p Profile) OwnTypes() []string {
	all := slices.Concat(slices.Collect(maps.Keys(p.Names)), slices.Collect(maps.Values(p.Names)))
	slices.Sort(all)
	return slices.Compact(all)
}

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

// NamesOf lists the names of an event type by profile, where they differ from ours.
func NamesOf(eventType string) map[string]string {
	out := map[string]string{}
	for _, p := range profiles {
		if name, ok := p.Names[eventType]; ok {
			out[p.Name] = name
		}
	}
	return out
}
