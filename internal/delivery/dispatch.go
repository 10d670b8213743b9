package delivery

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/queue"
)

// Dispatcher puts committed events on the queue, and fans those out that were not when they were stored. When its
// buffers are full, or the process dies, or Redis is away, that is left to the reconciler, which finds it in SQL.
type Dispatcher struct {
	store   *Store
	tasks   tasks
	shares  shares
	batches chan task
	wide    chan id.UUID // events that are yet to be fanned out
	costly  chan id.UUID // the same, of tenants whose filters take long: others don't wait for those
	stop    chan struct{}
	done    sync.WaitGroup
}

// task is one that is to be added to the queue.
type task struct {
	queue     string
	committed time.Time
	events    []id.UUID
	delivery  id.UUID // instead of events: one that has a row, whatever state its task has
}

const (
	dispatchBuffer = 16_384
	enqueueCount   = 8 // Redis round trips under way
	enqueueLimit   = 10 * time.Second
	// taskMost is how many deliveries a task has at most, unless a single event has more.
	taskMost    = 100
	fanOutBatch = 100
	// fanOutLimit bounds the transaction of a fan-out, which takes well below a second. One that takes this long waits
	// for a database that hangs; the reconciler fans the events out when it answers again.
	fanOutLimit = 15 * time.Second
)

// NewDispatcher makes a Dispatcher; Start starts it.
func NewDispatcher(store *Store, t tasks) *Dispatcher {
	return &Dispatcher{store: store, tasks: t, shares: newShares(store.now), batches: make(chan task, dispatchBuffer),
		wide: make(chan id.UUID, dispatchBuffer), costly: make(chan id.UUID, dispatchBuffer),
		stop: make(chan struct{})}
}

// Start starts the goroutines.
func (d *Dispatcher) Start(context.Context) error {
	d.done.Go(func() { d.fanOutFrom(d.wide, false) })
	d.done.Go(func() { d.fanOutFrom(d.costly, true) })
	for range enqueueCount {
		d.done.Go(d.enqueue)
	}
	return nil
}

// Stop stops the goroutines after what they are doing and waits for them to exit, until ctx ends. It is called once.
func (d *Dispatcher) Stop(ctx context.Context) error {
	close(d.stop)
	return background.Wait(ctx, &d.done)
}

// Committed is told of events that share a commit: they become one task, or a few. It never blocks.
func (d *Dispatcher) Committed(events []event.Event) {
	now := time.Now()
	groups := map[string]*task{}
	width := map[string]int{}
	for _, e := range events {
		if e.DispatchedAt.IsZero() {
			if d.store.costs.over(e.TenantID) {
				later(d.costly, e)
			} else {
				later(d.wide, e)
			}
			continue
		}
		due := len(e.Endpoints) - e.Settled
		if due == 0 { // the releaser has what is throttled
			continue
		}
		name := d.shares.queueOf(e.TenantID, due)
		g := groups[name]
		if g != nil && width[name]+due > taskMost {
			d.offer(*g)
			g = nil
		}
		if g == nil {
			g = &task{queue: name, committed: now}
			groups[name], width[name] = g, 0
		}
		g.events = append(g.events, e.UUID())
		width[name] += due
	}
	for _, g := range groups {
		d.offer(*g)
	}
}

// Enqueue asks for a delivery that has a row to be run soon, whatever the queue believes about it. It never blocks.
func (d *Dispatcher) Enqueue(deliveryID string) {
	u, err := id.Parse(deliveryID)
	if err != nil {
		return
	}
	d.offer(task{queue: queue.Fast, delivery: u})
}

func (d *Dispatcher) offer(t task) {
	select {
	case d.batches <- t:
	default:
	}
}

func (d *Dispatcher) enqueue() {
	for {
		select {
		case <-d.stop:
			return
		case t := <-d.batches:
			ctx, cancel := context.WithTimeout(context.Background(), enqueueLimit)
			var err error
			if len(t.events) > 0 {
				err = d.tasks.EnqueueEvents(ctx, t.queue, t.committed, t.events)
			} else {
				err = d.tasks.Run(ctx, t.queue, t.delivery)
			}
			if err != nil {
				queue.Warn("enqueueing failed; the reconciler will do it", "events", len(t.events), "error", err)
			}
			cancel()
		}
	}
}

// later has an event fanned out that was stored without that. It never blocks.
func later(to chan<- id.UUID, e event.Event) {
	select {
	case to <- e.UUID():
	default:
	}
}

// fanOutFrom fans out events that were stored without that. With half it then pauses for as long as that took, so that
// filters that take long leave half of a core to others.
func (d *Dispatcher) fanOutFrom(events <-chan id.UUID, half bool) {
	for {
		var ids []id.UUID
		select {
		case <-d.stop:
			return
		case u := <-events:
			ids = append(ids, u)
		}
		for more := true; more && len(ids) < fanOutBatch; {
			select {
			case u := <-events:
				ids = append(ids, u)
			default:
				more = false
			}
		}
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), fanOutLimit)
		left, err := d.FanOut(ctx, ids)
		cancel()
		if err != nil {
			slog.Error("fan-out failed; the reconciler will do it", "events", len(ids), "error", err)
		}
		for _, e := range left {
			later(d.costly, e)
		}
		if !half {
			continue
		}
		select {
		case <-d.stop:
			return
		case <-time.After(time.Since(began)):
		}
	}
}

// FanOut fans events out and enqueues their deliveries, several in a task; see Store.FanOut.
func (d *Dispatcher) FanOut(ctx context.Context, eventIDs []id.UUID) (left []event.Event, err error) {
	rows, left, err := d.store.FanOut(ctx, eventIDs)
	if err != nil {
		return nil, err
	}
	byQueue := map[string][]id.UUID{}
	for _, row := range rows {
		name := d.shares.queueOf(row.TenantID, 1)
		byQueue[name] = append(byQueue[name], mustUUID(row.ID))
	}
	for name, ids := range byQueue {
		for part := range slices.Chunk(ids, taskMost) {
			if err := d.tasks.EnqueueRows(ctx, name, part); err != nil {
				return left, err
			}
		}
	}
	return left, nil
}

// shareMost is how many deliveries a tenant may enqueue, in this second and the one before, until more are enqueued in
// the bulk queue. Workers make several times as many, and most tenants never have them.
const shareMost = 250

// shares says in which queue a tenant's deliveries wait. The queues are worked on side by side: who has very many at
// once loses nothing, and nobody waits behind them.
type shares struct{ recent *clock.Recent[string] }

func newShares(now clock.Clock) shares { return shares{clock.NewRecent[string](now)} }

// queueOf is the queue of n more deliveries of a tenant.
func (s shares) queueOf(tenantID string, n int) string {
	if s.recent.AddN(tenantID, n) > shareMost {
		return queue.Bulk
	}
	return queue.Fast
}
