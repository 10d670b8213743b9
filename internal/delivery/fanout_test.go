package delivery

import (
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/throttle"
)

func lead(data string) event.Event {
	return event.Event{TenantID: id.New(id.Tenant), Environment: "live", ID: id.New(id.Event), Type: "lead.created",
		PublisherID: "own", Data: data, OccurredAt: in(-time.Minute), CreatedAt: in(-time.Second), Reason: "stale"}
}

func subscriber(patterns ...string) endpoint.Endpoint {
	return endpoint.Endpoint{
		ID: id.New(id.Endpoint), Profile: profile.Default, Enabled: true, Events: db.JSON[[]string]{V: patterns},
		RetryPolicy: db.JSON[profile.Policy]{V: every(time.Minute, 4)},
	}
}

func uuid(t *testing.T, typeID string) id.UUID {
	t.Helper()
	u, err := id.Parse(typeID)
	if err != nil {
		t.Fatalf("%s: %v", typeID, err)
	}
	return u
}

func TestFanOutNamesEachSubscriberAndMakesRowsOnlyForTrouble(t *testing.T) {
	t.Parallel()
	off, gone, deleted, throttled := subscriber("*"), subscriber("*"), subscriber("*"), subscriber("*")
	off.Enabled, gone.Enabled, gone.DisabledReason = false, false, endpoint.ReasonGone
	deleted.DeletedAt, throttled.Throttle = in(-time.Hour), throttle.State{}.Start(noon)
	filtered, passed, broken := subscriber("*"), subscriber("lead.*"), subscriber("lead.created")
	filtered.Filter, passed.Filter, broken.Filter = `data.a == "x"`, `data.a == "<&>"`, `data.missing.b == 1`
	off2 := subscriber("*") // the filter comes before everything else
	off2.Enabled, off2.Filter = false, filtered.Filter
	unknown, all, group := subscriber("*"), subscriber("*"), subscriber("ticket.*", "lead.*")
	unknown.Profile = "retired"
	want := []struct {
		name   string
		target endpoint.Endpoint
		status Status // none for no row
		reason string
	}{
		{"all", all, "", ""}, {"group", group, "", ""}, {"unknown profile", unknown, "", ""},
		{"filter passes", passed, "", ""}, {"off", off, Cancelled, ReasonEndpointDisabled},
		{"gone", gone, Cancelled, ReasonGone}, {"deleted", deleted, Cancelled, ReasonEndpointDeleted},
		{"filtered", filtered, Cancelled, ReasonFiltered}, {"off and filtered", off2, Cancelled, ReasonFiltered},
		{"filter error", broken, Cancelled, ReasonFilterError}, {"throttled", throttled, Pending, ReasonThrottled},
	}
	endpoints := []endpoint.Endpoint{subscriber("lead.updated", "lead", "ticket.*"), subscriber()}
	for _, w := range want {
		endpoints = append(endpoints, w.target)
	}
	e := lead(`{"a":"<&>"}`)
	rows := map[string]Delivery{}
	planned, _ := fanOut(&e, endpoints, noon, 0)
	for _, d := range planned {
		rows[d.EndpointID] = d
	}
	if e.Reason != "" || e.DispatchedAt != in(0) || len(e.Endpoints) != len(want) {
		t.Fatalf("event: got %+v, want it dispatched now to %d endpoints", e, len(want))
	}
	for i, w := range want {
		if e.Endpoints[i] != uuid(t, w.target.ID) {
			t.Errorf("endpoint %d: got %s, want %s, %s", i, e.Endpoints[i], w.name, w.target.ID)
		}
		d, found := rows[w.target.ID]
		if found != (w.status != "") || d.Status != w.status || d.Reason != w.reason {
			t.Errorf("row for %s: got %t %s %q, want %q %q", w.name, found, d.Status, d.Reason, w.status, w.reason)
		}
		delete(rows, w.target.ID)
		if found {
			checkRow(t, w.name, d, e, w.target)
		}
	}
	if len(rows) != 0 {
		t.Errorf("more rows: got %+v, want none", rows)
	}
}

// checkRow proves that a row is that of a delivery before its first attempt.
func checkRow(t *testing.T, name string, d Delivery, e event.Event, target endpoint.Endpoint) {
	t.Helper()
	if wantID := ID(e.UUID(), uuid(t, target.ID)).TypeID(id.Delivery); d.ID != wantID || d.TenantID != e.TenantID ||
		d.Environment != e.Environment || d.EventID != e.ID || d.WireEventID() != "own" || d.EventType != e.Type ||
		d.CreatedAt != e.CreatedAt || d.ChangedAt != in(0) || d.MaxAttempts != 4 || d.AttemptCount != 0 ||
		d.Form != "" {
		t.Errorf("row for %s: got %+v, want %s of %+v, before its first attempt", name, d, wantID, e)
	}
	if d.Status == Cancelled {
		if d.FinishedAt != in(0) || !d.NextAttemptAt.IsZero() || !d.DeadlineAt.IsZero() || d.Admission != Unthrottled {
			t.Errorf("row for %s: got %+v, want it finished now", name, d)
		}
		return
	}
	if !d.FinishedAt.IsZero() || d.NextAttemptAt != e.CreatedAt || d.DeadlineAt != in(DeferredFor) ||
		d.Admission != Deferred {
		t.Errorf("row for %s: got %+v, want it deferred", name, d)
	}
}

