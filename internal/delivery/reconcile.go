package delivery

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/queue"
)

// Reconciler makes SQL's truth happen whatever became of tasks and workers. It fans events out that were not, gives a
// row to each planned delivery that nobody has run, puts rows back on the queue that it has not moved on, and takes
// attempts over whose lease expired. It runs in every process, one at a time.
type Reconciler struct {
	*background.Routine

	dispatcher *Dispatcher
	queue      reconciledQueue
	horizons   []horizon // that are yet to be walked to
	seen       int64     // the last position that was a horizon
	latencies  []latency
	strayed    time.Time // when all rows that are overdue were looked through last
	answered   time.Time // when the database did last
	wall       time.Time // what the clock said then
	steady     time.Time // since when the database has answered, without a pause and by a clock that nobody set
	forgotten  []string  // dead letters that Redis is yet to be told of again
	newestDead func(ctx context.Context, limit int) ([]string, error)
}

// reconciledQueue is what the reconciler needs of the queue.
type reconciledQueue interface {
	tasks
	Latency() (time.Duration, error)
	HasMemory(ctx context.Context) (bool, error)
	MarkMemory(ctx context.Context) error
	Register(ctx context.Context) error
}

// horizon is a position in the log of events before which nothing was going to be committed any more at a moment.
type horizon struct {
	position int64
	at       time.Time
	wall     db.Time
}

type latency struct {
	wait time.Duration
	at   time.Time
}

const (
	reconcileEvery = time.Second
	reconcileBatch = 500
	// reconcileAfter is how long the queue has, beyond its own latency, to run what was committed. It is longer than
	// lateAfter and leaseAfter together: what a worker runs for the first time has a row by then.
	reconcileAfter = 8 * time.Second
	// backlogMost is how long deliveries wait in a backlog until they get rows all the same, so that their owners see
	// them, also while no worker runs. Their task then claims those rows.
	backlogMost = 10 * time.Second
	// fanOutAfter is how long the dispatcher has to fan an event out. It only has to be longer than that takes: one
	// that is done twice at once is done once.
	fanOutAfter = 2 * time.Second
	runCount    = 8 // Redis round trips under way
	// strayEvery is how often all rows that are overdue are looked through while the queue has a backlog.
	strayEvery = 5 * time.Second
	// pauseMost is how long the database, or this process, may pause without leases expiring meanwhile.
	pauseMost = 4 * time.Second
	// setMost is how far the clock may be set without leases expiring meanwhile.
	setMost = time.Second
	// renewFor is how long workers have after a pause to renew their leases and record their outcomes.
	renewFor = 4 * time.Second
	// reconcileLock is what processes take turns by.
	reconcileLock = "hookline:reconciler"
)

// NewReconciler makes a Reconciler. newestDead returns the ids of the dead letters that died last, the latest last.
func NewReconciler(d *Dispatcher, q reconciledQueue, newestDead func(ctx context.Context, limit int) ([]string,
	error)) *Reconciler {
	r := &Reconciler{dispatcher: d, queue: q, newestDead: newestDead}
	r.Routine = background.Every(reconcileEvery, "reconciling failed", r.tick)
	return r
}

// tick runs every step; a failing step is logged and does not stop the others.
func (r *Reconciler) tick(ctx context.Context) error {
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"events", r.undispatched}, {"queue", r.measure}, {"plans", r.plans}, {"rows", r.rows},
		{"archive", r.rearchive},
	} {
		if err := step.run(ctx); err != nil && ctx.Err() == nil {
			queue.Warn("reconciling failed; will retry", "step", step.name, "error", err)
		}
	}
	return nil
}

// beat notes that the database answered. wall is what the clock says, by which leases expire. An interruption while
// the reconciler waits for the workers because of another does not prolong the wait: on a machine that is overloaded
// there would be one after the other.
func (r *Reconciler) beat(wall time.Time) {
	now := time.Now()
	passed := now.Sub(r.answered)
	byClock := wall.Round(0).Sub(r.wall.Round(0)) // without the monotonic clock
	interrupted := passed > pauseMost || (byClock-passed).Abs() > setMost
	if interrupted && now.Sub(r.steady) >= renewFor {
		r.steady = now
	}
	r.answered, r.wall = now, wall
}

// renewed reports whether every living worker has had time to renew its leases and to record the outcomes that it
// could not record before, since the last pause of the database or of this process, and since its clock was set. What
// is not recorded by then is lost.
func (r *Reconciler) renewed(wall time.Time) bool {
	r.beat(wall)
	return time.Since(r.steady) >= renewFor
}

