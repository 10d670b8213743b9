package deliverylog

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/principal"
)

const (
	// lookEvery is how late a change without a notice is found.
	lookEvery = time.Second
	// pause is the shortest time between two reads.
	pause = 100 * time.Millisecond
	// lookMost is how many of the newest deliveries, and of those in each status that is under way, are looked at for
	// changes without a notice.
	lookMost = 1000
	// noticedMost is how many ids wait to be read; with more, the tenant is looked at instead.
	noticedMost = 10_000
	// readLimit is how many deliveries one query reads.
	readLimit = 500
	// overlap is how much later than it was stamped a change may be committed, or how far the clocks of two processes
	// may be apart.
	overlap = 5 * time.Second
	// remember is how long a delivery that is over is remembered, at least.
	remember = time.Minute
	// lookTimeout limits one look.
	lookTimeout = 10 * time.Second
)

// underWay are the statuses of deliveries that change.
var underWay = []delivery.Status{delivery.Pending, delivery.Delivering, delivery.Retrying}

// feed reads the changes of one tenant's environment for its viewers. It closes when the last one leaves.
type feed struct {
	hub    *Hub
	scope  principal.Scope
	wake   chan struct{}
	opened chan struct{} // closed when the changes before the first viewer are known
	close  context.CancelFunc

	// under hub.mu
	viewers map[*Viewer]struct{}
	noticed map[string]struct{} // ids to be read
	lookNow bool

	begun time.Time
	known map[string]Mark // by id: the deliveries under way, and recent ones, as the viewers know them
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
	var looked time.Time
	for wait(ctx, lookEvery, r.wake) {
		ids, look := r.takeNotices()
		do := r.read
		if look || time.Since(looked) >= lookEvery {
			looked, do = time.Now(), r.look
		}
		if err := do(ctx, ids); err != nil && ctx.Err() == nil {
			slog.Warn("reading the live log failed; will retry", "tenant", r.scope.TenantID, "error", err)
			r.giveBack(ids)
		}
		if !wait(ctx, pause, nil) {
			return
		}
	}
}

// takeNotices returns the ids that notices had since the last call, and whether to look for further changes.
func (r *feed) takeNotices() (ids []string, look bool) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	ids, look = slices.Collect(maps.Keys(r.noticed)), r.lookNow
	clear(r.noticed)
	r.lookNow = false
	return ids, look
}

// giveBack has ids read with the next look.
func (r *feed) giveBack(ids []string) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	for _, deliveryID := range ids[:min(len(ids), max(0, noticedMost-len(r.noticed)))] {
		r.noticed[deliveryID] = struct{}{}
	}
}

// open reads what is not new.
func (r *feed) open(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	r.begun = r.hub.now()
	marks, err := r.hub.source.Recent(ctx, r.scope, lookMost, underWay...)
	for _, m := range marks {
		r.known[m.ID] = m
	}
	return err == nil
}

// look finds changes among the newest deliveries and those under way, and sends them and the deliveries with the ids.
func (r *feed) look(ctx context.Context, ids []string) error {
	limited, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	marks, err := r.hub.source.Recent(limited, r.scope, lookMost, underWay...)
	if err != nil {
		return err
	}
	current := make(map[string]bool, len(marks))
	for _, m := range marks {
		current[m.ID] = true
		known, found := r.known[m.ID]
		switch {
		case known == m:
		case !found && m.ChangedAt.Before(r.begun.Add(-overlap)): // an old one takes the place of another
			r.known[m.ID] = m
		default:
			ids = append(ids, m.ID)
		}
	}
	return r.read(ctx, append(ids, r.left(current)...))
}

// left returns at most lookMost of the deliveries that were under way and are not among the current ones: they are over
// by now, or there are too many. It forgets others that are not current.
func (r *feed) left(current map[string]bool) []string {
	var ids []string
	for deliveryID, m := range r.known {
		switch {
		case current[deliveryID]:
		case !m.Status.Final() && len(ids) < lookMost:
			ids = append(ids, deliveryID)
		case !m.Status.Final(), m.ChangedAt.Before(r.hub.now().Add(-remember)):
			delete(r.known, deliveryID)
		}
	}
	return ids
}

// read sends those of the deliveries that are not as the viewers know them.
func (r *feed) read(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	slices.Sort(ids)
	for part := range slices.Chunk(slices.Compact(ids), readLimit) {
		changes, err := r.hub.source.Changes(ctx, r.scope, part)
		if err != nil {
			return err
		}
		found := make(map[string]bool, len(changes))
		for _, c := range changes {
			found[c.Delivery.ID] = true
			if m := MarkOf(c.Delivery); r.known[m.ID] != m {
				r.known[m.ID] = m
				r.send(c)
			}
		}
		for _, deliveryID := range part {
			if !found[deliveryID] { // deleted
				delete(r.known, deliveryID)
			}
		}
	}
	return nil
}

// send sends a change to all viewers. It never blocks: a viewer that is too far behind is dropped.
func (r *feed) send(c Change) {
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
