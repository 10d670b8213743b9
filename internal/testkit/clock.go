package testkit

import (
	"sync/atomic"
	"time"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/config"
)

// Clock is a clock that a test can put forward. It also runs by itself, so that timers expire.
type Clock struct{ ahead atomic.Int64 }

// Now is the time by this clock.
func (c *Clock) Now() time.Time { return clock.System().Add(time.Duration(c.ahead.Load())) }

// Advance puts the clock forward.
func (c *Clock) Advance(d time.Duration) { c.ahead.Add(int64(d)) }

// WithClock starts a program whose stores go by the clock.
func WithClock(c *Clock) Option {
	return func(_ *config.Config, o *app.Options) { o.Now = c.Now }
}
