package queue

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/background"
)

// Names returns the names of all queues: Fast, Bulk, Slow and Agents.
func Names() []string { return slices.Clone(names) }

// Servers returns how many running servers, over all processes, take tasks from each queue. A server that was killed
// counts for up to ten seconds more.
func (q *Queue) Servers() (map[string]int, error) {
	servers, err := q.inspector.Servers()
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	out := make(map[string]int, len(names))
	for _, name := range names {
		out[name] = 0
	}
	for _, s := range servers {
		if s.Status == "active" {
			for name := range s.Queues {
				out[name]++
			}
		}
	}
	return out, nil
}

const (
	serversEvery = 10 * time.Second
	// unservedAfter is how long a queue is without a server before the log says so: workers are restarted.
	unservedAfter = 30 * time.Second
	// unservedEvery is how often the log says so again.
	unservedEvery = 10 * time.Minute
)

// Watch looks which queues have servers, and warns in the log of those that have none: their tasks wait for ever.
type Watch struct {
	*background.Routine

	queue *Queue

	servers map[string]int       // by queue
	served  map[string]time.Time // when each queue had a server last, or the Watch began
	warned  map[string]time.Time
}

// NewWatch makes a Watch; it begins with Start.
func NewWatch(q *Queue) *Watch {
	w := &Watch{queue: q, served: map[string]time.Time{}, warned: map[string]time.Time{}}
	w.Routine = background.Every(serversEvery, "looking for servers of the queues failed", w.look)
	return w
}

func (w *Watch) look(ctx context.Context) error {
	var servers map[string]int
	err := w.queue.Alive(ctx)
	if err == nil {
		servers, err = w.queue.Servers()
	}
	if w.servers = servers; err != nil {
		return nil //nolint:nilerr // that Redis is away is said elsewhere
	}
	if unserved := w.unserved(time.Now()); len(unserved) > 0 {
		slog.Warn("no worker takes tasks from a queue, so its deliveries or agent runs wait; start one whose "+
			"HOOKLINE_WORKER_QUEUES has it", "queues", strings.Join(unserved, ","))
	}
	return nil
}

// unserved returns the queues to warn of now.
func (w *Watch) unserved(now time.Time) []string {
	var out []string
	for _, name := range names {
		since, known := w.served[name]
		if w.servers[name] > 0 || !known {
			w.served[name] = now
			delete(w.warned, name)
			continue
		}
		last, before := w.warned[name]
		if now.Sub(since) >= unservedAfter && (!before || now.Sub(last) >= unservedEvery) {
			w.warned[name] = now
			out = append(out, name)
		}
	}
	return out
}
