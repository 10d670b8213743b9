package profile

import "github.com/hookline/hookline/internal/ratelimit"

// inboxops is a shared support inbox.
var inboxops = Profile{
	Name:     "inboxops",
	Keys:     Keys{Live: "ixk_", Test: "ixk_", Shown: 8},
	Calls:    Calls{Subject: ratelimit.Tenant, Limit: ratelimit.PerMinute(100)},
	Policy:   hookline.Policy,
	Envelope: hookline.Envelope,
	Sign:     hookline.Sign,
}
