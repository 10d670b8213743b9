package profile

import "github.com/hookline/hookline/internal/ratelimit"

// savelead is a collector of leads.
var savelead = Profile{
	Name:     "savelead",
	Keys:     Keys{Live: "hk_live_", Test: "hk_test_", Shown: 12},
	Calls:    Calls{Subject: ratelimit.Key},
	Policy:   hookline.Policy,
	Envelope: hookline.Envelope,
	Sign:     hookline.Sign,
}