func TestAnEventThatNobodySubscribesToSaysSo(t *testing.T) {
	t.Parallel()
	strange := subscriber("*")
	strange.ID = "whe_1" // which no endpoint has
	for _, endpoints := range [][]endpoint.Endpoint{nil, {subscriber("ticket.*")}, {strange}} {
		e := lead(`{}`)
		if rows, _ := fanOut(&e, endpoints, noon, 0); len(rows) != 0 || len(e.Endpoints) != 0 ||
			e.Reason != ReasonNoEndpoint ||
			e.DispatchedAt.IsZero() {
			t.Errorf("got %+v and rows %+v, want it dispatched to none, %s", e, rows, ReasonNoEndpoint)
		}
	}
}

func TestAFilterOfABrokenEventSaysSoAndOtherEndpointsGetIt(t *testing.T) {
	t.Parallel()
	filtering, plain := subscriber("*"), subscriber("*")
	filtering.Filter = "data.a == 1"
	e := lead(`{`)
	rows, _ := fanOut(&e, []endpoint.Endpoint{filtering, plain}, noon, 0)
	if len(e.Endpoints) != 2 || len(rows) != 1 || rows[0].EndpointID != filtering.ID ||
		rows[0].Reason != ReasonFilterError || rows[0].Error == "" {
		t.Errorf("rows: got %+v for %d endpoints, want one of two, cancelled for its filter", rows, len(e.Endpoints))
	}
}

func TestABodyIsRenderedInTheSameBytesByItsForm(t *testing.T) {
	t.Parallel()
	e := lead(`{"a":"<&>"}`)
	for name, form := range map[string]string{"of an endpoint": FormOf(subscriber("*")), "without one": "",
		"of a retired profile": "1/retired/"} {
		first, contentType, err := Render(form, e)
		again, _, _ := Render(form, e)
		if err != nil || contentType != "application/json" || string(first) != string(again) ||
			!strings.Contains(string(first), `{"a":"<&>"}`) {
			t.Errorf("body %s: got %s and %s as %s, %v, want the data, twice the same, as JSON", name, first, again,
				contentType, err)
		}
	}
	if body, _, err := Render(FormOf(subscriber("*")), lead(`{`)); err == nil {
		t.Errorf("body of a broken event: got %s, want an error", body)
	}
}

func TestATenantThatHasVeryManyAtOnceWaitsInTheBulkQueueAndNobodyElse(t *testing.T) {
	t.Parallel()
	now := noon
	s := newShares(func() time.Time { return now })
	put := func(tenant string, n int) (bulk int) {
		for range n {
			if s.queueOf(tenant, 1) == queue.Bulk {
				bulk++
			}
		}
		return bulk
	}
	for _, step := range []struct {
		after   time.Duration
		tenant  string
		n, bulk int
	}{
		{0, "a", shareMost, 0}, {0, "a", 50, 50}, {0, "b", shareMost, 0},
		{time.Second, "a", 10, 10}, {0, "b", 1, 1}, // the second before counts
		{time.Second, "a", shareMost - 10, 0}, {0, "a", 1, 1},
		{2 * time.Second, "a", shareMost, 0},
		{-time.Minute, "a", shareMost, 0}, // a clock that is set back
	} {
		now = now.Add(step.after)
		if got := put(step.tenant, step.n); got != step.bulk {
			t.Errorf("in bulk of %+v: got %d, want %d", step, got, step.bulk)
		}
	}
	if got := s.queueOf("c", shareMost+1); got != queue.Bulk {
		t.Errorf("queue of more than a share at once: got %s, want %s", got, queue.Bulk)
	}
	if got := s.queueOf("d", shareMost); got != queue.Fast {
		t.Errorf("queue of a share at once: got %s, want %s", got, queue.Fast)
	}
}

func TestTheFiltersOfAnEventHaveABudgetTogether(t *testing.T) {
	t.Parallel()
	plain, endpoints := subscriber("*"), make([]endpoint.Endpoint, 10)
	for i := range endpoints {
		endpoints[i] = subscriber("*")
		endpoints[i].Filter = "data.l.all(x, x < 1000)"
	}
	e := lead(`{"l":[` + strings.Repeat("1,", 999) + `1]}`)
	rows, all := fanOut(&e, endpoints, noon, 0)
	if len(rows) != 0 || all < 10_000 {
		t.Fatalf("without a budget: got %d rows and %d steps, want none, and 1,000 steps or more for each", len(rows), all)
	}
	rows, spent := fanOut(&e, append(endpoints, plain), noon, all/2)
	if len(rows) < 4 || len(rows) > 6 || spent > all*7/10 || len(e.Endpoints) != 11 {
		t.Errorf("with half: got %d rows, %d of %d steps and %d endpoints, want half the rows, half the steps, all 11",
			len(rows), spent, all, len(e.Endpoints))
	}
	for _, d := range rows {
		if d.Reason != ReasonFilterError || !strings.Contains(d.Error, "all endpoints together") ||
			d.EndpointID == plain.ID {
			t.Errorf("row: got %s, %q for %s, want a filter_error of one with a filter", d.Reason, d.Error, d.EndpointID)
		}
	}
}
