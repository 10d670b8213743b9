package access_test

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

const adminTenants = "/admin/v1/tenants"

// behindProxy starts a program that takes the client's address from X-Forwarded-For.
func behindProxy(c *config.Config, _ *app.Options) {
	c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}

func TestAnOperatorKeyIsShownWithItsLimits(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		expires := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
		made := p.NewOperatorKey(t, "support", map[string]any{"expires_at": expires,
			"allowed_cidrs": []string{"127.0.0.1/8", "::ffff:192.0.2.9/120", "2001:DB8::1/32"}})
		canonical := []string{"127.0.0.0/8", "192.0.2.0/24", "2001:db8::/32"}
		check := func(what string, k api.OperatorKey) {
			t.Helper()
			if at, _ := k.ExpiresAt.Get(); k.ID != made.ID || k.Role != api.OperatorRoleSupport || !at.Equal(expires) ||
				!slices.Equal(k.AllowedCidrs, canonical) {
				t.Errorf("%s: got %+v, want support, %s and %v", what, k, expires, canonical)
			}
		}
		path := operatorKeys + "/" + made.ID
		check("created", api.OperatorKey{ID: made.ID, Role: made.Role, ExpiresAt: made.ExpiresAt,
			AllowedCidrs: made.AllowedCidrs})
		got := testkit.Get[api.OperatorKey](t, p.Operator, path)
		check("got", got)
		if !got.LastUsedAt.IsNull() || !made.LastUsedAt.IsNull() {
			t.Errorf("last used: got %+v, want null", got.LastUsedAt)
		}
		testkit.NewClient(p.URL, made.Key).Call(t, http.MethodGet, adminTenants, nil).Want(t, http.StatusOK)
		if at, err := testkit.Get[api.OperatorKey](t, p.Operator, path).LastUsedAt.Get(); err != nil ||
			time.Since(at) > time.Minute {
			t.Errorf("last used: got %s, %v, want now", at, err)
		}
		renamed := testkit.Into[api.OperatorKey](t, p.Operator.Call(t, http.MethodPatch, path,
			map[string]any{"name": "Night shift"}).Want(t, http.StatusOK))
		check("renamed", renamed)
		if renamed.Name != "Night shift" {
			t.Errorf("name: got %q, want the new one", renamed.Name)
		}
		free := testkit.Into[api.OperatorKey](t, p.Operator.Call(t, http.MethodPatch, path, map[string]any{
			"role": "backend", "expires_at": nil, "allowed_cidrs": []string{},
		}).Want(t, http.StatusOK))
		if free.Role != api.OperatorRoleBackend || !free.ExpiresAt.IsNull() || free.AllowedCidrs == nil ||
			len(free.AllowedCidrs) != 0 {
			t.Errorf("without limits: got %+v, want backend without expiry and networks", free)
		}
		p.Operator.Call(t, http.MethodGet, operatorKeys+"/opk_01jd4x2m9qe4fv0w3n7q1x5z8k", nil).
			Want(t, http.StatusNotFound)
	})
}

func TestUnusableSettingsOfAnOperatorKeyAreNamed(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	path := operatorKeys + "/" + p.NewOperatorKey(t, "support", nil).ID
	for body, field := range map[string]string{
		`{"name":"x"}`:                                "role",
		`{"name":"x","role":"owner"}`:                 "role",
		`{"name":"x","role":""}`:                      "role",
		`{"role":"admin"}`:                            "name",
		`{"role":"admin","name":""}`:                  "name",
		`{"name":"x","role":"admin","hash":"x"}`:      "hash",
		`{"expires_at":"2020-01-01T00:00:00Z"}`:       "expires_at",
		`{"expires_at":"9999-12-31T23:59:59-01:00"}`:  "expires_at",
		`{"allowed_cidrs":["10.0.0.0/8","10.0.0.1"]}`: "allowed_cidrs[1]",
		`{"allowed_cidrs":["::/129"]}`:                "allowed_cidrs[0]",
		`{"allowed_cidrs":null}`:                      "allowed_cidrs",
		`{}`:                                          "",
	} {
		method, where := http.MethodPost, operatorKeys
		if !strings.Contains(body, `"name"`) && !strings.Contains(body, `"role"`) {
			method, where = http.MethodPatch, path
		}
		details := p.Operator.Call(t, method, where, body).Want(t, http.StatusBadRequest).Problem(t).Error.Details
		if len(details) == 0 || field != "" && !slices.ContainsFunc(details, func(d api.ErrorDetail) bool {
			return d.Field == field
		}) {
			t.Errorf("%s %s: got %+v, want %q named", method, body, details, field)
		}
	}
}

