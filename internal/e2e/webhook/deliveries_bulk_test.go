package webhook_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/testkit"
)

func TestDeliveriesAreReplayedByFilterAfterADryRun(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		ours := testkit.NewReceiver(t, nil)
		crm := tenant.NewEndpoint(t, ours.URL, nil)
		off := tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
		for i := range 5 {
			tenant.NewLead(t, fmt.Sprintf("lead%d@example.com", i))
		}
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, 10)
		tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+off.ID, map[string]any{"enabled": false}).
			Want(t, http.StatusOK)

		preview := testkit.Post[api.BulkPreview](t, tenant, "/api/v1/deliveries/replay",
			map[string]any{"filter": map[string]any{"status": "succeeded"}, "dry_run": true}, http.StatusOK)
		if preview.Total != 10 || preview.SkipReasons["endpoint_disabled"] != 5 || len(preview.SampleIds) != 10 {
			t.Errorf("dry run: got %+v, want 10, 5 of them skipped as endpoint_disabled", preview)
		}
		if got := ours.Count(); got != 5 {
			t.Errorf("requests after the dry run: got %d, want the 5 from before", got)
		}
		text := map[string]any{"webhook_id": crm.ID, "text": "LEAD3@example"}
		j := testkit.Post[api.Job](t, tenant, "/api/v1/deliveries/replay", map[string]any{"filter": text},
			http.StatusAccepted)
		if j = awaitJob(t, p, tenant, j.ID); j.Kind != "deliveries.replay" || j.Total != 1 || j.Done != 1 {
			t.Errorf("job with a text: got %+v, want 1 of 1 done", j)
		}
		j = testkit.Post[api.Job](t, tenant, "/api/v1/deliveries/replay",
			map[string]any{"filter": map[string]any{}}, http.StatusAccepted)
		j = awaitJob(t, p, tenant, j.ID)
		// The one that was just replayed may still be under way.
		if j.Done+j.SkipReasons["endpoint_disabled"] < 9 || j.SkipReasons["endpoint_disabled"] != 5 {
			t.Errorf("job of all: got %+v, want 5 skipped, and the others done", j)
		}
		sent := map[string]int{}
		p.Await(t, "every delivery to be sent again", func() bool {
			clear(sent)
			for _, r := range ours.All() {
				sent[r.Header.Get("webhook-id")]++
			}
			again := 0
			for _, n := range sent {
				if n >= 2 {
					again++
				}
			}
			return again == 5
		})
		if len(sent) != 5 {
			t.Errorf("ids of all requests: got %d, want the same 5", len(sent))
		}
	})
}

func TestATenantReplaysOnlyItsOwnDeliveries(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
	other.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
	other.NewLead(t, "eve@example.com")
	p.AwaitCount(t, other, api.DeliveryStatusSucceeded, 1)
	preview := testkit.Post[api.BulkPreview](t, tenant, "/api/v1/deliveries/replay",
		map[string]any{"filter": map[string]any{}, "dry_run": true}, http.StatusOK)
	if preview.Total != 0 {
		t.Errorf("deliveries of a tenant without any: got %d, want 0", preview.Total)
	}
}

func TestAReplayOfTooManyDeliveriesIsRefused(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	hook := tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
	insertDead(t, p.App.Database(), scopeOf(t, tenant), hook.ID, 10_001, nil)
	for _, dry := range []bool{true, false} {
		got := tenant.Call(t, http.MethodPost, "/api/v1/deliveries/replay",
			map[string]any{"filter": map[string]any{}, "dry_run": dry}).Want(t, http.StatusBadRequest).Problem(t)
		if len(got.Error.Details) != 1 || got.Error.Details[0].Field != "filter" {
			t.Errorf("10,001 deliveries, dry run %v: got %+v, want one fault of the filter", dry, got.Error.Details)
		}
	}
}

func TestDeliveriesAreExported(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		hook := tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
		insertDead(t, p.App.Database(), scopeOf(t, tenant), hook.ID, 1_203, func(i int, d *delivery.Delivery) {
			d.Error = []string{"=1+1", "-2", "@x", "+3", "plain"}[i%5]
		})
		answer := tenant.Call(t, http.MethodGet, "/api/v1/webhooks/deliveries/export?status=dead", nil).
			Want(t, http.StatusOK)
		rows, err := csv.NewReader(strings.NewReader(string(answer.Body))).ReadAll()
		if err != nil || len(rows) != 1_204 {
			t.Fatalf("CSV: got %d rows and %v, want a head and 1,203", len(rows), err)
		}
		column := slices.Index(rows[0], "error")
		for _, row := range rows[1:] {
			if strings.ContainsAny(row[column][:1], "=+-@") {
				t.Fatalf("cell: got the formula %q, want it harmless", row[column])
			}
		}
		if took := rows[1][slices.Index(rows[0], "duration_ms")]; took != "0" {
			t.Errorf("duration: got %q, want that of the latest attempt, 0", took)
		}
		answer = tenant.Call(t, http.MethodGet, "/api/v1/webhooks/deliveries/export?format=ndjson&http_class=5xx", nil).
			Want(t, http.StatusOK)
		seen := map[string]bool{}
		for line := range strings.Lines(string(answer.Body)) {
			var d api.Delivery
			if err := json.Unmarshal([]byte(line), &d); err != nil {
				t.Fatalf("line of NDJSON: got %v, want a delivery", err)
			}
			seen[d.ID] = true
		}
		if len(seen) != 1_203 {
			t.Errorf("NDJSON: got %d deliveries, want 1,203", len(seen))
		}
		tenant.Call(t, http.MethodGet, "/api/v1/webhooks/deliveries/export?from=2026-02-01T00:00:00Z&"+
			"to=2026-01-01T00:00:00Z", nil).Want(t, http.StatusBadRequest)
	})
}

