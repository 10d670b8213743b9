package delivery

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/sender"
)

var noon = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)

// in is a moment relative to noon, which is now in all tests here.
func in(d time.Duration) db.Time { return db.At(noon.Add(d)) }

func every(d time.Duration, attempts int) profile.Policy {
	return profile.Policy{Initial: &profile.Duration{Text: d.String(), Duration: d}, Multiplier: 1,
		MaxAttempts: attempts}
}

// claimed is a delivery under way for the first time, which carries what was true of it before.
func claimed(p profile.Policy) job {
	earlier := 418
	return job{
		delivery: Delivery{
			ID: "dlv_1", EventType: "lead.created", Status: Delivering, Reason: "earlier", Error: "earlier",
			AttemptCount: 1, MaxAttempts: 3, ResponseStatus: &earlier, NextAttemptAt: in(-time.Second),
			DeadlineAt: in(time.Minute), CreatedAt: in(-time.Hour), ChangedAt: in(-time.Second),
		},
		endpoint: endpoint.Endpoint{ID: "whe_1", RetryPolicy: db.JSON[profile.Policy]{V: p}},
		stored:   true,
	}
}

// answered is the result of a request with a complete answer.
func answered(status int) sender.Result {
	return sender.Result{
		Sent: true, Method: "POST", URL: "https://example.com/", RequestHeaders: map[string]string{"X-Sent": "1"},
		Timings: &sender.Timings{HTTPVersion: "HTTP/1.1"},
		Response: &egress.Response{Status: status, Header: http.Header{"X-A": {"1", "2"}}, Body: []byte("hello"),
			Truncated: true},
	}
}

// broken is the result of a request without a complete answer, or without any when r has none.
func broken(r sender.Result, code, message string) sender.Result {
	r.Code, r.Message = code, message
	return r
}

func TestCompletingDecidesByTheAnswer(t *testing.T) {
	t.Parallel()
	none := answered(0)
	none.Response = nil
	const late = "example.com did not answer completely in time."
	for name, c := range map[string]struct {
		r         sender.Result
		status    Status
		reason    string
		says      string
		errorCode string // none for success
	}{
		"200": {answered(200), Succeeded, "", "", ""},
		"204": {answered(204), Succeeded, "", "", ""},
		"299": {answered(299), Succeeded, "", "", ""},
		"199": {answered(199), Retrying, ReasonHTTPStatus, "answered 199", ReasonHTTPStatus},
		"300": {answered(300), Retrying, ReasonHTTPStatus, "answered 300", ReasonHTTPStatus},
		"302": {answered(302), Retrying, ReasonHTTPStatus, "answered 302. Redirects are not followed",
			ReasonHTTPStatus},
		"404":            {answered(404), Retrying, ReasonHTTPStatus, "answered 404", ReasonHTTPStatus},
		"410":            {answered(410), Dead, ReasonGone, "answered 410 Gone", ReasonHTTPStatus},
		"429":            {answered(429), Retrying, ReasonHTTPStatus, "answered 429", ReasonHTTPStatus},
		"503":            {answered(503), Retrying, ReasonHTTPStatus, "answered 503", ReasonHTTPStatus},
		"no answer":      {broken(none, egress.CodeTimeout, late), Retrying, egress.CodeTimeout, late, egress.CodeTimeout},
		"half an answer": {broken(answered(200), egress.CodeTimeout, late), Retrying, egress.CodeTimeout, late, egress.CodeTimeout},
		"half a 410":     {broken(answered(410), egress.CodeTimeout, late), Dead, ReasonGone, late, egress.CodeTimeout},
	} {
		o := complete(claimed(every(time.Minute, 3)), c.r, "1/hookline/", noon.Add(-time.Second), noon, 0.5)
		attempt := AttemptFailed
		if c.status == Succeeded {
			attempt = AttemptSucceeded
		}
		if o.delivery.Status != c.status || o.attempt.Status != attempt || o.delivery.Reason != c.reason ||
			o.attempt.ErrorCode != c.errorCode || o.internal || !o.stored {
			t.Errorf("%s: got %s %s %q %q, want %s %s %q %q", name, o.delivery.Status, o.attempt.Status,
				o.delivery.Reason, o.attempt.ErrorCode, c.status, attempt, c.reason, c.errorCode)
		}
		if !strings.Contains(o.delivery.Error, c.says) || o.attempt.Error != o.delivery.Error ||
			(c.says == "") != (o.delivery.Error == "") {
			t.Errorf("error of %s: got %q and %q, want %q", name, o.delivery.Error, o.attempt.Error, c.says)
		}
		if o.gone() != (c.reason == ReasonGone) {
			t.Errorf("%s: got gone %t, want %t", name, o.gone(), c.reason == ReasonGone)
		}
		checkRecorded(t, name, o, c.r)
	}
}

