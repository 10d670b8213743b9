package webhook_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestTheLogIsWalkedWithoutGapsOrDuplicatesWhileItGrows(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		const count, batch = 120, 12
		// A batch shares commits and moments, so that pages are cut between events of the same age too.
		for n := 0; n < count; n += batch {
			together(batch, func(i int) {
				publish(t, c, publication(fmt.Sprintf(`"id":"old-%d",`, n+i), job(n+i, ``)))
			})
		}

		seen, previous := map[string]bool{}, count/batch
		cursor, page := "", 0
		for more := true; more; page++ {
			list := testkit.Get[api.EventList](t, c, events+"?limit=7"+cursor)
			for _, event := range list.Data {
				n, err := strconv.Atoi(strings.TrimPrefix(event.ID, "old-"))
				if err != nil {
					t.Fatal(err)
				}
				if seen[event.ID] || n/batch > previous {
					t.Errorf("page %d: got %s, of batch %d, after an event of batch %d (seen before: %t), want each event "+
						"once and batches newest first", page, event.ID, n/batch, previous, seen[event.ID])
				}
				seen[event.ID], previous = true, n/batch
			}
			next, err := list.Meta.NextCursor.Get()
			if more = err == nil; more {
				cursor = "&cursor=" + next
				together(3, func(i int) {
					publish(t, c, publication(fmt.Sprintf(`"id":"new-%d-%d",`, page, i),
						job(i, ``)))
				})
			}
		}
		if page != 18 || len(seen) != count { // 17 pages of 7 and one of 1
			t.Errorf("got %d events on %d pages, want %d on 18", len(seen), page, count)
		}
		for n := range count {
			if !seen[fmt.Sprintf("old-%d", n)] {
				t.Errorf("list: got no old-%d, want each event", n)
			}
		}
	})
}

func TestTheLogIsNewestFirstAndFilteredByType(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		for i := range 6 {
			body := publication(fmt.Sprintf(`"id":"e%d","occurred_at":"20%d0-01-01T00:00:00Z",`, i, 9-i), job(i, ``))
			if i%2 == 1 {
				body = strings.Replace(body, "job.completed", "job.failed", 1)
			}
			publish(t, c, body)
		}
		for query, want := range map[string]string{
			"": "e5 e4 e3 e2 e1 e0", "?type=job.failed": "e5 e3 e1", "?type=job.completed&limit=2": "e4 e2",
			"?type=stats.updated": "",
		} {
			list, got := testkit.Get[api.EventList](t, c, events+query), []string{}
			for _, event := range list.Data {
				got = append(got, event.ID)
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s: %v instead of %s", query, got, want)
			}
			if next, err := list.Meta.NextCursor.Get(); err == nil {
				rest := testkit.Get[api.EventList](t, c, events+query+"&cursor="+next).Data
				if len(rest) != 1 || rest[0].ID != "e0" {
					t.Errorf("rest of %s: got %+v, want e0", query, rest)
				}
			}
		}
		for _, query := range []string{"?type=job", "?type=job.*"} { // it has names, and no groups
			c.Call(t, http.MethodGet, events+query, nil).Want(t, http.StatusBadRequest)
		}
	})
}
