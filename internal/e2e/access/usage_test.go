package access_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/usage"
)

// memory is a database that can be away.
type memory struct {
	mu    sync.Mutex
	away  bool
	calls map[usage.Count]int64
	added chan int
}

func (m *memory) Add(_ context.Context, counts []usage.Count) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away {
		return errors.New("away")
	}
	for _, c := range counts {
		calls := c.Calls
		c.Calls = 0
		m.calls[c] += calls
	}
	if m.added != nil {
		m.added <- len(counts)
	}
	return nil
}

func (m *memory) total() (n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, calls := range m.calls {
		n += calls
	}
	return n
}

func caller(key string) principal.Principal {
	return principal.Principal{Scope: principal.Scope{TenantID: "tnt_1", Environment: principal.Live}, KeyID: key}
}

func stop(t *testing.T, c *usage.Counter) {
	t.Helper()
	if err := c.Stop(t.Context()); err != nil {
		t.Errorf("Stop: got %v, want nil", err)
	}
}

func TestCallsThatCouldNotBeStoredAreStoredLater(t *testing.T) {
	t.Parallel()
	m := &memory{away: true, calls: map[usage.Count]int64{}}
	c := usage.NewCounter(m, clock.System)
	c.Answered(caller("key_1"), 200)
	if c.Flush(t.Context()) == nil {
		t.Fatal("flush without a database: got no error, want one")
	}
	c.Answered(caller("key_1"), 200)
	c.Answered(principal.Principal{}, 401)
	c.Answered(principal.Principal{Operator: true, KeyID: "opk_1"}, 200)
	m.away = false
	stop(t, c)
	if len(m.calls) != 1 || m.total() != 2 {
		t.Errorf("counts after a failed flush: got %v, want one of 2 calls", m.calls)
	}
}

func TestCountsInMemoryAreLimited(t *testing.T) {
	t.Parallel()
	m := &memory{away: true, calls: map[usage.Count]int64{}}
	c := usage.NewCounter(m, clock.System)
	for i := range 50_000 {
		c.Answered(caller(fmt.Sprint("key_", i)), 200)
		if i%10_000 == 0 {
			_ = c.Flush(t.Context())
		}
	}
	c.Answered(caller("key_0"), 200) // one that is known still has room
	m.away = false
	stop(t, c)
	if len(m.calls) != 20_000 || m.total() != 20_001 {
		t.Errorf("got %d counts of %d calls, want 20,000 of 20,001", len(m.calls), m.total())
	}
}

func TestManyDistinctCountsAreFlushedAheadOfTime(t *testing.T) {
	t.Parallel()
	m := &memory{calls: map[usage.Count]int64{}, added: make(chan int, 10)}
	c := usage.NewCounter(m, clock.System)
	began := time.Now()
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 6_000 {
		c.Answered(caller(fmt.Sprint("key_", i)), 200)
	}
	if n := <-m.added; n < 5_000 || time.Since(began) > 4*time.Second {
		t.Errorf("got %d counts flushed after %s, want 5,000 within 4 s", n, time.Since(began))
	}
	stop(t, c)
	if m.total() != 6_000 {
		t.Errorf("calls: got %d, want 6,000", m.total())
	}
}

// calls sums what a query counts, by status.
func calls(u gen.Usage) map[int]int64 {
	out := map[int]int64{}
	for _, d := range u.Data {
		out[d.Status] += d.Calls
	}
	return out
}

