package webhook_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/testkit"
)

const events = "/api/v1/events"

// job is data that fits job.completed; extra is more of its members, such as `,"n":1`.
func job(id int, extra string) string {
	return fmt.Sprintf(`{"job_id":%d,"job_type":"hashtag","status":"finished","started_at":"2026-11-21T08:00:00Z"%s}`,
		id, extra)
}

// publication is the body of POST /events; members come first, such as `"id":"a",`.
func publication(members, data string) string {
	return `{` + members + `"type":"job.completed","data":` + data + `}`
}

func publish(t *testing.T, c *testkit.Client, body string) api.Event {
	t.Helper()
	return testkit.Post[api.Event](t, c, events, body, http.StatusAccepted)
}

// together runs all calls at the same time and waits for them.
func together(n int, call func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() { <-start; call(i) })
	}
	close(start)
	all.Wait()
}

func TestAPublishedEventIsStoredAndReadAsItWasAnswered(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		before := time.Now().Add(-time.Second)
		event := publish(t, c, publication(``, job(7, ``)))
		if event.Type != "job.completed" || string(event.Data) != job(7, ``) || event.Environment != "live" ||
			!strings.HasPrefix(event.ID, "evt_") {
			t.Errorf("event: got %+v, want job.completed with the data as sent", event)
		}
		if event.CreatedAt.Before(before) || !event.OccurredAt.Equal(event.CreatedAt) {
			t.Errorf("times: got %s and %s, want both the time of the call", event.OccurredAt, event.CreatedAt)
		}
		p.Await(t, "the reason why nobody gets it", func() bool {
			stored := testkit.Get[api.Event](t, c, events+"/"+event.ID)
			reason, _ := stored.Reason.Get()
			if stored.Status == api.EventStatusAccepted {
				return false
			}
			event.Status, event.Reason = stored.Status, stored.Reason
			return reason == "no_endpoint" && fmt.Sprintf("%+v", stored) == fmt.Sprintf("%+v", event)
		})
	})
}

func TestDataAndTimeOfAnEventReachTheWebhookByteForByte(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		c.NewEndpoint(t, receiver.URL, nil)
		// What a parser that means well would change: order, numbers beyond 2^53, 1.0, exponents, escapes.
		data := job(1,
			`,"z":12345678901234567890,"a":{"y":1.0,"b":1E400,"x":-0.0},"m":[0.1000,1e2],"t":"<&>é🙂\/\u00e9"`)
		event := publish(t, c, publication(`"occurred_at":"2026-03-04T07:08:09.123456+02:00",`, data))
		if want := time.Date(2026, 3, 4, 5, 8, 9, 123456000, time.UTC); !event.OccurredAt.Equal(want) ||
			event.CreatedAt.Equal(want) {
			t.Errorf("times: got %s and %s, want the event's own, and the time of the call", event.OccurredAt,
				event.CreatedAt)
		}

		want := `{"type":"job.completed","timestamp":"2026-03-04T05:08:09.123456Z","data":` + data + `}`
		if got := receiver.Next(t); string(got.Body) != want {
			t.Errorf("sent\n%s instead of\n%s", got.Body, want)
		}
		read := testkit.Get[api.Event](t, c, events+"/"+event.ID)
		for what, got := range map[string]api.Event{"the answer": event, "get": read} {
			if !strings.Contains(string(got.Data),
				`"z":12345678901234567890,"a":{"y":1.0,"b":1E400,"x":-0.0},"m":[0.1000,1e2]`) {
				t.Errorf("%s: got %s, want the bytes as sent", what, got.Data)
			}
		}
	})
}

