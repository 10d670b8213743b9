package delivery

import (
	"reflect"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/throttle"
)

func TestFeedbackIsOneForEachEndpointAndOnlyWhatIsNew(t *testing.T) {
	t.Parallel()
	at := func(second int) db.Time { return db.At(time.Unix(int64(second), 0)) }
	made := func(endpointID string, second int, s AttemptStatus, known endpoint.Endpoint) outcome {
		known.ID, known.Name = endpointID, ""
		status := 500
		return outcome{attempt: Attempt{Status: s, FinishedAt: at(second), ResponseStatus: &status}, endpoint: known}
	}
	counts := func(succeeded, failed int) throttle.Feedback {
		return throttle.Feedback{Succeeded: succeeded, Failed: failed}
	}
	well := endpoint.Endpoint{LastSuccessAt: at(100)}
	ill := endpoint.Endpoint{LastSuccessAt: at(100), ConsecutiveFailures: 3}
	throttled := endpoint.Endpoint{LastSuccessAt: at(100), Throttle: throttle.State{}.Start(noon)}
	never := db.Time{}
	for name, c := range map[string]struct {
		outcomes []outcome
		want     []feedback
	}{
		"nothing":        {nil, nil},
		"well as before": {[]outcome{made("a", 110, AttemptSucceeded, well)}, nil},
		"well a minute later": {[]outcome{made("a", 160, AttemptSucceeded, well)},
			[]feedback{{"a", counts(1, 0), at(160), 0, never, never, false, ""}}},
		"well again": {[]outcome{made("a", 110, AttemptSucceeded, ill)},
			[]feedback{{"a", counts(1, 0), at(110), 0, never, never, false, ""}}},
		"well, and never told": {[]outcome{{delivery: Delivery{Status: Succeeded}, endpoint: well,
			attempt: Attempt{Status: AttemptSucceeded, FinishedAt: at(110)}}},
			[]feedback{{"", counts(1, 0), at(110), 0, never, never, false, Succeeded}}},
		"well, and throttled": {[]outcome{made("a", 110, AttemptSucceeded, throttled)},
			[]feedback{{"a", counts(1, 0), at(110), 0, never, never, false, ""}}},
		"the first success": {[]outcome{made("a", 110, AttemptSucceeded, endpoint.Endpoint{})},
			[]feedback{{"a", counts(1, 0), at(110), 0, never, never, false, ""}}},
		"only failures": {[]outcome{made("a", 112, AttemptFailed, well), made("a", 111, AttemptFailed, well)},
			[]feedback{{"a", counts(0, 2), never, 2, at(111), at(112), false, ""}}},
		"failures around a success": {[]outcome{made("a", 113, AttemptFailed, well), made("a", 111, AttemptFailed,
			well), made("a", 112, AttemptSucceeded, well)},
			[]feedback{{"a", counts(1, 2), at(112), 1, at(113), at(113), false, ""}}},
		"a success at last": {[]outcome{made("a", 113, AttemptSucceeded, well), made("a", 111, AttemptFailed, well)},
			[]feedback{{"a", counts(1, 1), at(113), 0, never, never, false, ""}}},
		"two endpoints, in id order": {[]outcome{made("b", 111, AttemptFailed, well), made("a", 112, AttemptFailed,
			ill)}, []feedback{{"a", counts(0, 1), never, 1, at(112), at(112), false, ""},
			{"b", counts(0, 1), never, 1, at(111), at(111), false, ""}}},
		"one well, the other not": {[]outcome{made("b", 111, AttemptSucceeded, well), made("a", 112, AttemptFailed,
			well)}, []feedback{{"a", counts(0, 1), never, 1, at(112), at(112), false, ""}}},
	} {
		if got := feedbackOf(c.outcomes); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestFeedbackTellsRefusalsFromAnEndpointThatCannotKeepUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statuses                     []int // 0 for no answer
		overloaded, unanswered, gone bool
	}{
		"refused":     {[]int{500, 404, 302}, false, false, false},
		"overloaded":  {[]int{500, 429}, true, false, false},
		"unavailable": {[]int{503}, true, false, false},
		"no answer":   {[]int{0, 500}, false, true, false},
		"gone":        {[]int{410, 200}, false, false, true},
	} {
		var all []outcome
		for i, status := range c.statuses {
			o := outcome{attempt: Attempt{Status: AttemptFailed, FinishedAt: in(time.Duration(i))}}
			if status > 0 {
				o.attempt.ResponseStatus = &status
			}
			if status == 200 {
				o.attempt.Status = AttemptSucceeded
			}
			o.endpoint.ID, o.retryAfter = "a", noon.Add(time.Duration(i)*time.Second)
			all = append(all, o)
		}
		got := feedbackOf(all)
		if len(got) != 1 || got[0].Overloaded != c.overloaded || got[0].Unanswered != c.unanswered ||
			got[0].isGone != c.gone {
			t.Errorf("%s: got %+v, want %+v", name, got, c)
		}
		if n := len(c.statuses) - 1; c.statuses[n] != 200 && !got[0].RetryAfter.Equal(all[n].retryAfter) {
			t.Errorf("Retry-After, %s: got %s, want the latest, %s", name, got[0].RetryAfter, all[n].retryAfter)
		}
	}
}

