package bench

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/pkg/webhook"
)

// consumer receives and verifies webhooks, and remembers when each first arrived.
type consumer struct {
	URL    string
	forged atomic.Int64

	mu      sync.Mutex
	secrets map[string]string // by path
	first   map[string]time.Time
	count   int
	grown   chan struct{}
}

func newConsumer(b *testing.B) *consumer {
	b.Helper()
	c := &consumer{secrets: map[string]string{}, first: map[string]time.Time{}, grown: make(chan struct{}, 1)}
	server := httptest.NewServer(c)
	b.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

func (c *consumer) trust(path, secret string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secrets[path] = secret
}

func (c *consumer) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count, c.first = 0, map[string]time.Time{}
}

func (c *consumer) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	at := time.Now()
	body, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	secret := c.secrets[r.URL.Path]
	c.mu.Unlock()
	if webhook.Verify(r.Header, body, at, secret) != nil {
		c.forged.Add(1)
	}
	c.mu.Lock()
	c.count++
	if id := r.Header.Get(webhook.HeaderID); c.first[id].IsZero() {
		c.first[id] = at
	}
	c.mu.Unlock()
	select {
	case c.grown <- struct{}{}:
	default:
	}
}

// await waits until n requests have arrived, and returns when each event did.
func (c *consumer) await(b *testing.B, n int) map[string]time.Time {
	b.Helper()
	limit := time.NewTimer(3 * time.Minute)
	defer limit.Stop()
	for {
		c.mu.Lock()
		count, first := c.count, c.first
		c.mu.Unlock()
		if count >= n {
			return first
		}
		select {
		case <-c.grown:
		case <-limit.C:
			b.Fatalf("%d of %d requests arrived", count, n)
		}
	}
}
