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

// channel carries hints: scopes as tenant/environment, separated by spaces.
const channel = "hookline:livelog"

const (
	// gather is how long hints are gathered before they are sent in one message.
	gather = 50 * time.Millisecond
	// hintLimit bounds what is gathered; who finds no room is seen at the next look.
	hintLimit   = 1000
	hintTimeout = time.Second
)

// Hints tells all processes which tenants' deliveries changed. It costs the caller one entry in a map.
type Hints struct {
	*background.Routine

	redis redis.UniversalClient
	wake  chan struct{}

	mu      sync.Mutex
	waiting map[principal.Scope]struct{}
}

// NewHints makes Hints, which are sent from Start to Stop.
func NewHints(client redis.UniversalClient) *Hints {
	h := &Hints{redis: client, wake: make(chan struct{}, 1), waiting: map[principal.Scope]struct{}{}}
	h.Routine = background.New(h.loop)
	return h
}

// Changed says that a delivery changed. It never blocks.
func (h *Hints) Changed(scope principal.Scope) {
	h.mu.Lock()
	if len(h.waiting) < hintLimit {
		h.waiting[scope] = struct{}{}
	}
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *Hints) loop(ctx context.Context) {
	for {
		select {
		case <-h.wake:
		case <-ctx.Done():
			return
		}
		if !wait(ctx, gather, nil) {
			return
		}
		h.send(ctx)
	}
}

func (h *Hints) send(ctx context.Context) {
	h.mu.Lock()
	words := make([]string, 0, len(h.waiting))
	for s := range h.waiting {
		words = append(words, s.TenantID+"/"+string(s.Environment))
	}
	clear(h.waiting)
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, hintTimeout)
	defer cancel()
	if err := h.redis.Publish(ctx, channel, strings.Join(words, " ")).Err(); err != nil {
		slog.Debug("a hint for the live log was lost", "error", err)
	}
}

// listen wakes the hub at every hint until the hub stops. The client reconnects by itself.
func (h *Hub) listen() {
	messages := h.hints.Subscribe(h.ctx, channel)
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