func TestAnEndpointsRowTellsItsFailuresSinceTheLastSuccess(t *testing.T) {
	t.Parallel()
	known := endpoint.Endpoint{ConsecutiveFailures: 3, FailingSince: in(-time.Hour), LastFailureAt: in(-time.Minute)}
	failed := feedback{Feedback: throttle.Feedback{Failed: 2}, failures: 2, failedAt: in(-2 * time.Second),
		lastAt: in(-time.Second), status: Retrying}
	succeeded := feedback{Feedback: throttle.Feedback{Succeeded: 1}, succeededAt: in(-time.Second), status: Succeeded}
	both := failed
	both.Succeeded, both.succeededAt = 1, in(-3*time.Second)
	for name, c := range map[string]struct {
		known endpoint.Endpoint
		f     feedback
		want  map[string]any
	}{
		"the first failures": {endpoint.Endpoint{}, failed, map[string]any{"consecutive_failures": 2,
			"failing_since": in(-2 * time.Second), "last_failure_at": in(-time.Second), "last_status": Retrying}},
		"more failures": {known, failed, map[string]any{"consecutive_failures": 5, "failing_since": in(-time.Hour),
			"last_failure_at": in(-time.Second), "last_status": Retrying}},
		"a success": {known, succeeded, map[string]any{"consecutive_failures": 0, "failing_since": db.Time{},
			"last_success_at": in(-time.Second), "last_status": Succeeded}},
		"a success, then failures": {known, both, map[string]any{"consecutive_failures": 2,
			"failing_since": in(-2 * time.Second), "last_failure_at": in(-time.Second),
			"last_success_at": in(-3 * time.Second), "last_status": Retrying}},
	} {
		state, got := c.f.apply(c.known, noon, 0)
		if !reflect.DeepEqual(got, c.want) || state.Throttled() {
			t.Errorf("%s: got %+v, throttle %+v, want %+v and none", name, got, state, c.want)
		}
	}
}

func TestAnEndpointIsThrottledByItsFailuresOfManyBatches(t *testing.T) {
	t.Parallel()
	one := feedback{Feedback: throttle.Feedback{Failed: 1}, failures: 1, failedAt: in(0), lastAt: in(0)}
	if state, _ := one.apply(endpoint.Endpoint{ConsecutiveFailures: 8}, noon, 0); state.Throttled() {
		t.Errorf("after nine failures: got %+v, want no throttle", state)
	}
	state, change := one.apply(endpoint.Endpoint{ConsecutiveFailures: 9}, noon, 0)
	if state.Circuit != throttle.Open || change["circuit"] != throttle.Open || change["release_at"] != in(0) {
		t.Errorf("after ten failures: got %+v and %+v, want an open circuit and the releaser due now", state, change)
	}
	well := feedback{Feedback: throttle.Feedback{Succeeded: 1}, succeededAt: in(0)}
	_, change = well.apply(endpoint.Endpoint{ConsecutiveFailures: 10, Throttle: state}, noon, 0)
	if change["circuit"] != throttle.Closed || change["circuit_trips"] != 0 {
		t.Errorf("after a success: got %+v, want a closed circuit", change)
	}
}
