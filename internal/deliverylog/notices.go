package deliverylog

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

// channel carries notices: for each tenant and environment a word tenant/environment/id/id, separated by spaces. A word
// without ids says that there were too many.
const channel = "hookline:livelog"

const (
	// gather is how long notices are collected before they are sent in one message.
	gather = 50 * time.Millisecond
	// noticeScopes limits the tenants in one message; changes of further ones are found within lookEvery.
	noticeScopes = 1000
	// noticeIDs limits the ids in one message, which then has some 30 KB.
	noticeIDs     = 1000
	noticeTimeout = time.Second
)

// Notices tell all processes which deliveries changed. A call costs entries in a map.
type Notices struct {
	*background.Routine

	redis redis.UniversalClient
	wake  chan struct{}

	mu      sync.Mutex
	pending map[principal.Scope]map[string]struct{} // ids; nil when there were too many
	ids     int
}

// NewNotices makes Notices, which are sent from Start to Stop.
func NewNotices(client redis.UniversalClient) *Notices {
	n := &Notices{redis: client, wake: make(chan struct{}, 1),
		pending: map[principal.Scope]map[string]struct{}{}}
	n.Routine = background.New(n.loop)
	return n
}

// Changed says that deliveries changed, after the commit. It never blocks.
func (n *Notices) Changed(scope principal.Scope, deliveryIDs ...string) {
	n.add(scope, deliveryIDs)
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *Notices) add(scope principal.Scope, deliveryIDs []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	ids, known := n.pending[scope]
	switch {
	case !known && len(n.pending) >= noticeScopes, known && ids == nil:
		return
	case n.ids+len(deliveryIDs) > noticeIDs:
		n.pending[scope] = nil
		n.ids -= len(ids)
		return
	case !known:
		ids = map[string]struct{}{}
		n.pending[scope] = ids
	}
	before := len(ids)
	for _, deliveryID := range deliveryIDs {
		ids[deliveryID] = struct{}{}
	}
	n.ids += len(ids) - before
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
	ctx, cancel := context.WithTimeout(ctx, noticeTimeout)
	defer cancel()
	if err := n.redis.Publish(ctx, channel, n.message()).Err(); err != nil {
		slog.Debug("sending a notice for the live log failed", "error", err)
	}
}

// message takes what is pending.
func (n *Notices) message() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	words := make([]string, 0, len(n.pending))
	for s, ids := range n.pending {
		word := s.TenantID + "/" + string(s.Environment)
		for deliveryID := range ids {
			word += "/" + deliveryID
		}
		words = append(words, word)
	}
	clear(n.pending)
	n.ids = 0
	return strings.Join(words, " ")
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
				if part := strings.Split(word, "/"); len(part) > 1 {
					h.Wake(principal.Scope{TenantID: part[0], Environment: principal.Environment(part[1])}, part[2:]...)
				}
			}
		case <-h.ctx.Done():
			return
		}
	}
}
