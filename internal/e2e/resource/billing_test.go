package resource_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

const secret = "whsec_stripe000000000000000000000000"

// withStripe starts a program that accepts events of Stripe.
func withStripe(c *config.Config, _ *app.Options) {
	c.StripeWebhookSecret, c.StripePrices = secret, map[string]string{"price_pro": "pro", "price_e": "enterprise"}
}

// tenantOf makes a tenant with a profile, and an endpoint of it for the events of billing.
func tenantOf(t *testing.T, p *testkit.Program, profile string) (c *testkit.Client, id string,
	receiver *testkit.Receiver) {
	t.Helper()
	id = p.NewTenantOf(t, profile)
	c, receiver = p.NewKey(t, id, "live", "*"), testkit.NewReceiver(t, nil)
	c.NewEndpoint(t, receiver.URL, object{"events": []string{"invoice.*", "subscription.*"}})
	return c, id, receiver
}

// delivered reads the next webhook and checks it against the schema and the sample of its type.
func delivered(t *testing.T, r *testkit.Receiver, nameKey, eventType string) object {
	t.Helper()
	var body map[string]json.RawMessage
	var name string
	var data object
	got := r.Next(t)
	if json.Unmarshal(got.Body, &body) != nil || json.Unmarshal(body[nameKey], &name) != nil ||
		json.Unmarshal(body["data"], &data) != nil || name != eventType {
		t.Fatalf("webhook: got %s, want %s", got.Body, eventType)
	}
	testkit.FitsSample(t, eventType, body["data"])
	return data
}

// send sends an event as Stripe does, signed as of age ago with a secret.
func send(t *testing.T, p *testkit.Program, event object, with string, age time.Duration) testkit.Answer {
	t.Helper()
	body, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-age).Unix()
	mac := hmac.New(sha256.New, []byte(with))
	fmt.Fprintf(mac, "%d.%s", at, body)
	return testkit.NewClient(p.URL, "").Call(t, http.MethodPost, "/admin/v1/integrations/stripe", body,
		"Content-Type", "application/json; charset=utf-8", "Stripe-Signature", fmt.Sprintf("t=%d,v1=%s", at,
			hex.EncodeToString(mac.Sum(nil))))
}

// reportToStripe reports an event, again while too many of this address are under way, as Stripe does.
func reportToStripe(t *testing.T, p *testkit.Program, event object) string {
	t.Helper()
	var a testkit.Answer
	testkit.Await(t, "an answer to an event of Stripe", func() bool {
		a = send(t, p, event, secret, 0)
		return a.Status != http.StatusTooManyRequests
	})
	return string(testkit.Into[api.StripeReceipt](t, a.Want(t, http.StatusOK)).Effect)
}

func event(id, kind string, created int64, about object) object {
	return object{"id": id, "object": "event", "type": kind, "created": created, "livemode": true,
		"data": object{"object": about}}
}

func invoice(id, number, tenantID string) object {
	return object{
		"id": id, "object": "invoice", "number": number, "customer": "cus_" + tenantID, "amount_paid": 9900,
		"currency":    "eur",
		"description": nil, "period_start": 1793491200, "period_end": 1796083200,
		"metadata":           object{"tenant_id": tenantID},
		"status_transitions": object{"paid_at": 1795251600},
	}
}

func subscription(customer, price string) object {
	return object{"id": "sub_" + customer, "customer": customer, "status": "active",
		"items": object{"data": []object{{"price": object{"id": price}}}}}
}

// sub is a subscription in a status, with a price.
func sub(id, customer, status, price string) object {
	s := subscription(customer, price)
	s["id"], s["status"] = id, status
	return s
}

func planOf(t *testing.T, p *testkit.Program, id string) string {
	t.Helper()
	return string(testkit.Get[api.Tenant](t, p.Operator, "/admin/v1/tenants/"+id).Plan)
}