func TestPublishingAnIDAgainIsSafe(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		c.NewEndpoint(t, receiver.URL, nil)
		first := publish(t, c, publication(`"id":"order_1-a","occurred_at":"2026-03-04T05:06:07Z",`,
			job(1, `,"n":{"a":1,"b":[1,2]}`)))
		if first.ID != "order_1-a" || receiver.Next(t).Header.Get("webhook-id") != "order_1-a" {
			t.Errorf("event: got %+v, want order_1-a as its id and webhook-id", first)
		}

		otherOrder := `{"n":{"b":[1,2],"a":1},"started_at":"2026-11-21T08:00:00Z","status":"finished","job_type":"hashtag","job_id":1}`
		for name, body := range map[string]string{
			"the same": publication(`"id":"order_1-a","occurred_at":"2026-03-04T05:06:07Z",`,
				job(1, `,"n":{"a":1,"b":[1,2]}`)),
			"another order": publication(`"id":"order_1-a","occurred_at":"2026-03-04T05:06:07Z",`, otherOrder),
			"another zone": publication(`"id":"order_1-a","occurred_at":"2026-03-04T06:06:07+01:00",`,
				otherOrder),
			"without its time":   publication(`"id":"order_1-a",`, otherOrder),
			"spaced differently": publication(`"id":"order_1-a",`, strings.ReplaceAll(otherOrder, ",", " ,\n ")),
		} {
			again := publish(t, c, body)
			if again.ID != first.ID || !again.CreatedAt.Equal(first.CreatedAt) ||
				string(again.Data) != string(first.Data) {
				t.Errorf("%s: got %+v, want the event that exists", name, again)
			}
		}
		for name, body := range map[string]string{
			"other data":   publication(`"id":"order_1-a",`, job(2, `,"n":{"a":1,"b":[1,2]}`)),
			"less data":    publication(`"id":"order_1-a",`, job(1, ``)),
			"another list": publication(`"id":"order_1-a",`, job(1, `,"n":{"a":1,"b":[2,1]}`)),
			"another time": publication(`"id":"order_1-a","occurred_at":"2026-03-04T05:06:08Z",`, otherOrder),
			"another type": strings.Replace(publication(`"id":"order_1-a",`, otherOrder), "job.completed",
				"job.failed", 1),
			"a big number":   publication(`"id":"order_1-a",`, job(1, `,"n":{"a":1.0000000000000000001,"b":[1,2]}`)),
			"null for a key": publication(`"id":"order_1-a",`, job(1, `,"n":{"a":1,"b":[1,2],"c":null}`)),
		} {
			a := c.Call(t, http.MethodPost, events, body).Want(t, http.StatusConflict)
			if a.Problem(t).Error.Code != api.ErrorErrorCodeConflict || !strings.Contains(a.Problem(t).Error.Message,
				"order_1-a") {
				t.Errorf("%s: got %s, want a conflict on order_1-a", name, a.Body)
			}
		}

		// One more event goes the same way; when it is through, a second delivery of the first would be there.
		publish(t, c, publication(`"id":"after",`, job(3, ``)))
		if got := receiver.Next(t).Header.Get("webhook-id"); got != "after" {
			t.Errorf("next webhook: got %s, want after", got)
		}
		p.AwaitCount(t, c, api.DeliveryStatusSucceeded, 2)
		stored := testkit.Get[api.EventList](t, c, events).Data
		if len(stored) != 2 || len(c.Deliveries(t, "")) != 2 || len(receiver.All()) != 2 {
			t.Errorf("got %d events, %d deliveries and %d requests, want 2 of each", len(stored),
				len(c.Deliveries(t, "")), len(receiver.All()))
		}
	})
}

