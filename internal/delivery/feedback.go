package delivery

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/sender"
	"github.com/hookline/hookline/internal/throttle"
)

// feedback is what a batch of outcomes says about one endpoint.
type feedback struct {
	endpointID string
	throttle.Feedback
	succeededAt db.Time // of its last success; zero for none
	failures    int     // after it
	failedAt    db.Time // the first of them; zero for none
	lastAt      db.Time // the last of them
	isGone      bool    // it answered 410
	status      Status  // of the delivery that was attempted last
}

// successStep is how exact the time of the last success is while nothing fails: a write for every attempt would cost
// more than it says.
const successStep = time.Minute

// feedbackOf aggregates outcomes by endpoint, in the order of the endpoints' ids, and leaves out what is known already:
// an outcome has its endpoint as it was when the delivery was taken. Errors of ours say nothing about an endpoint.
func feedbackOf(outcomes []outcome) []feedback {
	sorted := slices.DeleteFunc(slices.Clone(outcomes), func(o outcome) bool { return o.internal })
	slices.SortStableFunc(sorted, func(a, b outcome) int {
		return cmp.Or(strings.Compare(a.endpoint.ID, b.endpoint.ID),
			a.attempt.FinishedAt.Compare(b.attempt.FinishedAt.Time))
	})
	var out []feedback
	for len(sorted) > 0 {
		n := slices.IndexFunc(sorted, func(o outcome) bool { return o.endpoint.ID != sorted[0].endpoint.ID })
		if n < 0 {
			n = len(sorted)
		}
		f := aggregate(sorted[:n])
		if f.news(sorted[0].endpoint) {
			out = append(out, f)
		}
		sorted = sorted[n:]
	}
	return out
}

func aggregate(outcomes []outcome) feedback {
	f := feedback{endpointID: outcomes[0].endpoint.ID, status: outcomes[len(outcomes)-1].delivery.Status}
	for _, o := range outcomes {
		if o.succeeded() {
			f.Succeeded++
			f.succeededAt, f.failures, f.failedAt, f.lastAt = o.attempt.FinishedAt, 0, db.Time{}, db.Time{}
			continue
		}
		f.Failed++
		if f.failures++; f.failures == 1 {
			f.failedAt = o.attempt.FinishedAt
		}
		f.lastAt = o.attempt.FinishedAt
		f.isGone = f.isGone || o.gone()
		if status := o.attempt.ResponseStatus; status == nil {
			f.Unanswered = true
		} else if sender.Overloaded(*status) {
			f.Overloaded = true
		}
		if o.retryAfter.After(f.RetryAfter) {
			f.RetryAfter = o.retryAfter
		}
	}
	return f
}

// news reports whether something follows for the endpoint.
func (f feedback) news(known endpoint.Endpoint) bool {
	return f.Failed > 0 || known.Throttle.Throttled() || known.ConsecutiveFailures > 0 ||
		string(f.status) != known.LastStatus || f.succeededAt.Sub(known.LastSuccessAt.Time) >= successStep
}

// learn writes, in the transaction of outcomes, how endpoints do and what follows for their throttles: one update for
// each, in the order of their ids. It says whether a throttle may admit more.
func (c *Completer) learn(tx *gorm.DB, outcomes []outcome, all []feedback) (bool, error) {
	if len(all) == 0 {
		return false, nil
	}
	ids := make([]string, len(all))
	for i, f := range all {
		ids[i] = f.endpointID
	}
	rows, err := c.lockEndpoints(tx, ids)
	if err != nil {
		return false, err
	}
	woken, now := false, c.now()
	for _, e := range rows {
		i := slices.Index(ids, e.ID)
		t, change := all[i].apply(e, now, rand.Float64())
		woken = woken || t.Throttled()
		if err := tx.Model(&endpoint.Endpoint{}).Where("id = ?", e.ID).Updates(change).Error; err != nil {
			return false, err
		}
	}
	for _, f := range all {
		if !f.isGone {
			continue
		}
		if _, err := c.disabler.Disable(tx, f.endpointID, endpoint.ReasonGone); err != nil {
			return false, err
		}
	}
	return woken, nil
}

// apply is what an endpoint's row becomes.
func (f feedback) apply(e endpoint.Endpoint, now time.Time, random float64) (throttle.State, map[string]any) {
	failures, since := e.ConsecutiveFailures+f.failures, e.FailingSince
	if !f.succeededAt.IsZero() {
		failures, since = f.failures, db.Time{}
	}
	if since.IsZero() {
		since = f.failedAt
	}
	f.Consecutive = failures
	t := e.Throttle
	if !e.Listener() || t.Throttled() { // a listener is not held back when its developer has stopped the server
		t = t.Learn(f.Feedback, now, random)
	}
	change := map[string]any{"consecutive_failures": failures, "failing_since": since, "last_status": f.status}
	if f.succeededAt.IsZero() || !f.lastAt.IsZero() {
		change["last_failure_at"] = f.lastAt
	}
	if !f.succeededAt.IsZero() {
		change["last_success_at"] = f.succeededAt
	}
	if t.Throttled() || e.Throttle.Throttled() {
		for column, value := range t.Columns() {
			change[column] = value
		}
	}
	return t, change
}

// report tells the listener what a batch changed for good; decided are the deliveries whose state it changed.
func (c *Completer) report(tx *gorm.DB, outcomes []outcome, decided map[string]bool) error {
	all := Completed{Owners: map[string]int64{}}
	seen, failed := map[string]bool{}, map[string]bool{}
	for _, o := range outcomes {
		if o.delivery.Status == Dead && decided[o.delivery.ID] {
			dead := o.delivery
			dead.Form = cmp.Or(dead.Form, FormOf(o.endpoint)) // one without an attempt has none
			all.Dead = append(all.Dead, dead)
			all.Owners[o.delivery.EndpointID] = o.endpoint.UserNumber
		}
		if o.endpoint.Listener() { // temporary; nobody is alerted about how it does
			continue
		}
		if o.succeeded() && o.endpoint.ConsecutiveFailures > 0 && !seen[o.endpoint.ID] {
			seen[o.endpoint.ID] = true
			all.Recovered = append(all.Recovered, o.endpoint)
		}
		if o.attempt.Status == AttemptFailed && !o.endpoint.FailingSince.IsZero() && !failed[o.endpoint.ID] {
			failed[o.endpoint.ID] = true
			all.Failing = append(all.Failing, o.endpoint)
		}
	}
	if len(all.Dead) == 0 && len(all.Recovered) == 0 && len(all.Failing) == 0 {
		return nil
	}
	slices.SortFunc(all.Dead, func(a, b Delivery) int {
		return cmp.Or(strings.Compare(a.EndpointID, b.EndpointID), strings.Compare(a.ID, b.ID))
	})
	slices.SortFunc(all.Recovered, func(a, b endpoint.Endpoint) int { return strings.Compare(a.ID, b.ID) })
	return c.listener.DeliveriesCompleted(tx, all)
}
