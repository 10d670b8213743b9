package event

import "strings"

// operational are the groups of event types that Hookline emits about its own work.
var operational = []string{"delivery.", "endpoint.", "key."}

// Operational says whether events of the type are about Hookline's own work for the tenant and not about the product.
// Nobody else can publish them, and "*" does not cover them. Their own deliveries emit no operational events, so that
// events don't cause each other without end.
func Operational(eventType string) bool {
	for _, group := range operational {
		if strings.HasPrefix(eventType, group) {
			return true
		}
	}
	return false
}
