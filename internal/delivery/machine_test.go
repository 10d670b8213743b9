package delivery

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
	"pgregory.net/rapid"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
)

var noon = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)

// in is a moment relative to noon, which is now in all tests here.
func in(d time.Duration) db.Time { return db.At(noon.Add(d)) }

func TestJudgeClaimsWhatIsDueAndOnlyForAnEndpointThatTakesIt(t *testing.T) {
	t.Parallel()
	endpoints := map[string]struct {
		e      endpoint.Endpoint
		reason string // why nothing may be sent to it
	}{
		"enabled":  {endpoint.Endpoint{ID: "whe_1", Enabled: true}, ""},
		"disabled": {endpoint.Endpoint{ID: "whe_1"}, ReasonEndpointDisabled},
		"deleted": {endpoint.Endpoint{ID: "whe_1", Enabled: true, DeletedAt: in(-time.Hour)},
			ReasonEndpointDeleted},
		"deleted and disabled": {endpoint.Endpoint{ID: "whe_1", DeletedAt: in(-time.Hour)}, ReasonEndpointDeleted},
		"gone":                 {endpoint.Endpoint{}, ReasonEndpointDeleted},
	}
	for name, target := range endpoints {
		for _, left := range []time.Duration{-time.Hour, 0, time.Microsecond, time.Hour} {
			for _, status := range []Status{Pending, Retrying, Delivering, Succeeded, Cancelled, Dead} {
				d := Delivery{ID: "dlv_1", Status: status}
				switch status {
				case Pending, Retrying: // an early deadline only makes the reconciler look
					d.NextAttemptAt, d.DeadlineAt = in(left), in(-time.Hour)
				case Delivering: // what was due once says nothing while somebody holds the claim
					d.NextAttemptAt, d.DeadlineAt = in(-time.Hour), in(left)
				case Succeeded, Cancelled, Dead:
				}
				v, after, reason := judge(d, target.e, noon)
				wantV, wantAfter, wantReason := expectedVerdict(status, left, target.reason)
				if v != wantV || after != wantAfter || reason != wantReason {
					t.Errorf("%s, %s left, %s: got %d after %s %q, want %d after %s %q", status, left, name, v, after,
						reason, wantV, wantAfter, wantReason)
				}
			}
		}
	}
}

// expectedVerdict says the rules again in another order: final first, then the clock, then the endpoint.
func expectedVerdict(s Status, left time.Duration, refused string) (verdict, time.Duration, string) {
	if s == Dead {
		return isDead, 0, ""
	}
	if s == Succeeded || s == Cancelled {
		return drop, 0, ""
	}
	if left > 0 {
		return wait, left, ""
	}
	if refused != "" {
		return drop, 0, refused
	}
	return proceed, 0, ""
}

func every(d time.Duration, attempts int) profile.Policy {
	return profile.Policy{Initial: &profile.Duration{Text: d.String(), Duration: d}, Multiplier: 1,
		MaxAttempts: attempts}
}

func claimed() (Delivery, Attempt) {
	earlier := 418
	return Delivery{
			ID: "dlv_1", Status: Delivering, Reason: "earlier", Error: "earlier", AttemptCount: 1, MaxAttempts: 3,
			ResponseStatus: &earlier, NextAttemptAt: in(-time.Second), DeadlineAt: in(time.Minute),
		},
		Attempt{ID: "att_1", DeliveryID: "dlv_1", Number: 1, Status: AttemptRunning, StartedAt: in(-time.Second)}
}

