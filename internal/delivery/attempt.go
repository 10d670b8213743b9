package delivery

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/sender"
	"github.com/hookline/hookline/internal/tracing"
)

// attempts are those of a task that are not complete.
type attempts struct {
	since time.Time
	all   chan struct{} // closed when all are complete

	mu   sync.Mutex
	left map[string]job
}

func newAttempts(jobs []job) *attempts {
	b := &attempts{since: time.Now(), all: make(chan struct{}), left: make(map[string]job, len(jobs))}
	for _, j := range jobs {
		b.left[j.delivery.ID] = j
	}
	return b
}

func (b *attempts) complete(deliveryID string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.left, deliveryID)
	if len(b.left) == 0 {
		close(b.all)
	}
}

func (b *attempts) withoutRow() []job {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []job
	for _, j := range b.left {
		if !j.stored {
			out = append(out, j)
		}
	}
	return out
}

// attempt makes one attempt and records what became of it. recorded is false when there was none, or it could not be
// recorded.
func (w *Worker) attempt(ctx context.Context, name string, j job) (o outcome, recorded bool) {
	defer w.store.leases.hold(j.delivery)()
	if !j.stored && !w.enter(ctx, name, j) {
		return o, false
	}
	succeeded := false
	defer func() { w.store.inFlight(name).leave(j.delivery.ID, succeeded) }()
	if early := j.startAt.Sub(w.store.now()); !j.startAt.IsZero() && early > 0 && !background.Pause(ctx, early) {
		w.abandon(j)
		return o, false
	}
	started := w.store.now()
	if !j.startAt.IsZero() { // a rate limit counts from the token
		started = j.startAt
	}
	form := j.delivery.Form
	if form == "" {
		form = FormOf(j.endpoint)
	}
	ctx, span := w.tracer.Attempt(ctx, j.event.Trace, j.event.Type)
	defer span.End()
	r := w.send(ctx, j, form, started)
	if r.Cancelled {
		w.abandon(j)
		return o, false
	}
	if r.Internal() {
		w.store.metrics.internal.Add(1)
		slog.ErrorContext(ctx, "a request could not be made; it is tried again", "delivery", j.delivery.ID, "endpoint",
			j.endpoint.ID, "error", r.Err, "cause", errors.Unwrap(r.Err))
	}
	succeeded = r.Succeeded()
	o = complete(j, r, form, started, w.store.now(), rand.Float64())
	describe(span, name, o)
	if !w.complete(o) {
		return o, false
	}
	if !o.internal {
		w.observe(Observation{o.delivery, o.attempt, j.endpoint, tracing.ID(ctx)})
	}
	return o, true
}

// describe adds to the span of an attempt what became of it.
func describe(span tracing.Span, queueName string, o outcome) {
	if !span.Recorded() {
		return
	}
	d := o.delivery
	span.Set(attribute.String("messaging.system", "asynq"), attribute.String("messaging.destination.name", queueName),
		attribute.String("messaging.message.id", d.WireEventID()), attribute.String("hookline.tenant", d.TenantID),
		attribute.String("hookline.endpoint", d.EndpointID), attribute.String("hookline.delivery", d.ID),
		attribute.String("hookline.delivery_status", string(d.Status)),
		attribute.Int("hookline.attempt", o.attempt.Number))
	if !o.succeeded() {
		span.Fail(d.Error)
	}
}

func (w *Worker) send(ctx context.Context, j job, form string, at time.Time) sender.Result {
	body, contentType, err := Render(form, j.event)
	if err != nil {
		return sender.InternalError(j.endpoint, err)
	}
	return w.sender.Send(ctx, j.endpoint, sender.Message{ID: j.event.WireID(), At: at, Body: body,
		ContentType: contentType, Delivery: j.delivery.ID, EventType: j.event.Type, Attempt: j.delivery.AttemptCount})
}

// enter waits for room in flight for the first attempt of a delivery. It is false when the delivery was deferred, or
// when this process stops.
func (w *Worker) enter(ctx context.Context, name string, j job) bool {
	for {
		switch w.store.inFlight(name).enter(j.delivery, name) {
		case free:
			return true
		case soon:
			if !w.store.inFlight(name).wait(ctx) {
				return false
			}
		case full:
			w.persist(j.delivery.ID, func(ctx context.Context) error {
				_, err := w.store.full.Do(ctx, j)
				return err
			})
			return false
		}
	}
}

// abandon returns the lease of an attempt that this process stopped: another takes it over at once.
func (w *Worker) abandon(j job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), leaseTime)
	defer cancel()
	if err := w.store.expireLease(ctx, j.delivery); err != nil {
		slog.Warn("the lease could not be returned; it expires", "delivery", j.delivery.ID, "error", err)
	}
}

// complete records the outcome, again and again: without the record the request would be made once more.
func (w *Worker) complete(o outcome) bool {
	return w.persist(o.delivery.ID, func(ctx context.Context) error { return w.store.Complete(ctx, o) })
}

// persistFor is how long a database may be away without an outcome being lost.
const persistFor = 10 * time.Minute

// persist tries a change of a delivery until it succeeds, or persistFor is over.
func (w *Worker) persist(deliveryID string, change func(ctx context.Context) error) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), persistFor)
	defer cancel()
	for wait := shortly; ; wait = min(2*wait, waitMost) {
		err := change(ctx)
		if err == nil {
			return true
		}
		if w.ctx.Err() != nil || !background.Pause(ctx, wait) {
			slog.Error("an outcome could not be recorded; the request may be made again", "delivery", deliveryID, "error",
				err)
			return false
		}
	}
}

// follow schedules what comes after an attempt: a retry, or the archive where operators look for dead letters.
func (w *Worker) follow(o outcome) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), enqueueLimit)
	defer cancel()
	u := mustUUID(o.delivery.ID)
	var err error
	switch {
	case o.delivery.Status == Dead:
		err = w.tasks.EnqueueRows(ctx, queue.Fast, []id.UUID{u})
	case !o.delivery.Status.Final() && o.delivery.Admission != Deferred:
		err = w.tasks.Schedule(ctx, queue.Fast, u, o.delivery.NextAttemptAt.Sub(w.store.now()))
	}
	if err != nil {
		queue.Warn("enqueueing failed; the reconciler will do it", "delivery", o.delivery.ID, "error", err)
	}
}

// LogAttempt writes the one line that each attempt leaves in the log.
func LogAttempt(o Observation) {
	took := o.Attempt.FinishedAt.Sub(o.Attempt.StartedAt.Time)
	status := 0
	if o.Attempt.ResponseStatus != nil {
		status = *o.Attempt.ResponseStatus
	}
	slog.Info("attempt", "tenant", o.Delivery.TenantID, "environment", o.Delivery.Environment,
		"event", o.Delivery.WireEventID(), "event_type", o.Delivery.EventType, "endpoint", o.Endpoint.ID,
		"delivery", o.Delivery.ID, "number", o.Attempt.Number, "outcome", o.Attempt.Status,
		"delivery_status", o.Delivery.Status, "http_status", status, "error_code", o.Attempt.ErrorCode,
		"duration_ms", float64(took)/float64(time.Millisecond), "next_attempt_at", o.Delivery.NextAttemptAt.Pointer(),
		tracing.Attr(o.TraceID))
}
