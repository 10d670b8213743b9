package delivery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/batch"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/sender"
)

// outcome is what became of an attempt, and with it of the delivery.
type outcome struct {
	delivery Delivery          // as it is to be
	attempt  Attempt           // finished
	endpoint endpoint.Endpoint // as it was when the delivery was taken
	stored   bool              // it has a row
	internal bool              // an error of ours: there was no attempt
	// retryAfter is before when the endpoint wants no request; zero when it did not say.
	retryAfter time.Time
}

// succeeded reports whether the attempt did.
func (o outcome) succeeded() bool { return o.attempt.Status == AttemptSucceeded }

// internalWait is how long a delivery waits after an error of ours.
const internalWait = 30 * time.Second

// complete decides what happens to a delivery after a request. random is from 0 to 1.
func complete(j job, r sender.Result, form string, started, now time.Time, random float64) outcome {
	d := j.delivery
	d.Form, d.ChangedAt = form, db.At(now)
	o := outcome{endpoint: j.endpoint, stored: j.stored, retryAfter: r.RetryAfter}
	if r.Internal() {
		return o.withoutAttempt(d, r.Message, now)
	}
	o.attempt = attemptOf(d, r, started, now)
	d.ResponseStatus = o.attempt.ResponseStatus
	if r.Succeeded() {
		o.attempt.Status = AttemptSucceeded
		o.delivery = d.ended(Succeeded, "", "", now)
		return o
	}
	o.attempt.Status = AttemptFailed
	reason, message := r.Code, r.Message
	if reason == "" {
		reason, message = ReasonHTTPStatus, explain(r.Response.Status)
	}
	o.attempt.ErrorCode, o.attempt.Error = reason, message
	policy := j.endpoint.PolicyFor(d.EventType)
	d.FailureCount++
	d.MaxAttempts = policy.Attempts()
	switch {
	case o.gone():
		o.delivery = d.ended(Dead, ReasonGone, message, now)
	case d.FailureCount >= d.MaxAttempts:
		o.delivery = d.ended(Dead, ReasonExhausted, message, now)
	default:
		o.delivery = d.retry(policy, reason, message, r.RetryAfter, now, random)
	}
	return o
}

// ended is a delivery that is over.
func (d Delivery) ended(status Status, reason, message string, now time.Time) Delivery {
	d.Status, d.Reason, d.Error, d.Admission = status, reason, message, Unthrottled
	d.NextAttemptAt, d.DeadlineAt, d.FinishedAt = db.Time{}, db.Time{}, db.At(now)
	return d
}

// retry is a delivery that waits for its next attempt; if its endpoint is throttled, with the releaser.
func (d Delivery) retry(policy profile.Policy, reason, message string, after, now time.Time, random float64) Delivery {
	next := now.Add(policy.Wait(d.FailureCount, random))
	if after.After(next) {
		next = after
	}
	d.Status, d.Reason, d.Error = Retrying, reason, message
	d.NextAttemptAt, d.DeadlineAt = db.At(next), db.At(next.Add(Grace))
	if d.Admission == Admitted {
		d.Admission, d.DeadlineAt = Deferred, db.At(next.Add(DeferredFor))
	}
	return d
}

// withoutAttempt is what an error of ours makes of a delivery: it waits a little, and nothing is counted.
func (o outcome) withoutAttempt(d Delivery, message string, now time.Time) outcome {
	o.internal = true
	d.AttemptCount--
	d.Status = Retrying
	next := now.Add(internalWait)
	d.Reason, d.Error, d.NextAttemptAt, d.DeadlineAt = ReasonInternal, message, db.At(next), db.At(next.Add(Grace))
	if d.Admission == Admitted {
		d.Admission, d.DeadlineAt = Deferred, db.At(next.Add(DeferredFor))
	}
	if d.AttemptCount == 0 {
		d.Form = ""
	}
	o.attempt = Attempt{DeliveryID: d.ID, Number: d.AttemptCount + 1}
	o.delivery = d
	return o
}

// gone says whether the endpoint answered that it wants nothing any more.
func (o outcome) gone() bool {
	return !o.succeeded() && o.attempt.ResponseStatus != nil && *o.attempt.ResponseStatus == http.StatusGone
}

func explain(status int) string {
	switch {
	case status >= 300 && status <= 399:
		return fmt.Sprintf("The endpoint answered %d. Redirects are not followed: set its URL to where it leads.",
			status)
	case status == http.StatusGone:
		return "The endpoint answered 410 Gone and was disabled. Enable it when it takes events again."
	}
	return fmt.Sprintf("The endpoint answered %d.", status)
}

