package event_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// PostgreSQL alone has transactions that commit in another order than they began.
func TestAPullMissesNoEventOfATransactionThatCommitsLate(t *testing.T) {
	t.Parallel()
	l, scope := open(t, engine.Servers), newScope()
	p := puller{scope: scope}
	first := l.publish(t, scope, about("", `{"n":1}`))[0]
	l.awaitOlder(t)
	if got := ids(p.pull(t, l, 10)); !slices.Equal(got, []string{first.ID}) {
		t.Fatalf("before: got %v, want %s", got, first.ID)
	}
	commit := l.emitUncommitted(t, scope)
	late := l.publish(t, scope, about("", `{"n":2}`), about("late", `{"n":3}`))
	l.publish(t, newScope(), about("", `{}`))
	if got := p.pull(t, l, 10); len(got) != 0 {
		t.Errorf("while an earlier transaction is open: got %v, want none", ids(got))
	}
	all, _, err := l.store.List(t.Context(), scope, page.Log{Limit: 10}, event.Filter{})
	if err != nil || len(all) != 3 {
		t.Errorf("newest first at that time: got %v, %v, want all three", ids(all), err)
	}
	commit()
	l.awaitOlder(t)
	var got []string
	for range 3 { // one at a time: the cursor stands within a transaction, too
		got = append(got, ids(p.pull(t, l, 1))...)
	}
	if len(got) != 3 || slices.Contains(ids(late), got[0]) || !slices.Equal(sorted(got[1:]), sorted(ids(late))) {
		t.Errorf("afterwards: got %v, want the one that was held, then %v", got, ids(late))
	}
	if got := p.pull(t, l, 10); len(got) != 0 {
		t.Errorf("in the end: got %v, want none", ids(got))
	}
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

func TestAPullerGetsEveryEventOnceWhileManyCommit(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		l, scope := open(t, e), newScope()
		const writers, each = 6, 40
		var all sync.WaitGroup
		var writing atomic.Int64
		for n := range writers {
			writing.Add(1)
			all.Go(func() {
				defer writing.Add(-1)
				for i := range each {
					if i%2 == 0 {
						l.emit(t, scope, 1+n%3)
						continue
					}
					_, err := l.outbox.PublishAll(t.Context(), scope, []event.New{about("", `{}`),
						about(fmt.Sprint(n, "-", i), `{}`)})
					if err != nil {
						t.Errorf("publishing: got %v, want no error", err)
					}
				}
			})
		}
		var got []string
		p := puller{scope: scope}
		for writing.Load() > 0 {
			got = append(got, ids(p.pull(t, l, 7))...)
		}
		all.Wait()
		l.awaitOlder(t)
		for events := p.pull(t, l, 7); len(events) > 0; events = p.pull(t, l, 7) {
			got = append(got, ids(events)...)
		}
		if want := sorted(l.hooked()); !slices.Equal(sorted(got), want) {
			t.Errorf("pulled: got %d, want %d, each once", len(got), len(want))
		}
	})
}

func TestPagesOfATypeHaveAllOfItInOrderWithTheirData(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		l, scope := open(t, e), newScope()
		var want []string
		for i := range 10 {
			for _, kind := range []string{"lead.created", "lead.updated", "lead.updated"} {
				l.publish(t, scope, event.New{Type: kind, Data: json.RawMessage(fmt.Sprintf(`{"n":%d}`, i))})
			}
			want = append(want, fmt.Sprintf(`{"n":%d}`, i))
		}
		l.awaitOlder(t)
		for _, limit := range []int{1, 3, 10, 50} {
			p := puller{scope: scope, kind: "lead.created"}
			var got []string
			for {
				before := p.cursor
				for _, e := range p.pull(t, l, limit) {
					got = append(got, e.Data)
				}
				if before != nil && *before == *p.cursor {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("pulled, %d a page: got %v, want %v", limit, got, want)
			}
			newest := l.listed(t, puller{scope: scope, kind: "lead.created"}, limit)
			if slices.Reverse(newest); !slices.Equal(newest, want) {
				t.Errorf("listed, %d a page: got %v from the oldest, want %v", limit, newest, want)
			}
		}
	})
}

// listed returns the data of events newest first, page by page.
func (l *log) listed(t *testing.T, p puller, limit int) (data []string) {
	t.Helper()
	for {
		events, next, err := l.store.List(t.Context(), p.scope, page.Log{After: p.cursor, Limit: limit}, kinds(p.kind))
		must(t, err)
		if len(events) > limit {
			t.Errorf("page: got %d, want at most %d", len(events), limit)
		}
		for _, e := range events {
			data = append(data, e.Data)
		}
		if next == nil {
			return data
		}
		c, err := page.ParseCursor(*next)
		must(t, err)
		p.cursor = &c
	}
}

