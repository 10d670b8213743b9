package event

import "strings"

// own are the groups of event types that Hookline tells of itself.
var own = []string{"delivery.", "endpoint.", "key."}

// Operational says whether events of the type are about Hookline's own work for the tenant and not about what the
// product does. Nobody else can publish them, "*" does not cover them, and what becomes of their deliveries is told by
// no further event, so that none can lead to another for ever.
func Operational(eventType string) bool {
	for _, group := range own {
		if strings.HasPrefix(eventType, group) {
			return true
		}
	}
	return false
}
