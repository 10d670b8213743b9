package delivery

import (
	"testing"
	"time"

	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/throttle"
)

// decided is what claims say about a row: the answer, or that it proceeds.
func decided(t *testing.T, name string, d Delivery, e endpoint.Endpoint, suspended string) (claim, *claims) {
	t.Helper()
	c := &claims{
		store: &Store{fast: newInFlight(func() time.Time { return noon }),
			slow: newInFlight(func() time.Time { return noon })},
		queue: name, now: noon, endpoints: map[string]endpoint.Endpoint{e.ID: e},
		reasons: map[string]string{d.TenantID: suspended}, tokens: map[string]time.Time{}, crowded: map[string]int{},
		out: map[string]claim{},
	}
	c.decide(d)
	if len(c.proceed) == 1 {
		return claim{verdict: proceed, delivery: c.proceed[0]}, c
	}
	return c.out[d.ID], c
}

func TestARowIsClaimedWhenItIsDueAndItsEndpointTakesIt(t *testing.T) {
	t.Parallel()
	on := endpoint.Endpoint{ID: "whe_1", Enabled: true}
	for name, target := range map[string]struct {
		e      endpoint.Endpoint
		reason string // why nothing may be sent to it
	}{
		"enabled":  {on, ""},
		"disabled": {endpoint.Endpoint{ID: "whe_1"}, ReasonEndpointDisabled},
		"gone":     {endpoint.Endpoint{ID: "whe_1", DisabledReason: endpoint.ReasonGone}, ReasonGone},
		"deleted": {endpoint.Endpoint{ID: "whe_1", Enabled: true, DeletedAt: in(-time.Hour)},
			ReasonEndpointDeleted},
		"deleted and disabled": {endpoint.Endpoint{ID: "whe_1", DeletedAt: in(-time.Hour)}, ReasonEndpointDeleted},
		"unknown":              {endpoint.Endpoint{}, ReasonEndpointDeleted},
	} {
		for _, left := range []time.Duration{-time.Hour, 0, startAhead, startAhead + time.Microsecond, time.Hour} {
			for _, status := range []Status{Pending, Retrying, Succeeded, Cancelled, Dead} {
				d := Delivery{ID: "dlv_1", EndpointID: "whe_1", Status: status, NextAttemptAt: in(left),
					DeadlineAt: in(-time.Hour)} // an early deadline only makes the reconciler look
				got, c := decided(t, queue.Fast, d, target.e, "")
				want, after := proceed, time.Duration(0)
				switch {
				case status == Dead:
					want = isDead
				case status.Final(), target.reason != "":
					want = drop
				case left > startAhead:
					want, after = wait, left
				}
				if got.verdict != want || got.after != after {
					t.Errorf("%s, %s left, %s: got %d after %s, want %d after %s", status, left, name, got.verdict,
						got.after, want, after)
				}
				cancels := target.reason != "" && !status.Final()
				if len(c.changed) > 0 != cancels || (cancels && (c.changed[0].Status != Cancelled ||
					c.changed[0].Reason != target.reason)) {
					t.Errorf("%s, %s: got changes %+v, want cancelled as %q", status, name, c.changed, target.reason)
				}
			}
		}
	}
}

func TestTheThrottleDecidesWhichRowsProceed(t *testing.T) {
	t.Parallel()
	closed, open, half := throttle.State{}.Start(noon), throttle.State{}.Start(noon), throttle.State{}.Start(noon)
	open.Circuit, half.Circuit, half.ProbeID = throttle.Open, throttle.HalfOpen, "dlv_1"
	other := half
	other.ProbeID = "dlv_2"
	for name, c := range map[string]struct {
		queue     string
		admission Admission
		state     throttle.State
		verdict   verdict
		deferred  bool // by this
	}{
		"not throttled":                {queue.Fast, Unthrottled, throttle.State{}, proceed, false},
		"deferred, the throttle ended": {queue.Fast, Deferred, throttle.State{}, proceed, false},
		"admitted, the throttle ended": {queue.Fast, Admitted, throttle.State{}, proceed, false},
		"throttled since":              {queue.Fast, Unthrottled, closed, drop, true},
		"deferred":                     {queue.Fast, Deferred, closed, drop, false},
		"admitted":                     {queue.Slow, Admitted, closed, proceed, false},
		"admitted, another queue":      {queue.Fast, Admitted, closed, drop, false},
		"admitted, opened since":       {queue.Slow, Admitted, open, drop, true},
		"the probe":                    {queue.Slow, Admitted, half, proceed, false},
		"not the probe":                {queue.Slow, Admitted, other, drop, true},
	} {
		d := Delivery{ID: "dlv_1", EndpointID: "whe_1", Status: Pending, Admission: c.admission}
		got, claims := decided(t, c.queue, d, endpoint.Endpoint{ID: "whe_1", Enabled: true, Throttle: c.state}, "")
		if got.verdict != c.verdict || (len(claims.changed) == 1) != c.deferred {
			t.Errorf("%s: got %d, changed %+v, want %d, deferred %t", name, got.verdict, claims.changed, c.verdict,
				c.deferred)
		}
		if c.deferred && (claims.changed[0].Admission != Deferred || claims.changed[0].Reason != ReasonThrottled) {
			t.Errorf("%s: got %+v, want it deferred", name, claims.changed[0])
		}
	}
}

