package ratelimit

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// patience is how long the process waits for Redis before it decides alone.
	patience = 100 * time.Millisecond
	// probeEvery is how often a process that decides alone probes Redis; probeTime bounds the connection that the
	// probe makes.
	probeEvery = time.Second
	probeTime  = time.Second
)

// Options configures a Limiter; the zero value is for production.
type Options struct {
	// Patience is how long to wait for Redis; 0 means 100 ms.
	Patience time.Duration
	// Adjust, when set, changes every limit before it is applied.
	Adjust func(Limit) Limit
	// Now is the process's clock; nil means the system clock.
	Now func() time.Time
	// Log records when Redis becomes unavailable and available; nil means the default log.
	Log *slog.Logger
}

// Limiter applies rate limits. It always decides: it has no errors, and it never waits longer than its patience.
type Limiter struct {
	shared  shared
	options Options
	// Strangers have their own log, so that many of them can't evict the callers' logs.
	callers, strangers *local

	alone   atomic.Bool // Redis is away
	probing atomic.Bool
	probeAt atomic.Int64           // nanoseconds since 1970
	missed  atomic.Pointer[string] // the key that Redis did not answer for
}

// New makes a Limiter. The client must honour the deadlines of contexts and must not retry by itself, since a
// repeated request counts twice.
func New(client commands, o Options) *Limiter {
	if o.Patience == 0 {
		o.Patience = patience
	}
	if o.Adjust == nil {
		o.Adjust = func(l Limit) Limit { return l }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Limiter{shared: shared{client}, options: o, callers: newLocal(o.Now), strangers: newLocal(o.Now)}
}

// Warm makes a connection and loads the script, so that the first request does not wait for them. It ignores errors,
// which show up again with the first request.
func (l *Limiter) Warm(ctx context.Context) { _ = take.Load(ctx, l.shared.client).Err() }

// Alone reports whether this process decides alone because Redis is unavailable.
func (l *Limiter) Alone() bool { return l.alone.Load() }

// Take counts a request, unless that exceeds the limit. Refused requests don't count.
func (l *Limiter) Take(ctx context.Context, s Subject, limit Limit) Decision {
	d, _ := l.TakeAll(ctx, Claim{s, limit})
	return d
}

// TakeAll counts a request for several subjects, unless that exceeds a limit of one of them: then it counts for none.
// It calls Redis once at most, so subjects with a tenant must all have the same. It returns the decision under the
// limit that binds, which is the one that refuses the longest or leaves the fewest requests, and the index of its
// claim.
func (l *Limiter) TakeAll(ctx context.Context, claims ...Claim) (d Decision, binding int) {
	var few [2]part // more are allocated
	parts := few[:0]
	for i, c := range claims {
		limit := l.options.Adjust(c.Limit)
		if !limit.usable() {
			return Decision{Limit: limit, Reset: limit.Window}, i
		}
		parts = append(parts, part{key: c.Subject.key(), limit: limit})
	}
	l.decide(ctx, l.own(claims[0].Subject), parts)
	for i, p := range parts {
		if i > 0 && p.decision.binds(d) {
			binding = i
		}
		d = parts[binding].decision
	}
	return d, binding
}

// decide decides on each part of a request.
func (l *Limiter) decide(ctx context.Context, own *local, parts []part) {
	decided, asked := own.decide(parts)
	if decided {
		return
	}
	if l.alone.Load() {
		own.abandon(parts, asked)
		l.probe()
		own.takeAll(parts)
		return
	}
	// A caller that cancels says nothing about Redis.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.options.Patience)
	defer cancel()
	got, err := l.shared.takeAll(ctx, parts)
	if err != nil {
		own.abandon(parts, asked)
		l.leave(parts[0].key, err)
		own.takeAll(parts)
		return
	}
	l.record(own, parts, got, asked)
}

// record records what Redis decided on the parts that it was asked about.
func (l *Limiter) record(own *local, parts []part, got []grant, asked time.Duration) {
	allowed := true
	for i := range parts {
		p := &parts[i]
		if p.want == 0 {
			continue
		}
		g := got[0]
		got = got[1:]
		p.decision, allowed = g.Decision, allowed && g.Allowed
		if s := own.record(p.key, g, p.want, asked); s != nil {
			key := p.key
			time.AfterFunc(p.limit.leaseTime(), func() { l.giveBack(own, key, s) })
		}
	}
	if !allowed {
		own.abandon(parts, asked)
	}
}

// giveBack gives back what is left of a lease that has ended. When that fails it stays counted, which is no more than
// the lease was.
func (l *Limiter) giveBack(own *local, key string, s *lease) {
	n := own.forgo(s)
	if n == 0 || l.alone.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), l.options.Patience)
	defer cancel()
	_ = l.shared.giveBack(ctx, key, n, s.moment)
}

// Refuses reports what Take would decide, and whether it would refuse the subject, as far as this process knows. It
// counts nothing and does not call Redis.
func (l *Limiter) Refuses(s Subject, limit Limit) (Decision, bool) {
	return l.own(s).refuses(s.key(), l.options.Adjust(limit))
}

func (l *Limiter) own(s Subject) *local {
	if s.Kind == Address {
		return l.strangers
	}
	return l.callers
}

// leave makes the process decide alone.
func (l *Limiter) leave(key string, err error) {
	l.missed.Store(&key)
	l.probeAt.Store(l.options.Now().Add(probeEvery).UnixNano())
	if l.alone.CompareAndSwap(false, true) {
		l.options.Log.Warn("Redis does not respond in time: each process counts rate limits by itself", "error",
			err)
	}
}

// probe checks periodically, in the background of a request, whether Redis is available again.
func (l *Limiter) probe() {
	if l.options.Now().UnixNano() < l.probeAt.Load() || !l.probing.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer l.probing.Store(false)
		if !l.answers() {
			l.probeAt.Store(l.options.Now().Add(probeEvery).UnixNano())
			return
		}
		if l.alone.CompareAndSwap(true, false) {
			l.options.Log.Info("Redis responds again: rate limits are shared by all processes")
		}
	}()
}

// probeKey is a key that belongs to the same node of a cluster as another.
func probeKey(key string) string {
	if !strings.Contains(key, "{") {
		key = "{" + key + "}"
	}
	return "hookline:limit:probe:" + key
}

// answers reports whether Redis counts a request in time: a read-only Redis is not available. The key belongs to the
// same node of a cluster as the one that failed.
func (l *Limiter) answers() bool {
	ctx, cancel := context.WithTimeout(context.Background(), probeTime)
	defer cancel()
	if take.Load(ctx, l.shared.client).Err() != nil {
		return false
	}
	ctx, cancel = context.WithTimeout(context.Background(), l.options.Patience)
	defer cancel()
	_, err := l.shared.takeAll(ctx, []part{{key: probeKey(*l.missed.Load()), want: 1,
		limit: Limit{Requests: 1, Window: time.Second}}})
	return err == nil
}