func TestCompletingDecidesByTheAnswer(t *testing.T) {
	t.Parallel()
	answered := func(status int) *egress.Response {
		return &egress.Response{Status: status, Header: http.Header{"X-A": {"1", "2"}}, Body: []byte("hello"),
			Truncated: true}
	}
	late := &egress.Error{Code: egress.CodeTimeout, Message: "example.com did not answer completely in time."}
	for name, c := range map[string]struct {
		r         *egress.Response
		err       error
		status    Status
		attempt   AttemptStatus
		reason    string
		says      string
		response  int // 0 for none
		errorCode string
	}{
		"200": {answered(200), nil, Succeeded, AttemptSucceeded, "", "", 200, ""},
		"204": {answered(204), nil, Succeeded, AttemptSucceeded, "", "", 204, ""},
		"299": {answered(299), nil, Succeeded, AttemptSucceeded, "", "", 299, ""},
		"199": {answered(199), nil, Retrying, AttemptFailed, ReasonHTTPStatus, "answered 199", 199,
			ReasonHTTPStatus},
		"300": {answered(300), nil, Retrying, AttemptFailed, ReasonHTTPStatus, "answered 300", 300,
			ReasonHTTPStatus},
		"302": {answered(302), nil, Retrying, AttemptFailed, ReasonHTTPStatus,
			"answered 302. Redirects are not followed", 302, ReasonHTTPStatus},
		"404": {answered(404), nil, Retrying, AttemptFailed, ReasonHTTPStatus, "answered 404", 404,
			ReasonHTTPStatus},
		"410": {answered(410), nil, Dead, AttemptFailed, ReasonGone, "answered 410 Gone", 410,
			ReasonHTTPStatus},
		"429": {answered(429), nil, Retrying, AttemptFailed, ReasonHTTPStatus, "answered 429", 429,
			ReasonHTTPStatus},
		"503": {answered(503), nil, Retrying, AttemptFailed, ReasonHTTPStatus, "answered 503", 503,
			ReasonHTTPStatus},
		"no answer": {nil, late, Retrying, AttemptFailed, egress.CodeTimeout, late.Message, 0,
			egress.CodeTimeout},
		"half an answer": {answered(200), late, Retrying, AttemptFailed, egress.CodeTimeout, late.Message, 200,
			egress.CodeTimeout},
		"a fault of ours": {nil, errors.New("secret: wrong key"), Retrying, AttemptFailed, ReasonInternal,
			"our fault", 0, ReasonInternal},
		"ours, with answer": {answered(200), errors.New("x"), Retrying, AttemptFailed, ReasonInternal, "our fault", 200,
			ReasonInternal},
	} {
		d, a := claimed()
		o := settle(d, a, every(time.Minute, 3), c.r, c.err, noon, 0.5)
		if o.delivery.Status != c.status || o.attempt.Status != c.attempt || o.delivery.Reason != c.reason ||
			o.attempt.ErrorCode != c.errorCode {
			t.Errorf("%s: got %s %s %q %q, want %s %s %q %q", name, o.delivery.Status, o.attempt.Status,
				o.delivery.Reason, o.attempt.ErrorCode,
				c.status, c.attempt, c.reason, c.errorCode)
		}
		if !strings.Contains(o.delivery.Error, c.says) || o.attempt.Error != o.delivery.Error ||
			strings.Contains(o.delivery.Error, "secret") || (c.says == "") != (o.delivery.Error == "") {
			t.Errorf("error of %s: got %q and %q, want %q", name, o.delivery.Error, o.attempt.Error, c.says)
		}
		checkRecorded(t, name, o, c.response)
	}
}

// checkRecorded proves that what came back is kept, and nothing of the attempt before.
func checkRecorded(t *testing.T, name string, o outcome, status int) {
	t.Helper()
	a := o.attempt
	if o.attempt.FinishedAt != in(0) || a.ID != "att_1" || a.Number != 1 || o.delivery.AttemptCount != 1 {
		t.Errorf("%s: got %+v, want the first attempt, finished now", name, a)
	}
	if status == 0 {
		if a.ResponseStatus != nil || o.delivery.ResponseStatus != nil || a.ResponseBody != nil {
			t.Errorf("%s: got %+v, want no answer", name, a)
		}
		return
	}
	if a.ResponseStatus == nil || *a.ResponseStatus != status || o.delivery.ResponseStatus == nil ||
		*o.delivery.ResponseStatus != status ||
		string(a.ResponseBody) != "hello" || !a.ResponseTruncated || !reflect.DeepEqual(a.ResponseHeaders.V,
		map[string]string{"X-A": "1\n2"}) {
		t.Errorf("%s: got %+v, want the answer %d", name, a, status)
	}
}

func TestAnAnswerWithoutABodyIsKeptAsAnEmptyOneAndNotAsNull(t *testing.T) {
	t.Parallel()
	d, a := claimed()
	if o := settle(d, a, every(0, 3), &egress.Response{Status: 204}, nil, noon, 0.5); o.attempt.ResponseBody == nil ||
		o.attempt.ResponseHeaders.V == nil {
		t.Errorf("attempt: got %+v, want an empty body and no headers", o.attempt)
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
		d, a := claimed()
		d.AttemptCount, d.FailureCount, d.MaxAttempts = c.made, c.failed, 3
		o := settle(d, a, every(time.Minute, c.allowed), &egress.Response{Status: 500}, nil, noon, 0.5)
		got := o.delivery
		if got.Status != c.want || got.FailureCount != c.failed+1 || got.AttemptCount != c.made ||
			got.MaxAttempts != c.allowed || got.Error != "The endpoint answered 500." ||
			o.attempt.ErrorCode != ReasonHTTPStatus {
			t.Errorf("delivery: got %+v, want %+v", got, c)
		}
		if want := map[Status]string{Dead: ReasonExhausted, Retrying: ReasonHTTPStatus}[c.want]; got.Reason != want {
			t.Errorf("reason of %+v: got %q, want %q", c, got.Reason, want)
		}
	}
}

