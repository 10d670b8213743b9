package delivery

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/sender"
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
}

// Worker makes the requests: the handler of the queue's tasks.
type Worker struct {
	store   *Completer
	sender  requester
	dead    replayer
	tasks   tasks
	observe func(Observation)

	running sync.WaitGroup     // attempts whose task is over already
	ctx     context.Context    //nolint:containedctx // of those attempts
	cancel  context.CancelFunc // when a stop has no more time for them
}

// NewWorker makes a Worker. observe is told of every recorded attempt and must not block.
func NewWorker(store *Completer, s requester, dead replayer, t tasks, observe func(Observation)) *Worker {
	w := &Worker{store: store, sender: s, dead: dead, tasks: t, observe: observe}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w
}

const (
	// shortly is how long a delivery waits where it is, rather than on the schedule, which knows whole seconds.
	shortly = 50 * time.Millisecond
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
		case c.verdict == wait && !c.delivery.DeadlineAt.IsZero() && c.delivery.Status != Delivering:
			if err := w.tasks.Schedule(ctx, name, u, c.after); err != nil {
				slog.Warn("scheduling failed; the reconciler will do it", "delivery", c.delivery.ID, "error", err)
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
		if !pause(ctx, c.after) {
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
		w.running.Go(func() {
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
	left := b.withoutRow()
	if len(left) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), leaseTime)
	defer cancel()
	for {
		err := w.store.leaseRunning(ctx, left, b.since)
		if err == nil {
			return
		}
		if left = b.withoutRow(); len(left) == 0 {
			return
		}
		if !pause(ctx, shortly) {
			slog.Warn("attempts that are under way could not be stored; they may be made twice", "error", err)
			return
		}
	}
}

// leaseTime is how long storing leases may take.
const leaseTime = 10 * time.Second

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
	if !j.stored && !w.enter(ctx, name, j) {
		return o, false
	}
	succeeded := false
	defer func() { w.store.inFlight(name).leave(j.delivery.ID, succeeded) }()
	if early := j.startAt.Sub(w.store.now()); !j.startAt.IsZero() && early > 0 && !pause(ctx, early) {
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
	r := w.send(ctx, j, form, started)
	if r.Cancelled {
		w.abandon(j)
		return o, false
	}
	if r.Internal() {
		slog.Error("a request could not be made; it is tried again", "delivery", j.delivery.ID, "endpoint",
			j.endpoint.ID, "error", r.Err)
	}
	succeeded = r.Succeeded()
	o = conclude(j, r, form, started, w.store.now(), rand.Float64())
	if !w.complete(o) {
		return o, false
	}
	if !o.internal {
		w.observe(Observation{o.delivery, o.attempt, j.endpoint})
	}
	return o, true
}

func (w *Worker) send(ctx context.Context, j job, form string, at time.Time) sender.Result {
	body, contentType, err := Render(form, j.event)
	if err != nil {
		return sender.InternalError(j.endpoint, err)
	}
	return w.sender.Send(ctx, j.endpoint, sender.Message{ID: j.event.WireID(), At: at, Body: body,
		ContentType: contentType})
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

// abandon gives up the lease of an attempt that this process stopped: another takes it over at once.
func (w *Worker) abandon(j job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), leaseTime)
	defer cancel()
	if err := w.store.expireLease(ctx, j.delivery); err != nil {
		slog.Warn("a lease could not be given up; it expires", "delivery", j.delivery.ID, "error", err)
	}
}

// complete records the outcome, again and again until its lease is over: without the record the request would be made
// once more.
func (w *Worker) complete(o outcome) bool {
	return w.persist(o.delivery.ID, func(ctx context.Context) error { return w.store.Complete(ctx, o) })
}

// persist tries a change of a delivery until it succeeds or the lease is over.
func (w *Worker) persist(deliveryID string, change func(ctx context.Context) error) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), w.store.config.Lease)
	defer cancel()
	for wait := shortly; ; wait *= 2 {
		err := change(ctx)
		if err == nil {
			return true
		}
		if w.ctx.Err() != nil || !pause(ctx, wait) {
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
		slog.Warn("enqueueing failed; the reconciler will do it", "delivery", o.delivery.ID, "error", err)
	}
}

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
	return background.Wait(ctx, &w.running)
}

// pause waits; it is false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
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
		"duration_ms", float64(took)/float64(time.Millisecond), "next_attempt_at", o.Delivery.NextAttemptAt.Pointer())
}

// expireLease ends the lease of an attempt that is under way, if the delivery has a row.
func (s *Store) expireLease(ctx context.Context, d Delivery) error {
	return s.db.Read(ctx).Model(&Delivery{}).Where("id = ? AND status = ? AND attempt_count = ?", mustUUID(d.ID),
		Delivering, d.AttemptCount).Update("deadline_at", db.At(s.now())).Error
}
