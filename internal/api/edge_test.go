package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/api"
	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/testkit"
)

// strangersOnly knows no key, and counts how often it is asked.
type strangersOnly struct{ asked atomic.Int64 }

func (s *strangersOnly) Authenticate(context.Context, string, string) (principal.Principal, error) {
	s.asked.Add(1)
	return principal.Principal{}, apikey.ErrUnknown
}

// newEdge is the HTTP edge without anything behind it; it returns the status of its answer to a request.
func newEdge(t *testing.T) (edge func(*http.Request) int, keys *strangersOnly) {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	t.Cleanup(func() { _ = client.Close() })
	keys = &strangersOnly{}
	s := api.NewServer(api.Handlers{}, api.Options{
		Contract: testkit.Contract(), Keys: keys, Operators: keys, MaxBodyBytes: 1024, Limits: ratelimit.New(client,
			ratelimit.Options{}),
	})
	return func(r *http.Request) int {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}, keys
}
