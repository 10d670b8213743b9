package delivery

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/hookline/hookline/internal/clock"
)

// InFlight bounds how many of the requests that are in flight in this process are of one endpoint, and of one tenant: a
// quarter and a half of those of a queue. What they have in flight of the other queue counts too. Who answers at least
// as fast as requests are made may have more, since the room is free again within a second; an eighth always stays for
// the others.
type InFlight struct {
	now clock.Clock

	mu       sync.Mutex
	capacity map[string]int // requests at a time, by queue; none for no bound
	loads    map[string]int // deliveries that were taken from a queue and are not complete
	requests map[string]request
	held     map[string]int        // requests of each endpoint and of each tenant
	done     *clock.Recent[string] // those that succeeded, likewise
	swept    time.Time
	waiters  []chan struct{} // first come, first served
}

type request struct {
	endpointID, tenantID, queue string
	since                       time.Time
}

func newInFlight(now clock.Clock) *InFlight {
	return &InFlight{now: now, capacity: map[string]int{}, loads: map[string]int{},
		requests: map[string]request{}, held: map[string]int{}, done: clock.NewRecent[string](now)}
}

func (f *InFlight) limit(queue string, capacity int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.capacity[queue] = capacity
}

func (f *InFlight) count(queue string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, r := range f.requests {
		if r.queue == queue {
			n++
		}
	}
	return n
}

// of is how many requests of an endpoint are in flight.
func (f *InFlight) of(endpointID string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.held[endpointID]
}

// take notes that n deliveries of a queue are this process's to complete; a negative n that they are complete.
func (f *InFlight) take(queue string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.loads[queue] += n
}

func (f *InFlight) load(queue string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.loads[queue]
}

// room is whether there is some for one more request.
type room int

const (
	full room = iota
	soon      // whoever has it all gives it back at once
	free
)

// enter takes room in a queue for a delivery's request if it is free; it is full when the endpoint or its tenant has
// its share.
func (f *InFlight) enter(d Delivery, queue string) room {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	f.sweep(now)
	if _, again := f.requests[d.ID]; again {
		return free
	}
	if capacity := f.capacity[queue]; capacity > 0 {
		own, all := f.room(d.EndpointID, capacity, 4), f.room(d.TenantID, capacity, 2)
		if own == full && !f.slow(now, func(r request) bool { return r.endpointID == d.EndpointID }) {
			own = soon
		}
		if all == full && !f.slow(now, func(r request) bool { return r.tenantID == d.TenantID }) {
			all = soon
		}
		if r := min(own, all); r != free {
			return r
		}
	}
	f.held[d.EndpointID]++
	f.held[d.TenantID]++
	f.requests[d.ID] = request{d.EndpointID, d.TenantID, queue, now}
	return free
}

// wait waits until somebody leaves, or some time has passed; it is false when ctx ended first.
func (f *InFlight) wait(ctx context.Context) bool {
	c := make(chan struct{})
	f.mu.Lock()
	f.waiters = append(f.waiters, c)
	f.mu.Unlock()
	t := time.NewTimer(shortly)
	defer t.Stop()
	select {
	case <-c:
		return true
	case <-t.C:
		f.mu.Lock()
		f.waiters = slices.DeleteFunc(f.waiters, func(w chan struct{}) bool { return w == c })
		f.mu.Unlock()
		return true
	case <-ctx.Done():
		return false
	}
}

// wakeMost is how many waiters one that leaves wakes: the first may want room that another endpoint has.
const wakeMost = 2

// answerIn is how soon an endpoint answers that holds nobody up. A worker that begins, or takes very many at once, has
// not seen an answer yet.
const answerIn = 500 * time.Millisecond

// slow says whether one of those requests has taken so long that more would only wait with it.
func (f *InFlight) slow(now time.Time, of func(request) bool) bool {
	for _, r := range f.requests {
		if of(r) && now.Sub(r.since) >= answerIn {
			return true
		}
	}
	return false
}

// leave gives the room back; leaving twice changes nothing.
func (f *InFlight) leave(deliveryID string, succeeded bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.end(deliveryID, succeeded)
	n := min(wakeMost, len(f.waiters))
	for _, c := range f.waiters[:n] {
		close(c)
	}
	f.waiters = f.waiters[n:]
}

func (f *InFlight) end(deliveryID string, succeeded bool) {
	was, ok := f.requests[deliveryID]
	if !ok {
		return
	}
	delete(f.requests, deliveryID)
	for _, id := range []string{was.endpointID, was.tenantID} {
		if f.held[id]--; f.held[id] == 0 {
			delete(f.held, id)
		}
		if succeeded {
			f.done.Add(id)
		}
	}
}

// requestMost is longer than any request takes.
const requestMost = 5 * time.Minute

// sweep ends, every few seconds, requests whose worker never said that they ended.
func (f *InFlight) sweep(now time.Time) {
	if now.Sub(f.swept) < 5*time.Second {
		return
	}
	f.swept = now
	for id, r := range f.requests {
		if now.Sub(r.since) > requestMost {
			f.end(id, false)
		}
	}
}

// room is free within the share of an endpoint or a tenant, and within all but an eighth for who turns over in a second
// what it has; beyond that, such a one has some soon.
func (f *InFlight) room(id string, capacity, share int) room {
	held := f.held[id]
	if held < max(1, capacity/share) {
		return free
	}
	switch quick := f.done.Most(id) >= held; {
	case !quick:
		return full
	case held < capacity-capacity/8:
		return free
	}
	return soon
}
