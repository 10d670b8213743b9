// Package livelog shows the delivery log as it happens. SQL is the truth here too: a process reads, for each tenant
// that somebody watches, what changed since it looked last, and hands it to all who watch. Messages through Redis only
// say that looking is worth it now; when they are lost, or Redis is away, it looks every second anyway.
//
//	worker ── Hints ──► Redis ──► Hub.listen ──► room ── Changed, Changes ──► SQL
//	                                              └──► every Viewer
package livelog

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/principal"
)

const (
	// lookEvery is how late a change is seen that no hint tells of.
	lookEvery = time.Second
	// pause is between two looks, however many hints come.
	pause = 100 * time.Millisecond
	// overlap is how long a transaction may take to commit a change without the change being missed.
	overlap = 5 * time.Second
	// lookLimit is how many changes one look takes; what is beyond is seen by the next.
	lookLimit = 10_000
	// readLimit is how many deliveries one query reads.
	readLimit = 500
	// backlog is how many changes a viewer may be behind before it is dropped.
	backlog = 512
	// lookTimeout bounds one look at the database.
	lookTimeout = 10 * time.Second
)

// source is what the hub reads; *delivery.Store is one.
type source interface {
	Clock(ctx context.Context) (time.Time, error)
	Changed(ctx context.Context, scope principal.Scope, after time.Time, limit int) ([]delivery.Mark, error)
	Changes(ctx context.Context, scope principal.Scope, ids []string) ([]delivery.Change, error)
}

// Hub hands changes to viewers. Its cost is one look for each tenant that is watched, however many watch.
type Hub struct {
	source source
	hints  redis.UniversalClient // nil: changes are only seen by looking
	ctx    context.Context       // ends with Stop
	stop   context.CancelFunc
	done   sync.WaitGroup

	mu    sync.Mutex
	rooms map[principal.Scope]*room
}

// NewHub makes a Hub. hints is the Redis that Hints are sent through; without it, and before Start, changes are seen
// within a second.
func NewHub(s source, hints redis.UniversalClient) *Hub {
	ctx, cancel := context.WithCancel(context.Background())
	return &Hub{source: s, hints: hints, ctx: ctx, stop: cancel, rooms: map[principal.Scope]*room{}}
}

// Start subscribes to hints.
func (h *Hub) Start(context.Context) error {
	if h.hints != nil {
		h.done.Go(h.listen)
	}
	return nil
}

// Stop closes every viewer and waits, until ctx ends, for the goroutines of the hub to exit.
func (h *Hub) Stop(ctx context.Context) error {
	h.stop()
	return background.Wait(ctx, &h.done)
}

// Wake makes the hub look at a tenant at once if somebody watches it.
func (h *Hub) Wake(scope principal.Scope) {
	h.mu.Lock()
	r := h.rooms[scope]
	h.mu.Unlock()
	if r != nil {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

// Viewers is how many watch.
func (h *Hub) Viewers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, r := range h.rooms {
		n += len(r.viewers)
	}
	return n
}

// Viewer gets changes until it leaves. C is closed when it was too slow, or when the hub stopped.
type Viewer struct {
	C    chan delivery.Change
	room *room
}

// Watch lets a viewer in. It gets every change from before Watch returned on.
func (h *Hub) Watch(ctx context.Context, scope principal.Scope) (*Viewer, error) {
	if err := scope.Check(); err != nil {
		return nil, err
	}
	h.mu.Lock()
	r := h.rooms[scope]
	if r == nil {
		r = &room{hub: h, scope: scope, wake: make(chan struct{}, 1), opened: make(chan struct{}), viewers: map[*Viewer]struct{}{}, seen: map[string]time.Time{}}
		h.rooms[scope] = r
		ctx, cancel := context.WithCancel(h.ctx)
		r.close = cancel
		h.done.Go(func() { r.run(ctx) })
	}
	v := &Viewer{C: make(chan delivery.Change, backlog), room: r}
	r.viewers[v] = struct{}{}
	h.mu.Unlock()
	select {
	case <-r.opened:
		return v, nil
	case <-ctx.Done():
		v.Leave()
		return nil, ctx.Err()
	}
}

// Leave ends watching. It may be called more than once.
func (v *Viewer) Leave() {
	h := v.room.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	v.room.drop(v)
}

// room is a tenant's environment that somebody watches. It closes when the last one leaves.
type room struct {
	hub     *Hub
	scope   principal.Scope
	wake    chan struct{}
	opened  chan struct{} // closed once it is known what is new
	close   context.CancelFunc
	viewers map[*Viewer]struct{} // under hub.mu

	since time.Time            // changes until then were seen, but for those that were committed late
	seen  map[string]time.Time // when the deliveries that changed within the overlap changed last
}

// drop is called under the hub's lock.
func (r *room) drop(v *Viewer) {
	if _, in := r.viewers[v]; !in {
		return
	}
	delete(r.viewers, v)
	close(v.C)
	if len(r.viewers) == 0 && r.hub.rooms[r.scope] == r {
		delete(r.hub.rooms, r.scope)
		r.close()
	}
}

func (r *room) run(ctx context.Context) {
	defer r.empty()
	for !r.open(ctx) { // the database is away
		if !wait(ctx, lookEvery, nil) {
			return
		}
	}
	close(r.opened)
	for wait(ctx, lookEvery, r.wake) {
		if err := r.look(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("reading the live log failed; will retry", "tenant", r.scope.TenantID, "error", err)
		}
		if !wait(ctx, pause, nil) {
			return
		}
	}
}

// wait waits for a time or a signal; it is false when ctx ended.
func wait(ctx context.Context, d time.Duration, signal <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-signal:
	case <-ctx.Done():
		return false
	}
	return true
}

// open finds out what is not new.
func (r *room) open(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	now, err := r.hub.source.Clock(ctx)
	if err != nil {
		return false
	}
	marks, err := r.hub.source.Changed(ctx, r.scope, now.Add(-overlap), lookLimit)
	r.since = now
	for _, m := range marks {
		r.seen[m.ID] = m.ChangedAt.Time
	}
	return err == nil
}

// look reads what is new and tells it.
func (r *room) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	marks, err := r.hub.source.Changed(ctx, r.scope, r.since.Add(-overlap), lookLimit)
	if err != nil {
		return err
	}
	var ids []string
	for _, m := range marks {
		if m.ChangedAt.After(r.seen[m.ID]) {
			ids = append(ids, m.ID)
		}
	}
	for part := range slices.Chunk(ids, readLimit) {
		changes, err := r.hub.source.Changes(ctx, r.scope, part)
		if err != nil {
			return err
		}
		for _, c := range changes {
			r.seen[c.Delivery.ID] = c.Delivery.ChangedAt.Time
			r.tell(c)
		}
	}
	if n := len(marks); n > 0 && marks[n-1].ChangedAt.After(r.since) {
		r.since = marks[n-1].ChangedAt.Time
	}
	for deliveryID, at := range r.seen {
		if at.Before(r.since.Add(-overlap)) {
			delete(r.seen, deliveryID)
		}
	}
	return nil
}

// tell hands a change to all who watch. It waits for nobody: who is too far behind is dropped.
func (r *room) tell(c delivery.Change) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	for v := range r.viewers {
		select {
		case v.C <- c:
		default:
			r.drop(v)
		}
	}
}

func (r *room) empty() {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	for v := range r.viewers {
		r.drop(v)
	}
}
