package access_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/testkit"
)

func TestNobodyCanTellFromTheAnswerWhyAKeyDoesNotWork(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	owner := p.NewTenant(t, "business")
	revoked, expired := create(t, owner, "revoked", "*"), create(t, owner, "expired", "*")
	owner.Call(t, http.MethodDelete, keys+"/"+revoked.ID, nil).Want(t, http.StatusNoContent)
	if err := p.App.Database().Read(t.Context()).Exec("UPDATE api_keys SET expires_at = 1 WHERE id = ?",
		expired.ID).Error; err != nil {
		t.Fatal(err)
	}
	bad := map[string]string{
		"revoked": revoked.Key, "expired": expired.Key, "cut short": owner.Key()[:len(owner.Key())-1],
		"too long":                 owner.Key() + "0",
		"of the other environment": "hk_test_" + strings.TrimPrefix(owner.Key(), "hk_live_"),
		"nonsense":                 "nonsense",
		"of an operator, unknown":  "hk_op_" + strings.Repeat("a", 48),
	}
	for _, prefix := range []string{"hk_live_", "hk_test_", "lm_live_", "wk_test_", "ixk_", "ld_live_"} {
		bad["unknown, of "+prefix] = apikey.Generate(prefix)
		bad["mistyped, of "+prefix] = prefix + strings.Repeat("a", 36)
	}
	want := ""
	for name, key := range bad {
		for _, headers := range [][]string{{"Authorization", "Bearer " + key}, {"X-Api-Key", key}} {
			a := testkit.NewClient(p.URL, "").Call(t, http.MethodGet, "/api/v1/me", nil, headers...).
				Want(t, http.StatusUnauthorized)
			got := a.Problem(t).Error
			if want == "" {
				want = got.Message
			}
			if got.Message != want || got.Code != api.ErrorErrorCodeUnauthorized || len(got.Details) != 0 {
				t.Errorf("%s: got %s, want unauthorized with %q", name, a.Body, want)
			}
		}
	}
	other := create(t, owner, "another", "*")
	owner.Call(t, http.MethodGet, "/api/v1/me", nil, "X-Api-Key", other.Key).Want(t, http.StatusUnauthorized)
	owner.Call(t, http.MethodGet, "/api/v1/me", nil, "X-Api-Key", owner.Key()).Want(t, http.StatusOK)
}