func TestTheLogIsListedOldestFirstAndSearchedForAText(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		hook := tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
		insertDead(t, p.App.Database(), scopeOf(t, tenant), hook.ID, 25, nil)
		tenant.NewLead(t, "grace@example.com")
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, 1)
		for _, filter := range []string{"", "&status=dead", "&webhook_id=" + hook.ID} {
			newest := tenant.Deliveries(t, filter)
			var oldest []api.Delivery
			cursor := ""
			for {
				l := testkit.Get[api.DeliveryList](t, tenant, "/api/v1/webhooks/deliveries?order=asc&limit=4"+filter+
					cursor)
				oldest = append(oldest, l.Data...)
				next, err := l.Meta.NextCursor.Get()
				if err != nil {
					break
				}
				cursor = "&cursor=" + next
			}
			slices.Reverse(oldest)
			if !slices.EqualFunc(newest, oldest, func(a, b api.Delivery) bool { return a.ID == b.ID }) {
				t.Errorf("pages with order=asc%s, reversed: got %d deliveries in another order, want the %d of desc",
					filter, len(oldest), len(newest))
			}
		}
		for text, want := range map[string]int{"Grace@Example": 1, "nobody@example.com": 0, "%25": 0} {
			if got := len(tenant.Deliveries(t, "&text="+text)); got != want {
				t.Errorf("deliveries with the text %q: got %d, want %d", text, got, want)
			}
		}
		if d := tenant.Deliveries(t, "&status=succeeded")[0]; d.DurationMs == nil {
			t.Error("duration_ms of a delivery in the list: got none, want one")
		}
	})
}

func TestEventsAreFilteredByTimeAndByWhetherTheyWereSent(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		tenant.NewLead(t, "nobody@example.com")
		tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
		tenant.NewLead(t, "grace@example.com")
		events := testkit.Get[api.EventList](t, tenant, "/api/v1/events").Data
		if len(events) != 2 {
			t.Fatalf("events: got %d, want 2", len(events))
		}
		p.AwaitPull(t, tenant, 2)
		for query, want := range map[string]string{"sent=true": events[0].ID, "sent=false": events[1].ID,
			"sent=false&type=lead.created": events[1].ID, "sent=true&order=asc": events[0].ID,
			"from=" + events[0].CreatedAt.Format("2006-01-02T15:04:05.999999Z"): events[0].ID,
			"to=" + events[0].CreatedAt.Format("2006-01-02T15:04:05.999999Z"):   events[1].ID,
		} {
			got := testkit.Get[api.EventList](t, tenant, "/api/v1/events?"+query).Data
			if len(got) != 1 || got[0].ID != want {
				t.Errorf("events with %s: got %d, want only %s", query, len(got), want)
			}
		}
	})
}

func TestEndpointsAreSearchedFilteredAndSorted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		url := testkit.NewReceiver(t, nil).URL
		zoo := tenant.NewEndpoint(t, url+"/zoo", map[string]any{"name": "Billing"}).ID
		tenant.NewEndpoint(t, url+"/crm", map[string]any{"name": "accounts", "enabled": false})
		for query, want := range map[string][]string{
			"sort=name": {"accounts", "Billing"}, "sort=oldest": {"Billing", "accounts"}, "": {"accounts", "Billing"},
			"search=BILL": {"Billing"}, "search=/CRM": {"accounts"}, "search=nothing": {}, "state=enabled": {"Billing"},
			"state=disabled": {"accounts"}, "state=failing": {}, "state=throttled": {},
			"webhook_id=" + zoo + ",whe_unknown": {"Billing"}, "webhook_id=whe_unknown": {},
		} {
			got := []string{}
			for _, w := range testkit.Get[api.WebhookList](t, tenant, "/api/v1/webhooks?"+query).Data {
				got = append(got, w.Name)
			}
			if !slices.Equal(got, want) {
				t.Errorf("endpoints with %s: got %v, want %v", query, got, want)
			}
		}
	})
}
