package ratelimit

import (
	"context"
	"sync"
	"time"
)

// InFlight limits how many requests of each subject this process works on at a time. A rate limit that counts failures
// can't do that: any number of requests may have begun before the first of them has failed.
type InFlight struct {
	most int
	wait time.Duration

	mu   sync.Mutex
	open map[Subject]*places
}

// places are those of one subject.
type places struct {
	taken chan struct{} // one for each request that is being worked on
	users int           // requests that are being worked on or wait
}

// NewInFlight makes an InFlight for most requests of a subject at a time; more wait, up to a time each.
func NewInFlight(most int, wait time.Duration) *InFlight {
	return &InFlight{most: most, wait: wait, open: map[Subject]*places{}}
}

// Enter takes a place, for which it may have to wait; ok is false when none became free in time. leave gives it back
// and may be called more than once.
func (f *InFlight) Enter(ctx context.Context, s Subject) (leave func(), ok bool) {
	p := f.join(s)
	select {
	case p.taken <- struct{}{}:
	default:
		limit := time.NewTimer(f.wait)
		defer limit.Stop()
		select {
		case p.taken <- struct{}{}:
		case <-limit.C:
			f.part(s, p)
			return nil, false
		case <-ctx.Done():
			f.part(s, p)
			return nil, false
		}
	}
	return sync.OnceFunc(func() {
		<-p.taken
		f.part(s, p)
	}), true
}

// Decision is what to tell a request that did not get a place.
func (f *InFlight) Decision() Decision {
	return Decision{Limit: Limit{Requests: f.most, Window: time.Second}, Reset: time.Second}
}

func (f *InFlight) join(s Subject) *places {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.open[s]
	if p == nil {
		p = &places{taken: make(chan struct{}, f.most)}
		f.open[s] = p
	}
	p.users++
	return p
}

func (f *InFlight) part(s Subject, p *places) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p.users--; p.users == 0 {
		delete(f.open, s)
	}
}
