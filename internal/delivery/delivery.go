// Package delivery takes committed events to endpoints. SQL holds each delivery's state and decides everything; the
// queue only says when to look. A delivery is claimed in SQL before its request is made, so whatever Redis repeats,
// forgets or invents, a request is made by whoever holds the claim and by nobody else.
//
//	pending ──► delivering ──► succeeded
//	   ▲            │  ▲
//	   │ replay     ▼  │ wait over, or worker lost
//	  dead ◄──── retrying ──► cancelled
package delivery

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/sender"
)

// Status of a delivery.
type Status string

// The states; the last three are final.
const (
	Pending    Status = "pending"
	Delivering Status = "delivering"
	Retrying   Status = "retrying"
	Succeeded  Status = "succeeded"
	Dead       Status = "dead"
	Cancelled  Status = "cancelled"
)

// Reasons why a delivery has not succeeded, besides the codes of egress.
const (
	ReasonHTTPStatus       = "http_status"
	ReasonExhausted        = "exhausted"
	ReasonWorkerLost       = "worker_lost"
	ReasonEndpointDisabled = "endpoint_disabled"
	ReasonEndpointDeleted  = "endpoint_deleted"
	ReasonGone             = "gone"                 // the endpoint answered 410, now or before
	ReasonFiltered         = "filtered"             // the endpoint's filter is false for the event
	ReasonFilterError      = "filter_error"         // the endpoint's filter can't be evaluated on the event
	ReasonEntitlement      = "entitlement_required" // held back: the plan includes no webhooks
	ReasonPaused           = "paused"               // held back by an operator
	ReasonInternal         = "internal"
	ReasonNoEndpoint       = "no_endpoint" // of an event
)

// Delivery is a row of deliveries: one event for one endpoint. Body is sent byte for byte on every attempt.
type Delivery struct {
	ID             string
	TenantID       string
	Environment    principal.Environment
	EventID        string
	EventType      string
	EndpointID     string
	Status         Status
	Reason         string
	Error          string
	ContentType    string
	Body           []byte
	AttemptCount   int // requests made, ever
	FailureCount   int // failures since it was created or replayed; what the retry policy counts
	MaxAttempts    int
	ResponseStatus *int
	NextAttemptAt  db.Time
	DeadlineAt     db.Time   // when the reconciler steps in; zero once final
	Admission      Admission // where it stands with regard to its endpoint's gate
	CreatedAt      db.Time
	FinishedAt     db.Time
	ChangedAt      db.Time `gorm:"->"` // written by the database alone; see Store.Changed
}

// Scope is whose delivery it is.
func (d Delivery) Scope() principal.Scope {
	return principal.Scope{TenantID: d.TenantID, Environment: d.Environment}
}

// AttemptStatus is how an attempt went.
type AttemptStatus string

// The states of an attempt. Lost means that the worker ended before it could tell.
const (
	AttemptRunning   AttemptStatus = "running"
	AttemptSucceeded AttemptStatus = "succeeded"
	AttemptFailed    AttemptStatus = "failed"
	AttemptLost      AttemptStatus = "lost"
)

// Attempt is a row of attempts: one request, what was sent and what came back.
type Attempt struct {
	ID                string
	TenantID          string
	DeliveryID        string
	Number            int
	Status            AttemptStatus
	Method            string
	URL               string
	RequestHeaders    db.JSON[map[string]string]
	ResponseStatus    *int
	ResponseHeaders   db.JSON[map[string]string]
	ResponseBody      []byte
	ResponseTruncated bool
	ErrorCode         string
	Error             string
	Timings           db.JSON[*sender.Timings] // nil when no request was made, or its worker was lost
	StartedAt         db.Time
	FinishedAt        db.Time
}

const (
	// grace is how long the queue may take to act on a delivery that is due before the reconciler looks.
	grace = 10 * time.Second
	// heldFor is how long a delivery that is held back is left alone; an upgrade, or the end of a pause, ends it at
	// once.
	heldFor = 5 * time.Minute
	// recheck is how long the reconciler leaves a delivery alone after looking at it.
	recheck = 30 * time.Second
)

// verdict is what a worker that was told to run a delivery should do.
type verdict int

const (
	proceed verdict = iota // claimed: make the request
	wait                   // not due yet, or another worker holds it
	drop                   // final, or gone
	isDead                 // dead: archive the task, or replay if an operator asked for that
)

