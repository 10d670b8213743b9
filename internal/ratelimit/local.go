package ratelimit

import (
	"container/list"
	"sync"
	"time"
)

// The size of a local log: this many times over all subjects (8 bytes each, up to twice that with slack), and this many
// subjects. The least recently used subject is evicted first.
const (
	localMoments  = 2_000_000
	localSubjects = 50_000
)

// local is the log of the requests that this process allowed.
type local struct {
	now      func() time.Time
	start    time.Time
	moments  int // how many may be remembered
	subjects int

	mu         sync.Mutex
	remembered int
	logs       map[string]*list.Element
	recent     *list.List // of *log, the one used last in front
}

// log is one subject's: the times, since the start, of its allowed requests, oldest first.
type log struct {
	key     string
	moments []time.Duration

	// Redis refused requests under this limit until then.
	full  Limit
	until time.Duration

	lease  *lease // the latest; nil for none
	asking bool   // for a lease
}

func newLocal(now func() time.Time) *local {
	return &local{
		now: now, start: now(), moments: localMoments, subjects: localSubjects,
		logs: map[string]*list.Element{}, recent: list.New(),
	}
}

// part is one of the limits that a request counts against.
type part struct {
	key      string
	limit    Limit
	want     int    // how many requests to ask Redis for; 0 when one was leased
	lease    *lease // that the request was taken from; nil for none
	decision Decision
}

// takeAll counts a request if all limits allow it.
func (l *local) takeAll(parts []part) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.elapsed()
	if l.refused(parts, now) {
		return
	}
	for i := range parts {
		p := &parts[i]
		g := l.use(p.key)
		l.add(g, now)
		p.decision = Decision{
			Allowed: true, Limit: p.limit, Remaining: p.limit.Requests - len(g.moments), Reset: g.moments[0] +
				p.limit.Window - now,
		}
	}
}

// refused reports whether a request exceeds one of the limits, whatever Redis would decide, and decides for those.
func (l *local) refused(parts []part, now time.Duration) bool {
	refused := false
	for i := range parts {
		p := &parts[i]
		e, ok := l.logs[p.key]
		if !ok {
			continue
		}
		l.recent.MoveToFront(e)
		g := e.Value.(*log)
		l.expire(g, now-p.limit.Window)
		if d, over := g.refuses(p.limit, now); over {
			p.decision, refused = d, true
		}
	}
	return refused
}

// refuses reports whether a request exceeds the limit, whatever Redis would decide. It counts nothing.
func (l *local) refuses(key string, limit Limit) (Decision, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.logs[key]
	if !ok {
		return Decision{Allowed: true, Limit: limit, Remaining: limit.Requests}, false
	}
	l.recent.MoveToFront(e)
	now, g := l.elapsed(), e.Value.(*log)
	l.expire(g, now-limit.Window)
	d, refused := g.refuses(limit, now)
	if refused {
		return d, true
	}
	d.Allowed, d.Remaining = true, limit.Requests-len(g.moments)
	if len(g.moments) > 0 {
		d.Reset = g.moments[0] + limit.Window - now
	}
	return d, false
}

// decide decides without Redis if it can: the request exceeds a limit, or it is leased from all. Otherwise it says in
// the parts how many requests to ask Redis for, and returns the time; record or abandon must follow.
func (l *local) decide(parts []part) (decided bool, asked time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.elapsed()
	if l.refused(parts, now) {
		return true, now
	}
	decided = true
	for i := range parts {
		p := &parts[i]
		e, ok := l.logs[p.key]
		if !ok {
			p.want, decided = 1, false
			continue
		}
		g := e.Value.(*log)
		if l.spend(g, p, now) {
			continue
		}
		p.want, decided = g.wants(p.limit, now), false
		g.asking = g.asking || p.want > 1
	}
	return decided, now
}

// record stores Redis's decision after decide. It returns the lease, if there is one.
func (l *local) record(key string, got grant, want int, asked time.Duration) *lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, g := l.elapsed(), l.use(key)
	if want > 1 {
		g.asking = false
	}
	if !got.Allowed {
		if got.Remaining == 0 { // else another limit refused it
			g.full, g.until = got.Limit, now+got.Reset
		}
		return nil
	}
	l.expire(g, now-got.Limit.Window)
	l.add(g, now)
	if got.extra == 0 {
		return nil
	}
	// Redis counts after the call began, so a lease that is counted from the call ends here no later than there.
	g.lease = &lease{
		limit: got.Limit, left: got.extra, until: asked + got.Limit.leaseTime(), moment: got.moment,
		others: got.Remaining - got.extra, room: now + got.Reset,
	}
	return g.lease
}

// abandon cancels a request that decide began at a time.
func (l *local) abandon(parts []part, asked time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range parts {
		if p.lease != nil {
			l.unspend(p, asked)
		}
		if e, ok := l.logs[p.key]; ok && p.want > 1 {
			e.Value.(*log).asking = false
		}
	}
}

func (l *local) elapsed() time.Duration { return l.now().Sub(l.start) }

// use returns a subject's log, and creates a missing one.
func (l *local) use(key string) *log {
	if e, ok := l.logs[key]; ok {
		l.recent.MoveToFront(e)
		return e.Value.(*log)
	}
	g := &log{key: key}
	l.logs[key] = l.recent.PushFront(g)
	l.shrink()
	return g
}

func (l *local) add(g *log, now time.Duration) {
	g.moments = append(g.moments, now)
	l.remembered++
	l.shrink()
}

// shrink evicts subjects until the rest fits; the one in use stays.
func (l *local) shrink() {
	for (l.remembered > l.moments || l.recent.Len() > l.subjects) && l.recent.Len() > 1 {
		g := l.recent.Remove(l.recent.Back()).(*log)
		delete(l.logs, g.key)
		l.remembered -= len(g.moments)
	}
}

// expire drops the times before the window. The slice moves along its array until append allocates a new one.
func (l *local) expire(g *log, edge time.Duration) {
	n := 0
	for n < len(g.moments) && g.moments[n] <= edge {
		n++
	}
	g.moments = g.moments[n:]
	l.remembered -= n
}

func (g *log) refuses(limit Limit, now time.Duration) (Decision, bool) {
	d := Decision{Limit: limit}
	if over := len(g.moments) - limit.Requests; over >= 0 {
		d.Reset = g.moments[over] + limit.Window - now
	}
	if g.full == limit && g.until > now {
		d.Reset = max(d.Reset, g.until-now)
	}
	return d, d.Reset > 0
}
