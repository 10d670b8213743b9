package event_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// log is an event log of the test's own.
type log struct {
	db     *db.DB
	store  *event.Store
	outbox *event.Outbox

	mu        sync.Mutex
	committed []string // the ids of events that the hook was called with
}

func open(t *testing.T, e engine.Engine) *log {
	t.Helper()
	d := engine.Database(t, e)
	l := &log{db: d, store: event.NewStore(d)}
	l.outbox = event.NewOutbox(d, time.Now, nil, func(events []event.Event) {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, e := range events {
			l.committed = append(l.committed, e.ID)
		}
	}, nil)
	return l
}

func (l *log) hooked() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.committed)
}

func newScope() principal.Scope {
	return principal.Scope{TenantID: id.New(id.Tenant), Environment: principal.Live}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// about is an event to be published under an id, which may be empty.
func about(wireID, data string) event.New {
	return event.New{ID: wireID, Type: "lead.created", Data: json.RawMessage(data)}
}

// publish publishes events that don't conflict, in one transaction.
func (l *log) publish(t *testing.T, scope principal.Scope, all ...event.New) []event.Event {
	t.Helper()
	done, err := l.outbox.PublishAll(t.Context(), scope, all)
	must(t, err)
	out := make([]event.Event, len(done))
	for i, p := range done {
		must(t, p.Err)
		out[i] = p.Event
	}
	return out
}

// awaitOlder waits until no transaction is open that is older than an event of the log. On PostgreSQL the transactions
// of all databases of the server count, those of other tests among them.
func (l *log) awaitOlder(t *testing.T) {
	t.Helper()
	engine.Await(t, "the end of older transactions", func() bool {
		var last int64
		must(t, l.db.Read(t.Context()).Raw("SELECT coalesce(max(position), 0) FROM events").Scan(&last).Error)
		horizon, err := l.store.Horizon(t.Context())
		must(t, err)
		return horizon > last
	})
}

// ids lists the ids of events.
func ids(events []event.Event) []string {
	out := make([]string, len(events))
	for i, e := range events {
		out[i] = e.ID
	}
	return out
}

// puller follows the cursor of a log.
type puller struct {
	scope  principal.Scope
	kind   string
	cursor *page.Cursor
}

// pull returns the next page of at most limit events.
func (p *puller) pull(t *testing.T, l *log, limit int) []event.Event {
	t.Helper()
	events, next, err := l.store.Pull(t.Context(), p.scope, page.Log{After: p.cursor, Limit: limit}, kinds(p.kind))
	must(t, err)
	if next != nil {
		c, err := page.ParseCursor(*next)
		must(t, err)
		p.cursor = &c
	}
	return events
}

// emitUncommitted begins a transaction that emits an event, and returns a function that commits it. It is for
// PostgreSQL, where other writers are not blocked.
func (l *log) emitUncommitted(t *testing.T, scope principal.Scope) (commit func()) {
	t.Helper()
	inserted, release, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- event.Partitioned(context.Background(), l.db, func() error {
			return l.db.Unit(context.Background(), func(ctx context.Context) error {
				err := l.outbox.Tx(ctx, func(tx *event.Tx) error {
					return tx.Emit(scope, "lead.created", map[string]string{"held": "yes"})
				})
				if err != nil {
					return err
				}
				close(inserted)
				<-release
				return nil
			})
		})
	}()
	select {
	case <-inserted:
	case err := <-ended:
		t.Fatalf("transaction: got its end (%v), want it open", err)
	}
	commit = sync.OnceFunc(func() {
		close(release)
		if err := <-ended; err != nil {
			t.Errorf("commit: got %v, want nil", err)
		}
	})
	t.Cleanup(commit)
	return commit
}

// emit emits n events in one transaction and returns their ids, when nobody else does at the same time.
func (l *log) emit(t *testing.T, scope principal.Scope, n int) []string {
	t.Helper()
	before := len(l.hooked())
	err := l.outbox.Tx(t.Context(), func(tx *event.Tx) error {
		for i := range n {
			if err := tx.Emit(scope, "lead.created", map[string]string{"n": fmt.Sprint(i)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("emitting: got %v, want no error", err)
	}
	return l.hooked()[before:]
}

// kinds is a filter for a type, or for none.
func kinds(eventType string) event.Filter {
	if eventType == "" {
		return event.Filter{}
	}
	return event.Filter{Types: []string{eventType}}
}
