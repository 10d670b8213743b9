package ratelimit

import "time"

// A lease is requests that a process took from Redis at once, so that it need not ask for each. They are logged there
// at the moment at which the lease ends, so no span of the window's length ever holds more than the limit, however late
// they are used; and what is left when it ends is given back. Until then other processes can't use it, which is a
// hundredth of what was left at most. A process leases no more than it let through lately, so a caller that sends
// little leases nothing.
const (
	leaseOf   = 100 // a lease is at most this part of the limit, and holds at most this part of the window
	leaseMost = 100 // requests
	leaseHold = time.Second
)

// holds is how long a lease of the limit holds; 0 for limits that are too small for one.
func (l Limit) holds() time.Duration {
	if l.Requests < 2*leaseOf {
		return 0
	}
	return min(l.Window/leaseOf, leaseHold)
}

// lease is what is left of one.
type lease struct {
	limit  Limit
	left   int
	until  time.Duration // after the local log's start
	moment int64         // when it is logged in Redis
	others int           // how many requests were left besides it
	room   time.Duration // when there is room for one more, after the local log's start
}

// spend lets a request through that was leased.
func (l *local) spend(g *log, limit Limit, now time.Duration) (Decision, bool) {
	s := g.lease
	if s == nil || s.left == 0 || s.limit != limit || now >= s.until {
		return Decision{}, false
	}
	s.left--
	l.add(g, now)
	return Decision{Allowed: true, Limit: limit, Remaining: s.others + s.left, Reset: max(0, s.room-now)}, true
}

// wants is how many requests to ask Redis for: as many as were let through here in as long as a lease holds. While one
// asks for a lease, the others ask for themselves.
func (g *log) wants(limit Limit, now time.Duration) int {
	hold := limit.holds()
	if hold == 0 || g.asking {
		return 1
	}
	most, n := min(limit.Requests/leaseOf, leaseMost), 0
	for n < most && n < len(g.moments) && g.moments[len(g.moments)-1-n] > now-hold {
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
