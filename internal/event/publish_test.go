package event_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// conflicts says whether an error is a conflict.
func conflicts(err error) bool {
	var p *problem.Error
	return errors.As(err, &p) && p.Code == problem.Conflict
}

// all lists the events of a scope.
func (l *log) all(t *testing.T, scope principal.Scope) []event.Event {
	t.Helper()
	events, next, err := l.store.List(t.Context(), scope, page.Log{Limit: 2000}, event.Filter{})
	if err != nil || next != nil {
		t.Fatalf("listing: got %v, %v, want one page", next, err)
	}
	return events
}

func TestAnIDUsedTwiceInOneBulkIsOneEventOrAConflict(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		l, scope := open(t, e), newScope()
		old := l.publish(t, scope, about("old", `{"a":1,"b":2}`))[0]
		at := time.Date(2026, 1, 2, 3, 4, 5, 678_901_999, time.UTC)
		timed := func(wireID string, at time.Time) event.New {
			n := about(wireID, `{}`)
			n.OccurredAt = at
			return n
		}
		other := about("x", `{"a":1,"b":2}`)
		other.Type = "lead.updated"
		bulk := []event.New{
			about("x", `{"a":1,"b":2}`), about("x", ` {"b":2, "a":1}`), about("x", `{"a":2}`), about("", `{"a":1}`),
			other,
			about("old", `{"b":2,"a":1}`), about("old", `{}`), about("y", `{}`), timed("z", at), timed("z", at),
			timed("z", at.Add(time.Second)), timed("z", time.Time{}), about("", `{"a":1}`),
		}
		// The place of the event that each one is; -1 for a conflict and -2 for the one from before.
		want := []int{0, 0, -1, 3, -1, -2, -1, 7, 8, 8, -1, 8, 12}
		got, err := l.outbox.PublishAll(t.Context(), scope, bulk)
		must(t, err)
		for i, p := range got {
			switch {
			case want[i] == -1 && (!conflicts(p.Err) || p.Event.ID != ""):
				t.Errorf("event %d: got %+v, %v, want a conflict", i, p.Event, p.Err)
			case want[i] == -2 && (p.Err != nil || p.Event.ID != old.ID || p.Event.Data != old.Data):
				t.Errorf("event %d: got %+v, %v, want %+v", i, p.Event, p.Err, old)
			case want[i] >= 0 && (p.Err != nil || p.Event.ID != got[want[i]].Event.ID ||
				p.Event.PublisherID != bulk[i].ID):
				t.Errorf("event %d: got %+v, %v, want that of place %d", i, p.Event, p.Err, want[i])
			}
		}
		stored := []string{old.ID, got[0].Event.ID, got[3].Event.ID, got[7].Event.ID, got[8].Event.ID, got[12].Event.ID}
		if hooked := l.hooked(); !slices.Equal(hooked, stored) {
			t.Errorf("committed: got %v, want %v", hooked, stored)
		}
		found := ids(l.all(t, scope))
		slices.Sort(found)
		if slices.Sort(stored); !slices.Equal(found, stored) {
			t.Errorf("stored: got %v, want %v", found, stored)
		}
	})
}

func TestAnIDPublishedByManyAtOnceIsOneEvent(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		l, scope := open(t, e), newScope()
		const rounds, publishers, names = 25, 6, 3
		for round := range rounds {
			var mu sync.Mutex
			accepted := map[string][]event.Event{}
			var all sync.WaitGroup
			for n := range publishers {
				all.Go(func() {
					var bulk []event.New
					for i := range names { // each in an order of its own
						bulk = append(bulk, about(fmt.Sprint(round, "-", (i+n)%names), fmt.Sprintf(`{"of":%d}`, n%2)),
							about("", `{}`))
					}
					done, err := l.outbox.PublishAll(t.Context(), scope, bulk)
					if err != nil {
						t.Errorf("publishing in round %d: got %v, want no error", round, err)
						return
					}
					one, err := l.outbox.Publish(t.Context(), scope, bulk[0])
					done, bulk = append(done, event.Published{Event: one, Err: err}), append(bulk, bulk[0])
					mu.Lock()
					defer mu.Unlock()
					for i, p := range done {
						if p.Err != nil && !conflicts(p.Err) {
							t.Errorf("event of round %d: got %v, want it stored or a conflict", round, p.Err)
						}
						if p.Err == nil && bulk[i].ID != "" {
							accepted[bulk[i].ID] = append(accepted[bulk[i].ID], p.Event)
						}
					}
				})
			}
			all.Wait()
			for i := range names {
				name := fmt.Sprint(round, "-", i)
				for _, e := range accepted[name] {
					if first := accepted[name][0]; e.ID != first.ID || e.Data != first.Data {
						t.Errorf("events of %s: got %+v and %+v, want one", name, e, first)
					}
				}
				if len(accepted[name]) < publishers/2 {
					t.Errorf("publishers of the content of %s: got %d, want at least %d", name, len(accepted[name]),
						publishers/2)
				}
			}
		}
		found := l.all(t, scope)
		seen := map[string]int{}
		for _, e := range found {
			seen[e.PublisherID]++
		}
		if seen[""] != rounds*publishers*names || len(seen) != rounds*names+1 || len(found) != seen[""]+rounds*names ||
			len(l.hooked()) != len(found) {
			t.Errorf("stored: got %d with %d ids, hooked %d, want one for each of %d ids and %d without", len(found),
				len(seen)-1, len(l.hooked()), rounds*names, rounds*publishers*names)
		}
	})
}