func TestManyPublishersOfOneIDMakeOneEvent(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		c.NewEndpoint(t, receiver.URL, nil)
		const publishers = 50
		answers := make([]testkit.Answer, publishers)
		together(publishers, func(i int) {
			answers[i] = c.Call(t, http.MethodPost, events, publication(`"id":"same",`, job(1, ``)))
		})
		first := testkit.Into[api.Event](t, answers[0].Want(t, http.StatusAccepted))
		for _, a := range answers {
			if got := testkit.Into[api.Event](t, a.Want(t, http.StatusAccepted)); got.ID != "same" ||
				!got.CreatedAt.Equal(first.CreatedAt) {
				t.Errorf("got %s, want the event that exists", a.Body)
			}
		}

		// With different contents one publisher wins, and all others get a conflict.
		won := make([]bool, publishers)
		together(publishers, func(i int) {
			a := c.Call(t, http.MethodPost, events, publication(`"id":"contested",`, job(i, ``)))
			won[i] = a.Status == http.StatusAccepted
			if !won[i] && a.Status != http.StatusConflict {
				t.Errorf("got %d %s, want 409", a.Status, a.Body)
			}
		})
		winners := 0
		for i, w := range won {
			if w {
				winners++
				if got := testkit.Get[api.Event](t, c, events+"/contested"); string(got.Data) != job(i, ``) {
					t.Errorf("event: got %s, want that of publisher %d, which got 202", got.Data, i)
				}
			}
		}
		p.Await(t, "both deliveries", func() bool { return len(c.Deliveries(t, "&status=succeeded")) == 2 })
		if stored := testkit.Get[api.EventList](t, c, events).Data; winners != 1 || len(stored) != 2 ||
			len(receiver.All()) != 2 {
			t.Errorf("got %d publishers with 202, %d events and %d requests, want 1, 2 and 2", winners, len(stored),
				len(receiver.All()))
		}
	})
}

// TestPublishersThatMeetInAnyOrderAllSucceed lets publishers share their commits while they repeat each other's ids in
// other orders, which is how two transactions come to wait for each other.
func TestPublishersThatMeetInAnyOrderAllSucceed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		const rounds, ids, times = 5, 40, 4 // one round alone meets only now and then
		for round := range rounds {
			together(ids*times, func(i int) {
				n := i % ids
				if i/ids%2 == 1 {
					n = ids - 1 - n
				}
				a := c.Call(t, http.MethodPost, events, publication(fmt.Sprintf(`"id":"e%d-%d",`, round, n),
					job(n, ``)))
				if a.Status != http.StatusAccepted {
					t.Errorf("e%d-%d: got %d %s, want 202", round, n, a.Status, a.Body)
				}
			})
			if stored := testkit.Get[api.EventList](t, c, events+"?limit=100").Data; len(stored) != min(100,
				ids*(round+1)) {
				t.Errorf("events after round %d: got %d, want %d", round, len(stored), min(100, ids*(round+1)))
			}
		}
	})
}

func TestAnIDIsOneTenantsInOneEnvironment(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		live, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		test := p.NewKey(t, testkit.Get[api.Me](t, live, "/api/v1/me").Tenant.ID, "test", "*")
		receiver := testkit.NewReceiver(t, nil)
		for i, c := range []*testkit.Client{live, other, test} {
			c.NewEndpoint(t, fmt.Sprintf("%s/%d", receiver.URL, i), nil)
			publish(t, c, publication(`"id":"same",`, job(i, ``)))
		}
		got := map[string]string{}
		for range 3 {
			r := receiver.Next(t)
			got[r.Path] = string(r.Body)
		}
		for i, c := range []*testkit.Client{live, other, test} {
			stored := testkit.Get[api.EventList](t, c, events).Data
			if len(stored) != 1 || string(stored[0].Data) != job(i, ``) || !strings.Contains(got[fmt.Sprintf("/%d", i)],
				job(i, ``)) {
				t.Errorf("publisher %d: got %+v stored and %v sent, want its own event", i, stored, got)
			}
			if again := publish(t, c, publication(`"id":"same",`, job(i, ``))); string(again.Data) != job(i, ``) ||
				!again.CreatedAt.Equal(stored[0].CreatedAt) {
				t.Errorf("publisher %d again: got %+v, want its own event", i, again)
			}
			c.Call(t, http.MethodPost, events, publication(`"id":"same",`, job(9, ``))).Want(t, http.StatusConflict)
		}
	})
}