func TestCallsOfATenantAreCountedByKeyAndStatus(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, stranger := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		me := testkit.Get[gen.Me](t, tenant, "/api/v1/me")
		reader := p.NewKey(t, me.Tenant.ID, "live", "read:leads")
		test := p.NewKey(t, me.Tenant.ID, "test", "*")
		for range 4 {
			reader.Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusOK)
		}
		for range 3 {
			reader.Call(t, http.MethodPost, "/api/v1/leads", `{"name":"x"}`).Want(t, http.StatusForbidden)
		}
		reader.Call(t, http.MethodGet, "/api/v1/leads/nothing", nil).Want(t, http.StatusNotFound)
		test.Call(t, http.MethodGet, "/api/v1/leads/nothing", nil).Want(t, http.StatusNotFound)
		testkit.NewClient(p.URL, "hk_live_nonsense").Call(t, http.MethodGet, "/api/v1/leads", nil).
			Want(t, http.StatusUnauthorized)

		var all gen.Usage
		p.Await(t, "the counts", func() bool { // a call is counted just after it was answered
			if err := p.App.Usage.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			all = testkit.Get[gen.Usage](t, tenant, "/api/v1/usage")
			by := calls(all)
			return by[403] == 3 && by[404] == 1 && by[200] >= 4+1
		})
		var sum int64
		keys := map[string]bool{}
		for _, d := range all.Data {
			sum += d.Calls
			keys[d.KeyID] = true
		}
		if sum != all.Meta.Total || len(keys) != 2 || calls(all)[401] != 0 {
			t.Errorf("usage: got %+v, want counts of two keys that add up to the total, and none without a key", all)
		}
		delete(keys, me.Key.ID)
		for readerID := range keys {
			one := testkit.Get[gen.Usage](t, tenant, "/api/v1/usage?key_id="+readerID)
			if by := calls(one); one.Meta.Total != 8 || by[200] != 4 || by[403] != 3 || by[404] != 1 {
				t.Errorf("usage of a key: got %+v, want 8 calls: 4 with 200, 3 with 403 and 1 with 404", one)
			}
			if foreign := testkit.Get[gen.Usage](t, stranger, "/api/v1/usage?key_id="+
				readerID); len(foreign.Data) != 0 {
				t.Errorf("another tenant's usage: got %+v, want none", foreign)
			}
			if foreign := testkit.Get[gen.Usage](t, test, "/api/v1/usage?key_id="+readerID); len(foreign.Data) != 0 {
				t.Errorf("usage in test: got %+v, want none", foreign)
			}
		}
	})
}

func TestRangesOfUsageAreChecked(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewTenant(t, "business")
	u := testkit.Get[gen.Usage](t, tenant, "/api/v1/usage?to=2026-03-02")
	if got := u.Meta.From.String(); got != "2026-02-01" || len(u.Data) != 0 {
		t.Errorf("usage by default: got from %s: %+v, want 2026-02-01 and none", got, u)
	}
	testkit.Get[gen.Usage](t, tenant, "/api/v1/usage?from=2024-01-01&to=2024-12-31") // 366 days
	for _, query := range []string{
		"from=2026-03-02&to=2026-03-01", "from=2024-01-01&to=2025-01-01", "from=yesterday", "to=2026-02-31",
		"from=2999-01-01", "from=2026-3-1", "key_id=",
	} {
		a := tenant.Call(t, http.MethodGet, "/api/v1/usage?"+query, nil).Want(t, http.StatusBadRequest)
		d := a.Problem(t).Error.Details
		if len(d) != 1 || !strings.HasPrefix(query, d[0].Field+"=") {
			t.Errorf("%s: got %s, want the parameter named", query, a.Body)
		}
	}
}

func TestCountsAddUpOverProcessesAndAreDeletedInTime(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		// which deletes by its own clock
		p := testkit.Start(t, e, testkit.WithoutWorker())
		tenant := testkit.Get[gen.Me](t, p.NewTenant(t, "business"), "/api/v1/me").Tenant.ID
		// long ago: the program counts the calls of this test, today
		now := time.Date(2025, 3, 14, 23, 0, 0, 0, time.UTC)
		store := usage.NewStore(p.App.Database(), func() time.Time { return now })
		scope := principal.Scope{TenantID: tenant, Environment: principal.Live}
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				c := usage.NewCounter(store, func() time.Time { return now })
				for i := range 1_500 {
					c.Answered(principal.Principal{Scope: scope, KeyID: fmt.Sprint("key_", i)}, 200)
				}
				if err := c.Flush(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		rows, err := store.List(t.Context(), scope, now, now, "", 10_000)
		if err != nil || len(rows) != 1_500 || rows[0].Calls != 8 || rows[0].Day != "2025-03-14" {
			t.Fatalf("got %d rows, %v, want 1,500 with 8 calls in the first", len(rows), err)
		}
		if _, err := store.List(t.Context(), principal.Scope{}, now, now, "", 1); !errors.Is(err,
			principal.ErrNoScope) {
			t.Errorf("List without a tenant: got %v, want %v", err, principal.ErrNoScope)
		}
		kept := now
		now = now.Add(usage.Lifetime)
		if n, err := store.DeleteOlder(t.Context(), 10_000); n != 0 || err != nil {
			t.Errorf("deleted too early: got %d, %v, want 0", n, err)
		}
		now = now.Add(24 * time.Hour)
		if n, err := store.DeleteOlder(t.Context(), 1_000); n != 1_000 || err != nil {
			t.Errorf("deleted: got %d, %v, want 1,000", n, err)
		}
		if rows, err := store.List(t.Context(), scope, kept, kept, "", 10_000); len(rows) != 500 || err != nil {
			t.Errorf("left: got %d, %v, want 500", len(rows), err)
		}
	})
}