// attemptOf is the attempt that a request was.
func attemptOf(d Delivery, r sender.Result, started, now time.Time) Attempt {
	a := Attempt{
		DeliveryID: d.ID, Number: d.AttemptCount, Method: r.Method, URL: r.URL, ResponseBody: []byte{},
		StartedAt: db.At(started), FinishedAt: db.At(now),
		RequestHeaders:  db.JSON[map[string]string]{V: r.RequestHeaders},
		ResponseHeaders: db.JSON[map[string]string]{V: map[string]string{}},
		Timings:         db.JSON[*sender.Timings]{V: r.Timings},
	}
	if r.Response == nil {
		return a
	}
	a.ResponseStatus, a.ResponseTruncated = &r.Response.Status, r.Response.Truncated
	if r.Response.Body != nil {
		a.ResponseBody = r.Response.Body
	}
	for name, values := range r.Response.Header {
		a.ResponseHeaders.V[name] = strings.Join(values, "\n") // which no value contains; a comma may be part of one
	}
	return a
}

// Completed is what a batch of finished attempts changed for good.
type Completed struct {
	Dead      []Delivery          // became dead letters, in the order of their endpoints' ids
	Owners    map[string]int64    // by the id of an endpoint of Dead: the number of its member, 0 for the tenant
	Recovered []endpoint.Endpoint // succeeded after failures, in the order of their ids; as they were before
	Failing   []endpoint.Endpoint // failed once more after earlier failures; as they were before
}

// listener is called with what finished attempts changed, in the transaction that records it; *alert.Reporter is one.
type listener interface {
	DeliveriesCompleted(tx *gorm.DB, all Completed) error
}

// disabler disables an endpoint in a transaction, for a reason, and says whether it was enabled; *endpoint.Editor is
// one.
type disabler interface {
	Disable(tx *gorm.DB, endpointID, reason string) (bool, error)
}

// Completer records outcomes in a Store, with what follows for endpoints and alerts. It is a type of its own because an
// alert is an event, which is fanned out into deliveries of that Store.
type Completer struct {
	*Store

	disabler disabler
	listener listener
	outcomes *batch.Group[outcome, struct{}]
	full     *batch.Group[job, struct{}] // jobs for which there is no room in flight
}

// NewCompleter makes a Completer for the deliveries of a store.
func NewCompleter(s *Store, d disabler, l listener) *Completer {
	c := &Completer{Store: s, disabler: d, listener: l}
	c.outcomes = batch.New(200, s.db.Writers(), c.completeAll)
	c.full = batch.New(200, 1, func(ctx context.Context, jobs []job) ([]struct{}, error) {
		return make([]struct{}, len(jobs)), s.deferFull(ctx, jobs)
	})
	return c
}

// Complete records how an attempt went and what becomes of its delivery. Concurrent calls share a commit. An attempt
// whose delivery has been claimed again since is recorded, but decides nothing.
func (c *Completer) Complete(ctx context.Context, o outcome) error {
	_, err := c.outcomes.Do(ctx, o)
	return err
}

func (c *Completer) completeAll(ctx context.Context, outcomes []outcome) ([]struct{}, error) {
	done := make([]struct{}, len(outcomes))
	f := feedbackOf(outcomes)
	var rest []outcome
	if len(f) == 0 && c.db.Postgres() { // nearly always; then one statement, which is a transaction of its own
		var plain []outcome
		for _, o := range outcomes {
			if !o.stored && o.succeeded() {
				plain = append(plain, o)
			} else {
				rest = append(rest, o)
			}
		}
		refusedOnes, err := c.insertOver(ctx, plain)
		if err != nil {
			return nil, err
		}
		if rest = append(rest, refusedOnes...); len(rest) == 0 {
			return done, nil
		}
	} else {
		rest = outcomes
	}
	woken := false
	err := event.PartitionedTx(ctx, c.db, func(tx *gorm.DB) error {
		decided, err := c.store(tx, rest)
		if err != nil {
			return err
		}
		if woken, err = c.learn(tx, rest, f); err != nil {
			return err
		}
		return c.report(tx, rest, decided)
	})
	if err == nil && woken {
		c.config.WakeReleasers()
	}
	return done, err
}

