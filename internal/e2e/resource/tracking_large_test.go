package resource_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

const (
	followers = 100_000
	came      = 1_300
	went      = 700
	// allowed is how much more may be in memory than before: far less than one of the lists, of which the texts alone
	// take 12 MB.
	allowed = 9 << 20
)

// heap is what is in use, without what is only yet to be collected.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// watchHeap collects and looks all the time, until the function that it returns is called; that returns the most it
// saw.
func watchHeap() func() uint64 {
	var most uint64
	stop := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				most = max(most, heap())
			}
		}
	})
	return func() uint64 {
		close(stop)
		done.Wait()
		return most
	}
}

// upload sends the followers from to to, page by page, and finishes the list.
func upload(t *testing.T, c *testkit.Client, account api.TrackedAccount, at string, from, to int) api.Snapshot {
	t.Helper()
	s := snapshot(t, c, account, counts(to-from, at, true))
	long := strings.Repeat("x", 100)
	for first := from; first < to; first += 5000 {
		var page strings.Builder
		for i := first; i < min(first+5000, to); i++ {
			fmt.Fprintf(&page, `,{"user_id":"%08d","username":"%08d_%s"}`, i, i, long[:91])
		}
		c.Call(t, http.MethodPost, "/api/v1/snapshots/"+s.ID+"/followers", `{"followers":[`+page.String()[1:]+`]}`).
			Want(t, http.StatusOK)
		looked(t)
	}
	return testkit.Into[api.Snapshot](t, finish(t, c, s.ID, to-from).Want(t, http.StatusOK))
}

var base uint64

// looked measures between two requests.
func looked(t *testing.T) {
	t.Helper()
	if now := heap(); now > base+allowed {
		t.Errorf("%d MB more are in use", (now-base)>>20)
	}
}

// It measures the memory of the process, so nothing runs beside it.
func TestListsOfAHundredThousandAreComparedWithoutBeingInMemory(t *testing.T) { //nolint:paralleltest // see above
	for _, e := range []testkit.Engine{testkit.Embedded, testkit.Servers} {
		t.Run(string(e), func(t *testing.T) {
			p := testkit.Shared(t, e)
			c := p.NewTenant(t, "business")
			account := track(t, c, "1")
			list(t, c, track(t, c, "2"), day(1), "warm")
			base = heap()
			upload(t, c, account, day(1), 0, followers)
			next := upload(t, c, account, day(2), went, followers+came)
			most := watchHeap()
			awaitJob(t, p, c, next)
			if grown := most(); grown > base+allowed {
				t.Errorf("%d MB more are in use while the lists are compared", (grown-base)>>20)
			}
			for eventType, want := range map[string]string{
				"follower.gained": fmt.Sprintf("%d %08d %08d", came, followers, followers+came-1),
				"follower.lost":   fmt.Sprintf("%d %08d %08d", went, 0, went-1),
			} {
				if got := span(t, p, eventType); got != want {
					t.Errorf("%s: %s instead of %s", eventType, got, want)
				}
			}
			if n := rowsIn(t, p, c, "tracking_followers", "true"); n != followers+came-went+1 {
				t.Errorf("%d followers are kept", n)
			}
		})
	}
}

// span says how many different followers events of a type tell of, and who is first and last of them.
func span(t *testing.T, p *testkit.Program, eventType string) string {
	t.Helper()
	user := "json_extract(data, '$.target_user_id')"
	if p.App.Database().Postgres() {
		user = "data::json ->> 'target_user_id'"
	}
	var got struct {
		N, All      int64
		First, Last string
	}
	err := p.App.Database().Read(t.Context()).
		Raw("SELECT count(DISTINCT u) AS n, count(*) AS \"all\", min(u) AS first, max(u) AS last FROM (SELECT "+user+
			" AS u FROM events WHERE type = ?) x", eventType).Scan(&got).Error
	if err != nil || got.N != got.All {
		t.Fatalf("%+v, %v", got, err)
	}
	return fmt.Sprintf("%d %s %s", got.N, got.First, got.Last)
}
