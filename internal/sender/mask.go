package sender

import (
	"net/http"
	"strings"

	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/profile"
)

// setByHookline reports whether Hookline writes the header itself, so that it holds no secret of the consumer.
func setByHookline(p profile.Profile, name string) bool {
	lower := strings.ToLower(name)
	return lower == "content-type" || lower == "user-agent" || p.Sets(name)
}

// masked returns the headers as they are kept: values of the consumer's own headers are secrets.
func masked(profileName string, h http.Header) map[string]string {
	p, _ := profile.Find(profileName)
	out := make(map[string]string, len(h))
	for name, values := range h {
		out[name] = endpoint.Mask
		if setByHookline(p, name) {
			out[name] = values[0]
		}
	}
	return out
}
