package profile

import "github.com/hookline/hookline/internal/ratelimit"

// leadie is a tracker of social accounts, whose keys belong to users.
var leadie = Profile{
	Name:     "leadie",
	Keys:     Keys{Live: "ld_live_", Test: "ld_test_", Shown: 12, OfUsers: true},
	Calls:    Calls{Subject: ratelimit.User, Limit: ratelimit.PerMinute(60)},
	Policy:   hookline.Policy,
	Envelope: hookline.Envelope,
	Sign:     hookline.Sign,
}