// undispatched fans out events that the dispatcher did not. A tenant whose filters take long has one turn in a tick.
func (r *Reconciler) undispatched(ctx context.Context) error {
	d := r.dispatcher
	before := d.store.now().Add(-fanOutAfter)
	var had []string // ids of tenants that had their turn
	var last []id.UUID
	for {
		ids, err := d.store.events.Undispatched(ctx, before, had, fanOutBatch)
		if err != nil {
			return err
		}
		r.beat(r.dispatcher.store.now())
		if len(ids) == 0 || slices.Equal(ids, last) { // the dispatcher has those now
			return nil
		}
		last = ids
		left, err := r.fanOut(ctx, ids)
		if err != nil || (len(left) == 0 && len(ids) < fanOutBatch) {
			return err
		}
		for _, e := range left {
			if !slices.Contains(had, e.TenantID) {
				had = append(had, e.TenantID)
			}
		}
	}
}

// fanOut falls back to one event at a time, so that an event that can't be fanned out holds up no other. It returns
// the events that are left; see Store.FanOut.
func (r *Reconciler) fanOut(ctx context.Context, ids []id.UUID) ([]event.Event, error) {
	left, err := r.dispatcher.FanOut(ctx, ids)
	if err == nil || len(ids) == 1 {
		return left, err
	}
	var failed error
	for _, u := range ids {
		if _, single := r.dispatcher.FanOut(ctx, []id.UUID{u}); single != nil {
			slog.Error("an event can't be fanned out", "event", u.TypeID(id.Event), "error", single)
			failed = single
		}
	}
	return nil, failed // those are looked at again at the next tick, not at once
}

// measure notes the latency of the queue while something may wait there. What waits in the queue is not lost.
func (r *Reconciler) measure(ctx context.Context) error {
	oldest, err := r.dispatcher.store.OldestWaiting(ctx)
	if err != nil || (len(r.horizons) == 0 && (oldest.IsZero() || oldest.After(r.dispatcher.store.now()))) {
		return err
	}
	if err := r.queue.Alive(ctx); err != nil {
		return err
	}
	wait, err := r.queue.Latency()
	if err != nil {
		return err
	}
	now := time.Now()
	r.latencies = append(r.latencies, latency{wait, now})
	r.latencies = slices.DeleteFunc(r.latencies, func(l latency) bool { return now.Sub(l.at) > reconcileAfter })
	return nil
}

// behind is the longest latency that was measured lately: a task that was taken from a queue with a backlog just before
// it was empty may be running.
func (r *Reconciler) behind() time.Duration {
	var longest time.Duration
	for _, l := range r.latencies {
		longest = max(longest, l.wait)
	}
	return longest
}

// plans walks committed events in an order in which no commit can appear behind it, and gives a row to each delivery
// that should have one by now. It waits by the time that passes in this process, so a clock that is set changes
// nothing.
func (r *Reconciler) plans(ctx context.Context) error {
	s, now := r.dispatcher.store, time.Now()
	h, err := s.events.Horizon(ctx)
	if err != nil {
		return err
	}
	if h != r.seen { // nobody has written anything since, so there is nothing more to walk
		r.seen = h
		r.horizons = append(r.horizons, horizon{h, now, db.At(s.now())})
	}
	ripe, behind := -1, reconcileAfter+min(r.behind(), backlogMost)
	for i, h := range r.horizons {
		if now.Sub(h.at) >= behind {
			ripe = i
		}
	}
	if ripe < 0 || !r.renewed(s.now()) {
		return nil
	}
	for done := false; !done; r.beat(s.now()) {
		if done, err = s.walk(ctx, r.horizons[ripe]); err != nil {
			return err // the next tick walks there again
		}
	}
	r.horizons = r.horizons[ripe+1:]
	return nil
}

// walk looks at the next events up to a horizon. done says that there are no more.
func (s *Store) walk(ctx context.Context, upTo horizon) (done bool, err error) {
	err = event.PartitionedTx(ctx, s.db, func(tx *gorm.DB) error {
		ours, err := s.db.TryAdvisoryLock(tx, reconcileLock)
		if err != nil || !ours {
			done = true
			return err
		}
		var events []event.Event
		var last int64
		if events, last, done, err = s.events.Walk(tx, upTo.position, reconcileBatch); err != nil {
			return err
		}
		if len(events) == 0 { // nothing is written while nothing happens
			return nil
		}
		if err := s.giveRows(tx, events); err != nil {
			return err
		}
		return s.events.Walked(tx, last, upTo.wall)
	})
	return done, err
}

