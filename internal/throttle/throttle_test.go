package throttle

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hookline/hookline/internal/db"
)

var noon = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)

// in is a moment relative to noon, which is now in all tests here.
func in(d time.Duration) db.Time { return db.At(noon.Add(d)) }

func throttled(limit float64, c Circuit) State {
	return State{ThrottledAt: in(-time.Hour), ConcurrencyLimit: limit, Ssthresh: 32, Circuit: c}
}

func TestAnEndpointIsThrottledOnlyWhenItIsOverloadedOrKeepsFailing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		f         Feedback
		throttled bool
		circuit   Circuit
	}{
		"success":                  {Feedback{Succeeded: 3}, false, ""},
		"nine failures":            {Feedback{Failed: 9, Consecutive: breakAfter - 1}, false, ""},
		"ten failures":             {Feedback{Failed: 1, Consecutive: breakAfter}, true, Open},
		"a success after failures": {Feedback{Succeeded: 1}, false, ""},
		"overloaded once":          {Feedback{Failed: 1, Overloaded: true, Consecutive: 1}, true, Closed},
		"overloaded always":        {Feedback{Failed: 1, Overloaded: true, Consecutive: breakAfter}, true, Open},
	} {
		s := State{}.Learn(c.f, noon, 0)
		if s.Throttled() != c.throttled || s.Circuit != c.circuit || (c.throttled && s.ReleaseAt != in(0)) {
			t.Errorf("%s: got %+v, want throttled %t, circuit %q", name, s, c.throttled, c.circuit)
		}
	}
}

func TestACircuitOpensProbesAndCloses(t *testing.T) {
	t.Parallel()
	s, now := throttled(16, Closed), noon
	for trip, wait := range []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second} {
		s = s.Learn(Feedback{Failed: 1, Consecutive: breakAfter + trip}, now, 0)
		if s.Circuit != Open || s.CircuitUntil != db.At(now.Add(wait)) || s.CircuitOpenedAt != in(0) ||
			s.CircuitTrips != trip+1 {
			t.Fatalf("trip %d: got %+v, want it open for %s", trip, s, wait)
		}
		if n := s.Budget(nil, 0, 0, now.Add(wait-time.Microsecond)); n != 0 {
			t.Errorf("admitted while open: got %d, want none", n)
		}
		if again := s.Learn(Feedback{Failed: 3, Consecutive: breakAfter + trip + 3}, now.Add(time.Second),
			0); again.CircuitUntil != s.CircuitUntil {
			t.Errorf("next probe after an outcome from before: got %s, want %s", again.CircuitUntil, s.CircuitUntil)
		}
		now = now.Add(wait)
		if s.Budget(nil, 0, 0, now) != 1 || s.Budget(nil, 1, 0, now) != 0 {
			t.Errorf("probes: got %d, then %d, want 1, then 0", s.Budget(nil, 0, 0, now), s.Budget(nil, 1, 0, now))
		}
		s.Circuit = HalfOpen
	}
	s = s.Learn(Feedback{Succeeded: 1}, now, 0)
	if s.Circuit != Closed || !s.CircuitOpenedAt.IsZero() || !s.CircuitUntil.IsZero() || s.CircuitTrips != 0 ||
		s.Limit() < 1 || s.Limit() > 3 {
		t.Errorf("after the probe succeeded: got %+v, want it closed, with a limit of 1 to 3", s)
	}
}

func TestProbesComeEverMoreSeldomUpToALimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		trips, random := rapid.IntRange(1, 1_000_000).Draw(t, "trips"), rapid.Float64Range(0, 1).Draw(t, "random")
		wait := probeWait(trips, random)
		if wait < firstProbe || wait > lastProbe*6/5 || probeWait(trips+1, random) < wait {
			t.Errorf("wait after %d trips: got %s, want %s to %s, and no less than after fewer", trips, wait,
				firstProbe, lastProbe*6/5)
		}
	})
}

