package delivery

import (
	"context"
	"log/slog"
	"time"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/sender"
	"github.com/hookline/hookline/internal/tracing"
)

// requester makes one request; *sender.Sender does.
type requester interface {
	Send(ctx context.Context, e endpoint.Endpoint, m sender.Message) sender.Result
}

// replayer makes a dead delivery pending again; *deadletter.Store does.
type replayer interface {
	Replay(ctx context.Context, scope principal.Scope, deliveryID string) (Delivery, error)
}

// tasks is what this package needs of the queue.
type tasks interface {
	// EnqueueEvents adds a task that delivers events for the first time, EnqueueRows one for deliveries that have a
	// row.
	EnqueueEvents(ctx context.Context, name string, committed time.Time, eventIDs []id.UUID) error
	EnqueueRows(ctx context.Context, name string, deliveryIDs []id.UUID) error
	// Schedule adds the task of one delivery, for later.
	Schedule(ctx context.Context, name string, deliveryID id.UUID, after time.Duration) error
	// Run makes sure that a worker runs a delivery soon, whatever state its task has.
	Run(ctx context.Context, name string, deliveryID id.UUID) error
	WasArchived(taskID string) (bool, error)
	Alive(ctx context.Context) error
}

// Observation is an attempt that has been recorded.
type Observation struct {
	Delivery Delivery
	Attempt  Attempt
	Endpoint endpoint.Endpoint
	TraceID  string // of the trace that it belongs to; empty when that is not sampled
}

// Worker makes the requests: the handler of the queue's tasks.
type Worker struct {
	store   *Completer
	sender  requester
	dead    replayer
	tasks   tasks
	tracer  *tracing.Tracer
	observe func(Observation)

	running *pool              // of attempts, also of those whose task is over already
	ctx     context.Context    //nolint:containedctx // of those attempts
	cancel  context.CancelFunc // when a stop has no more time for them
}

// NewWorker makes a Worker. observe is told of every recorded attempt and must not block.
func NewWorker(store *Completer, s requester, dead replayer, t tasks, tracer *tracing.Tracer,
	observe func(Observation)) *Worker {
	w := &Worker{store: store, sender: s, dead: dead, tasks: t, tracer: tracer, observe: observe, running: newPool()}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w
}

const (
	// shortly is how long a delivery waits where it is, rather than on the schedule, which knows whole seconds.
	shortly = 50 * time.Millisecond
	// waitMost is how long a change that failed waits at most until it is tried again.
	waitMost = time.Second
	// leaseAfter is after how long an attempt that is under way gets a row with a lease, and its task is over.
	leaseAfter = 2 * time.Second
	// lateAfter is how long after the commit of events their task may be enqueued for it to count as the first. The
	// reconciler does not look before reconcileAfter.
	lateAfter = 4 * time.Second
)

// Handle runs one task.
func (w *Worker) Handle(ctx context.Context, t queue.Task) error {
	switch {
	case len(t.Events) > 0:
		return w.deliver(ctx, t)
	case len(t.Deliveries) == 1:
		return w.one(ctx, t)
	}
	return w.several(ctx, t)
}

// deliver makes the first attempts of all deliveries of a batch of events, side by side. It returns when all are
// complete, or have a row that carries a lease.
func (w *Worker) deliver(ctx context.Context, t queue.Task) error {
	late := t.Retried > 0 || t.Enqueued.Sub(t.Committed).Abs() > lateAfter
	jobs, waiting, err := w.store.planOf(ctx, t.Events, late)
	if err != nil {
		return err
	}
	if len(waiting) > 0 {
		claimed, err := w.claimSeveral(ctx, t.Queue, waiting)
		if err != nil {
			return err
		}
		jobs = append(jobs, claimed...)
	}
	w.run(t.Queue, jobs)
	return nil
}

// several attempts deliveries that have rows.
func (w *Worker) several(ctx context.Context, t queue.Task) error {
	jobs, err := w.claimSeveral(ctx, t.Queue, t.Deliveries)
	w.run(t.Queue, jobs)
	return err
}

func (w *Worker) claimSeveral(ctx context.Context, name string, ids []id.UUID) ([]job, error) {
	claims, err := w.store.Claim(ctx, name, ids)
	if err != nil {
		return nil, err
	}
	var jobs []job
	for _, u := range ids {
		c, known := claims[u.TypeID(id.Delivery)]
		switch {
		case !known: // another worker is deciding about it, or it is gone
		case c.verdict == proceed:
			jobs = append(jobs, c.job)
		case c.verdict == wait && !c.delivery.DeadlineAt.IsZero():
			if err := w.tasks.Schedule(ctx, name, u, c.after); err != nil {
				queue.Warn("scheduling failed; the reconciler will do it", "delivery", c.delivery.ID, "error", err)
			}
		}
	}
	return jobs, nil
}