// checkRecorded proves that what was sent and what came back is kept, and nothing of the attempt before.
func checkRecorded(t *testing.T, name string, o outcome, r sender.Result) {
	t.Helper()
	a, d := o.attempt, o.delivery
	if a.DeliveryID != "dlv_1" || a.Number != 1 || d.AttemptCount != 1 || a.StartedAt != in(-time.Second) ||
		a.FinishedAt != in(0) || d.ChangedAt != in(0) || d.CreatedAt != in(-time.Hour) || d.Form != "1/hookline/" {
		t.Errorf("%s: got %+v of %+v, want the first attempt, from a second ago to now", name, a, d)
	}
	if a.Method != "POST" || a.URL != "https://example.com/" || a.RequestHeaders.V["X-Sent"] != "1" ||
		a.Timings.V != r.Timings {
		t.Errorf("%s: got %+v, want the request as it was sent", name, a)
	}
	if r.Response == nil {
		if a.ResponseStatus != nil || d.ResponseStatus != nil || len(a.ResponseBody) > 0 ||
			len(a.ResponseHeaders.V) > 0 {
			t.Errorf("%s: got %+v, want no answer", name, a)
		}
		return
	}
	if a.ResponseStatus == nil || *a.ResponseStatus != r.Response.Status || d.ResponseStatus == nil ||
		*d.ResponseStatus != r.Response.Status || string(a.ResponseBody) != "hello" || !a.ResponseTruncated ||
		!reflect.DeepEqual(a.ResponseHeaders.V, map[string]string{"X-A": "1\n2"}) {
		t.Errorf("%s: got %+v, want the answer %d", name, a, r.Response.Status)
	}
}

func TestAnAnswerWithoutABodyIsKeptAsAnEmptyOneAndNotAsNull(t *testing.T) {
	t.Parallel()
	none := sender.Result{Sent: true, Code: egress.CodeDNS, Message: "x"}
	for _, r := range []sender.Result{{Sent: true, Response: &egress.Response{Status: 204}}, none} {
		o := complete(claimed(every(0, 3)), r, "", noon, noon, 0.5)
		if o.attempt.ResponseBody == nil || o.attempt.ResponseHeaders.V == nil {
			t.Errorf("attempt: got %+v, want an empty body and no headers", o.attempt)
		}
	}
}

func TestTheLastFailureMakesADeadLetterThatStillTellsWhatWentWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		made, failed, allowed int // requests ever, failures since the last replay, attempts of the policy
		want                  Status
	}{
		{1, 0, 1, Dead},
		{1, 0, 2, Retrying},
		{2, 1, 2, Dead},
		{3, 1, 3, Retrying},  // an attempt was lost with its worker: that was nobody's failure
		{11, 0, 3, Retrying}, // after a replay the whole policy counts again
		{13, 2, 3, Dead},
		{9, 5, 3, Dead}, // the policy was shortened meanwhile
		{3, 2, 5, Retrying},
	} {
		j := claimed(every(time.Minute, c.allowed))
		j.delivery.AttemptCount, j.delivery.FailureCount, j.delivery.MaxAttempts = c.made, c.failed, 3
		o := complete(j, answered(500), "", noon, noon, 0.5)
		got := o.delivery
		if got.Status != c.want || got.FailureCount != c.failed+1 || got.AttemptCount != c.made ||
			got.MaxAttempts != c.allowed || got.Error != "The endpoint answered 500." || o.attempt.Number != c.made ||
			o.attempt.ErrorCode != ReasonHTTPStatus {
			t.Errorf("delivery: got %+v, want %+v", got, c)
		}
		if want := map[Status]string{Dead: ReasonExhausted, Retrying: ReasonHTTPStatus}[c.want]; got.Reason != want {
			t.Errorf("reason of %+v: got %q, want %q", c, got.Reason, want)
		}
	}
}

func TestThePolicyOfTheEventsTypeDecides(t *testing.T) {
	t.Parallel()
	j := claimed(every(time.Minute, 9))
	j.endpoint.RetryPolicies.V = map[string]profile.Policy{"lead.*": every(time.Hour, 1)}
	if got := complete(j, answered(500), "", noon, noon, 0.5).delivery; got.Status != Dead || got.MaxAttempts != 1 {
		t.Errorf("got %s after %d of %d, want dead after the only one", got.Status, got.FailureCount, got.MaxAttempts)
	}
}

