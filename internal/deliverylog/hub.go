package deliverylog

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/principal"
)

// backlog is how many unread changes a viewer may have before it is dropped.
const backlog = 512

// source reads changes; *Store is one.
type source interface {
	Recent(ctx context.Context, scope principal.Scope, limit int, statuses ...delivery.Status) ([]Mark, error)
	Changes(ctx context.Context, scope principal.Scope, deliveryIDs []string) ([]Change, error)
}

// Hub sends changes of deliveries to viewers. It reads each change once for each watched tenant, however many viewers
// there are. Notices say what to read; changes without a notice are found within a second.
type Hub struct {
	source  source
	now     clock.Clock
	notices redis.UniversalClient // nil: no notices
	ctx     context.Context       // ends with Stop
	stop    context.CancelFunc
	done    sync.WaitGroup

	mu    sync.Mutex
	feeds map[principal.Scope]*feed
}

// NewHub makes a Hub. notices is the Redis that Notices are sent through; it may be nil.
func NewHub(s source, now clock.Clock, notices redis.UniversalClient) *Hub {
	ctx, cancel := context.WithCancel(context.Background())
	return &Hub{source: s, now: now, notices: notices, ctx: ctx, stop: cancel, feeds: map[principal.Scope]*feed{}}
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

// Wake makes the hub read deliveries of a tenant that is watched, or without ids look for changes, at once.
func (h *Hub) Wake(scope principal.Scope, deliveryIDs ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.feeds[scope]
	if r == nil {
		return
	}
	if len(deliveryIDs) == 0 || len(r.noticed)+len(deliveryIDs) > noticedMost {
		r.lookNow = true
	} else {
		for _, deliveryID := range deliveryIDs {
			r.noticed[deliveryID] = struct{}{}
		}
	}
	select {
	case r.wake <- struct{}{}:
	default:
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
	C    chan Change
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
			viewers: map[*Viewer]struct{}{}, noticed: map[string]struct{}{}, known: map[string]Mark{}}
		h.feeds[scope] = r
		ctx, cancel := context.WithCancel(h.ctx)
		r.close = cancel
		h.done.Go(func() { r.run(ctx) })
	}
	v := &Viewer{C: make(chan Change, backlog), feed: r}
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