func TestATokenSaysWhenARowBegins(t *testing.T) {
	t.Parallel()
	ten := 10
	e := endpoint.Endpoint{ID: "whe_1", Enabled: true, RateLimit: &ten, Throttle: throttle.State{}.WithRateLimit(&ten, noon)}
	e.Throttle.NextTokenAt = in(100 * time.Millisecond)
	d := Delivery{ID: "dlv_1", EndpointID: "whe_1", Status: Pending, Admission: Admitted}
	got, c := decided(t, queue.Slow, d, e, "")
	if got.verdict != proceed || !c.tokens["dlv_1"].Equal(noon.Add(100*time.Millisecond)) ||
		c.endpoints["whe_1"].Throttle.NextTokenAt != in(200*time.Millisecond) {
		t.Errorf("got %d at %s, next token at %s, want %d after 100ms and 200ms", got.verdict, c.tokens["dlv_1"],
			c.endpoints["whe_1"].Throttle.NextTokenAt, proceed)
	}
	e.Throttle.NextTokenAt = in(time.Second)
	if got, c := decided(t, queue.Slow, d, e, ""); got.verdict != drop || len(c.changed) != 1 || len(c.tokens) != 0 {
		t.Errorf("without a token: got %d, changed %+v, want it deferred", got.verdict, c.changed)
	}
}

func TestARowOfASuspendedTenantWaitsWithTheReason(t *testing.T) {
	t.Parallel()
	e := endpoint.Endpoint{ID: "whe_1", Enabled: true}
	for _, status := range []Status{Pending, Retrying} {
		d := Delivery{ID: "dlv_1", TenantID: "tnt_1", EndpointID: "whe_1", Status: status, Admission: Admitted}
		got, c := decided(t, queue.Slow, d, e, ReasonPaused)
		if got.verdict != wait || got.after != suspendedFor || len(c.changed) != 1 || c.changed[0].Status != status ||
			c.changed[0].Reason != ReasonPaused || c.changed[0].Admission != Unthrottled {
			t.Errorf("%s: got %+v, changed %+v, want it to wait, %s", status, got, c.changed, ReasonPaused)
		}
		if got, c := decided(t, queue.Fast, d, e, reasonChanging); got.verdict != wait || got.after != time.Second ||
			len(c.changed) != 0 {
			t.Errorf("%s, while that changes: got %+v, changed %+v, want it to wait a second", status, got, c.changed)
		}
	}
}

func TestARowOfAnEndpointWithItsShareInFlightIsDeferred(t *testing.T) {
	t.Parallel()
	now := noon
	s := &Store{fast: newInFlight(func() time.Time { return now })}
	s.Limit(queue.Fast, 4)
	e := endpoint.Endpoint{ID: "whe_1", Enabled: true}
	c := &claims{store: s, queue: queue.Fast, now: noon, endpoints: map[string]endpoint.Endpoint{"whe_1": e},
		crowded: map[string]int{}, out: map[string]claim{}}
	row := func(deliveryID string) Delivery {
		return Delivery{ID: deliveryID, EndpointID: "whe_1", TenantID: "tnt_1", Status: Pending, NextAttemptAt: in(0)}
	}
	c.decide(row("dlv_1"))
	c.decide(row("dlv_2"))
	if got := c.out["dlv_2"]; len(c.proceed) != 1 || got.verdict != wait || got.after != shortly {
		t.Errorf("the second: got %+v, want it to wait %s for the first", got, shortly)
	}
	now = now.Add(answerIn)
	c.decide(row("dlv_3"))
	if c.crowded["whe_1"] != 1 || c.out["dlv_3"].verdict != drop || len(c.changed) != 1 || c.changed[0].Admission != Deferred {
		t.Errorf("behind one that takes long: got %+v, changed %+v, want it deferred", c.out["dlv_3"], c.changed)
	}
	if c.release(); s.InFlight(queue.Fast) != 0 {
		t.Errorf("in flight after the transaction failed: got %d, want 0", s.InFlight(queue.Fast))
	}
}
