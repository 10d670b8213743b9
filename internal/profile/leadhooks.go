package profile

import (
	"time"

	"github.com/hookline/hookline/internal/ratelimit"
)

// leadhooks is a lead manager for organisations.
var leadhooks = Profile{
	Name:     "leadhooks",
	Keys:     Keys{Live: "wk_live_", Test: "wk_test_", Shown: 12},
	Calls:    Calls{Subject: ratelimit.Key, Limit: ratelimit.Limit{Requests: 1000, Window: time.Hour}},
	Policy:   hookline.Policy,
	Envelope: hookline.Envelope,
	Sign:     hookline.Sign,
}
