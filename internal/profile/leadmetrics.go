package profile

import "github.com/hookline/hookline/internal/ratelimit"

// leadmetrics is a marketing platform for agencies.
var leadmetrics = Profile{
	Name:     "leadmetrics",
	Keys:     Keys{Live: "lm_live_", Test: "lm_test_", Shown: 12},
	Calls:    Calls{Subject: ratelimit.Key},
	Policy:   hookline.Policy,
	Envelope: hookline.Envelope,
	Sign:     hookline.Sign,
}