// giveRows gives a row to each delivery of the events that has none, due now. The row of one that this process is
// attempting carries a lease: it could not store that in time.
func (s *Store) giveRows(tx *gorm.DB, events []event.Event) error {
	all := deliveriesOf(events)
	existing, err := s.existing(tx, all)
	if err != nil || len(existing) == len(all) {
		return err
	}
	endpoints, err := s.targets(tx, events)
	if err != nil {
		return err
	}
	jobs, _ := s.planned(events, endpoints, existing)
	now := s.now()
	var rows []Delivery
	var attempts []Attempt
	for _, j := range jobs {
		d := j.delivery
		if s.leases.holds(mustUUID(d.ID)) {
			j.delivery = s.leased(d, now)
			rows, attempts = append(rows, j.delivery), append(attempts, running(j, now))
			continue
		}
		d.AttemptCount, d.NextAttemptAt, d.DeadlineAt, d.ChangedAt = 0, db.At(now), db.At(now), db.At(now)
		rows = append(rows, d)
	}
	slog.Info("deliveries were not run in time; they are now", "count", len(rows)-len(attempts))
	s.metrics.reconciled.Add(uint64(len(rows) - len(attempts)))
	if err := s.insertTrouble(tx, rows); err != nil || len(attempts) == 0 {
		return err
	}
	_, err = db.InsertNew(tx, attempts)
	return err
}

// rows puts those back on the queue that it has not moved on.
func (r *Reconciler) rows(ctx context.Context) error {
	if err := r.queue.Alive(ctx); err != nil {
		return err // nothing is due on a schedule that is away; SQL keeps it all
	}
	if err := r.remember(ctx); err != nil {
		return err
	}
	s := r.dispatcher.store
	oldest, err := s.OldestWaiting(ctx)
	now := s.now()
	if err != nil || oldest.IsZero() || oldest.After(now) {
		return err
	}
	behind := r.behind()
	strays := behind > 0 && now.Sub(r.strayed).Abs() >= strayEvery
	if strays {
		r.strayed = now
	}
	for {
		overdue, err := s.overdue(ctx, now, now.Add(-behind), strays, r.renewed(now), reconcileBatch)
		if err != nil || len(overdue) == 0 {
			return err
		}
		r.beat(r.dispatcher.store.now())
		slog.Debug("deliveries were overdue", "count", len(overdue))
		s.metrics.reconciled.Add(uint64(len(overdue)))
		if err := r.enqueue(ctx, overdue); err != nil || len(overdue) < reconcileBatch {
			return err
		}
	}
}

// enqueue puts rows on the queue, several in a task: what a crash or an emptied Redis left behind may be very much, and
// a task of several claims them in one transaction.
func (r *Reconciler) enqueue(ctx context.Context, rows []Delivery) error {
	byQueue := map[string][]id.UUID{}
	for _, d := range rows {
		if d.Admission == Deferred { // the releaser has it
			continue
		}
		name := queue.Slow
		if d.Admission != Admitted {
			name = r.dispatcher.shares.queueOf(d.TenantID, 1)
		}
		byQueue[name] = append(byQueue[name], mustUUID(d.ID))
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runCount)
	for name, ids := range byQueue {
		for part := range slices.Chunk(ids, taskMost) {
			g.Go(func() error {
				if len(part) == 1 { // it may have a task, in whatever state
					return r.queue.Run(gctx, name, part[0])
				}
				return r.queue.EnqueueRows(gctx, name, part)
			})
		}
	}
	return g.Wait()
}

// remember notices that Redis, or one server of a Cluster, lost its memory, and then has every waiting row looked at as
// soon as it is due.
func (r *Reconciler) remember(ctx context.Context) error {
	known, err := r.queue.HasMemory(ctx)
	if err != nil || known {
		return err
	}
	slog.Info("Redis knows nothing of us; the schedule is rebuilt from the database")
	if err := r.queue.Register(ctx); err != nil {
		return err
	}
	if err := r.dispatcher.store.recall(ctx); err != nil {
		return err
	}
	if r.forgotten, err = r.newestDead(ctx, archiveSize); err != nil {
		return err
	}
	return r.queue.MarkMemory(ctx)
}

const (
	archiveSize  = 9_999 // what Asynq's archive holds
	archiveBatch = 100   // a tick, so that dead letters don't stand in the way of the living
)

// rearchive shows operators' tools, a little at each tick, the dead letters that Redis forgot, the latest last, since
// the archive drops what came first. A task is only enqueued: the worker finds its delivery dead and archives it with
// the mark by which a run that an operator asks for is known.
func (r *Reconciler) rearchive(ctx context.Context) error {
	if len(r.forgotten) == 0 {
		return nil
	}
	some := r.forgotten[:min(archiveBatch, len(r.forgotten))]
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runCount)
	for _, deliveryID := range some {
		g.Go(func() error { return r.queue.EnqueueRows(gctx, queue.Fast, []id.UUID{mustUUID(deliveryID)}) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	r.forgotten = r.forgotten[len(some):]
	return nil
}