func TestARareTypeIsFoundThoughPagesBeforeItAreEmpty(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		l, scope := open(t, e), newScope()
		many := make([]event.New, 1000)
		for i := range many {
			many[i] = about("", `{}`)
		}
		for range 6 {
			l.publish(t, scope, many...)
		}
		rare := l.publish(t, scope, event.New{Type: "rare", Data: json.RawMessage(`{}`)})[0]
		l.awaitOlder(t)
		p := puller{scope: scope, kind: "rare"}
		pages := 0
		for ; pages < 5; pages++ {
			if got := p.pull(t, l, 10); len(got) > 0 {
				if got[0].ID != rare.ID {
					t.Errorf("pulled: got %v, want %s", ids(got), rare.ID)
				}
				break
			}
		}
		if pages != 2 { // 6,000 events, of which a page looks at 3,000
			t.Errorf("empty pages before a rare type: got %d, want 2", pages)
		}
	})
}

func TestACursorStaysWhereNothingIsNewAndAnotherIsRefused(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		l, scope := open(t, e), newScope()
		p := puller{scope: scope}
		if got := p.pull(t, l, 10); len(got) != 0 || p.cursor != nil {
			t.Errorf("of an empty log: got %v, cursor %v, want none", ids(got), p.cursor)
		}
		l.publish(t, scope, about("", `{}`))
		l.awaitOlder(t)
		p.pull(t, l, 10)
		before := *p.cursor
		if got := p.pull(t, l, 10); len(got) != 0 || *p.cursor != before {
			t.Errorf("with nothing new: got %v, cursor %v, want none, %v", ids(got), *p.cursor, before)
		}
		var refused *problem.Error
		strange := page.Log{After: &page.Cursor{At: before.At, ID: "x"}, Limit: 1}
		if _, _, err := l.store.Pull(t.Context(), scope, strange, event.Filter{}); !errors.As(err, &refused) ||
			refused.Code != problem.ValidationFailed {
			t.Errorf("another's cursor: got %v, want it refused", err)
		}
	})
}

func TestAnUndispatchedEventIsClaimedOnceAndThenKnowsItsEndpoints(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		l, scope := open(t, e), newScope()
		made := l.publish(t, scope, about("", `{}`), about("", `{}`))
		later := time.Now().Add(time.Hour)
		all, err := l.store.Undispatched(t.Context(), later, nil, 10)
		if err != nil || len(all) != 2 {
			t.Fatalf("undispatched: got %v, %v, want two", all, err)
		}
		others, err := l.store.Undispatched(t.Context(), later, []string{scope.TenantID}, 10)
		if err != nil || len(others) != 0 {
			t.Errorf("undispatched of others: got %v, %v, want none", others, err)
		}
		one, other := id.NewUUID(), id.NewUUID()
		must(t, l.db.Tx(t.Context(), func(tx *gorm.DB) error {
			claimed, err := l.store.ClaimUndispatched(tx, all)
			if err != nil || len(claimed) != 2 {
				t.Errorf("claimed: got %d, %v, want 2", len(claimed), err)
			}
			e := made[0]
			e.DispatchedAt, e.Endpoints = db.At(time.Now()), event.Endpoints{one}
			if err := l.store.MarkDispatched(tx, e); err != nil {
				return err
			}
			if err := l.store.AddEndpoint(tx, e, one); err != nil { // it is there
				return err
			}
			return l.store.AddEndpoint(tx, e, other)
		}))
		if rest, err := l.store.Undispatched(t.Context(), later, nil, 10); err != nil ||
			!slices.Equal(rest, []id.UUID{made[1].UUID()}) {
			t.Errorf("undispatched then: got %v, %v, want %s", rest, err, made[1].ID)
		}
		got, err := l.store.Get(t.Context(), scope, made[0].ID)
		if err != nil || !slices.Equal(got.Endpoints, event.Endpoints{one, other}) || got.DispatchedAt.IsZero() {
			t.Errorf("event: got %+v, %v, want it dispatched to two", got, err)
		}
		if none, err := l.store.Undispatched(t.Context(), got.CreatedAt.Time, nil, 10); err != nil || len(none) != 0 {
			t.Errorf("undispatched of before: got %v, %v, want none", none, err)
		}
	})
}
