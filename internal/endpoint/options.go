package endpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
)

// The range of an endpoint's timeout; the server may allow less, see NewAPI.
const (
	minTimeout = time.Second
	maxTimeout = 30 * time.Second
)

// PolicyFor is the retry policy for events of a type: the one with the most specific matching pattern.
func (e Endpoint) PolicyFor(eventType string) profile.Policy {
	policy, length := e.RetryPolicy.V, -1
	named, _ := profile.Find(e.Profile)
	for pattern, p := range e.RetryPolicies.V {
		specific := len(pattern)
		if pattern == eventType || pattern == named.EventName(eventType) {
			specific++ // before a group, which is at most as long
		}
		if named.Covers(pattern, eventType) && specific > length {
			policy, length = p, specific
		}
	}
	return policy
}

// Limit is the timeout of an attempt; 0 for the server's.
func (e Endpoint) Limit() time.Duration {
	if e.Timeout == "" {
		return 0
	}
	d, err := profile.ParseDuration(e.Timeout)
	if err != nil {
		return 0
	}
	return d.Duration
}

// checkOptions returns what is wrong with the filter, the timeout, the policies and the metadata.
func (s Settings) checkOptions(r rules) []problem.Detail {
	var details []problem.Detail
	p, _ := profile.Find(s.Profile)
	wrong := func(field, message string) {
		details = append(details, problem.Detail{Field: field, Message: message})
	}
	if s.Filter != "" {
		if message := checkFilter(s.Filter, p, r.typeAt); message != "" {
			wrong("filter", message)
		}
	}
	if s.Timeout != "" {
		longest := min(maxTimeout, r.longest)
		if d, err := profile.ParseDuration(s.Timeout); err != nil {
			wrong("timeout", err.Error())
		} else if d.Duration < minTimeout || d.Duration > longest {
			wrong("timeout", fmt.Sprintf("must be from %s to %s", minTimeout, longest))
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(s.Policies)) {
		field := "retry_policies." + pattern
		if message := checkPattern(p, pattern, r); message != "" {
			wrong(field, message)
		}
		for _, d := range s.Policies[pattern].Check() {
			wrong(strings.Replace(d.Field, "retry_policy", field, 1), d.Message)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Metadata)) {
		if name == "" || len(name) > 100 {
			wrong("metadata", "must have names of 1 to 100 characters")
			break
		}
	}
	return details
}

// sourceKey identifies a subscription of a tool by source, URL and events in any order; it is nil without a source.
func (e Endpoint) sourceKey() *string {
	if e.Source == "" {
		return nil
	}
	parts := append([]string{e.Source, e.URL}, slices.Sorted(slices.Values(e.Events.V))...)
	if e.UserNumber != 0 { // users of a tool don't share endpoints
		parts = append(parts, strconv.FormatInt(e.UserNumber, 10))
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00"))) // a NUL is in none of them
	key := hex.EncodeToString(sum[:])
	return &key
}
