package ratelimit

import (
	"context"
	"log/slog"
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
	limit = l.options.Adjust(limit)
	if !limit.usable() {
		return Decision{Limit: limit, Reset: limit.Window}
	}
	own, key := l.own(s), s.key()
	d, decided, want, asked := own.decide(key, limit)
	if decided {
		return d
	}
	if l.alone.Load() {
		own.abandon(key, want)
		l.probe()
		return own.take(key, limit)
	}
	// A caller that cancels says nothing about Redis.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.options.Patience)
	defer cancel()
	got, err := l.shared.take(ctx, key, limit, want)
	if err != nil {
		own.abandon(key, want)
		l.leave(key, err)
		return own.take(key, limit)
	}
	if s := own.record(key, got, want, asked); s != nil {
		time.AfterFunc(limit.leaseTime(), func() { l.giveBack(own, key, s) })
	}
	return got.Decision
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

// Refuses reports whether Take would refuse the subject, as far as this process knows. It counts nothing and does not
// call Redis.
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
	_, err := l.shared.take(ctx, "hookline:limit:probe:{"+*l.missed.Load()+"}", Limit{Requests: 1, Window: time.Second},
		1)
	return err == nil
}