func TestTheIDOfAnExistingEventPublishedAgainIsThatEvent(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		l, scope, stranger := open(t, e), newScope(), newScope()
		made := l.publish(t, scope, about("", `{"a":1}`))[0]
		if again := l.publish(t, scope, about(made.ID, `{"a":1}`))[0]; again.ID != made.ID || again.PublisherID != "" {
			t.Errorf("published again: got %+v, want %+v", again, made)
		}
		if _, err := l.outbox.Publish(t.Context(), scope, about(made.ID, `{"a":2}`)); !conflicts(err) {
			t.Errorf("published with other content: got %v, want a conflict", err)
		}
		test := principal.Scope{TenantID: scope.TenantID, Environment: principal.Test}
		for name, other := range map[string]principal.Scope{"another tenant": stranger, "another environment": test} {
			first := l.publish(t, other, about(made.ID, `{"a":2}`))[0]
			if first.ID == made.ID || first.WireID() != made.ID || first.Data != `{"a":2}` {
				t.Errorf("published by %s: got %+v, want an event of its own", name, first)
			}
			if again := l.publish(t, other, about(made.ID, `{"a":2}`))[0]; again.ID != first.ID {
				t.Errorf("published again by %s: got %s, want %s", name, again.ID, first.ID)
			}
			if got, err := l.store.Get(t.Context(), other, made.ID); err != nil || got.ID != first.ID {
				t.Errorf("read by %s: got %s, %v, want %s", name, got.ID, err, first.ID)
			}
		}
		if found := l.all(t, scope); len(found) != 1 || found[0].ID != made.ID {
			t.Errorf("stored: got %v, want %s alone", ids(found), made.ID)
		}
		if got, err := l.store.Get(t.Context(), scope, made.ID); err != nil || got.ID != made.ID ||
			got.Data != made.Data {
			t.Errorf("read: got %+v, %v, want %+v", got, err, made)
		}
	})
}

func TestAnEventIsFoundByEitherIDAndByItsTenantAlone(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		l, scope := open(t, e), newScope()
		made := l.publish(t, scope, about(`it's "x"`, `{"a":"<&>"}`))[0]
		for _, wireID := range []string{made.ID, made.PublisherID} {
			if got, err := l.store.Get(t.Context(), scope, wireID); err != nil || got.ID != made.ID ||
				got.Data != `{"a":"<&>"}` || got.WireID() != made.PublisherID || got.Scope() != scope {
				t.Errorf("%s: got %+v, %v, want %+v", wireID, got, err, made)
			}
			if got, err := l.store.Get(t.Context(), newScope(), wireID); err == nil {
				t.Errorf("%s by another tenant: got %+v, want an error", wireID, got)
			}
		}
		for _, wireID := range []string{"", "evt_1", "unknown", id.New(id.Event), id.New(id.Lead)} {
			var p *problem.Error
			if got, err := l.store.Get(t.Context(), scope, wireID); !errors.As(err, &p) || p.Code != problem.NotFound {
				t.Errorf("%q: got %+v, %v, want not_found", wireID, got, err)
			}
		}
	})
}

func TestEventsOfAFailedTransactionAreNotStored(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		l, scope := open(t, e), newScope()
		broken := errors.New("broken")
		for _, wireID := range []string{"", "x"} {
			err := l.db.Unit(t.Context(), func(ctx context.Context) error {
				if _, err := l.outbox.Publish(ctx, scope, about(wireID, `{}`)); err != nil {
					return err
				}
				return broken
			})
			if !errors.Is(err, broken) {
				t.Fatalf("transaction: got %v, want it broken", err)
			}
		}
		if found, hooked := l.all(t, scope), l.hooked(); len(found)+len(hooked) != 0 {
			t.Errorf("stored: got %v, committed %v, want none", ids(found), hooked)
		}
		l.publish(t, scope, about("x", `{"other":1}`)) // its id is free
		for _, s := range []principal.Scope{{}, {TenantID: scope.TenantID}} {
			if _, err := l.outbox.Publish(t.Context(), s, about("", `{}`)); !errors.Is(err, principal.ErrNoScope) {
				t.Errorf("publishing for %+v: got %v, want ErrNoScope", s, err)
			}
			if _, _, err := l.store.Pull(t.Context(), s, page.Log{Limit: 1}, event.Filter{}); !errors.Is(err,
				principal.ErrNoScope) {
				t.Errorf("pulling for %+v: got %v, want ErrNoScope", s, err)
			}
		}
	})
}
