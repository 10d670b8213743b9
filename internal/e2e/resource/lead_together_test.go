package resource_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// together makes all calls at the same time and returns their answers in order.
func together(t *testing.T, calls []func() testkit.Answer) []testkit.Answer {
	t.Helper()
	answers := make([]testkit.Answer, len(calls))
	start := make(chan struct{})
	var all sync.WaitGroup
	for i, call := range calls {
		all.Go(func() {
			<-start
			answers[i] = call()
		})
	}
	close(start)
	all.Wait()
	return answers
}

func TestLeadsCreatedAtTheSameTimeEachGetTheirOwnAnswer(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		clients := []*testkit.Client{p.NewTenant(t, "business"), p.NewTenant(t, "business")}
		const each = 60
		var calls []func() testkit.Answer
		for i := range 2 * each {
			c, n := clients[i%2], i/2
			body := object{"name": fmt.Sprint("lead ", n), "external_id": fmt.Sprint("crm-", n/2)} // two want each
			var headers []string
			switch n % 6 {
			case 4: // in a transaction of its own
				headers = []string{"Idempotency-Key", fmt.Sprint("key-", n)}
			case 5:
				body["score"] = -1
			}
			calls = append(calls, func() testkit.Answer {
				return c.Call(t, http.MethodPost, "/api/v1/leads", body, headers...)
			})
		}
		created := [2]map[string]int{{}, {}} // how often, by external id
		for i, a := range together(t, calls) {
			n := i / 2
			switch want := fmt.Sprint("crm-", n/2); {
			case n%6 == 5:
				a.Want(t, http.StatusBadRequest)
			case a.Status == http.StatusCreated:
				l := testkit.Into[api.Lead](t, a)
				created[i%2][want]++
				if l.Name.MustGet() != fmt.Sprint("lead ", n) || l.ExternalID.MustGet() != want {
					t.Errorf("call %d got the lead %s, %s", n, l.Name.MustGet(), l.ExternalID.MustGet())
				}
			case a.Status != http.StatusConflict || !strings.Contains(a.Problem(t).Error.Message, "external_id"):
				t.Errorf("call %d: %d %s", n, a.Status, a.Body)
			}
		}
		for i, c := range clients {
			var events []string
			for _, data := range eventData(t, c, "lead.created") {
				events = append(events, data["external_id"].(string))
			}
			slices.Sort(events)
			if len(events) != each/2 || len(slices.Compact(events)) != each/2 || len(created[i]) != each/2 ||
				total(t, c) != each/2 {
				t.Errorf("tenant %d: %d events, %d created, %d stored; want %d of each", i, len(events),
					len(created[i]), total(t, c), each/2)
			}
			for externalID, times := range created[i] {
				if times != 1 {
					t.Errorf("tenant %d: %s was created %d times, want once", i, externalID, times)
				}
			}
		}
	})
}

func TestALeadThatCanNotBeStoredFailsNoOther(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		var calls []func() testkit.Answer
		for i := range 60 {
			body := object{"name": fmt.Sprint("lead ", i)}
			if i%10 == 0 {
				body["notes"] = "a\x00b" // no text for PostgreSQL
			}
			calls = append(calls, func() testkit.Answer { return c.Call(t, http.MethodPost, "/api/v1/leads", body) })
		}
		for i, a := range together(t, calls) {
			if i%10 != 0 {
				a.Want(t, http.StatusCreated)
			} else if a.Status == http.StatusInternalServerError {
				t.Errorf("call %d: %d %s", i, a.Status, a.Body)
			}
		}
	})
}