// judge decides whether a delivery can be claimed now, and if not, how long to wait and why it must be cancelled.
func judge(d Delivery, e endpoint.Endpoint, now time.Time) (v verdict, after time.Duration, cancelReason string) {
	switch d.Status {
	case Succeeded, Cancelled:
		return drop, 0, ""
	case Dead:
		return isDead, 0, ""
	case Delivering:
		if left := d.DeadlineAt.Sub(now); left > 0 {
			return wait, left, ""
		}
	case Pending, Retrying:
		if left := d.NextAttemptAt.Sub(now); left > 0 {
			return wait, left, ""
		}
	}
	switch {
	case e.ID == "" || !e.DeletedAt.IsZero():
		return drop, 0, ReasonEndpointDeleted
	case !e.Enabled:
		return drop, 0, disabledReason(e)
	}
	return proceed, 0, ""
}

// disabledReason is why a disabled endpoint gets nothing.
func disabledReason(e endpoint.Endpoint) string {
	if e.DisabledReason == endpoint.ReasonGone {
		return ReasonGone
	}
	return ReasonEndpointDisabled
}

// outcome is what became of an attempt, and with it of the delivery.
type outcome struct {
	delivery Delivery          // as it is to be
	attempt  Attempt           // finished
	endpoint endpoint.Endpoint // as it was when the attempt was claimed
	// holdUntil is before when the endpoint wants no request; zero when it did not say.
	holdUntil time.Time
}

// settle decides what happens next from the answer, or from err when it did not come or not completely. random is from
// 0 to 1.
func settle(d Delivery, a Attempt, policy profile.Policy, r *egress.Response, err error, now time.Time,
	random float64) outcome {
	a.FinishedAt = db.At(now)
	d.ResponseStatus = nil
	if r != nil {
		a.record(r)
		d.ResponseStatus = &r.Status
	}
	a.Status, d.Reason, d.Error = AttemptFailed, ReasonInternal,
		"The request could not be made; it is our fault and is tried again."
	if err != nil {
		if e, ok := err.(*egress.Error); ok { //nolint:errorlint // egress returns it bare
			d.Reason, d.Error = e.Code, e.Message
			a.timed(e.Timings)
		}
		a.ErrorCode, a.Error = d.Reason, d.Error
	} else {
		if r.Status >= 200 && r.Status <= 299 {
			a.Status = AttemptSucceeded
			d.Status, d.Reason, d.Error = Succeeded, "", ""
			return finalize(d, a, now)
		}
		d.Reason, d.Error = ReasonHTTPStatus, explain(r.Status)
		a.ErrorCode, a.Error = d.Reason, d.Error
	}
	d.FailureCount++
	d.MaxAttempts = policy.Attempts()
	switch {
	case a.gone():
		d.Status, d.Reason = Dead, ReasonGone
		return finalize(d, a, now)
	case d.FailureCount >= d.MaxAttempts:
		d.Status, d.Reason = Dead, ReasonExhausted
		return finalize(d, a, now)
	}
	next := now.Add(policy.Wait(d.FailureCount, random))
	if asked := sender.RetryAfter(r, now); asked.After(next) {
		next = asked
	}
	d.Status = Retrying
	d.NextAttemptAt = db.At(next)
	d.DeadlineAt = db.At(d.NextAttemptAt.Add(grace))
	if d.Admission == Admitted { // its endpoint has a gate: it waits there for its retry
		d.Admission, d.DeadlineAt = Deferred, db.At(d.NextAttemptAt.Add(parkedFor))
	}
	return outcome{delivery: d, attempt: a, holdUntil: sender.RetryAfter(r, now)}
}

// gone says whether the endpoint answered that it wants nothing any more.
func (a Attempt) gone() bool {
	return a.Status == AttemptFailed && a.ResponseStatus != nil && *a.ResponseStatus == http.StatusGone
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

func finalize(d Delivery, a Attempt, now time.Time) outcome {
	d.NextAttemptAt, d.DeadlineAt, d.FinishedAt = db.Time{}, db.Time{}, db.At(now)
	d.Admission = Unthrottled
	return outcome{delivery: d, attempt: a}
}

func (a *Attempt) record(r *egress.Response) {
	a.ResponseStatus = &r.Status
	a.ResponseBody, a.ResponseTruncated = r.Body, r.Truncated
	a.ResponseHeaders.V = make(map[string]string, len(r.Header))
	for name, values := range r.Header {
		a.ResponseHeaders.V[name] = strings.Join(values, "\n") // which no value contains; a comma may be part of one
	}
	a.timed(r.Timings)
	if a.ResponseBody == nil {
		a.ResponseBody = []byte{}
	}
}
