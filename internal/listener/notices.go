package listener

import (
	"context"
	"log/slog"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/background"
)

// channel is where processes tell each other which key has something new.
const channel = "hookline:listeners"

// notices wake those who wait for a key. They make things quick and may be lost: who waits looks by itself, too.
type notices struct {
	*background.Routine

	redis redis.UniversalClient

	mu      sync.Mutex
	waiting map[string]map[chan struct{}]struct{} // by key
}

func newNotices(client redis.UniversalClient) *notices {
	n := &notices{redis: client, waiting: map[string]map[chan struct{}]struct{}{}}
	n.Routine = background.New(n.hear)
	return n
}

// on returns a channel that gets a value when a key has something new, and a function that ends that.
func (n *notices) on(key string) (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.waiting[key] == nil {
		n.waiting[key] = map[chan struct{}]struct{}{}
	}
	n.waiting[key][c] = struct{}{}
	return c, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		if delete(n.waiting[key], c); len(n.waiting[key]) == 0 {
			delete(n.waiting, key)
		}
	}
}

// send wakes who waits for a key, in every process.
func (n *notices) send(ctx context.Context, key string) {
	if err := n.redis.Publish(ctx, channel, key).Err(); err != nil {
		slog.Debug("a notice to listeners was not sent; they look every second", "error", err)
	}
}

func (n *notices) hear(ctx context.Context) {
	messages := n.redis.Subscribe(ctx, channel)
	defer func() { _ = messages.Close() }()
	in := messages.Channel()
	for {
		select {
		case <-ctx.Done():
			return
		case m, open := <-in:
			if !open {
				return
			}
			n.wake(m.Payload)
		}
	}
}

func (n *notices) wake(key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.waiting[key] {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