func TestAnExpiredOperatorKeyIsLikeAnUnknownOne(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		clock := &testkit.Clock{}
		p := testkit.Start(t, e, testkit.WithClock(clock))
		made := p.NewOperatorKey(t, "admin", map[string]any{"expires_at": clock.Now().Add(time.Hour)})
		holder := testkit.NewClient(p.URL, made.Key)
		holder.Call(t, http.MethodGet, adminTenants, nil).Want(t, http.StatusOK)
		clock.Advance(time.Hour)
		expired := holder.Call(t, http.MethodGet, adminTenants, nil).Want(t, http.StatusUnauthorized)
		unknown := testkit.NewClient(p.URL, "hk_op_"+strings.Repeat("a", 48)).Call(t, http.MethodGet, adminTenants, nil)
		if got, want := expired.Problem(t).Error, unknown.Problem(t).Error; got.Message != want.Message ||
			got.Code != want.Code {
			t.Errorf("expired key: got %+v, want %+v as for an unknown one", got, want)
		}
		path := operatorKeys + "/" + made.ID
		p.Operator.Call(t, http.MethodPatch, path, map[string]any{"expires_at": nil}).Want(t, http.StatusConflict)
		p.Operator.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNoContent)
	})
}

func TestAnOperatorKeyWorksFromItsNetworksOnly(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded, behindProxy)
	holder := p.NewOperator(t, "admin", map[string]any{"allowed_cidrs": []string{"203.0.113.0/24", "2001:db8::/32"}})
	from := func(address string) testkit.Answer {
		t.Helper()
		return holder.Call(t, http.MethodGet, adminTenants, nil, "X-Forwarded-For", address)
	}
	for _, inside := range []string{"203.0.113.7", "::ffff:203.0.113.7", "2001:db8::7", "192.0.2.1, 203.0.113.7"} {
		from(inside).Want(t, http.StatusOK)
	}
	for _, outside := range []string{"203.0.114.7", "2001:db9::7", "203.0.113.7, 192.0.2.1"} {
		a := from(outside).Want(t, http.StatusForbidden)
		last := outside[strings.LastIndex(outside, " ")+1:]
		if got := a.Problem(t).Error; got.Code != api.ErrorErrorCodeForbidden ||
			got.Message != "This key may not be used from "+last+"." {
			t.Errorf("from %s: got %+v, want forbidden for the address", outside, got)
		}
	}
	holder.Call(t, http.MethodGet, adminTenants, nil).Want(t, http.StatusForbidden) // the proxy itself
}

func TestChangesOfAnOperatorKeyReachAnotherProcess(t *testing.T) {
	t.Parallel()
	s := testkit.NewServices(t, testkit.Servers)
	first := testkit.StartOn(t, s)
	second := testkit.StartOn(t, s, testkit.WithKeys(first.Config.EncryptionKeys))
	for name, c := range map[string]struct {
		method string
		body   any
		want   int
	}{
		"revoked": {http.MethodDelete, nil, http.StatusUnauthorized},
		"demoted": {http.MethodPatch, map[string]any{"role": "backend"}, http.StatusForbidden},
		"limited": {http.MethodPatch, map[string]any{"allowed_cidrs": []string{"192.0.2.0/24"}}, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := first.NewOperatorKey(t, "support", nil)
			there := testkit.NewClient(second.URL, made.Key)
			there.Call(t, http.MethodGet, "/admin/v1/audit-log", nil).Want(t, http.StatusOK)
			first.Operator.Call(t, c.method, operatorKeys+"/"+made.ID, c.body)
			there.Call(t, http.MethodGet, "/admin/v1/audit-log", nil).Want(t, c.want)
		})
	}
}

func TestAnAdminKeyDoesNotLiftItsOwnLimits(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		soon := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
		made := p.NewOperatorKey(t, "admin", map[string]any{"expires_at": soon,
			"allowed_cidrs": []string{"127.0.0.0/8"}})
		own, limited := operatorKeys+"/"+made.ID, testkit.NewClient(p.URL, made.Key)
		for _, body := range []string{`{"expires_at":null}`, `{"allowed_cidrs":[]}`, `{"role":"support"}`,
			`{"name":"New","allowed_cidrs":["127.0.0.1/32"]}`} {
			limited.Call(t, http.MethodPatch, own, body).Want(t, http.StatusForbidden)
		}
		limited.Call(t, http.MethodPatch, own, `{"name":"New","role":"admin","allowed_cidrs":["127.0.0.1/8"]}`).
			Want(t, http.StatusOK) // the same limits

		inside, later := []string{"127.0.0.0/16"}, soon.Add(time.Second)
		for name, c := range map[string]struct {
			role    string
			expires any
			cidrs   []string
			want    int
		}{
			"no limits":       {"admin", nil, nil, http.StatusForbidden},
			"no expiry":       {"admin", nil, inside, http.StatusForbidden},
			"a later expiry":  {"admin", later, inside, http.StatusForbidden},
			"any network":     {"admin", soon, nil, http.StatusForbidden},
			"other networks":  {"admin", soon, []string{"0.0.0.0/0"}, http.StatusForbidden},
			"the same limits": {"admin", soon, inside, http.StatusCreated},
			"a server's key":  {"backend", nil, nil, http.StatusCreated},
		} {
			body := map[string]any{"name": name, "role": c.role, "allowed_cidrs": append([]string{}, c.cidrs...)}
			if c.expires != nil {
				body["expires_at"] = c.expires
			}
			if a := limited.Call(t, http.MethodPost, operatorKeys, body); a.Status != c.want {
				t.Errorf("key with %s: got %d %s, want %d", name, a.Status, a.Body, c.want)
			}
		}

		other := operatorKeys + "/" + p.NewOperatorKey(t, "backend", nil).ID
		limited.Call(t, http.MethodPatch, other, map[string]any{"role": "admin"}).Want(t, http.StatusForbidden)
		limited.Call(t, http.MethodPatch, other, map[string]any{"role": "support"}).Want(t, http.StatusOK)
		limited.Call(t, http.MethodPatch, other, map[string]any{"role": "admin", "expires_at": soon,
			"allowed_cidrs": inside}).Want(t, http.StatusOK)
		wide := operatorKeys + "/" + p.NewOperatorKey(t, "admin", nil).ID
		limited.Call(t, http.MethodPatch, wide, map[string]any{"name": "Renamed"}).Want(t, http.StatusOK)
	})
}

