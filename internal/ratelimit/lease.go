package ratelimit

import "time"

// A lease is requests that a process took from Redis at once, so that it need not ask for each. They are logged there
// at the moment at which the lease ends, so no span of the window's length ever has more than the limit, however late
// they are used; and what is left when it ends is given back. Until then other processes can't use it, which is a
// hundredth of what was left at most. A process leases no more than it allowed lately, so a caller that sends
// little leases nothing.
const (
	leaseOf   = 100 // a lease is at most this part of the limit, and lasts at most this part of the window
	leaseMost = 100 // requests
	leaseTTL  = time.Second
)

// leaseTime is how long a lease of the limit lasts; 0 for limits that are too small for one.
func (l Limit) leaseTime() time.Duration {
	if l.Requests < 2*leaseOf {
		return 0
	}
	return min(l.Window/leaseOf, leaseTTL)
}

// lease is the rest of a lease.
type lease struct {
	limit  Limit
	left   int
	until  time.Duration // after the local log's start
	moment int64         // when it is logged in Redis
	others int           // how many requests were left besides it
	room   time.Duration // when there is room for one more, after the local log's start
}

// spend allows a request that was leased.
func (l *local) spend(g *log, p *part, now time.Duration) bool {
	s := g.lease
	if s == nil || s.left == 0 || s.limit != p.limit || now >= s.until {
		return false
	}
	s.left--
	l.add(g, now)
	p.lease = s
	p.decision = Decision{Allowed: true, Limit: p.limit, Remaining: s.others + s.left, Reset: max(0, s.room-now)}
	return true
}

// unspend undoes spend, for a request that another limit refuses. A lease that has ended meanwhile stays counted.
func (l *local) unspend(p part, at time.Duration) {
	p.lease.left++
	e, ok := l.logs[p.key]
	if !ok {
		return
	}
	g := e.Value.(*log)
	for i := len(g.moments) - 1; i >= 0 && g.moments[i] >= at; i-- {
		if g.moments[i] == at {
			g.moments = append(g.moments[:i], g.moments[i+1:]...)
			l.remembered--
			return
		}
	}
}

// wants is how many requests to ask Redis for: as many as were allowed here in the time of a lease. While one
// asks for a lease, the others ask for themselves.
func (g *log) wants(limit Limit, now time.Duration) int {
	ttl := limit.leaseTime()
	if ttl == 0 || g.asking {
		return 1
	}
	most, n := min(limit.Requests/leaseOf, leaseMost), 0
	for n < most && n < len(g.moments) && g.moments[len(g.moments)-1-n] > now-ttl {
		n++
	}
	return max(1, n)
}

// forgo ends a lease and says how much of it is left.
func (l *local) forgo(s *lease) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := s.left
	s.left = 0
	return n
}