func TestEventsOfBillingAreNotFiredWhereTheProductHasNone(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	id := p.NewTenantOf(t, "inboxops")
	tenant, receiver := p.NewKey(t, id, "live", "*"), testkit.NewReceiver(t, nil)
	tenant.NewEndpoint(t, receiver.URL, object{"events": []string{"*"}})
	testkit.Post[api.Invoice](t, p.Operator, "/admin/v1/tenants/"+id+"/invoices", object{"number": "1", "amount": 5,
		"currency": "eur", "status": "paid"}, http.StatusCreated)
	if got := reportToStripe(t, p, event("evt_i_"+id, "invoice.paid", 1795251700, invoice("in_"+id, "2",
		id))); got != "applied" {
		t.Errorf("invoice: got %s, want applied", got)
	}
	p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+id, object{"plan": "enterprise"}).Want(t, http.StatusOK)
	if n := testkit.Get[api.InvoiceList](t, p.Operator, "/admin/v1/tenants/"+id+"/invoices").Meta.Total; n != 2 {
		t.Errorf("invoices: got %d, want 2", n)
	}
	if events := testkit.Get[api.EventList](t, tenant, "/api/v1/events").Data; len(events) > 0 {
		t.Errorf("events: got %+v, want none, for inboxops has no events of billing", events)
	}
}

func TestPaidInvoicesAndChangedPlansAreDeliveredInEveryProfileThatNamesThem(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		for profile, nameKey := range map[string]string{"leadmetrics": "event", "hookline": "type"} {
			t.Run(profile, func(t *testing.T) {
				c, id, receiver := tenantOf(t, p, profile)
				path := "/admin/v1/tenants/" + id + "/invoices"
				open := testkit.Post[api.Invoice](t, p.Operator, path, object{"number": "1", "amount": 100,
					"currency": "eur"}, http.StatusCreated)
				p.Operator.Call(t, http.MethodPost, path, object{"number": "1", "amount": 100, "currency": "eur"}).
					Want(t, http.StatusConflict)
				p.Operator.Call(t, http.MethodPost, path+"/"+open.ID+"/pay", object{"paid_at": "2026-11-01T00:00:00Z"}).
					Want(t, http.StatusOK)
				p.Operator.Call(t, http.MethodPost, path+"/"+open.ID+"/pay", object{}).Want(t, http.StatusConflict)
				if d := delivered(t, receiver, nameKey, "invoice.paid"); d["number"] != "1" || d["amount"] != 100.0 ||
					d["paid_at"] != "2026-11-01T00:00:00Z" || d["tenant_id"] != id {
					t.Errorf("invoice.paid: %v, want number 1 of 100 with the time given", d)
				}
				testkit.Post[api.Invoice](t, p.Operator, path, object{"number": "2", "amount": 5, "currency": "eur",
					"status": "paid"}, http.StatusCreated)
				if d := delivered(t, receiver, nameKey, "invoice.paid"); d["number"] != "2" || d["external_id"] != nil {
					t.Errorf("invoice.paid: %v, want number 2 without an external id", d)
				}
				if got := reportToStripe(t, p, event("evt_i_"+id, "invoice.paid", 1795251700, invoice("in_"+id, "3",
					id))); got != "applied" {
					t.Errorf("invoice: got %s, want applied", got)
				}
				if d := delivered(t, receiver, nameKey, "invoice.paid"); d["number"] != "3" ||
					d["external_id"] != "in_"+id || d["amount"] != 9900.0 || d["paid_at"] != time.Unix(1795251600, 0).
					UTC().Format(time.RFC3339) {
					t.Errorf("invoice.paid: %v, want number 3 with the data of Stripe", d)
				}
				// The invoice has mapped the customer to its tenant.
				if got := reportToStripe(t, p, event("evt_s_"+id, "customer.subscription.updated", 1795251700,
					subscription("cus_"+id, "price_e"))); got != "applied" {
					t.Errorf("subscription: got %s, want applied", got)
				}
				if d := delivered(t, receiver, nameKey, "subscription.changed"); d["old_plan"] != "business" ||
					d["new_plan"] != "enterprise" {
					t.Errorf("subscription.changed: %v, want business to enterprise", d)
				}
				p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+id, object{"plan": "business"}).
					Want(t, http.StatusOK)
				if d := delivered(t, receiver, nameKey, "subscription.changed"); d["old_plan"] != "enterprise" ||
					d["new_plan"] != "business" {
					t.Errorf("subscription.changed: %v, want enterprise to business", d)
				}
				entries := testkit.Get[api.AuditEntryList](t, c, "/api/v1/audit-log").Data
				by := map[string]int{}
				for _, entry := range entries {
					by[entry.Action+" by "+entry.Actor.Name]++
				}
				if by["invoice.paid by stripe"] != 1 || by["tenant.updated by stripe"] != 1 ||
					by["invoice.created by HOOKLINE_OPERATOR_KEY"] != 2 {
					t.Errorf("audit entries: %v, want those of Stripe and of the operator", by)
				}
				list := testkit.Get[api.InvoiceList](t, p.Operator, path+"?status=paid&per_page=2")
				if list.Meta.Total != 3 || len(list.Data) != 2 || list.Data[0].Number != "3" {
					t.Errorf("paid invoices: %+v, want 3, the newest first", list)
				}
			})
		}
	})
}