// TestOperatorsCantLockThemselvesOut also by a change that is no revocation.
func TestOperatorsCantLockThemselvesOut(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		first := operatorKeys + "/" + testkit.Get[api.OperatorKeyList](t, p.Operator, operatorKeys).Data[0].ID
		p.NewOperatorKey(t, "support", nil)
		p.NewOperatorKey(t, "backend", nil)
		second := p.NewOperatorKey(t, "admin", map[string]any{"allowed_cidrs": []string{"127.0.0.0/8"}})
		limited, path := testkit.NewClient(p.URL, second.Key), operatorKeys+"/"+second.ID

		limited.Call(t, http.MethodDelete, first, nil).Want(t, http.StatusConflict)
		for _, body := range []string{`{"role":"support"}`, `{"role":"backend","allowed_cidrs":["127.0.0.0/8"]}`,
			`{"allowed_cidrs":["127.0.0.0/8"]}`} {
			limited.Call(t, http.MethodPatch, first, body).Want(t, http.StatusConflict)
		}
		p.Operator.Call(t, http.MethodPatch, path, `{"role":"support"}`).Want(t, http.StatusOK)
		p.Operator.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNoContent)

		third := p.NewOperatorKey(t, "admin", nil)
		p.Operator.Call(t, http.MethodPatch, operatorKeys+"/"+third.ID, `{"role":"support"}`).Want(t, http.StatusOK)
		p.Operator.Call(t, http.MethodDelete, first, nil).Want(t, http.StatusConflict)
	})
}

func TestAuditEntriesNameTheRoleAndTheKeyOfAnOperator(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		made := p.NewOperatorKey(t, "backend", map[string]any{"name": "Server"})
		tenant := p.NewTenant(t, "business")
		id := testkit.TenantOf(t, tenant)
		testkit.NewClient(p.URL, made.Key).Call(t, http.MethodPatch, adminTenants+"/"+id,
			map[string]any{"name": "Acme"}).Want(t, http.StatusOK)
		p.Operator.Call(t, http.MethodPatch, operatorKeys+"/"+made.ID, map[string]any{"role": "support"}).
			Want(t, http.StatusOK)
		entries := testkit.Get[api.AuditEntryList](t, tenant, "/api/v1/audit-log?action=tenant.updated").Data
		if len(entries) != 1 {
			t.Fatalf("entries: got %+v, want one of the update", entries)
		}
		role := func(e api.AuditEntry) string { r, _ := e.Actor.Role.Get(); return r }
		if a := entries[0].Actor; a.ID != made.ID || a.Name != "Server" || role(entries[0]) != "backend" {
			t.Errorf("actor: got %+v, want the key with the role that it had then", a)
		}
		changed := testkit.Get[api.AuditEntryList](t, p.Operator, "/admin/v1/audit-log?target="+made.ID+
			"&action=operator_key.updated").Data
		if len(changed) != 1 || role(changed[0]) != "admin" ||
			!strings.Contains(string(changed[0].Before.MustGet()), `"backend"`) ||
			!strings.Contains(string(changed[0].After.MustGet()), `"support"`) {
			t.Errorf("entries of the key: got %+v, want one by an admin with the role before and after", changed)
		}
		key := testkit.Post[api.KeyCreated](t, tenant, keys, map[string]any{"name": "k", "role": "read_only"},
			http.StatusCreated)
		own := testkit.Get[api.AuditEntryList](t, tenant, "/api/v1/audit-log?target="+key.ID).Data
		if len(own) != 1 || !own[0].Actor.Role.IsNull() {
			t.Errorf("entry of a tenant's key: got %+v, want no role", own)
		}
	})
}
