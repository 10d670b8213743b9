package access_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/engine"
)

func TestTenantsAreFoundByAnyPartOfNameAndIDByPlanAndByPause(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		made := map[string]string{}
		for name, plan := range map[string]string{"Acme": "business", "ÄRGER GmbH": "business", "Acme_2%": "free",
			"Northwind": "pro"} {
			made[name] = testkit.Post[api.Tenant](t, p.Operator, "/admin/v1/tenants", map[string]any{"name": name,
				"plan": plan}, http.StatusCreated).ID
		}
		p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+made["Northwind"],
			map[string]any{"name": "Southwind"}).Want(t, http.StatusOK)
		p.PauseDeliveries(t, made["Northwind"], true)
		for query, want := range map[string][]string{
			"": {"Acme", "Acme_2%", "Southwind", "ÄRGER GmbH"}, "q=aCM": {"Acme", "Acme_2%"}, "q=acme_": {"Acme_2%"},
			"q=%25": {"Acme_2%"}, "q=cme": {"Acme", "Acme_2%"}, "q=A%CC%88RGER": {"ÄRGER GmbH"},
			"q=%C3%A4rg": {"ÄRGER GmbH"}, "q=north": nil, "q=%20south%20": {"Southwind"}, "q=" + made["Acme"]: {"Acme"},
			"q=" + made["Acme"][8:]: {"Acme"}, "q=" + strings.ToUpper(made["Acme"]): {"Acme"},
			"plan=business": {"Acme", "ÄRGER GmbH"}, "plan=enterprise": nil, "q=acme&plan=free": {"Acme_2%"},
			"deliveries_paused=true": {"Southwind"}, "deliveries_paused=false&plan=pro": nil,
			"deliveries_paused=false&q=a": {"Acme", "Acme_2%"},
		} {
			list := testkit.Get[api.TenantList](t, p.Operator, "/admin/v1/tenants?"+query)
			var found []string
			for _, row := range list.Data {
				found = append(found, row.Name)
			}
			slices.Sort(found)
			if !slices.Equal(found, want) || list.Meta.Total != len(want) {
				t.Errorf("%s: %q instead of %q", query, found, want)
			}
		}
		for _, bad := range []string{"plan=none", "deliveries_paused=perhaps", "q="} {
			p.Operator.Call(t, http.MethodGet, "/admin/v1/tenants?"+bad, nil).Want(t, http.StatusBadRequest)
		}
	})
}

func TestEachFilterOfTenantsReadsAnIndex(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		d := engine.Database(t, e)
		err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			rows := make([]tenant.Tenant, 3000)
			for i := range rows {
				rows[i] = tenant.Tenant{
					ID: fmt.Sprintf("tnt_%05d", i), Name: fmt.Sprintf("T %05d", i), NameKey: fmt.Sprintf("t %05d", i),
					Plan: "free", Profile: "hookline", DeliveriesPaused: i%500 == 0,
					CreatedAt: db.At(time.Unix(int64(i), 0)), UpdatedAt: db.At(time.Unix(int64(i), 0)),
				}
				if i%300 == 0 {
					rows[i].Plan = "pro"
				}
			}
			if err := tx.CreateInBatches(rows, 500).Error; err != nil {
				return err
			}
			return tx.Exec("ANALYZE").Error
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, f := range map[string]tenant.Filter{
			"none": {}, "name": {Search: "t 001"}, "plan": {Plan: "pro"}, "paused": {Paused: new(true)},
			"not paused": {Paused: new(false)},
		} {
			q := tenant.ListQuery(f, d.Read(t.Context()).Session(&gorm.Session{DryRun: true})).
				Order("created_at DESC, id DESC").Limit(25)
			if plan := engine.Plan(t, d, q, &[]tenant.Tenant{}); strings.Contains(plan, "Seq Scan") ||
				strings.Contains(plan, "SCAN") && !strings.Contains(plan, "USING INDEX") {
				t.Errorf("plan of %s: got %s, want an index", name, plan)
			}
		}
	})
}
