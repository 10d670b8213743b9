package access_test

import (
	"fmt"
	"net/http"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestOperatorsGrantCreditsAndTheTenantSeesThem(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	tenant, stranger := p.NewTenant(t, "business"), p.NewTenant(t, "business")
	id := testkit.Get[gen.Me](t, tenant, "/api/v1/me").Tenant.ID
	path := "/admin/v1/tenants/" + id + "/credits"
	granted := testkit.Post[gen.CreditEntry](t, p.Operator, path, map[string]any{"amount": 500,
		"reason": "Invoice 2026-117"}, http.StatusCreated)
	if granted.Kind != gen.CreditEntryKindGrant || granted.Amount != 500 || granted.Balance != 10_500 ||
		granted.Reason != "Invoice 2026-117" {
		t.Errorf("grant: got %+v, want 500 with the balance 10,500", granted)
	}
	c := testkit.Get[gen.Credits](t, tenant, "/api/v1/credits")
	if c.Balance != 10_500 || c.MonthlyGrant != 10_000 || len(c.Data) != 2 || c.Data[0].ID != granted.ID ||
		c.Data[1].Kind != gen.CreditEntryKindMonthly {
		t.Errorf("credits: got %+v, want 10,500, the grant and the monthly entry", c)
	}
	if o := testkit.Get[gen.Credits](t, p.Operator, path); o.Balance != c.Balance || len(o.Data) != 2 {
		t.Errorf("credits as operators see them: got %+v, want the same", o)
	}
	if s := testkit.Get[gen.Credits](t, stranger, "/api/v1/credits"); s.Balance != 10_000 || len(s.Data) != 1 {
		t.Errorf("another tenant's credits: got %+v, want 10,000 and one entry", s)
	}
	log := testkit.Get[gen.AuditEntryList](t, tenant, "/api/v1/audit-log?action=credits.granted").Data
	if len(log) != 1 || log[0].Target != granted.ID || log[0].Actor.Type != gen.AuditEntryActorTypeOperator {
		t.Errorf("audit entries: got %+v, want the operator's grant", log)
	}
	for _, amount := range []string{"0", "-1", "1000000001", "1.5", `"10"`, "null"} {
		p.Operator.Call(t, http.MethodPost, path, `{"reason":"x","amount":`+amount+`}`).
			Want(t, http.StatusBadRequest)
	}
	p.Operator.Call(t, http.MethodPost, path, `{"amount":1}`).Want(t, http.StatusBadRequest)
	p.Operator.Call(t, http.MethodPost, path, `{"amount":1,"reason":""}`).Want(t, http.StatusBadRequest)
	p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/nobody/credits", `{"amount":1,"reason":"x"}`).
		Want(t, http.StatusNotFound)
	p.Operator.Call(t, http.MethodGet, "/admin/v1/tenants/nobody/credits", nil).Want(t, http.StatusNotFound)
	for range 2 {
		p.Operator.Call(t, http.MethodPost, path, `{"amount":7,"reason":"twice"}`, "Idempotency-Key", "grant").
			Want(t, http.StatusCreated)
	}
	if c := testkit.Get[gen.Credits](t, tenant, "/api/v1/credits"); c.Balance != 10_507 {
		t.Errorf("balance: got %d, want 10,507", c.Balance)
	}
}

func TestAPlanChangedByAnOperatorBringsItsCreditsAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		testkit.Get[gen.Credits](t, tenant, "/api/v1/credits")
		id := testkit.Get[gen.Me](t, tenant, "/api/v1/me").Tenant.ID
		p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+id, map[string]any{"plan": "enterprise"}).
			Want(t, http.StatusOK)
		c := testkit.Get[gen.Credits](t, tenant, "/api/v1/credits")
		if c.Balance != 100_000 || c.MonthlyGrant != 100_000 || len(c.Data) != 2 || c.Data[0].Amount != 90_000 {
			t.Errorf("credits after an upgrade: got %+v, want the difference added", c)
		}
	})
}

func TestTheLedgerIsReadPageByPageWithoutGapOrRepetition(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		id := testkit.Get[gen.Me](t, tenant, "/api/v1/me").Tenant.ID
		for i := range 7 {
			testkit.Post[gen.CreditEntry](t, p.Operator, "/admin/v1/tenants/"+id+"/credits",
				map[string]any{"amount": i + 1, "reason": fmt.Sprint(i)}, http.StatusCreated)
		}
		var amounts []int64
		path := "/api/v1/credits?limit=3"
		for next := path; next != ""; {
			c := testkit.Get[gen.Credits](t, tenant, next)
			next = ""
			for _, entry := range c.Data {
				amounts = append(amounts, entry.Amount)
			}
			if cursor, err := c.Meta.NextCursor.Get(); err == nil {
				next = path + "&cursor=" + cursor
			}
		}
		if fmt.Sprint(amounts) != "[7 6 5 4 3 2 1 10000]" {
			t.Errorf("amounts: got %v, want the newest first", amounts)
		}
		tenant.Call(t, http.MethodGet, "/api/v1/credits?cursor=bm9uc2Vuc2U", nil).Want(t, http.StatusBadRequest)
	})
}
