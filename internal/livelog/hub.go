// Package livelog streams changes of deliveries. SQL is authoritative here too: for each tenant that is watched, a
// process reads the deliveries that changed since its last look, and sends them to all viewers. Notices through Redis
// only make it look at once; when they are missing, or Redis is unreachable, it looks every second.
//
//	worker ── Notices ──► Redis ──► Hub.listen ──► feed ── Changed, Changes ──► SQL
//	                                                └──► every Viewer
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
	// lookEvery is how late a change without a notice is read.
	lookEvery = time.Second
	// pause is the shortest time between two looks.
	pause = 100 * time.Millisecond
	// overlap is how long a transaction may take to commit a change: each look goes back by as much.
	overlap = 5 * time.Second
	// lookLimit is how many changes one look reads; the next one reads the rest.
	lookLimit = 10_000
	// readLimit is how many deliveries one query reads.
	readLimit = 500
	// backlog is how many unread changes a viewer may have before it is dropped.
	backlog = 512
	// lookTimeout limits one look.
	lookTimeout = 10 * time.Second
)

// source reads changes; *delivery.Store is one.
type source interface {
	Clock(ctx context.Context) (time.Time, error)
	Changed(ctx context.Context, scope principal.Scope, after time.Time, limit int) ([]delivery.Mark, error)
	Changes(ctx context.Context, scope principal.Scope, ids []string) ([]delivery.Change, error)
}

// Hub sends changes to viewers. It looks once for each watched tenant, however many viewers there are.
type Hub struct {
	source  source
	notices redis.UniversalClient // nil: no notices
	ctx     context.Context       // ends with Stop
	stop    context.CancelFunc
	done    sync.WaitGroup

	mu    sync.Mutex
	feeds map[principal.Scope]*feed
}

// NewHub makes a Hub. notices is the Redis that Notices are sent through; without it, and before Start, changes are
// read within a second.
func NewHub(s source, notices redis.UniversalClient) *Hub {
	ctx, cancel := context.WithCancel(context.Background())
	return &Hub{source: s, notices: notices, ctx: ctx, stop: cancel, feeds: map[principal.Scope]*feed{}}
}

// Start subscribes to notices.
func (h *Hub) Start(context.Context) error {
	if h.notices != nil {
		h.done.Go(h.listen)
	}
	return nil
}

// Stop closes every viewer and waits, until ctx ends, for the goroutines of the hub to exit.
func (h *Hub) Stop(ctx context.Context) error {
	h.stop()
	return background.Wait(ctx, &h.done)
}

// Wake makes the hub look at once at a tenant that is watched.
func (h *Hub) Wake(scope principal.Scope) {
	h.mu.Lock()
	r := h.feeds[scope]
	h.mu.Unlock()
	if r != nil {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

// Viewers is the number of viewers.
func (h *Hub) Viewers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, r := range h.feeds {
		n += len(r.viewers)
	}
	return n
}

// Viewer gets changes until it leaves. C is closed when it is too slow, or when the hub stops.
type Viewer struct {
	C    chan delivery.Change
	feed *feed
}

// Watch adds a viewer. It gets every change that is committed after Watch returned.
func (h *Hub) Watch(ctx context.Context, scope principal.Scope) (*Viewer, error) {
	if err := scope.Check(); err != nil {
		return nil, err
	}
	h.mu.Lock()
	r := h.feeds[scope]
	if r == nil {
		r = &feed{hub: h, scope: scope, wake: make(chan struct{}, 1), opened: make(chan struct{}),
			viewers: map[*Viewer]struct{}{}, seen: map[string]time.Time{}}
		h.feeds[scope] = r
		ctx, cancel := context.WithCancel(h.ctx)
		r.close = cancel
		h.done.Go(func() { r.run(ctx) })
	}
	v := &Viewer{C: make(chan delivery.Change, backlog), feed: r}
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

// Leave removes the viewer. It may be called more than once.
func (v *Viewer) Leave() {
	h := v.feed.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	v.feed.drop(v)
}

// feed reads the changes of one tenant's environment for its viewers. It closes when the last one leaves.
type feed struct {
	hub     *Hub
	scope   principal.Scope
	wake    chan struct{}
	opened  chan struct{} // closed when the changes before the first viewer are known
	close   context.CancelFunc
	viewers map[*Viewer]struct{} // under hub.mu

	since time.Time            // the time of the last change that was read
	seen  map[string]time.Time // the last change that was read, of deliveries that changed within the overlap
}

// drop is called under the hub's lock.
func (r *feed) drop(v *Viewer) {
	if _, in := r.viewers[v]; !in {
		return
	}
	delete(r.viewers, v)
	close(v.C)
	if len(r.viewers) == 0 && r.hub.feeds[r.scope] == r {
		delete(r.hub.feeds, r.scope)
		r.close()
	}
}

func (r *feed) run(ctx context.Context) {
	defer r.empty()
	for !r.open(ctx) { // the database is unreachable
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

// open reads the changes that are not new.
func (r *feed) open(ctx context.Context) bool {
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

// look reads new changes and sends them to the viewers.
func (r *feed) look(ctx context.Context) error {
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
			r.send(c)
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

// send sends a change to all viewers. It never blocks: a viewer that is too far behind is dropped.
func (r *feed) send(c delivery.Change) {
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

func (r *feed) empty() {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	for v := range r.viewers {
		r.drop(v)
	}
}