func TestANextAttemptComesNoEarlierThanThePolicyAndTheEndpointWant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ asked, want time.Duration }{ // 0 for no Retry-After
		{0, time.Minute}, {time.Second, time.Minute}, {2 * time.Minute, 2 * time.Minute},
	} {
		for admission, wait := range map[Admission]time.Duration{Unthrottled: Grace, Admitted: DeferredFor} {
			j, r := claimed(every(time.Minute, 3)), answered(503)
			j.delivery.Admission = admission
			if c.asked > 0 {
				r.RetryAfter = noon.Add(c.asked)
			}
			o := complete(j, r, "", noon, noon, 0.5)
			want := admission
			if admission == Admitted { // its endpoint is throttled: the releaser admits the retry
				want = Deferred
			}
			if d := o.delivery; d.NextAttemptAt != in(c.want) || d.DeadlineAt != in(c.want+wait) ||
				d.Admission != want {
				t.Errorf("asked for %s, admission %d: got %s, deadline %s, admission %d, want %s, %s, %d", c.asked,
					admission, d.NextAttemptAt, d.DeadlineAt, d.Admission, in(c.want), in(c.want+wait), want)
			}
			if !o.retryAfter.Equal(r.RetryAfter) {
				t.Errorf("Retry-After: got %s, want %s", o.retryAfter, r.RetryAfter)
			}
		}
	}
}

func TestAnErrorOfOursIsNoAttemptAndCountsNothing(t *testing.T) {
	t.Parallel()
	r := sender.InternalError(endpoint.Endpoint{}, http.ErrNotSupported)
	for name, c := range map[string]struct {
		attempts, failures int // this one included, before it
		admission          Admission
		want               Admission
		deadline           time.Duration
		form               string
	}{
		"the first":       {1, 0, Unthrottled, Unthrottled, internalWait + Grace, ""},
		"a later one":     {4, 2, Unthrottled, Unthrottled, internalWait + Grace, "form"},
		"of a throttled":  {1, 0, Admitted, Deferred, internalWait + DeferredFor, ""},
		"the last of all": {3, 2, Admitted, Deferred, internalWait + DeferredFor, "form"},
	} {
		j := claimed(every(time.Minute, 3))
		j.delivery.AttemptCount, j.delivery.FailureCount, j.delivery.Admission = c.attempts, c.failures, c.admission
		o := complete(j, r, "form", noon, noon, 0.5)
		d := o.delivery
		if !o.internal || o.succeeded() || o.attempt.Number != c.attempts || o.attempt.DeliveryID != "dlv_1" ||
			d.AttemptCount != c.attempts-1 || d.FailureCount != c.failures || d.MaxAttempts != 3 ||
			*d.ResponseStatus != 418 {
			t.Errorf("%s: got %+v, want what it was before the attempt", name, o)
		}
		if d.Status != Retrying || d.Reason != ReasonInternal || d.Error != r.Message || d.Admission != c.want ||
			d.NextAttemptAt != in(internalWait) || d.DeadlineAt != in(c.deadline) || !d.FinishedAt.IsZero() ||
			d.Form != c.form || d.ChangedAt != in(0) {
			t.Errorf("%s: got %+v, want %+v", name, d, c)
		}
		if len(feedbackOf([]outcome{o})) != 0 {
			t.Errorf("%s: got feedback %+v, want none", name, feedbackOf([]outcome{o}))
		}
	}
}

// A live delivery without a deadline is one that nobody would ever look at again.
func TestCompletingLeavesEveryDeliveryEitherFinalOrWatched(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pause := time.Duration(rapid.Int64Range(0, int64(7*24*time.Hour)).Draw(t, "wait"))
		policy := every(pause, rapid.IntRange(1, 12).Draw(t, "attempts"))
		policy.Jitter = rapid.Float64Range(0, 0.5).Draw(t, "jitter")
		j := claimed(policy)
		j.delivery.FailureCount = rapid.IntRange(0, 12).Draw(t, "failures")
		j.delivery.Admission = rapid.SampledFrom([]Admission{Unthrottled, Admitted}).Draw(t, "admission")
		r := sender.Result{Sent: true, Code: egress.CodeDNS, Message: "x"}
		if status := rapid.IntRange(98, 599).Draw(t, "status"); status > 99 {
			r = answered(status)
		} else if status == 98 {
			r = sender.InternalError(j.endpoint, http.ErrNotSupported)
		}
		got := complete(j, r, "", noon, noon, rapid.Float64Range(0, 1).Draw(t, "random")).delivery
		switch got.Status {
		case Succeeded, Dead:
			if !got.NextAttemptAt.IsZero() || !got.DeadlineAt.IsZero() || got.FinishedAt != in(0) ||
				got.Admission != Unthrottled {
				t.Errorf("a final delivery: got %+v, want it finished, with no next attempt and no deadline", got)
			}
		case Retrying:
			if got.NextAttemptAt.Before(noon) || got.NextAttemptAt.After(noon.Add(max(pause*3/2, internalWait))) ||
				!got.FinishedAt.IsZero() || got.DeadlineAt.Before(got.NextAttemptAt.Add(Grace)) ||
				got.Admission == Admitted {
				t.Errorf("a waiting delivery: got %+v, want a next attempt within its policy, and a deadline", got)
			}
		case Pending, Delivering, Cancelled:
			t.Errorf("status: got %s, want succeeded, dead or retrying", got.Status)
		}
		if (got.Status == Succeeded) != (got.Reason == "") {
			t.Errorf("reason of %s: got %q, want one unless it succeeded", got.Status, got.Reason)
		}
	})
}