// insertOver inserts deliveries that had no row and are over, with their attempts, in one statement. It returns those
// that had a row after all.
func (c *Completer) insertOver(ctx context.Context, outcomes []outcome) ([]outcome, error) {
	if len(outcomes) == 0 {
		return nil, nil
	}
	rows, attempts := make([]Delivery, len(outcomes)), make([]Attempt, len(outcomes))
	for i, o := range outcomes {
		rows[i], attempts[i] = o.delivery, o.attempt
	}
	var inserted map[string]bool
	err := event.Partitioned(ctx, c.db, func() error {
		ids, err := db.InsertBoth(c.db.Read(ctx), rows, attempts)
		inserted = make(map[string]bool, len(ids))
		for _, text := range ids {
			var u id.UUID
			if err := u.Scan(text); err != nil {
				return err
			}
			inserted[u.TypeID(id.Delivery)] = true
		}
		return err
	})
	return slices.DeleteFunc(slices.Clone(outcomes), func(o outcome) bool { return inserted[o.delivery.ID] }), err
}

// store writes outcomes in a transaction and returns the ids of the deliveries that they decided.
func (c *Completer) store(tx *gorm.DB, outcomes []outcome) (map[string]bool, error) {
	slices.SortStableFunc(outcomes, func(a, b outcome) int { return compareIDs(a.delivery, b.delivery) })
	decided, err := c.insertNew(tx, outcomes)
	if err != nil {
		return nil, err
	}
	type key struct {
		id     string
		number int
	}
	attempts := map[key]Attempt{}
	for _, o := range outcomes {
		if !o.internal {
			attempts[key{o.attempt.DeliveryID, o.attempt.Number}] = o.attempt
		}
		if decided[o.delivery.ID] && !o.stored {
			continue
		}
		changed, err := c.update(tx, o)
		if err != nil {
			return nil, err
		}
		decided[o.delivery.ID] = decided[o.delivery.ID] || changed
	}
	return decided, db.Upsert(tx, slices.Collect(maps.Values(attempts)), attemptKey, attemptOutcome)
}

// insertNew inserts deliveries that have no row, and returns the ids of those.
func (c *Completer) insertNew(tx *gorm.DB, outcomes []outcome) (map[string]bool, error) {
	var rows []Delivery
	for _, o := range outcomes {
		if !o.stored {
			rows = append(rows, o.delivery)
		}
	}
	existing, err := c.existing(tx, uuids(rows))
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(d Delivery) bool { return has(existing, d) })
	n, err := db.InsertNew(tx, rows)
	if err != nil {
		return nil, err
	}
	if n < int64(len(rows)) {
		return nil, errContended
	}
	decided := make(map[string]bool, len(rows))
	for _, d := range rows {
		decided[d.ID] = true
	}
	return decided, nil
}

// errContended means that somebody gave a delivery a row at the same moment. Trying again finds the row.
var errContended = errors.New("delivery: another process stored the same delivery")

var attemptKey = []string{"delivery_id", "number"}

// attemptOutcome is what is known of an attempt when it is over.
var attemptOutcome = []string{"status", "method", "url", "request_headers", "response_status", "response_headers",
	"response_body", "response_truncated", "error_code", "error", "timings", "started_at", "finished_at"}

// update writes what becomes of a delivery that has a row, unless it is over or somebody has claimed it since.
func (c *Completer) update(tx *gorm.DB, o outcome) (bool, error) {
	d := o.delivery
	result := tx.Model(&Delivery{}).Where("id = ? AND attempt_count <= ? AND status IN ?", mustUUID(d.ID),
		o.attempt.Number, []Status{Pending, Delivering, Retrying}).Updates(map[string]any{
		"form": d.Form, "status": d.Status, "reason": d.Reason, "error": d.Error, "attempt_count": d.AttemptCount,
		"failure_count": d.FailureCount, "max_attempts": d.MaxAttempts, "response_status": d.ResponseStatus,
		"admission": d.Admission, "next_attempt_at": d.NextAttemptAt, "deadline_at": d.DeadlineAt,
		"finished_at": d.FinishedAt, "changed_at": d.ChangedAt,
	})
	changed := result.RowsAffected == 1
	if !o.internal || !changed || result.Error != nil {
		return changed, result.Error
	}
	return true, tx.Where("delivery_id = ? AND number = ? AND status = ?", mustUUID(d.ID), o.attempt.Number,
		AttemptRunning).Delete(&Attempt{}).Error // no request, no attempt
}
