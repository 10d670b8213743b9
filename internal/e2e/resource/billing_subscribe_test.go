package resource_test

import (
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

const (
	changed = "customer.subscription.updated"
	deleted = "customer.subscription.deleted"
)

func TestATenantHasTheHighestPlanAmongItsSubscriptionsInForce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		_, id, _ := tenantOf(t, p, "hookline")
		for _, customer := range []string{"cus_1_" + id, "cus_2_" + id} {
			p.Operator.Call(t, http.MethodPut, "/admin/v1/integrations/stripe/customers/"+customer,
				object{"tenant_id": id}).Want(t, http.StatusOK)
		}
		for i, step := range []struct {
			kind         string
			created      int64
			about        object
			effect, plan string
		}{
			// by an operator
			{changed, 90, sub("sub_none_"+id, "cus_1_"+id, "incomplete_expired", "price_e"), "applied", "business"},
			{changed, 100, sub("sub_a_"+id, "cus_1_"+id, "active", "price_pro"), "applied", "pro"},
			{changed, 110, sub("sub_left_"+id, "cus_1_"+id, "incomplete_expired", "price_e"), "applied", "pro"},
			{changed, 120, sub("sub_b_"+id, "cus_2_"+id, "active", "price_e"), "applied", "enterprise"},
			{deleted, 130, sub("sub_a_"+id, "cus_1_"+id, "canceled", "price_pro"), "applied", "enterprise"},
			{changed, 125, sub("sub_a_"+id, "cus_1_"+id, "active", "price_e"), "ignored", "enterprise"},
			{changed, 140, sub("sub_c_"+id, "cus_1_"+id, "trialing", "price_pro"), "applied", "enterprise"},
			// older than the other's change
			{changed, 135, sub("sub_b_"+id, "cus_2_"+id, "unpaid", "price_e"), "applied", "pro"},
			{changed, 150, sub("sub_b_"+id, "cus_2_"+id, "past_due", "price_e"), "applied", "enterprise"},
			{deleted, 160, sub("sub_b_"+id, "cus_2_"+id, "canceled", "price_e"), "applied", "pro"},
			{changed, 170, sub("", "cus_1_"+id, "active", "price_e"), "ignored", "pro"},
			{deleted, 180, sub("sub_c_"+id, "cus_1_"+id, "canceled", "price_pro"), "applied", "free"},
		} {
			name := "evt_" + string(rune('a'+i)) + id
			if got := reportToStripe(t, p, event(name, step.kind, step.created, step.about)); got != step.effect ||
				planOf(t, p, id) != step.plan {
				t.Errorf("step %d, %v %v: got %s and the plan %s, want %s and %s", i, step.about["id"],
					step.about["status"], got, planOf(t, p, id), step.effect, step.plan)
			}
		}
	})
}

func TestASubscriptionThatMovesTakesItsPlanAlong(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		_, from, _ := tenantOf(t, p, "hookline")
		_, to, _ := tenantOf(t, p, "hookline")
		s := sub("sub_a_"+from, "cus_1_"+from, "active", "price_e")
		for i, tenantID := range []string{from, to} {
			s["metadata"] = object{"tenant_id": tenantID}
			if got := reportToStripe(t, p, event("evt_"+tenantID, changed, int64(100+i), s)); got != "applied" ||
				planOf(t, p, tenantID) != "enterprise" {
				t.Errorf("the change was %s and the plan is %s, want applied and enterprise", got,
					planOf(t, p, tenantID))
			}
		}
		if got := planOf(t, p, from); got != "free" {
			t.Errorf("plan of the tenant that the customer left: got %s, want free", got)
		}
	})
}

func TestAPaidInvoiceHasTheAmountOfStripeAndOneOfAnotherTenantIsIgnored(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		_, id, _ := tenantOf(t, p, "hookline")
		_, other, _ := tenantOf(t, p, "hookline")
		path := "/admin/v1/tenants/" + id + "/invoices"
		testkit.Post[api.Invoice](t, p.Operator, path, object{"number": "1", "amount": 100, "currency": "usd"},
			http.StatusCreated)
		reportToStripe(t, p, event("evt_1_"+id, "invoice.paid", 1795251700, invoice("in_1_"+id, "1", id)))
		if got := testkit.Get[api.InvoiceList](t, p.Operator, path).Data; len(got) != 1 || got[0].Amount != 9900 ||
			got[0].Currency != "eur" {
			t.Errorf("invoices: %+v, want one of 9900 eur", got)
		}
		a := send(t, p, event("evt_2_"+id, "invoice.paid", 1795251700, invoice("in_1_"+id, "1", other)), secret, 0).
			Want(t, http.StatusOK)
		if got := testkit.Into[api.StripeReceipt](t, a); got.Effect != "ignored" ||
			got.Reason.MustGet() != "The invoice is recorded for another tenant." {
			t.Errorf("got %s, want ignored with the reason that another tenant has the invoice", a.Body)
		}
		if got := testkit.Get[api.InvoiceList](t, p.Operator, "/admin/v1/tenants/"+other+
			"/invoices").Meta.Total; got != 0 {
			t.Errorf("invoices of the other tenant: got %d, want 0", got)
		}
		a = send(t, p, event("evt_3_"+id, "invoice.paid", 1795251700, invoice("in_2_"+id, "1", id)), secret, 0).
			Want(t, http.StatusOK)
		if got := testkit.Into[api.StripeReceipt](t, a); got.Effect != "ignored" ||
			got.Reason.MustGet() != "Another invoice of the tenant has its number." {
			t.Errorf("got %s, want ignored with the reason that the number is taken", a.Body)
		}
	})
}