func TestAnEventThatComesManyTimesAtOnceTakesEffectOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c, id, _ := tenantOf(t, p, "hookline")
		paid := event("evt_1_"+id, "invoice.paid", 1795251700, invoice("in_1_"+id, "1", id))
		var applied, repeated atomic.Int64
		var group sync.WaitGroup
		for range 12 {
			group.Go(func() {
				switch reportToStripe(t, p, paid) {
				case "applied":
					applied.Add(1)
				case "duplicate":
					repeated.Add(1)
				}
			})
		}
		group.Wait()
		if applied.Load() != 1 || repeated.Load() != 11 {
			t.Errorf("got %d applied and %d repeated, want 1 and 11", applied.Load(), repeated.Load())
		}
		// Another event about the same invoice, and one about an invoice that an operator recorded as paid.
		reportToStripe(t, p, event("evt_2_"+id, "invoice.paid", 1795251700, invoice("in_1_"+id, "1", id)))
		path := "/admin/v1/tenants/" + id + "/invoices"
		testkit.Post[api.Invoice](t, p.Operator, path, object{"number": "2", "amount": 9900, "currency": "eur"},
			http.StatusCreated)
		reportToStripe(t, p, event("evt_3_"+id, "invoice.paid", 1795251700, invoice("in_2_"+id, "2", id)))
		if n := len(testkit.Get[api.EventList](t, c, "/api/v1/events?type=invoice.paid").Data); n != 2 {
			t.Errorf("invoice.paid of two invoices: got %d, want 2", n)
		}
		list := testkit.Get[api.InvoiceList](t, p.Operator, path)
		if list.Meta.Total != 2 || list.Data[0].ExternalID.MustGet() != "in_2_"+id || list.Data[0].Status != "paid" {
			t.Errorf("invoices: %+v, want two, the newest paid with its external id", list)
		}
	})
}

func TestASubscriptionFollowsTheLatestChangeWhateverTheOrder(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		_, id, _ := tenantOf(t, p, "hookline")
		change := func(name string, created int64, about object) string {
			return reportToStripe(t, p, event(name, "customer.subscription.updated", created, about))
		}
		if got := change("evt_1_"+id, 100, subscription("cus_1_"+id, "price_pro")); got != "ignored" {
			t.Errorf("the change of an unmapped customer: %s, want ignored", got)
		}
		p.Operator.Call(t, http.MethodPut, "/admin/v1/integrations/stripe/customers/cus_1_"+id,
			object{"tenant_id": "tnt_nobody"}).Want(t, http.StatusBadRequest)
		p.Operator.Call(t, http.MethodPut, "/admin/v1/integrations/stripe/customers/cus_1_"+id,
			object{"tenant_id": id}).
			Want(t, http.StatusOK)
		if got := testkit.Get[api.StripeCustomerList](t, p.Operator,
			"/admin/v1/integrations/stripe/customers?tenant_id="+id).Data; len(got) != 1 ||
			got[0].CustomerID != "cus_1_"+id {
			t.Errorf("mapped customers: %+v, want the one of the tenant", got)
		}
		if got := change("evt_1_"+id, 100, subscription("cus_1_"+id, "price_pro")); got != "applied" ||
			planOf(t, p, id) != "pro" {
			t.Errorf("sent again: got %s and the plan %s, want applied and pro", got, planOf(t, p, id))
		}
		business := subscription("cus_1_"+id, "price_b")
		business["items"] = object{"data": []object{{"price": object{"id": "price_b",
			"metadata": object{"plan": "business"}}}}}
		if got := change("evt_2_"+id, 99, business); got != "ignored" || planOf(t, p, id) != "pro" {
			t.Errorf("older event: got %s and the plan %s, want ignored and pro", got, planOf(t, p, id))
		}
		if got := change("evt_3_"+id, 101, business); got != "applied" || planOf(t, p, id) != "business" {
			t.Errorf("newer event: got %s and the plan %s, want applied and business", got, planOf(t, p, id))
		}
		if got := change("evt_4_"+id, 102, subscription("cus_1_"+id, "price_unknown")); got != "ignored" ||
			planOf(t, p, id) != "business" {
			t.Errorf("unknown price: got %s and the plan %s, want ignored and business", got, planOf(t, p, id))
		}
		if got := reportToStripe(t, p, event("evt_5_"+id, "customer.subscription.deleted", 103,
			business)); got != "applied" || planOf(t, p, id) != "free" {
			t.Errorf("end of the subscription: got %s and the plan %s, want applied and free", got, planOf(t, p, id))
		}
		if got := reportToStripe(t, p, event("evt_6_"+id, "charge.refunded", 104,
			object{"id": "ch_1"})); got != "ignored" {
			t.Errorf("other event: got %s, want ignored", got)
		}
		stranger := subscription("cus_2_"+id, "price_pro")
		stranger["metadata"] = object{"tenant_id": "tnt_nobody"}
		if got := change("evt_7_"+id, 105, stranger); got != "ignored" {
			t.Errorf("event of an unknown tenant: got %s, want ignored", got)
		}
	})
}

