package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/labstack/echo/v4"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/api"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/idempotency"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/testkit"
)

// price divides what a business plan brings a month into few calls.
const price = 500

const affordable = 10_000 / price

func newLead(t *testing.T, c *testkit.Client, headers ...string) testkit.Answer {
	t.Helper()
	return c.Call(t, http.MethodPost, "/api/v1/leads", map[string]any{"name": "Ada"}, headers...)
}

func credits(t *testing.T, c *testkit.Client) gen.Credits {
	t.Helper()
	return testkit.Get[gen.Credits](t, c, "/api/v1/credits?limit=100")
}

func TestConcurrentPaidCallsSpendTheBalanceAndNoMore(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		tenant := testkit.Start(t, e, testkit.WithPrice("createLead", price)).NewTenant(t, "business")
		var group sync.WaitGroup
		var created, refused atomic.Int64
		for range 3 * affordable {
			group.Go(func() {
				switch a := newLead(t, tenant); a.Status {
				case http.StatusCreated:
					created.Add(1)
				case http.StatusForbidden:
					p := a.Problem(t).Error
					if p.Code != gen.ErrorErrorCodeInsufficientCredits || p.Balance == nil || *p.Balance != 0 ||
						p.Price == nil || *p.Price != price {
						t.Errorf("got %s, want insufficient_credits with balance 0 and price %d", a.Body, price)
					}
					refused.Add(1)
				default:
					t.Errorf("got %d %s, want 201 or 403", a.Status, a.Body)
				}
			})
		}
		group.Wait()
		if created.Load() != affordable || refused.Load() != 2*affordable {
			t.Errorf("got %d created and %d refused, want %d and %d", created.Load(), refused.Load(), affordable,
				2*affordable)
		}
		if n := testkit.Get[gen.LeadList](t, tenant, "/api/v1/leads").Meta.Total; n != affordable {
			t.Errorf("leads: got %d, want %d", n, affordable)
		}
		c := credits(t, tenant)
		var sum int64
		for _, entry := range c.Data {
			sum += entry.Amount
		}
		if c.Balance != 0 || sum != 0 || len(c.Data) != affordable+1 {
			t.Errorf("got balance %d and %d entries with the sum %d, want 0, %d and 0", c.Balance, len(c.Data), sum,
				affordable+1)
		}
	})
}

func TestACallThatFailsCostsNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, testkit.WithPrice("updateLead", price))
		tenant := p.NewTenant(t, "business")
		id := tenant.NewLead(t, "ada@example.com").ID
		weak := p.NewKey(t, testkit.Get[gen.Me](t, tenant, "/api/v1/me").Tenant.ID, "live", "read:leads")
		change := map[string]any{"status": "contacted"}
		const path = "/api/v1/leads/"
		tenant.Call(t, http.MethodPatch, path+"nothing", change).Want(t, http.StatusNotFound)
		tenant.Call(t, http.MethodPatch, path+"nothing", change, "Idempotency-Key", "a").Want(t, http.StatusNotFound)
		tenant.Call(t, http.MethodPatch, path+id, map[string]any{"score": "high"}).Want(t, http.StatusBadRequest)
		tenant.Call(t, http.MethodPatch, path+id, `{`).Want(t, http.StatusBadRequest)
		weak.Call(t, http.MethodPatch, path+id, change).Want(t, http.StatusForbidden)
		if c := credits(t, tenant); c.Balance != 10_000 || len(c.Data) != 1 {
			t.Errorf("credits after a failed call: got %+v, want 10,000 and the grant only", c)
		}
		a := tenant.Call(t, http.MethodPatch, path+id, change).Want(t, http.StatusOK)
		c := credits(t, tenant)
		if charge := c.Data[0]; c.Balance != 10_000-price || charge.Kind != gen.CreditEntryKindCharge ||
			charge.Amount != -price ||
			charge.Reason != "updateLead" || charge.Reference != a.Header.Get("X-Request-Id") {
			t.Errorf("credits after a paid call: got %+v, want a charge of %d by updateLead with the request id", c,
				price)
		}
	})
}

func TestARepeatedRequestIsChargedOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		tenant := testkit.Start(t, e, testkit.WithPrice("createLead", price)).NewTenant(t, "business")
		first := newLead(t, tenant, "Idempotency-Key", "one").Want(t, http.StatusCreated)
		again := newLead(t, tenant, "Idempotency-Key", "one").Want(t, http.StatusCreated)
		if again.Header.Get("Idempotency-Replayed") != "true" || string(again.Body) != string(first.Body) {
			t.Errorf("repeated call: got %v %s, want the first response, marked as replayed", again.Header,
				again.Body)
		}
		if c := credits(t, tenant); c.Balance != 10_000-price {
			t.Errorf("balance: got %d, want %d", c.Balance, 10_000-price)
		}
		for range affordable - 1 {
			newLead(t, tenant).Want(t, http.StatusCreated)
		}
		newLead(t, tenant, "Idempotency-Key", "two").Want(t, http.StatusForbidden)
		newLead(t, tenant, "Idempotency-Key", "one").Want(t, http.StatusCreated) // it is paid for
		if c := credits(t, tenant); c.Balance != 0 {
			t.Errorf("balance: got %d, want 0", c.Balance)
		}
	})
}

// TestAFailedHandlerIsNeverCharged has handlers fail in every way they can, in a chain like the server's.
func TestAFailedHandlerIsNeverCharged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := testkit.Get[gen.Me](t, p.NewTenant(t, "business"), "/api/v1/me").Tenant.ID
		ring, err := secret.ParseRing(p.Config.EncryptionKeys)
		if err != nil {
			t.Fatal(err)
		}
		answers := idempotency.NewStore(p.App.Database(), ring, clock.System)
		rule := contract.Rule{OperationID: "test", Method: "post", Permission: "write:test", Credits: price}
		call := func(handler echo.HandlerFunc, idempotencyKey string) *httptest.ResponseRecorder {
			server := echo.New()
			server.HTTPErrorHandler = api.RenderError
			server.POST("/", handler, api.RecoverPanic, api.Once(rule, answers, nil), api.Paid(rule, p.App.Credits))
			caller := principal.Principal{Scope: principal.Scope{TenantID: tenant, Environment: principal.Live},
				KeyID: "key_1"}
			r := httptest.NewRequestWithContext(principal.With(context.Background(), caller), http.MethodPost, "/",
				strings.NewReader(""))
			r.Header.Set("Idempotency-Key", idempotencyKey)
			w := httptest.NewRecorder()
			server.ServeHTTP(w, r)
			return w
		}
		ledger := "/admin/v1/tenants/" + tenant + "/credits"
		for name, c := range map[string]struct {
			handler echo.HandlerFunc
			status  int
		}{
			"an error":  {func(echo.Context) error { return errors.New("test") }, 500},
			"a problem": {func(echo.Context) error { return problem.Missing("test") }, 404},
			"a panic":   {func(echo.Context) error { panic("test") }, 500},
			"an error it wrote": {func(c echo.Context) error { return c.String(http.StatusConflict, "taken") },
				409},
			"an error after it all": {func(c echo.Context) error {
				_ = c.String(http.StatusOK, "done")
				return errors.New("test")
			}, 500},
		} {
			for _, key := range []string{"", name} {
				w := call(c.handler, key)
				if w.Code != c.status || (c.status == http.StatusConflict && w.Body.String() != "taken") {
					t.Errorf("%s: got %d %s, want %d", name, w.Code, w.Body, c.status)
				}
				if got := testkit.Get[gen.Credits](t, p.Operator, ledger); got.Balance != 10_000 {
					t.Fatalf("price of %s: got %d, want 0", name, 10_000-got.Balance)
				}
			}
		}
		w := call(func(c echo.Context) error { return c.String(http.StatusAccepted, "done") }, "")
		if got := testkit.Get[gen.Credits](t, p.Operator, ledger); w.Code != http.StatusAccepted ||
			w.Body.String() != "done" || got.Balance != 10_000-price {
			t.Errorf("got %d %s and balance %d, want 202 done and %d", w.Code, w.Body, got.Balance, 10_000-price)
		}
	})
}