func TestAConcurrencyLimitDoublesByRoundThenGrowsByOneAndHalvesOnFailure(t *testing.T) {
	t.Parallel()
	s := throttled(4, Closed)
	for _, want := range []int{8, 16, 32, 33, 34} {
		for range s.Limit() { // a round: all that were admitted succeed
			s = s.Learn(Feedback{Succeeded: 1}, noon, 0)
		}
		if got := s.Limit(); got < want-1 || got > want {
			t.Errorf("limit after a round: got %d, want %d", got, want)
		}
	}
	before := s.ConcurrencyLimit
	s = s.Learn(Feedback{Failed: 7, Consecutive: 7}, noon, 0)
	if s.ConcurrencyLimit != before/2 || s.Ssthresh != before/2 {
		t.Errorf("after a failure: got %+v, want half of %f", s, before)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := throttled(rapid.Float64Range(0, MaxLimit).Draw(t, "limit"), Closed)
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			f := Feedback{Succeeded: rapid.IntRange(0, 20).Draw(t, "succeeded"),
				Failed: rapid.IntRange(0, 20).Draw(t, "failed")}
			f.Consecutive = f.Failed
			s = s.Learn(f, noon, 0)
			if f.Succeeded+f.Failed > 0 && (s.ConcurrencyLimit < 1 || s.ConcurrencyLimit > MaxLimit) {
				t.Fatalf("limit: got %+v, want 1 to %d", s, MaxLimit)
			}
		}
	})
}

func TestARefusalOfOneEventDoesNotShrinkTheLimit(t *testing.T) {
	t.Parallel()
	s := throttled(4, Closed)
	for range 100 * MaxLimit { // each answer by itself, as it is when a limit is low
		s = s.Learn(Feedback{Failed: 1, Consecutive: 1}, noon, 0)
		for range 5 {
			s = s.Learn(Feedback{Succeeded: 1}, noon, 0)
		}
	}
	if s.Limit() != MaxLimit {
		t.Errorf("limit of one that refuses one event in six: got %d, want %d", s.Limit(), MaxLimit)
	}
	for name, f := range map[string]Feedback{
		"overloaded":      {Failed: 1, Overloaded: true, Consecutive: 1},
		"no answer":       {Succeeded: 1, Failed: 1, Unanswered: true, Consecutive: 1},
		"three in a row":  {Failed: 1, Consecutive: narrowAfter},
		"many in a batch": {Failed: 20, Consecutive: 20},
	} {
		if narrowed := s.Learn(f, noon, 0); narrowed.Limit() != MaxLimit/2 {
			t.Errorf("limit after %s: got %d, want %d", name, narrowed.Limit(), MaxLimit/2)
		}
	}
}

func TestABudgetIsWhatTheConcurrencyLimitLeavesAndNothingWhileShut(t *testing.T) {
	t.Parallel()
	shut := throttled(8, Closed)
	shut.RetryAfterUntil = in(time.Second)
	ten := 10
	for name, c := range map[string]struct {
		s                 State
		rate              *int
		admitted, waiting int
		want              int
	}{
		"all":                {throttled(8.9, Closed), nil, 0, 0, 8},
		"some":               {throttled(8, Closed), nil, 5, 2, 3},
		"none":               {throttled(8, Closed), nil, 11, 0, 0},
		"shut":               {shut, nil, 0, 0, 0},
		"half open":          {throttled(8, HalfOpen), nil, 0, 0, 1},
		"probing":            {throttled(8, HalfOpen), nil, 1, 1, 0},
		"limited":            {throttled(8, Closed), &ten, 0, 0, 3}, // tokens at 0, 100 and 200 ms
		"limited, some wait": {throttled(8, Closed), &ten, 2, 2, 1},
		"limited and narrow": {throttled(1, Closed), &ten, 0, 0, 1},
	} {
		if got := c.s.Budget(c.rate, c.admitted, c.waiting, noon); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

func TestARateLimitNeverLetsMoreBeginWithinASecondAndUsesWhatItHas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.IntRange(1, 1000).Draw(t, "rate")
		s, now := State{}, noon
		var starts []time.Time
		for range rapid.IntRange(1, 300).Draw(t, "asks") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(20*time.Millisecond)).Draw(t, "later")))
			free := s.Tokens(rate, now)
			next, at, ok := s.TakeToken(rate, now)
			if ok != (free > 0) || (ok && (at.Before(now.Truncate(time.Microsecond)) || at.Sub(now) > TokenAhead)) {
				t.Fatalf("token at %s: got %t at %s, want %t, no earlier and no more than %s later", now, ok, at,
					free > 0, TokenAhead)
			}
			if s = next; ok {
				starts = append(starts, at)
			}
		}
		for i := rate; i < len(starts); i++ {
			if starts[i].Sub(starts[i-rate]) < time.Second {
				t.Fatalf("time of %d requests: got %s, want at least 1s", rate+1, starts[i].Sub(starts[i-rate]))
			}
		}
	})
}

