package ratelimit

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	// patience is how long Redis may take to answer before the process decides alone.
	patience = 100 * time.Millisecond
	// probeEvery is how often a process that decides alone looks whether Redis is back; probeTime is how long making
	// a connection for it may take.
	probeEvery = time.Second
	probeTime  = time.Second
)

// Options change how a Limiter works; the zero value is what production uses.
type Options struct {
	// Patience is how long Redis may take to answer; 0 means 100 ms.
	Patience time.Duration
	// Adjust, when set, changes every limit before it is applied.
	Adjust func(Limit) Limit
	// Now is the process's clock; nil means the machine's.
	Now func() time.Time
	// Log is told when Redis goes away and when it comes back; nil means the default log.
	Log *slog.Logger
}

// Limiter decides about requests. It always decides: it has no errors, and it never waits longer than its patience.
type Limiter struct {
	shared  shared
	options Options
	// Strangers have a log of their own, so that a flood of them can't push out what is remembered of callers.
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

// Warm makes a connection and loads the script, so that the first request doesn't wait for that. It fails silently:
// what is wrong then shows with the first request.
func (l *Limiter) Warm(ctx context.Context) { _ = take.Load(ctx, l.shared.client).Err() }

// Alone says whether this process decides alone because Redis is away.
func (l *Limiter) Alone() bool { return l.alone.Load() }

// Take counts a request, unless the limit is reached. Requests that are turned away don't count.
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
	// The caller may give up; that says nothing about Redis.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.options.Patience)
	defer cancel()
	got, err := l.shared.take(ctx, key, limit, want)
	if err != nil {
		own.abandon(key, want)
		l.leave(key, err)
		return own.take(key, limit)
	}
	if s := own.settle(key, got, want, asked); s != nil {
		time.AfterFunc(limit.holds(), func() { l.giveBack(own, key, s) })
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

// Refuses says whether this process knows already that Take would turn the subject away. It counts nothing and asks
// nobody.
func (l *Limiter) Refuses(s Subject, limit Limit) (Decision, bool) {
	return l.own(s).refuses(s.key(), l.options.Adjust(limit))
}

func (l *Limiter) own(s Subject) *local {
	if s.Kind == Address {
		return l.strangers
	}
	return l.callers
}

// leave begins to decide alone.
func (l *Limiter) leave(key string, err error) {
	l.missed.Store(&key)
	l.probeAt.Store(l.options.Now().Add(probeEvery).UnixNano())
	if l.alone.CompareAndSwap(false, true) {
		l.options.Log.Warn("Redis does not answer in time: rate limits are counted by each process for itself", "error",
			err)
	}
}

// probe looks, now and then and beside the request, whether Redis is back.
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
			l.options.Log.Info("Redis answers again: rate limits are shared by all processes")
		}
	}()
}

// answers says whether Redis counts, and in time: one that can be reached but not written to is not back. The key
// goes to the same node of a cluster as the one that was missed.
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