// TestCompletingLeavesEveryDeliveryEitherFinalOrWatched because a live delivery without a deadline is one that nobody
// would ever look at again.
func TestCompletingLeavesEveryDeliveryEitherFinalOrWatched(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pause := time.Duration(rapid.Int64Range(0, int64(7*24*time.Hour)).Draw(t, "wait"))
		policy := every(pause, rapid.IntRange(1, 12).Draw(t, "attempts"))
		policy.Jitter = rapid.Float64Range(0, 0.5).Draw(t, "jitter")
		d, a := claimed()
		d.FailureCount = rapid.IntRange(0, 12).Draw(t, "failures")
		var r *egress.Response
		var err error
		if status := rapid.IntRange(99, 599).Draw(t, "status"); status > 99 {
			r = &egress.Response{Status: status}
		} else {
			err = &egress.Error{Code: egress.CodeDNS, Message: "x"}
		}
		got := settle(d, a, policy, r, err, noon, rapid.Float64Range(0, 1).Draw(t, "random")).delivery
		switch got.Status {
		case Succeeded, Dead:
			if !got.NextAttemptAt.IsZero() || !got.DeadlineAt.IsZero() || got.FinishedAt != in(0) {
				t.Errorf("a final delivery: got %+v, want it finished, with no next attempt and no deadline", got)
			}
		case Retrying:
			if got.NextAttemptAt.Before(noon) || got.NextAttemptAt.After(noon.Add(pause*3/2)) ||
				!got.FinishedAt.IsZero() ||
				!got.DeadlineAt.Equal(got.NextAttemptAt.Add(grace)) {
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

func lead(data string) event.Event {
	return event.Event{TenantID: "tnt_1", Environment: "live", ID: "evt_1", Type: "lead.created", Data: data,
		OccurredAt: in(-time.Minute)}
}

func subscriber(id string, enabled bool, patterns ...string) endpoint.Endpoint {
	return endpoint.Endpoint{
		ID: id, TenantID: "tnt_1", Environment: "live", Profile: profile.Default, Enabled: enabled,
		Events: db.JSON[[]string]{V: patterns}, RetryPolicy: db.JSON[profile.Policy]{V: every(time.Minute, 4)},
	}
}

func TestFanOutMakesOneDeliveryPerSubscriberWithTheSameBytes(t *testing.T) {
	t.Parallel()
	unknown := subscriber("whe_unknown", true, "lead.created")
	unknown.Profile = "retired"
	out, err := fanOut(lead(`{"a":"<&>"}`), []endpoint.Endpoint{
		subscriber("whe_all", true, "*"), subscriber("whe_group", true, "ticket.*", "lead.*"), subscriber("whe_other",
			true, "lead.updated", "lead", "ticket.*"),
		subscriber("whe_none", true), subscriber("whe_off", false, "lead.created"), subscriber("whe_off_other", false,
			"ticket.*"), unknown,
	}, noon)
	if err != nil {
		t.Fatal(err)
	}
	ids, targets := map[string]bool{}, make([]string, 0, len(out))
	for _, d := range out {
		targets = append(targets, d.EndpointID)
		ids[d.ID] = true
		if string(d.Body) != string(out[0].Body) || !strings.Contains(string(d.Body), `{"a":"<&>"}`) ||
			d.ContentType != "application/json" {
			t.Errorf("body for %s: got %s as %s, want %s as JSON", d.EndpointID, d.Body, d.ContentType, out[0].Body)
		}
		if d.TenantID != "tnt_1" || d.Environment != "live" || d.EventID != "evt_1" || d.EventType != "lead.created" ||
			d.CreatedAt != in(0) || d.MaxAttempts != 4 || d.AttemptCount != 0 {
			t.Errorf("delivery: got %+v, want that of evt_1, before its first attempt", d)
		}
		if d.EndpointID == "whe_off" {
			if d.Status != Cancelled || d.Reason != ReasonEndpointDisabled || d.FinishedAt != in(0) ||
				!d.NextAttemptAt.IsZero() || !d.DeadlineAt.IsZero() {
				t.Errorf("for a disabled endpoint: got %+v, want it cancelled", d)
			}
		} else if d.Status != Pending || d.Reason != "" || !d.FinishedAt.IsZero() || d.NextAttemptAt != in(0) ||
			d.DeadlineAt != in(grace) {
			t.Errorf("delivery: got %+v, want it pending", d)
		}
	}
	if got := strings.Join(targets, " "); got != "whe_all whe_group whe_off whe_unknown" || len(ids) != 4 {
		t.Errorf("got deliveries to %s with %d ids, want all, group, off and unknown with 4", got, len(ids))
	}
}

func TestFanOutOfAnEventThatNobodyWantsOrThatIsBrokenMakesNothing(t *testing.T) {
	t.Parallel()
	for _, endpoints := range [][]endpoint.Endpoint{nil, {subscriber("whe_1", true, "ticket.*")}} {
		if out, err := fanOut(lead(`{}`), endpoints, noon); err != nil || len(out) != 0 {
			t.Errorf("deliveries: got %+v, %v, want none", out, err)
		}
	}
	if out, err := fanOut(lead(`{`), []endpoint.Endpoint{subscriber("whe_1", true, "*")}, noon); err == nil ||
		out != nil {
		t.Errorf("deliveries of a broken event: got %+v, %v, want an error", out, err)
	}
}

// The guard of the statement is what keeps an attempt whose lease ran out from deciding about a delivery that somebody
// else holds.
func TestAnOutcomeChangesOnlyTheClaimThatItBelongsTo(t *testing.T) {
	t.Parallel()
	database, err := db.Open(t.Context(), "sqlite://"+t.TempDir()+"/hookline.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	if _, err := database.MigrateUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := map[string]Delivery{
		"dlv_1": {Status: Delivering, AttemptCount: 1}, "dlv_2": {Status: Delivering, AttemptCount: 1},
		"dlv_again": {Status: Delivering, AttemptCount: 2}, "dlv_off": {Status: Cancelled, AttemptCount: 1},
		"dlv_not_named": {Status: Delivering, AttemptCount: 1},
	}
	status, outcomes := 500, []outcome{}
	want := Delivery{
		Status: Retrying, Reason: "it's", Error: `"?" $1`, FailureCount: 3, MaxAttempts: 4, ResponseStatus: &status,
		NextAttemptAt: in(time.Minute), DeadlineAt: in(time.Hour),
	}
	for _, id := range []string{"dlv_1", "dlv_again", "dlv_off", "dlv_never_was"} {
		o := outcome{delivery: want, attempt: Attempt{Number: 1}}
		o.delivery.ID = id
		outcomes = append(outcomes, o)
	}
	outcomes = append(outcomes, outcome{delivery: Delivery{ID: "dlv_2", Status: Succeeded, MaxAttempts: 4,
		FinishedAt: in(0)}, attempt: Attempt{Number: 1}})
	decided, after := concludeOn(t, database, before, outcomes)
	if slices.Sort(decided); !slices.Equal(decided, []string{"dlv_1", "dlv_2"}) {
		t.Errorf("said to be changed: got %v, want dlv_1 and dlv_2", decided)
	}
	for id, was := range before {
		got := after[id]
		switch id {
		case "dlv_1":
			got.ID, got.EventID, got.Body, got.AttemptCount, got.ChangedAt = "", "", nil, 0, db.Time{}
			got.TenantID, got.Environment = "", ""
			if !reflect.DeepEqual(got, want) {
				t.Errorf("delivery: got %+v, want %+v", got, want)
			}
		case "dlv_2":
			if got.Status != Succeeded || got.ResponseStatus != nil || !got.NextAttemptAt.IsZero() ||
				!got.DeadlineAt.IsZero() || got.FinishedAt != in(0) {
				t.Errorf("delivery: got %+v, want it succeeded", got)
			}
		default:
			if got.Status != was.Status || got.AttemptCount != was.AttemptCount || got.FailureCount != 0 ||
				got.Reason != "" {
				t.Errorf("%s: got %+v, want %+v", id, got, was)
			}
		}
	}
}

// concludeOn stores deliveries, writes the outcomes, and reads the deliveries back.
func concludeOn(t *testing.T, database *db.DB, before map[string]Delivery, outcomes []outcome) (decided []string,
	after map[string]Delivery) {
	t.Helper()
	var rows []Delivery
	err := database.Tx(context.Background(), func(tx *gorm.DB) error {
		for id, d := range before {
			d.ID, d.EventID, d.Body, d.CreatedAt = id, id, []byte{}, db.At(time.Unix(0, 0))
			d.TenantID, d.Environment = "tnt_1", principal.Live
			if err := tx.Create(&d).Error; err != nil {
				return err
			}
		}
		for i := range outcomes {
			a := &outcomes[i].attempt
			a.ID, a.DeliveryID, a.StartedAt, a.ResponseBody = "att_"+outcomes[i].delivery.ID, outcomes[i].delivery.ID,
				in(0), []byte{}
			a.TenantID = "tnt_1"
		}
		var err error
		if decided, err = (&Store{db: database}).conclude(tx, outcomes); err != nil {
			return err
		}
		var recorded int64
		if err := tx.Model(&Attempt{}).Count(&recorded).Error; err != nil || recorded != int64(len(outcomes)) {
			t.Errorf("attempts that are recorded: got %d, %v, want %d", recorded, err, len(outcomes))
		}
		return tx.Find(&rows).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	after = make(map[string]Delivery, len(rows))
	for _, d := range rows {
		d.CreatedAt = db.Time{}
		after[d.ID] = d
	}
	return decided, after
}