func TestUnsignedEventsHaveNoEffect(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c, id, _ := tenantOf(t, p, "hookline")
		paid := event("evt_1_"+id, "invoice.paid", 1795251700, invoice("in_1_"+id, "1", id))
		send(t, p, paid, "whsec_another", 0).Want(t, http.StatusUnauthorized)
		send(t, p, paid, secret, 6*time.Minute).Want(t, http.StatusUnauthorized)
		send(t, p, paid, secret, -6*time.Minute).Want(t, http.StatusUnauthorized)
		for _, key := range []string{"", c.Key(), p.Operator.Key()} {
			testkit.NewClient(p.URL, key).Call(t, http.MethodPost, "/admin/v1/integrations/stripe", paid).
				Want(t, http.StatusUnauthorized)
		}
		send(t, p, object{"id": "evt_1_" + id}, secret, 0).Want(t, http.StatusBadRequest)
		send(t, p, event("evt_1_"+id, "invoice.paid", 1, object{"id": 7}), secret, 0).Want(t, http.StatusBadRequest)
		if n := len(testkit.Get[api.EventList](t, c, "/api/v1/events").Data); n != 0 {
			t.Errorf("events: got %d, want 0", n)
		}
		if got := reportToStripe(t, p, paid); got != "applied" {
			t.Errorf("signed event: got %s, want applied", got)
		}
	})
}

func TestWithoutASecretEventsOfStripeAreRefused(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded)
	send(t, p, event("evt_1", "invoice.paid", 1, object{"id": "in_1"}), "", 0).Want(t, http.StatusNotFound)
}

func TestInvoicesThatContradictThemselvesAreRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		_, id, _ := tenantOf(t, p, "hookline")
		path := "/admin/v1/tenants/" + id + "/invoices"
		for name, c := range map[string]struct {
			body   object
			status int
		}{
			"open and paid": {object{"number": "1", "amount": 1, "currency": "eur",
				"paid_at": "2026-11-01T00:00:00Z"}, 400},
			"a period that goes back": {object{"number": "1", "amount": 1, "currency": "eur",
				"period_start": "2026-12-01T00:00:00Z", "period_end": "2026-11-01T00:00:00Z"}, 400},
			"a currency that is none":  {object{"number": "1", "amount": 1, "currency": "Euro"}, 400},
			"less than nothing":        {object{"number": "1", "amount": -1, "currency": "eur"}, 400},
			"without number or amount": {object{"currency": "eur"}, 400},
		} {
			if a := p.Operator.Call(t, http.MethodPost, path, c.body); a.Status != c.status {
				t.Errorf("%s: got %d %s, want %d", name, a.Status, a.Body, c.status)
			}
		}
		p.Operator.Call(t, http.MethodGet, path+"?page=0&per_page=101", nil).Want(t, http.StatusBadRequest)
		p.Operator.Call(t, http.MethodGet, "/admin/v1/tenants/tnt_nobody/invoices", nil).Want(t, http.StatusNotFound)
		p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/tnt_nobody/invoices", object{"number": "1", "amount": 1,
			"currency": "eur"}).Want(t, http.StatusNotFound)
		_, other, _ := tenantOf(t, p, "hookline")
		i := testkit.Post[api.Invoice](t, p.Operator, path, object{"number": "1", "amount": 1, "currency": "eur"},
			http.StatusCreated)
		p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/"+other+"/invoices/"+i.ID+"/pay", object{}).
			Want(t, http.StatusNotFound)
	})
}
