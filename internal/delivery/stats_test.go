package delivery_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/engine"
)

func TestStatsSayHowDeliveriesWentFailingEndpointsFirst(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		good := testkit.NewReceiver(t, nil)
		bad := testkit.NewReceiver(
			t,
			func(w http.ResponseWriter, _ testkit.Received, _ int) { w.WriteHeader(http.StatusServiceUnavailable) },
		)
		once := map[string]any{"retry_policy": map[string]any{"initial": "1s", "max_attempts": 1}}
		well, ill := tenant.NewEndpoint(t, good.URL, nil).ID, tenant.NewEndpoint(t, bad.URL, once).ID
		other.NewEndpoint(t, good.URL, nil)
		other.NewLead(t, "eve@example.com")
		for _, email := range []string{"ada@example.com", "grace@example.com"} {
			tenant.NewLead(t, email)
		}
		var s gen.DeliveryStats
		p.Await(t, "all deliveries to be final", func() bool {
			s = testkit.Get[gen.DeliveryStats](t, tenant, "/api/v1/webhooks/stats")
			return s.Waiting == 0 && s.Total == 4
		})
		if s.Succeeded != 2 || s.Dead != 2 || s.Failing != 0 || !s.Complete || s.SuccessRate.MustGet() != .5 ||
			s.Period != "24h" ||
			s.Latency.P50Ms.IsNull() {
			t.Errorf("stats: got %+v, want half of 4 deliveries succeeded", s)
		}
		if len(s.Endpoints) != 2 || s.Endpoints[0].WebhookID != ill || s.Endpoints[0].Failed != 2 ||
			s.Endpoints[1].WebhookID != well ||
			s.Endpoints[1].SuccessRate.MustGet() != 1 {
			t.Errorf("endpoints: got %+v, want the one that fails first", s.Endpoints)
		}
		if len(s.EventTypes) != 1 || s.EventTypes[0].Total != 4 || len(s.ResponseClasses) != 2 ||
			s.ResponseClasses[0].Count != 2 {
			t.Errorf("got %+v and %+v, want one type of 4 and two classes of 2", s.EventTypes, s.ResponseClasses)
		}
		for period, parts := range map[string]int{"1h": 30, "24h": 24, "7d": 28, "30d": 30} {
			s := testkit.Get[gen.DeliveryStats](t, tenant, "/api/v1/webhooks/stats?period="+period)
			sum := 0
			for _, point := range s.Series {
				sum += point.Succeeded + point.Failed + point.Other
			}
			if sum != 4 || len(s.Series) != parts || len(s.Endpoints[0].Failures) != parts || s.Series[0].At != s.From {
				t.Errorf(
					"%s: got %d deliveries in %d parts from %s, want 4 in %d",
					period,
					sum,
					len(s.Series),
					s.From,
					parts,
				)
			}
		}
		if s := testkit.Get[gen.DeliveryStats](t, tenant, "/api/v1/webhooks/stats?webhook_id="+well); s.Total != 2 ||
			s.Dead != 0 {
			t.Errorf("stats of one endpoint: got %+v, want its 2 deliveries", s)
		}
		tenant.Call(t, http.MethodGet, "/api/v1/webhooks/stats?period=1y", nil).Want(t, http.StatusBadRequest)
	})
}

func TestStatsReadAnIndexAndHaveALimit(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		d := engine.Database(t, e)
		scope := principal.Scope{TenantID: "tnt_1", Environment: principal.Live}
		for _, endpointID := range []string{"", "whe_1"} {
			q := delivery.StatsQuery(
				d.Read(t.Context()).Session(&gorm.Session{DryRun: true}),
				scope,
				endpointID,
				time.Now().Add(-time.Hour),
				time.Minute,
			)
			plan := engine.Plan(t, d, q, &[]map[string]any{})
			if strings.Contains(plan, "Seq Scan on deliveries") || strings.Contains(plan, "SCAN deliveries") ||
				!strings.Contains(strings.ToLower(plan), "index") {
				t.Errorf("plan for endpoint %q: got this, want an index: %s", endpointID, plan)
			}
		}
	})
}
