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
					t.Errorf("call %d: got the lead %s, %s, want its own, %s", n, l.Name.MustGet(),
						l.ExternalID.MustGet(), want)
				}
			case a.Status != http.StatusConflict || !strings.Contains(a.Problem(t).Error.Message, "external_id"):
				t.Errorf("call %d: got %d %s, want 201 or 409 on external_id", n, a.Status, a.Body)
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
				t.Errorf("call %d: got %d %s, want no internal error", i, a.Status, a.Body)
			}
		}
	})
}

func TestChangesAtTheSameTimeEachGetTheirOwnAnswer(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		inbox := testkit.Shared(t, e).NewInbox(t, c, "Support").ID
		newLead(t, c, object{"external_id": "taken"})
		var calls []func() testkit.Answer
		var want []int
		patch := func(path string, body object, status int, headers ...string) {
			want = append(want, status)
			calls = append(calls, func() testkit.Answer { return c.Call(t, http.MethodPatch, path, body, headers...) })
		}
		for i := range 12 {
			_, path := newLead(t, c, object{"name": fmt.Sprint("lead ", i)})
			ticket := "/api/v1/tickets/" + c.NewTicket(t, inbox, nil).ID
			patch(path, object{"name": fmt.Sprint("changed ", i)}, http.StatusOK)
			patch(path, object{"external_id": "taken"}, http.StatusConflict)
			patch(path, object{"external_id": "taken"}, http.StatusConflict, "Idempotency-Key", fmt.Sprint("key ", i))
			patch(path+"0", object{"score": 1}, http.StatusNotFound)
			patch(ticket, object{"subject": fmt.Sprint("changed ", i)}, http.StatusOK)
			patch(ticket, object{"inbox_id": "ibx_nothing"}, http.StatusUnprocessableEntity)
		}
		changed := 0
		for i, a := range together(t, calls) {
			if a.Status != want[i] {
				t.Errorf("call %d: got %d %s, want %d", i, a.Status, a.Body, want[i])
			}
			if a.Status == http.StatusOK && strings.Contains(string(a.Body), fmt.Sprintf(`"changed %d"`, i/6)) {
				changed++
			}
		}
		if leads, tickets := len(eventData(t, c, "lead.updated")), len(eventData(t, c, "ticket.updated")); changed !=
			24 || leads != 12 || tickets != 12 {
			t.Errorf("%d answers, %d events of leads, %d of tickets; want 24, 12 and 12", changed, leads, tickets)
		}
	})
}
