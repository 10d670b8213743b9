package access_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/testkit"
)

func TestARotatedKeyWorksUntilItsGraceEndsAndNotAMomentLonger(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		owner := p.NewTenant(t, "business")
		me := testkit.Get[api.Me](t, owner, "/api/v1/me")
		scope := principal.Scope{TenantID: me.Tenant.ID, Environment: principal.Live}

		now := clock.System()
		store := func(at time.Time) *apikey.Store {
			return apikey.NewStore(p.App.Database(), func() time.Time { return at },
				role.New(testkit.Contract().Permissions(), nil))
		}
		works := func(at time.Time, text string) bool {
			_, err := store(at).Authenticate(t.Context(), text, "192.0.2.1")
			return err == nil
		}
		k, text, err := store(now).Create(t.Context(), scope, apikey.Spec{Name: "k", Role: role.ReadOnly})
		if err != nil {
			t.Fatal(err)
		}
		_, fresh, freshText, err := store(now).Rotate(t.Context(), scope, k.ID, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if !works(now.Add(time.Hour-time.Microsecond), text) || works(now.Add(time.Hour), text) {
			t.Error("old key: got another end, want it valid for its grace and no longer")
		}
		if !works(now.Add(1000*time.Hour), freshText) || fresh.Role != role.ReadOnly || fresh.Name != "k" {
			t.Errorf("new key: got %+v, want the settings of the old one", fresh)
		}
		_, _, third, err := store(now).Rotate(t.Context(), scope, fresh.ID, 0)
		if err != nil || works(now, freshText) || !works(now, third) {
			t.Errorf("rotation with a grace of 0: got %v, want the old key revoked at once and the new one valid",
				err)
		}
		if _, _, _, err := store(now).Rotate(t.Context(), scope, fresh.ID, 0); err == nil {
			t.Error("rotation of a revoked key: got no error, want one")
		}
	})
}

func TestKeysAreCreatedChangedAndRotatedThroughTheAPI(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	owner := p.NewTenant(t, "business")
	created := testkit.Post[api.KeyCreated](t, owner, "/api/v1/keys", map[string]any{
		"name": "ci", "role": "read_only", "expires_at": "2099-01-01T00:00:00Z",
		"allowed_cidrs": []string{"127.0.0.1/8", "2001:db8::/32"},
	}, http.StatusCreated)
	if created.Role.MustGet() != "read_only" || !slices.Contains(created.Permissions, "read:leads") ||
		slices.Contains(created.Permissions, "write:leads") ||
		!slices.Equal(created.AllowedCidrs, []string{"127.0.0.0/8", "2001:db8::/32"}) ||
		created.ExpiresAt.MustGet().Year() != 2099 {
		t.Errorf("created key: got %+v, want the role read_only, its networks and its end", created)
	}
	key := testkit.NewClient(p.URL, created.Key)
	key.Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusOK)
	key.Call(t, http.MethodPost, "/api/v1/leads", map[string]any{"name": "x"}).Want(t, http.StatusForbidden)

	path := "/api/v1/keys/" + created.ID
	changed := testkit.Into[api.Key](t, owner.Call(t, http.MethodPatch, path,
		map[string]any{"permissions": []string{"write:leads"}, "expires_at": nil}).Want(t, http.StatusOK))
	if !changed.Role.IsNull() || !changed.ExpiresAt.IsNull() || changed.Name != "ci" {
		t.Errorf("changed key: got %+v, want no role, no end and the new name", changed)
	}
	key.Call(t, http.MethodPost, "/api/v1/leads", map[string]any{"name": "x"}).Want(t, http.StatusCreated)
	key.Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusForbidden)

	owner.Call(t, http.MethodPatch, path, map[string]any{"allowed_cidrs": []string{"192.0.2.0/24"}}).
		Want(t, http.StatusOK)
	refused := key.Call(t, http.MethodPost, "/api/v1/leads", map[string]any{"name": "x"}, "X-Forwarded-For",
		"192.0.2.1").Want(t, http.StatusForbidden)
	if !strings.Contains(string(refused.Body), "127.0.0.1") {
		t.Errorf("refused address: got %s, want 127.0.0.1 named", refused.Body)
	}
	owner.Call(t, http.MethodPatch, path, map[string]any{"allowed_cidrs": []string{}}).Want(t, http.StatusOK)

	rotated := testkit.Post[api.KeyCreated](t, owner, path+"/rotate", map[string]any{"grace": "0s"},
		http.StatusCreated)
	key.Call(t, http.MethodPost, "/api/v1/leads", map[string]any{"name": "x"}).Want(t, http.StatusUnauthorized)
	testkit.NewClient(p.URL, rotated.Key).Call(t, http.MethodPost, "/api/v1/leads", map[string]any{"name": "x"}).
		Want(t, http.StatusCreated)
	owner.Call(t, http.MethodPost, path+"/rotate", map[string]any{}).Want(t, http.StatusConflict)
	owner.Call(t, http.MethodPatch, path, map[string]any{"name": "y"}).Want(t, http.StatusConflict)
}

func TestInvalidKeySettingsAreRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	owner := p.NewTenant(t, "business")
	for body, field := range map[string]string{
		`{"name":"x","role":"admin","permissions":["*"]}`:                               "permissions",
		`{"name":"x","role":"emperor"}`:                                                 "role",
		`{"name":"x","role":"admin","expires_at":"2020-01-01T00:00:00Z"}`:               "expires_at",
		`{"name":"x","role":"admin","allowed_cidrs":["10.0.0.0/33","everywhere"]}`:      "allowed_cidrs[1]",
		`{"name":"x","role":"admin","expires_at":"9999-12-31T23:59:59-14:00","a":true}`: "a",
	} {
		a := owner.Call(t, http.MethodPost, "/api/v1/keys", body).Want(t, http.StatusBadRequest)
		if !strings.Contains(string(a.Body), `"`+field+`"`) {
			t.Errorf("%s: got %s, want the field %s", body, a.Body, field)
		}
	}
	id := testkit.Get[api.Me](t, owner, "/api/v1/me").Key.ID
	for _, grace := range []string{"8d", "-1s", "soon"} {
		owner.Call(t, http.MethodPost, "/api/v1/keys/"+id+"/rotate", map[string]any{"grace": grace}).
			Want(t, http.StatusBadRequest)
	}
	limited := create(t, owner, "limited", "write:keys", "read:keys")
	client := testkit.NewClient(p.URL, limited.Key)
	client.Call(t, http.MethodPost, "/api/v1/keys", map[string]any{"name": "x", "role": "admin"}).
		Want(t, http.StatusForbidden)
	client.Call(t, http.MethodPost, "/api/v1/keys/"+id+"/rotate", map[string]any{}).Want(t, http.StatusForbidden)
	inURL := owner.Call(t, http.MethodGet, "/api/v1/leads?api_key="+owner.Key(), nil).Want(t, http.StatusBadRequest)
	if !strings.Contains(string(inURL.Body), "api_key") || strings.Contains(string(inURL.Body), owner.Key()) {
		t.Errorf("key in the URL: got %s, want api_key named and the key not repeated", inURL.Body)
	}
}

func TestAKeysOwnLimitComesBeforeThePlans(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Servers, testkit.WithLimits(nil))
	owner := p.NewTenant(t, "business")
	tenantID := testkit.Get[api.Me](t, owner, "/api/v1/me").Tenant.ID
	policy := func(c *testkit.Client) string {
		return c.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK).Header.Get("RateLimit-Policy")
	}
	made := testkit.Post[api.KeyCreated](t, owner, "/api/v1/keys", map[string]any{"name": "slow",
		"role": "read_only", "rate_limit": map[string]any{"requests": 2, "per": "hour"}}, http.StatusCreated)
	slow := testkit.NewClient(p.URL, made.Key)
	if got := policy(slow); got != `"default";q=2;w=3600` {
		t.Errorf("RateLimit-Policy: got %s, want 2 in 3600 s", got)
	}
	policy(slow)
	slow.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusTooManyRequests)

	changed := testkit.Into[api.Key](t, owner.Call(t, http.MethodPatch, "/api/v1/keys/"+made.ID,
		map[string]any{"rate_limit": map[string]any{}}).Want(t, http.StatusOK))
	if got := policy(slow); got != `"default";q=1000;w=60` || changed.RateLimit.Requests != nil {
		t.Errorf("RateLimit-Policy: got %s of %+v, want the plan's 1000 in 60 s", got, changed)
	}
	tooMuch := map[string]any{"name": "fast", "role": "read_only", "rate_limit": map[string]any{"requests": 1001}}
	owner.Call(t, http.MethodPost, "/api/v1/keys", tooMuch).Want(t, http.StatusBadRequest)
	tooMuch["environment"] = "live"
	fast := testkit.Post[api.KeyCreated](t, p.Operator, "/admin/v1/tenants/"+tenantID+"/keys", tooMuch,
		http.StatusCreated)
	owner.Call(t, http.MethodPatch, "/api/v1/keys/"+fast.ID, map[string]any{"name": "renamed"}).
		Want(t, http.StatusOK)
	if got := policy(testkit.NewClient(p.URL, fast.Key)); got != `"default";q=1001;w=60` {
		t.Errorf("RateLimit-Policy: got %s, want 1001 in 60 s", got)
	}
}
