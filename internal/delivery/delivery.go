// Package delivery takes committed events to endpoints. SQL is authoritative: it holds what is to be delivered and
// decides everything; the queue only says when to look.
//
// An event is committed with the endpoints that it goes to: its plan. A planned delivery has no row. A worker that runs
// a batch of events makes the requests and inserts each delivery with its attempt when it is over; nothing of a
// delivery that makes no trouble is ever changed. Everything else is trouble and has a row:
//
//	             fan-out                 complete
//	event ──► (planned, no row) ──────────────────────────► succeeded | dead | cancelled
//	   │            │  │  │
//	   │ fan-out    │  │  └─ lease: under way for two seconds ──► delivering
//	   │ (endpoint  │  └──── complete: the attempt failed ──────► retrying
//	   │ throttled) └─────── reconcile: nobody ran it ──────────► pending
//	   ▼
//	pending (deferred) ── release ──► pending (admitted)
//
//	pending | retrying ── claim ──► delivering ── complete ──► succeeded | retrying | dead
//	delivering ── reconcile: the lease expired ──► retrying
//	pending | retrying ── suspend ──► the same, with a reason ── Resume ──► pending (deferred)
//	pending | retrying ── cancel ──► cancelled
//	dead | succeeded | cancelled ── Replay ──► pending
//
// Locks are taken in this order: delivery rows, in the order of their ids, then endpoint rows, in the order of theirs;
// who holds an endpoint row locks delivery rows with SKIP LOCKED only.
package delivery

import (
	"strings"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
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

// Final reports whether a delivery in the state is over.
func (s Status) Final() bool { return s == Succeeded || s == Dead || s == Cancelled }

// Reasons why a delivery has not succeeded, besides the codes of egress.
const (
	ReasonHTTPStatus       = "http_status"
	ReasonExhausted        = "exhausted"
	ReasonLeaseExpired     = "lease_expired" // the worker ended before the answer came
	ReasonThrottled        = "throttled"     // deferred: its endpoint gets a few at a time, or none for now
	ReasonEndpointDisabled = "endpoint_disabled"
	ReasonEndpointDeleted  = "endpoint_deleted"
	ReasonGone             = "gone"                 // the endpoint answered 410, now or before
	ReasonFiltered         = "filtered"             // the endpoint's filter is false for the event
	ReasonFilterError      = "filter_error"         // the endpoint's filter can't be evaluated on the event
	ReasonEntitlement      = "entitlement_required" // suspended: the plan includes no webhooks
	ReasonPaused           = "paused"               // suspended by an operator
	ReasonInternal         = "internal"             // an error of Hookline before the request
	ReasonNoEndpoint       = "no_endpoint"          // of an event
)

// Admission is where an undelivered delivery stands with regard to the throttle of its endpoint.
type Admission int

// A deferred delivery waits in SQL, and the queue knows nothing of it; the releaser admits it to the slow queue.
const (
	Unthrottled Admission = iota
	Deferred
	Admitted
)

// Delivery is a row of deliveries: one event for one endpoint. Its id follows from theirs; see ID.
type Delivery struct {
	ID             string `gorm:"serializer:dlv"`
	TenantID       string `gorm:"serializer:tnt"`
	Environment    principal.Environment
	EventID        string `gorm:"serializer:evt"`
	PublisherID    string // of the event
	EventType      string
	EndpointID     string `gorm:"serializer:whe"`
	Form           string // see Form; empty before the first attempt
	Status         Status
	Reason         string
	Error          string
	AttemptCount   int // requests made, ever
	FailureCount   int // failures since it was created or replayed; what the retry policy counts
	MaxAttempts    int
	ResponseStatus *int
	Admission      Admission
	NextAttemptAt  db.Time
	DeadlineAt     db.Time // when the reconciler steps in; zero once final
	CreatedAt      db.Time // as the event's
	FinishedAt     db.Time
	ChangedAt      db.Time // when something that the tenant sees of it changed last
	// TestBody is what a test sent, whose event is not stored; nil otherwise. Only recordTest writes it.
	TestBody *string `gorm:"->"`
}

// ID is the id of the delivery of an event to an endpoint.
func ID(eventID, endpointID id.UUID) id.UUID { return id.Derive(eventID, endpointID) }

// Scope is whose delivery it is.
func (d Delivery) Scope() principal.Scope {
	return principal.Scope{TenantID: d.TenantID, Environment: d.Environment}
}

// WireEventID is the id of the event as the tenant knows it.
func (d Delivery) WireEventID() string {
	if d.PublisherID != "" {
		return d.PublisherID
	}
	return d.EventID
}

// encoderVersion is the version of the encoders that new deliveries are rendered with. An encoder whose output changes
// gets a new version, and the old one stays: what was sent once is sent in the same bytes again.
const encoderVersion = "1"

// FormOf names what decides the bytes of a body: the version of the encoders, the profile and the envelope.
func FormOf(e endpoint.Endpoint) string { return encoderVersion + "/" + e.Profile + "/" + e.Envelope }

// Render writes the body of an event in a form. The same event and form give the same bytes.
func Render(form string, e event.Event) (body []byte, contentType string, err error) {
	p, envelope := formed(form)
	return p.Encode(envelope, e)
}

// formed is the profile and the envelope of a form.
func formed(form string) (p profile.Profile, envelope string) {
	part := strings.SplitN(form, "/", 3)
	if len(part) != 3 {
		part = []string{encoderVersion, profile.Default, ""}
	}
	return profile.Of(part[1]), part[2]
}

// EventName is the type of the event as the body of the delivery calls it.
func (d Delivery) EventName() string {
	p, _ := formed(d.Form)
	return p.EventName(d.EventType)
}

// AttemptStatus is how an attempt went.
type AttemptStatus string

// The states of an attempt. LeaseExpired means that the worker ended before it could tell.
const (
	AttemptRunning      AttemptStatus = "running"
	AttemptSucceeded    AttemptStatus = "succeeded"
	AttemptFailed       AttemptStatus = "failed"
	AttemptLeaseExpired AttemptStatus = "lease_expired"
)

// Attempt is a row of attempts: one request, what was sent and what came back.
type Attempt struct {
	DeliveryID        string `gorm:"serializer:dlv"`
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
	Timings           db.JSON[*sender.Timings] // nil when no connection was tried, or its worker was lost
	StartedAt         db.Time
	FinishedAt        db.Time
}

// ID is the attempt's id, which follows from its delivery's and its number.
func (a Attempt) ID() string {
	u, err := id.Parse(a.DeliveryID)
	if err != nil {
		return ""
	}
	var number id.UUID
	number[15], number[14], number[13] = byte(a.Number), byte(a.Number>>8), byte(a.Number>>16)
	return id.Derive(u, number).TypeID(id.Attempt)
}

const (
	// Grace is how long the queue may take to act on a row that is due before the reconciler looks.
	Grace = 10 * time.Second
	// suspendedFor is how long a suspended delivery is left alone; an upgrade, or the end of a pause, ends it at once.
	suspendedFor = 5 * time.Minute
	// DeferredFor is after how long the reconciler looks at a deferred delivery, should the releaser have forgotten it.
	DeferredFor = 5 * time.Minute
)