func TestRetryAfterAndAnOpenCircuitShutTheThrottleUntilTheLaterOfBoth(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		circuit     Circuit
		after, open time.Duration // Retry-After and the end of the circuit, from now
		until       time.Duration // 0 for not shut
	}{
		"neither":               {Closed, 0, 0, 0},
		"Retry-After":           {Closed, time.Second, 0, time.Second},
		"Retry-After is over":   {Closed, -time.Second, 0, 0},
		"Retry-After is now":    {Closed, time.Nanosecond, 0, 0},
		"open":                  {Open, 0, time.Minute, time.Minute},
		"open, the probe's due": {Open, 0, -1, 0},
		"both, circuit later":   {Open, time.Second, time.Minute, time.Minute},
		"both, circuit earlier": {Open, time.Hour, time.Minute, time.Hour},
		"half open":             {HalfOpen, 0, time.Minute, 0},
	} {
		s := throttled(8, c.circuit)
		s.RetryAfterUntil, s.CircuitUntil = in(c.after), in(c.open)
		until, shut := s.Shut(noon)
		if shut != (c.until > 0) || (shut && !until.Equal(noon.Add(c.until))) {
			t.Errorf("%s: got shut %t until %s, want %t until %s after %s", name, shut, until, c.until > 0, c.until,
				noon)
		}
		if got := s.Budget(nil, 0, 0, noon); (got == 0) != shut {
			t.Errorf("budget, %s: got %d, want none only while shut", name, got)
		}
	}
}

