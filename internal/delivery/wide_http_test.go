package delivery_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/throttle"
)

// widen gives a tenant n endpoints like one that it has. Their circuits are open for an hour, so nothing is sent.
func widen(t *testing.T, d *db.DB, endpointID string, n int) {
	t.Helper()
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		now, until := db.At(clock.System()), db.At(clock.System().Add(time.Hour))
		err := tx.Model(&endpoint.Endpoint{}).Where("id = ?", endpointID).Updates(map[string]any{
			"throttled_at": now, "circuit": throttle.Open, "circuit_opened_at": now, "circuit_until": until,
			"concurrency_limit": 1, "release_at": until,
		}).Error
		if err != nil {
			return err
		}
		parsed := gorm.Statement{DB: tx}
		if err := parsed.Parse(&endpoint.Endpoint{}); err != nil {
			return err
		}
		columns := slices.DeleteFunc(slices.Clone(parsed.Schema.DBNames), func(c string) bool { return c == "id" })
		others := strings.Join(columns, ", ")
		return tx.Exec("INSERT INTO endpoints (id, "+others+") WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT "+
			"i + 1 FROM n WHERE i < ?) SELECT substr(id, 1, 22) || substr(CAST(100000000 + i AS text), 2), "+others+
			" FROM endpoints, n WHERE id = ?", n, endpointID).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnEventOf1MBIsFannedOutToFiveThousandEndpoints(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "enterprise")
		const n = 5_000
		hook := tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, object{"events": []string{"*"}})
		widen(t, p.App.Database(), hook.ID, n)
		tenant.Call(t, http.MethodPost, "/api/v1/event-types", object{"type": "big.made", "description": "Big.",
			"schema": object{"type": "object"}, "sample": object{}}).
			Want(t, http.StatusCreated)
		body := fmt.Sprintf(`{"type":"big.made","data":{"text":%q}}`, strings.Repeat("x", 1<<20-100))
		event := testkit.Post[api.Event](t, tenant, "/api/v1/events", body, http.StatusAccepted)
		p.AwaitCount(t, tenant, api.DeliveryStatusPending, n)
		some := tenant.Deliveries(t, "&event_id="+event.ID)
		for _, d := range some {
			if d.Reason.MustGet() != "throttled" || d.NextAttemptAt.IsNull() {
				t.Fatalf("delivery: got reason %v and next attempt %v, want throttled and a time", d.Reason, d.NextAttemptAt)
			}
		}
		if len(some) != 100 {
			t.Errorf("first page of the event's deliveries: got %d, want 100", len(some))
		}
	})
}
