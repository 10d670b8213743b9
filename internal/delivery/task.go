package delivery

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/sender"
)

type archive interface {
	WasArchived(taskID string) (bool, error)
	Enqueue(ctx context.Context, lane, deliveryID string) error
}

// Observation is an attempt that has been recorded.
type Observation struct {
	Delivery Delivery
	Attempt  Attempt
	Endpoint endpoint.Endpoint
}

// Worker makes the requests: the handler of the queue's tasks.
type Worker struct {
	store   *Completer
	sender  *sender.Sender
	archive archive
	observe func(Observation)
}

// NewWorker makes a Worker. observe is told of every recorded attempt and must not block.
func NewWorker(store *Completer, s *sender.Sender, a archive, observe func(Observation)) *Worker {
	return &Worker{store: store, sender: s, archive: a, observe: observe}
}

// shortly is how long a task waits where it is, rather than on the schedule, which knows whole seconds.
const shortly = 50 * time.Millisecond

// claim claims the delivery, as soon as it can be if that is shortly.
func (w *Worker) claim(ctx context.Context, own ticket) (claim, error) {
	for {
		c, err := w.store.claims.Do(ctx, own)
		if err != nil || c.verdict != wait || c.after > shortly {
			return c, err
		}
		select {
		case <-time.After(c.after):
		case <-ctx.Done():
			return c, ctx.Err()
		}
	}
}

// Handle runs one task.
func (w *Worker) Handle(ctx context.Context, t queue.Task) error {
	own := ticket{t.DeliveryID, t.Queue}
	c, err := w.claim(ctx, own)
	if err != nil {
		return err
	}
	if c.verdict == isDead && t.Queue == queue.Fast {
		if c, err = w.revive(ctx, t, c); err != nil {
			return err
		}
	}
	switch c.verdict {
	case wait:
		return &queue.Later{After: c.after, Reason: "not due yet"}
	case proceed:
		return w.attempt(ctx, c, own)
	case drop, isDead:
	}
	return nil
}

// revive replays a dead delivery whose archived task an operator ran with Asynq's own tools. A task that was not
// archived runs because Redis lost the answer of an earlier run: it goes to the archive now.
func (w *Worker) revive(ctx context.Context, t queue.Task, c claim) (claim, error) {
	archived, err := w.archive.WasArchived(t.ID)
	if err != nil {
		return c, err
	}
	if !archived {
		return c, queue.Dead(c.delivery.Error)
	}
	if _, err := w.store.Replay(ctx, c.delivery.Scope(), c.delivery.ID); err != nil {
		return c, queue.Dead(err.Error()) // disabled or deleted: back to the archive, with the reason
	}
	return w.store.Claim(ctx, t.DeliveryID)
}

func (w *Worker) attempt(ctx context.Context, c claim, own ticket) error {
	result := w.send(ctx, &c, own)
	if result.Cancelled {
		return result.Err // this process gave up, not the endpoint: the lease ends and the attempt counts as lost
	}
	if result.Internal() {
		slog.Error("internal error before the request was sent", "delivery", c.delivery.ID, "error", result.Err)
		d, err := w.store.putBack(ctx, c, result.Message)
		if err != nil || d.Admission == Deferred {
			return err
		}
		return &queue.Later{After: internalWait, Reason: result.Message}
	}
	o := settle(c.delivery, c.attempt, c.endpoint.PolicyFor(c.delivery.EventType), result.Response, result.Err,
		w.store.now(), rand.Float64())
	o.endpoint = c.endpoint
	if err := w.finish(ctx, o); err != nil {
		return err
	}
	w.observe(Observation{o.delivery, o.attempt, c.endpoint})
	switch o.delivery.Status {
	case Retrying:
		if o.delivery.Admission == Deferred {
			return nil // it waits at the gate
		}
		return &queue.Later{After: o.delivery.NextAttemptAt.Sub(w.store.now()), Reason: o.delivery.Error}
	case Dead:
		if own.lane != queue.Fast {
			return w.bury(ctx, o.delivery.ID)
		}
		return queue.Dead(o.delivery.Error)
	case Pending, Delivering, Succeeded, Cancelled:
	}
	return nil
}

// send makes the request of a claim, when its time has come, and gives back its room in the lane.
func (w *Worker) send(ctx context.Context, c *claim, own ticket) (result sender.Result) {
	defer func() { w.store.landed(own, result.Succeeded()) }()
	if early := c.attempt.StartedAt.Sub(w.store.now()); early > 0 { // a rate limit's slot is a little ahead
		select {
		case <-time.After(early):
		case <-ctx.Done(): // Send says so
		}
	}
	result = w.sender.Send(ctx, c.endpoint, sender.Message{ID: c.delivery.EventID, At: c.attempt.StartedAt.Time,
		Body: c.delivery.Body, ContentType: c.delivery.ContentType})
	c.attempt.RequestHeaders.V = result.RequestHeaders
	return result
}

// bury has the dead letter archived in the fast lane, where operators look for all of them: the task that runs there
// finds it dead. The archive is a view, so that it fails is no more than a line in the log.
func (w *Worker) bury(ctx context.Context, deliveryID string) error {
	if err := w.archive.Enqueue(ctx, queue.Fast, deliveryID); err != nil {
		slog.Warn("a dead letter is missing in Asynq's archive", "delivery", deliveryID, "error", err)
	}
	return nil
}

// finish records the outcome, again and again until the task's time is up: without the record the request would be
// made once more.
func (w *Worker) finish(ctx context.Context, o outcome) error {
	for pause := 50 * time.Millisecond; ; pause *= 2 {
		err := w.store.Finish(ctx, o)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(pause):
		}
	}
}

// LogAttempt writes the one line that each attempt leaves in the log.
func LogAttempt(o Observation) {
	took := o.Attempt.FinishedAt.Sub(o.Attempt.StartedAt.Time)
	status := 0
	if o.Attempt.ResponseStatus != nil {
		status = *o.Attempt.ResponseStatus
	}
	slog.Info("attempt", "tenant", o.Delivery.TenantID, "environment", o.Delivery.Environment, "event",
		o.Delivery.EventID,
		"event_type", o.Delivery.EventType, "endpoint", o.Endpoint.ID, "delivery", o.Delivery.ID, "number",
		o.Attempt.Number,
		"outcome", o.Attempt.Status, "delivery_status", o.Delivery.Status, "http_status", status, "error_code",
		o.Attempt.ErrorCode,
		"duration_ms", float64(took)/float64(time.Millisecond), "next_attempt_at", o.Delivery.NextAttemptAt.Pointer())
}
