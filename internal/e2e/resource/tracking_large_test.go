package resource_test

import (
	"fmt"
	"math"
	"net/http"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/testkit"
)

// The second list is longer than what one step of a comparison reads.
const (
	followers = 20_000
	came      = 260
	went      = 140
	// allowed is how much more may be in memory than before: less than one of the lists, of which the texts alone take
	// 2.4 MB.
	allowed = 9 << 20 / 5
)

// heap collects garbage and returns how many bytes are live. Whatever is allocated during a collection counts as live,
// and pools keep buffers for two collections, so it takes the least of three.
func heap() uint64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	least := uint64(math.MaxUint64)
	for range 3 {
		runtime.GC()
		metrics.Read(live)
		least = min(least, live[0].Value.Uint64())
	}
	return least
}

// watchHeap measures the heap again and again until the function that it returns is called, which returns the maximum.
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

// upload sends the followers with the numbers from (included) to to (excluded), page by page, calls each after every
// page, and completes the list.
func upload(t *testing.T, c *testkit.Client, account api.TrackedAccount, at string, from, to int,
	each func()) api.Snapshot {
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
		each()
	}
	return testkit.Into[api.Snapshot](t, finish(t, c, s.ID, to-from).Want(t, http.StatusOK))
}

// It measures the memory of the process, so no other test runs beside it.
func TestLongListsAreComparedWithoutBeingInMemory(t *testing.T) { //nolint:paralleltest // see above
	p := testkit.Shared(t, testkit.Embedded)
	c := p.NewTenant(t, "business")
	warm := track(t, c, "2") // fills caches
	list(t, c, warm, day(1), "warm")
	awaitJob(t, p, c, list(t, c, warm, day(2), "warm"))
	base := heap()
	check := func(when string, now uint64) {
		t.Helper()
		if now > base+allowed {
			t.Errorf("%s: the heap grew by %d KB, want at most %d KB", when, (now-base)>>10, allowed>>10)
		}
	}
	next := uploadTwoLists(t, c, followers, func() { check("after a page", heap()) })
	most := watchHeap()
	awaitJob(t, p, c, next)
	check("while the lists are compared", most())
	comparedLists(t, p, c, followers)
}

func TestLongListsAreComparedOnServers(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	c := p.NewTenant(t, "business")
	const several = 5_500 // more than one page, and than one step deletes
	awaitJob(t, p, c, uploadTwoLists(t, c, several, func() {}))
	comparedLists(t, p, c, several)
}

func uploadTwoLists(t *testing.T, c *testkit.Client, followers int, each func()) api.Snapshot {
	t.Helper()
	account := track(t, c, "1")
	upload(t, c, account, day(1), 0, followers, each)
	return upload(t, c, account, day(2), went, followers+came, each)
}

// comparedLists checks the events of the comparison, and that only the second list is kept.
func comparedLists(t *testing.T, p *testkit.Program, c *testkit.Client, followers int) {
	t.Helper()
	for eventType, want := range map[string]string{
		"follower.gained": fmt.Sprintf("%d %08d %08d", came, followers, followers+came-1),
		"follower.lost":   fmt.Sprintf("%d %08d %08d", went, 0, went-1),
	} {
		if got := span(t, p, c, eventType); got != want {
			t.Errorf("%s: got %s, want %s", eventType, got, want)
		}
	}
	if n := rowsIn(t, p, c, "tracking_followers", "user_id <> 'warm'"); n != int64(followers+came-went) {
		t.Errorf("%d followers are kept, want %d", n, followers+came-went)
	}
}

// span returns how many different followers the tenant's events of a type are about, and the first and last of them.
func span(t *testing.T, p *testkit.Program, c *testkit.Client, eventType string) string {
	t.Helper()
	user := "json_extract(data, '$.target_user_id')"
	if p.App.Database().Postgres() {
		user = "data::json ->> 'target_user_id'"
	}
	var got struct {
		N, All      int64
		First, Last string
	}
	tenantID, err := id.Parse(testkit.TenantOf(t, c))
	if err != nil {
		t.Fatal(err)
	}
	err = p.App.Database().Read(t.Context()).
		Raw("SELECT count(DISTINCT u) AS n, count(*) AS \"all\", min(u) AS first, max(u) AS last FROM (SELECT "+user+
			" AS u FROM events WHERE type = ? AND tenant_id = ?) x", eventType, tenantID).Scan(&got).Error
	if err != nil || got.N != got.All {
		t.Fatalf("events of %s: %+v, %v; want one for each follower", eventType, got, err)
	}
	return fmt.Sprintf("%d %s %s", got.N, got.First, got.Last)
}