// one attempts a delivery that has a row and a task of its own, which goes on with it: to its retry, or the archive.
func (w *Worker) one(ctx context.Context, t queue.Task) error {
	c, err := w.claim(ctx, t)
	if err == nil && c.verdict == isDead && t.Queue == queue.Fast {
		c, err = w.revive(ctx, t, c)
	}
	if err != nil {
		return err
	}
	switch c.verdict {
	case wait:
		return &queue.Later{After: c.after, Reason: "not due yet"}
	case proceed:
		return w.alone(ctx, t, c.job)
	case drop, isDead:
	}
	return nil
}

func (w *Worker) alone(ctx context.Context, t queue.Task, j job) error {
	inFlight := w.store.inFlight(t.Queue)
	inFlight.take(t.Queue, 1)
	defer inFlight.take(t.Queue, -1)
	o, recorded := w.attempt(ctx, t.Queue, j)
	switch d := o.delivery; {
	case !recorded:
		return ctx.Err()
	case d.Status == Dead && t.Queue == queue.Fast:
		return queue.Dead(d.Error)
	case d.Status.Final() || d.Admission == Deferred || t.Queue == queue.Slow:
		w.follow(o)
		return nil
	default:
		return &queue.Later{After: d.NextAttemptAt.Sub(w.store.now()), Reason: d.Error}
	}
}

// claim claims the delivery, as soon as it can be if that is shortly.
func (w *Worker) claim(ctx context.Context, t queue.Task) (claim, error) {
	for {
		claims, err := w.store.Claim(ctx, t.Queue, t.Deliveries)
		if err != nil {
			return claim{}, err
		}
		c, known := claims[t.Deliveries[0].TypeID(id.Delivery)]
		if !known { // gone, or another worker is deciding about it this very moment: looking again finds out
			existing, err := w.store.existing(w.store.db.Read(ctx), t.Deliveries)
			if err != nil || len(existing) == 0 {
				return claim{verdict: drop}, err
			}
			return claim{verdict: wait, after: time.Second}, nil
		}
		if c.verdict != wait || c.after > shortly {
			return c, nil
		}
		if !background.Pause(ctx, c.after) {
			return c, ctx.Err()
		}
	}
}

// revive replays a dead delivery whose archived task an operator ran with Asynq's own tools. A task that was not
// archived runs so that it is archived: the dead letter is in SQL already.
func (w *Worker) revive(ctx context.Context, t queue.Task, c claim) (claim, error) {
	archived, err := w.tasks.WasArchived(t.ID)
	if err != nil {
		return c, err
	}
	if !archived {
		return c, queue.Dead(c.delivery.Error)
	}
	if _, err := w.dead.Replay(ctx, c.delivery.Scope(), c.delivery.ID); err != nil {
		return c, queue.Dead(err.Error()) // disabled or deleted: back to the archive, with the reason
	}
	return w.claim(ctx, t)
}

// run makes the attempts of jobs side by side. It returns when all are complete, or have a row that carries a lease: so
// one that takes long holds up neither its task nor the others.
func (w *Worker) run(name string, jobs []job) {
	if len(jobs) == 0 {
		return
	}
	b := newAttempts(jobs)
	inFlight := w.store.inFlight(name)
	inFlight.take(name, len(jobs))
	for _, j := range jobs {
		w.running.run(w.ctx, func() {
			defer inFlight.take(name, -1)
			if o, recorded := w.attempt(w.ctx, name, j); recorded {
				w.follow(o)
			}
			b.complete(j.delivery.ID)
		})
	}
	timer := time.NewTimer(leaseAfter)
	defer timer.Stop()
	select {
	case <-b.all:
		return
	case <-timer.C:
	}
	for wait := shortly; ; wait = min(2*wait, waitMost) {
		left := b.withoutRow()
		if len(left) == 0 {
			return
		}
		err := w.leaseRunning(left, b.since)
		if err == nil {
			return
		}
		if !background.Pause(w.ctx, wait) {
			slog.Warn("attempts that are under way could not be stored; they may be made twice", "error", err)
			return
		}
	}
}

func (w *Worker) leaseRunning(jobs []job, since time.Time) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), leaseTime)
	defer cancel()
	return w.store.leaseRunning(ctx, jobs, since)
}

// leaseTime is how long storing leases may take.
const leaseTime = 10 * time.Second

// StopBefore stops the attempts that are under way shortly before ctx ends.
func (w *Worker) StopBefore(ctx context.Context) {
	if deadline, bounded := ctx.Deadline(); bounded {
		left := time.Until(deadline)
		time.AfterFunc(left-min(time.Second, left/3), w.cancel)
	}
}

// Stop waits for the attempts whose tasks are over. No task may run any more.
func (w *Worker) Stop(ctx context.Context) error {
	defer w.cancel()
	return w.running.wait(ctx)
}