func TestAnAdmittedDeliveryPassesUnlessTheEndpointHasShutSince(t *testing.T) {
	t.Parallel()
	later := throttled(8, Closed)
	later.RetryAfterUntil = in(time.Second)
	for name, c := range map[string]struct {
		s    State
		want string // the deliveries that pass
	}{
		"not throttled": {State{}, "probe other"},
		"closed":        {throttled(8, Closed), "probe other"},
		"Retry-After":   {later, ""},
		"open":          {throttled(8, Open), ""},
		"half open":     {throttled(8, HalfOpen), "probe"},
	} {
		c.s.ProbeID = "probe"
		var got []string
		for _, deliveryID := range []string{"probe", "other"} {
			if c.s.Passes(deliveryID, noon) {
				got = append(got, deliveryID)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestTheProbeIsForgottenWithItsOutcome(t *testing.T) {
	t.Parallel()
	s := throttled(8, HalfOpen)
	s.ProbeID, s.CircuitTrips, s.CircuitOpenedAt = "dlv_1", 1, in(-time.Minute)
	if got := s.Learn(Feedback{Succeeded: 1}, noon, 0); got.ProbeID != "" || got.Circuit != Closed {
		t.Errorf("after success: got %+v, want it closed and no probe", got)
	}
	got := s.Learn(Feedback{Failed: 1, Consecutive: 1}, noon, 1)
	if got.ProbeID != "" || got.Circuit != Open || got.CircuitUntil != in(4*time.Second*6/5) ||
		got.CircuitOpenedAt != in(-time.Minute) {
		t.Errorf("after failure: got %+v, want it open for 4.8s since a minute ago, and no probe", got)
	}
	if got := s.Learn(Feedback{Succeeded: 1, Failed: 1, Consecutive: 1}, noon, 0); got.Circuit != Open {
		t.Errorf("after a success that a failure followed: got %s, want %s", got.Circuit, Open)
	}
}

func TestALaterRetryAfterWins(t *testing.T) {
	t.Parallel()
	s := throttled(8, Closed)
	for _, step := range []struct{ asked, want time.Duration }{{time.Minute, time.Minute}, {time.Second, time.Minute},
		{time.Hour, time.Hour}} {
		s = s.Learn(Feedback{Failed: 1, Overloaded: true, RetryAfter: noon.Add(step.asked), Consecutive: 1}, noon, 0)
		if s.RetryAfterUntil != in(step.want) {
			t.Errorf("after %s was asked for: got %s, want %s", step.asked, s.RetryAfterUntil, in(step.want))
		}
	}
}

func TestAThrottleIsHealthyWhenNothingButDeferredDeliveriesKeepsIt(t *testing.T) {
	t.Parallel()
	later, ten := throttled(8, Closed), 10
	later.RetryAfterUntil = in(time.Second)
	open := throttled(8, Open)
	open.CircuitUntil = in(-time.Second)
	for name, c := range map[string]struct {
		s        State
		rate     *int
		failures int
		want     bool
	}{
		"closed":              {throttled(1, Closed), nil, 0, true},
		"rate limit":          {throttled(8, Closed), &ten, 0, false},
		"a failure":           {throttled(8, Closed), nil, 1, false},
		"Retry-After":         {later, nil, 0, false},
		"open, the probe due": {open, nil, 0, false},
		"half open":           {throttled(8, HalfOpen), nil, 0, false},
	} {
		if got := c.s.Healthy(c.rate, c.failures, noon); got != c.want {
			t.Errorf("%s: got healthy %t, want %t", name, got, c.want)
		}
	}
}

func TestAnEndedThrottleKeepsOnlyItsNextToken(t *testing.T) {
	t.Parallel()
	s := State{ThrottledAt: in(-time.Hour), ConcurrencyLimit: 3, Ssthresh: 2, Circuit: HalfOpen,
		CircuitOpenedAt: in(-time.Minute), CircuitUntil: in(0), CircuitTrips: 3, ProbeID: "dlv_1",
		RetryAfterUntil: in(time.Minute), NextTokenAt: in(time.Second), ReleaseAt: in(0)}
	ended := s.Ended()
	if want := (State{Circuit: Closed, NextTokenAt: in(time.Second)}); ended != want || ended.Throttled() {
		t.Errorf("ended: got %+v, want %+v", ended, want)
	}
	again := ended.Start(noon)
	if want := (State{ThrottledAt: in(0), ConcurrencyLimit: InitialLimit, Ssthresh: MaxLimit, Circuit: Closed,
		NextTokenAt: in(time.Second), ReleaseAt: in(0)}); again != want {
		t.Errorf("started again: got %+v, want %+v", again, want)
	}
	if twice := again.Start(noon.Add(time.Hour)); twice != again {
		t.Errorf("started twice: got %+v, want %+v", twice, again)
	}
}

func TestARateLimitStartsAThrottleAndItsRemovalHasTheReleaserLook(t *testing.T) {
	t.Parallel()
	ten := 10
	s := State{}.WithRateLimit(&ten, noon)
	if !s.Throttled() || s.Limit() != MaxLimit || s.Ssthresh != MaxLimit || s.ReleaseAt != in(0) {
		t.Errorf("with a rate limit: got %+v, want it throttled, with the highest limit, due at once", s)
	}
	if got := throttled(3, Open).WithRateLimit(&ten, noon); got.Limit() != 3 || got.Circuit != Open {
		t.Errorf("with a rate limit on a throttled one: got %+v, want its limit and circuit kept", got)
	}
	if got := s.WithRateLimit(nil, noon.Add(time.Hour)); !got.Throttled() || got.ReleaseAt != in(time.Hour) {
		t.Errorf("without it: got %+v, want it due at once", got)
	}
	if got := (State{}).WithRateLimit(nil, noon); got != (State{}) {
		t.Errorf("without it and without a throttle: got %+v, want nothing", got)
	}
}

func TestResumingAdmitsAProbeAtOnceAndForgetsRetryAfter(t *testing.T) {
	t.Parallel()
	s := throttled(8, Open)
	s.CircuitUntil, s.RetryAfterUntil = in(time.Hour), in(time.Hour)
	s = s.Resumed(noon)
	if n := s.Budget(nil, 0, 0, noon); n != 1 || s.ReleaseAt != in(0) {
		t.Errorf("resumed: got a budget of %d, release at %s, want 1 at %s", n, s.ReleaseAt, in(0))
	}
	if got := (State{}).Resumed(noon); got != (State{}) {
		t.Errorf("resumed without a throttle: got %+v, want nothing", got)
	}
}

func TestACapLowersTheLimitToTheRoomThereIsAndNoFurther(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ limit, ssthresh, room, wantLimit, wantSsthresh float64 }{
		{40, 32, 16, 16, 32},
		{16, 32, 16, 16, 32},
		{10, 5, 16, 10, 5},
		{40, 32, 0, InitialLimit, 32},
		{2, 2, 0, 2, 2},
	} {
		s := State{ConcurrencyLimit: c.limit, Ssthresh: c.ssthresh}.Cap(int(c.room))
		again := s.Cap(int(c.room))
		if s.ConcurrencyLimit != c.wantLimit || s.Ssthresh != c.wantSsthresh || again != s {
			t.Errorf("limit %v, ssthresh %v, room %v: got %v and %v, again %v and %v, want %v and %v", c.limit, c.ssthresh,
				c.room, s.ConcurrencyLimit, s.Ssthresh, again.ConcurrencyLimit, again.Ssthresh, c.wantLimit,
				c.wantSsthresh)
		}
	}
}
