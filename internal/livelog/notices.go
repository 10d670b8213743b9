package livelog

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/principal"
)

// channel carries notices: scopes as tenant/environment, separated by spaces.
const channel = "hookline:livelog"

const (
	// gather is how long notices are collected before they are sent in one message.
	gather = 50 * time.Millisecond
	// noticeLimit limits the scopes in one message; changes of further ones are read within lookEvery.
	noticeLimit   = 1000
	noticeTimeout = time.Second
)

// Notices notify all processes of the tenants whose deliveries changed. A call costs one entry in a map.
type Notices struct {
	*background.Routine

	redis redis.UniversalClient
	wake  chan struct{}

	mu      sync.Mutex
	pending map[principal.Scope]struct{}
}

// NewNotices makes Notices, which are sent from Start to Stop.
func NewNotices(client redis.UniversalClient) *Notices {
	n := &Notices{redis: client, wake: make(chan struct{}, 1), pending: map[principal.Scope]struct{}{}}
	n.Routine = background.New(n.loop)
	return n
}

// Changed says that a delivery changed. It never blocks.
func (n *Notices) Changed(scope principal.Scope) {
	n.mu.Lock()
	if len(n.pending) < noticeLimit {
		n.pending[scope] = struct{}{}
	}
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *Notices) loop(ctx context.Context) {
	for {
		select {
		case <-n.wake:
		case <-ctx.Done():
			return
		}
		if !wait(ctx, gather, nil) {
			return
		}
		n.send(ctx)
	}
}

func (n *Notices) send(ctx context.Context) {
	n.mu.Lock()
	words := make([]string, 0, len(n.pending))
	for s := range n.pending {
		words = append(words, s.TenantID+"/"+string(s.Environment))
	}
	clear(n.pending)
	n.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, noticeTimeout)
	defer cancel()
	if err := n.redis.Publish(ctx, channel, strings.Join(words, " ")).Err(); err != nil {
		slog.Debug("a notice for the live log could not be sent", "error", err)
	}
}

// listen wakes the hub at every notice until the hub stops. The client reconnects by itself.
func (h *Hub) listen() {
	messages := h.notices.Subscribe(h.ctx, channel)
	defer func() { _ = messages.Close() }()
	in := messages.Channel()
	for {
		select {
		case m, open := <-in:
			if !open {
				return
			}
			for _, word := range strings.Fields(m.Payload) {
				tenantID, environment, _ := strings.Cut(word, "/")
				h.Wake(principal.Scope{TenantID: tenantID, Environment: principal.Environment(environment)})
			}
		case <-h.ctx.Done():
			return
		}
	}
}
