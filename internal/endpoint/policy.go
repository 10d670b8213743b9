package endpoint

import (
	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/wire"
)

// policyFromWire reads a policy; the profile's applies when nothing is set.
func policyFromWire(w api.RetryPolicy, profileName string) (profile.Policy, []problem.Detail) {
	p := profile.Policy{Jitter: profile.DefaultJitter}
	if w.Schedule == nil && w.Initial == nil && w.Multiplier == nil && w.MaxAttempts == nil && w.MaxInterval == nil {
		defaults, _ := profile.Find(profileName)
		p = defaults.Policy
		p.Jitter = wire.Or(w.Jitter, p.Jitter)
		return p, nil
	}
	if w.Schedule == nil && w.Initial == nil {
		w.Initial = firstWait(profileName)
	}
	var details []problem.Detail
	read := func(field string, text string) profile.Duration {
		d, err := profile.ParseDuration(text)
		if err != nil {
			details = append(details, problem.Detail{Field: "retry_policy." + field, Message: err.Error()})
		}
		return d
	}
	for _, wait := range wire.Or(w.Schedule, nil) {
		p.Schedule = append(p.Schedule, read("schedule", wait))
	}
	p.Jitter = wire.Or(w.Jitter, p.Jitter)
	p.Multiplier, p.MaxAttempts = wire.Or(w.Multiplier, 0), wire.Or(w.MaxAttempts, 0)
	if w.MaxInterval != nil {
		d := read("max_interval", *w.MaxInterval)
		p.MaxInterval = &d
	}
	if w.Initial != nil {
		d := read("initial", *w.Initial)
		p.Initial = &d
		p.Multiplier, p.MaxAttempts = wire.Or(w.Multiplier, profile.DefaultMultiplier), wire.Or(w.MaxAttempts,
			profile.DefaultMaxAttempts)
	}
	return p, details
}

// firstWait is how long the profile waits before the first retry.
func firstWait(profileName string) *string {
	p, _ := profile.Find(profileName)
	switch {
	case p.Policy.Initial != nil:
		return &p.Policy.Initial.Text
	case len(p.Policy.Schedule) > 0:
		return &p.Policy.Schedule[0].Text
	}
	return nil
}

func policyToWire(p profile.Policy) api.RetryPolicy {
	w := api.RetryPolicy{Jitter: &p.Jitter}
	if len(p.Schedule) > 0 {
		waits := wire.Map(p.Schedule, func(d profile.Duration) string { return d.Text })
		w.Schedule = &waits
		return w
	}
	w.Initial, w.Multiplier, w.MaxAttempts = &p.Initial.Text, &p.Multiplier, &p.MaxAttempts
	if p.MaxInterval != nil {
		w.MaxInterval = &p.MaxInterval.Text
	}
	return w
}
