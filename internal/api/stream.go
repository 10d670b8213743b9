package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/ratelimit"
)

const (
	// streamsPerKey and streamsPerTenant are how many streams may be open at a time in one process, as the contract
	// says.
	streamsPerKey    = 20
	streamsPerTenant = 100
	// streamRetry is how many seconds a caller who has too many should wait.
	streamRetry = 5
	// recheckEvery, together with how long a process remembers a key, is how long a stream outlives its key.
	recheckEvery = 500 * time.Millisecond
)

// streams are the open streams.
type streams struct {
	keys, operators authenticator
	refused         func(ratelimit.Kind)
	closing         context.Context //nolint:containedctx // of the server, not of a call
	close           context.CancelFunc

	mu   sync.Mutex
	open map[string]int // by key, and by tenant
}

func newStreams(keys, operators authenticator, refused func(ratelimit.Kind)) *streams {
	if refused == nil {
		refused = func(ratelimit.Kind) {}
	}
	s := &streams{keys: keys, operators: operators, refused: refused, open: map[string]int{}}
	s.closing, s.close = context.WithCancel(context.Background())
	return s
}

// keep lets an operation's response stay open as long as the client reads, the key has the permission and the server
// runs.
func (s *streams) keep(rule contract.Rule) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if !rule.Stream {
			return next
		}
		return func(c echo.Context) error {
			if asksHead(c.Request().Context()) { // there is nothing to wait for
				c.Response().Header().Set(echo.HeaderContentType, eventStream)
				return c.NoContent(http.StatusOK)
			}
			p := principal.From(c.Request().Context())
			if !s.enter(p) {
				describe(c.Response().Header(), "streams",
					ratelimit.Decision{Limit: ratelimit.Limit{Requests: streamsPerKey,
						Window: streamRetry * time.Second}, Reset: streamRetry * time.Second})
				s.refused(subject(p).Kind)
				return problem.TooMany("20 open streams for a key and 100 for a tenant", streamRetry)
			}
			defer s.leave(p)
			// The server's limit for reading a request would otherwise end the stream.
			_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Time{})
			ctx, cancel := context.WithCancelCause(c.Request().Context())
			defer cancel(nil)
			defer context.AfterFunc(s.closing, func() { cancel(context.Canceled) })()
			go s.watch(ctx, cancel, caller(c, s.keys, s.operators), rule)
			c.SetRequest(c.Request().WithContext(ctx))
			return next(c)
		}
	}
}

// watch closes a stream when its caller may not open it any more.
func (s *streams) watch(ctx context.Context, end context.CancelCauseFunc, again principal.Again, rule contract.Rule) {
	tick := time.NewTicker(recheckEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		p, err := again(ctx)
		if err == nil {
			err = authorize(rule, p)
		}
		if refusal(err) {
			end(principal.ErrNotAllowed)
			return
		}
	}
}

// refusal tells a key without permission from an unavailable database, which takes no permission from anybody.
func refusal(err error) bool {
	if err == nil {
		return false
	}
	status := classify(err).Status()
	return status == http.StatusUnauthorized || status == http.StatusForbidden
}

func (s *streams) enter(p principal.Principal) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := p.Caller()
	if s.open[own] >= streamsPerKey || s.open[p.TenantID] >= streamsPerTenant {
		return false
	}
	s.open[own]++
	s.open[p.TenantID]++
	return true
}

func (s *streams) leave(p principal.Principal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, who := range []string{p.Caller(), p.TenantID} {
		if s.open[who]--; s.open[who] == 0 {
			delete(s.open, who)
		}
	}
}