func TestEveryTypesSampleCanBePublishedAndWhatDoesNotFitIsNamed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		types := testkit.Get[api.EventTypeList](t, c, "/api/v1/event-types")
		if len(types.Data) != len(testkit.Contract().EventTypes) || types.Meta.Total != len(types.Data) ||
			len(types.Data) < 9 {
			t.Fatalf("types: got %d with the total %d, want the catalogue", len(types.Data), types.Meta.Total)
		}
		published := 0
		for i, et := range types.Data {
			if i > 0 && types.Data[i-1].Type >= et.Type {
				t.Errorf("types: got %s after %s, want them by name", et.Type, types.Data[i-1].Type)
			}
			body, _ := json.Marshal(map[string]any{"type": et.Type, "data": et.Sample})
			if event.Operational(et.Type) {
				c.Call(t, http.MethodPost, events, string(body)).Want(t, http.StatusBadRequest)
				continue
			}
			published++
			publish(t, c, string(body))
			if one := testkit.Get[api.EventType](t, c, "/api/v1/event-types/"+
				et.Type); fmt.Sprint(one) != fmt.Sprint(et) {
				t.Errorf("type %s: got %+v, want %+v", et.Type, one, et)
			}
			var schema struct{ Required []string }
			if err := json.Unmarshal(et.Schema, &schema); err != nil || len(schema.Required) == 0 {
				t.Errorf("schema of %s: got %s (%v), want one with required fields", et.Type, et.Schema, err)
			}
			a := c.Call(t, http.MethodPost, events, map[string]any{"type": et.Type, "data": map[string]any{}}).
				Want(t, http.StatusUnprocessableEntity)
			for _, name := range schema.Required {
				if !strings.Contains(string(a.Body), `"field":"data.`+name+`"`) {
					t.Errorf("%s without %s: got %s, want the field named", et.Type, name, a.Body)
				}
			}
		}

		a := c.Call(t, http.MethodPost, events, `{"type":"lead.*","data":{}}`).Want(t, http.StatusBadRequest)
		if d := a.Problem(t).Error.Details; len(d) != 1 || d[0].Field != "type" {
			t.Errorf("got %s, want the field type", a.Body)
		}
		wrong := strings.Replace(strings.Replace(job(1, ``), `:1,`, `:1.5,`, 1), "2026-11-21T08:00:00Z", "yesterday", 1)
		a = c.Call(t, http.MethodPost, events, publication(``, wrong)).Want(t, http.StatusUnprocessableEntity)
		got := a.Problem(t).Error
		if got.Code != api.ErrorErrorCodeSchemaMismatch || len(got.Details) != 2 || got.Details[0].Field+
			got.Details[1].Field != "data.job_iddata.started_at" {
			t.Errorf("got %s, want schema_mismatch on job_id and started_at", a.Body)
		}
		if stored := testkit.Get[api.EventList](t, c, events+"?limit=100").Data; len(stored) != published {
			t.Errorf("events: got %d, want %d, since refused ones are not stored", len(stored), published)
		}
	})
}

// TestATimeThatCantBeWrittenIsRefused: in UTC these are in the year -1 and 10000, which RFC 3339 can't write. An event
// that is stored with one makes the log unreadable, and it can't be delivered.
func TestATimeThatCantBeWrittenIsRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		for _, at := range []string{"0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"} {
			a := c.Call(t, http.MethodPost, events, publication(`"occurred_at":"`+at+`",`, job(1, ``)))
			if a.Status != http.StatusBadRequest {
				t.Errorf("%s: got %d %s, want 400", at, a.Status, a.Body)
			}
		}
		publish(t, c, publication(`"id":"after",`, job(1, ``)))
		if a := c.Call(t, http.MethodGet, events, nil); a.Status != http.StatusOK {
			t.Errorf("list: got %d %s, want 200", a.Status, a.Body)
		}
	})
}
