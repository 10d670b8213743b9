package delivery

import (
	"sync"
	"time"

	"github.com/hookline/hookline/internal/clock"
)

// Flights bounds how much of a lane of this process one endpoint, and one tenant, can hold with requests that are under
// way: a quarter and a half of it. What they hold of the other lanes here counts too. Who gets answers at least as fast
// as it makes requests may hold more, since it gives the room back within a second; an eighth always stays for the
// others.
type Flights struct {
	now      clock.Clock
	longest  time.Duration // a flight that nobody ended is over after it
	mu       sync.Mutex
	capacity map[string]int // requests under way at a time, by lane; none for no bound
	flying   map[string]flight
	held     map[string]int        // requests under way, of each endpoint and of each tenant
	done     *clock.Recent[string] // those that succeeded, likewise
	swept    time.Time
}

type flight struct {
	endpointID, tenantID, lane string
	since                      time.Time
}

func newFlights(now clock.Clock, longest time.Duration) *Flights {
	return &Flights{
		now: now, longest: longest, capacity: map[string]int{}, flying: map[string]flight{}, held: map[string]int{},
		done: clock.NewRecent[string](now),
	}
}

func (f *Flights) limit(lane string, capacity int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.capacity[lane] = capacity
}

func (f *Flights) count(lane string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, one := range f.flying {
		if one.lane == lane {
			n++
		}
	}
	return n
}

// room is whether there is some for one more request.
type room int

const (
	full room = iota
	soon      // whoever holds it all gives it back at once
	free
)

// enter takes room in a lane for a delivery's request if it is free; it is full when the endpoint or its tenant has its
// share.
func (f *Flights) enter(d Delivery, lane string) room {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	f.sweep(now)
	if _, again := f.flying[d.ID]; again {
		return free
	}
	if capacity := f.capacity[lane]; capacity > 0 {
		own, all := f.room(d.EndpointID, capacity, 4), f.room(d.TenantID, capacity, 2)
		if own == full && !f.slow(now, func(was flight) bool { return was.endpointID == d.EndpointID }) {
			own = soon
		}
		if all == full && !f.slow(now, func(was flight) bool { return was.tenantID == d.TenantID }) {
			all = soon
		}
		if r := min(own, all); r != free {
			return r
		}
	}
	f.held[d.EndpointID]++
	f.held[d.TenantID]++
	f.flying[d.ID] = flight{d.EndpointID, d.TenantID, lane, now}
	return free
}

// answerIn is how soon an endpoint answers that holds nobody up. A worker that begins, or takes very many at once, has
// not seen an answer yet.
const answerIn = 500 * time.Millisecond

// slow says whether a flight of those has taken so long that more would only wait with it.
func (f *Flights) slow(now time.Time, of func(flight) bool) bool {
	for _, was := range f.flying {
		if of(was) && now.Sub(was.since) >= answerIn {
			return true
		}
	}
	return false
}

// leave gives the room back; leaving twice changes nothing.
func (f *Flights) leave(deliveryID string, succeeded bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.end(deliveryID, succeeded)
}

func (f *Flights) end(deliveryID string, succeeded bool) {
	was, ok := f.flying[deliveryID]
	if !ok {
		return
	}
	delete(f.flying, deliveryID)
	for _, id := range []string{was.endpointID, was.tenantID} {
		if f.held[id]--; f.held[id] == 0 {
			delete(f.held, id)
		}
		if succeeded {
			f.done.Add(id)
		}
	}
}

// sweep ends, every few seconds, flights whose worker never said that they ended.
func (f *Flights) sweep(now time.Time) {
	if now.Sub(f.swept) < 5*time.Second {
		return
	}
	f.swept = now
	for id, was := range f.flying {
		if now.Sub(was.since) > f.longest {
			f.end(id, false)
		}
	}
}

// room is free within the share of an endpoint or a tenant, and within all but an eighth for who turns over in a second
// what it holds; beyond that, such a one has some soon.
func (f *Flights) room(id string, capacity, share int) room {
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
