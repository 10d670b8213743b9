package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestAnOwnerMakesAndRotatesAnAdminKeyAndADeveloperIsNotOfferedOne(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	id := p.NewTenantOf(t, "leadhooks")
	signIn := func(role string) *visitor {
		t.Helper()
		m := testkit.Post[gen.Member](t, p.Operator, "/admin/v1/tenants/"+id+"/members", map[string]any{
			"email": role + "@example.com", "name": role, "role": role}, http.StatusCreated)
		return enter(t, p, portal(t, p, id, map[string]any{"member_id": m.ID}).URL)
	}
	owner := signIn("owner")
	owner.sees("/app/keys/new", http.StatusOK, "Admin: everything", "Rate limit")
	owner.submits("/app/keys/new", url.Values{"name": {"Root"}, "access": {"role"}, "role": {"admin"}}, http.StatusOK,
		"Store it now", "wk_live_")
	_, rest, _ := strings.Cut(owner.last, `href="/app/keys/key_`)
	path, _, _ := strings.Cut("/app/keys/key_"+rest, `"`)
	owner.sees(path, http.StatusOK, "Root")
	owner.submits(path+"/rotate", url.Values{"grace": {"0s"}}, http.StatusOK, "has stopped working", "wk_live_")

	owner.sees("/app/keys/new", http.StatusOK)
	owner.submits("/app/keys/new", url.Values{"name": {"CI"}, "access": {"role"}, "role": {"developer"},
		"permission": {"read:leads"}}, http.StatusBadRequest, "choose “By permissions”")

	developer := signIn("developer")
	developer.sees("/app/keys/new", http.StatusOK, "Read only")
	developer.hasNot("Admin: everything")
	developer.submits("/app/keys/new", url.Values{"name": {"Root"}, "access": {"role"}, "role": {"admin"}},
		http.StatusForbidden)
}

func TestInTheBrowserAnOwnerMakesAndRotatesAnAdminKey(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	owner := p.NewOwner(t, "leadhooks")
	b := openTab(t, p.URL)
	b.open(portal(t, p, testkit.TenantOf(t, owner), map[string]any{"member_id": ownerOf(t, owner)}).URL)
	b.open("/app/keys/new")
	b.fill("name", "Root")
	b.check("access", "role")
	b.fill("role", "admin")
	b.leave("Create the key")
	b.sees("Store it now")
	manages := func(key string, status int) {
		t.Helper()
		testkit.NewClient(p.URL, key).Call(t, http.MethodPost, "/api/v1/keys", map[string]any{"name": "CI"}).
			Want(t, status)
	}
	first := b.shown("wk_live_")
	manages(first, http.StatusCreated)
	b.leave("I have stored it")
	b.fill("grace", "0s")
	b.leave("Rotate")
	b.sees("has stopped working")
	manages(b.shown("wk_live_"), http.StatusCreated)
	p.Await(t, "the old key's end", func() bool {
		return testkit.NewClient(p.URL, first).Call(t, http.MethodGet, "/api/v1/keys",
			nil).Status == http.StatusUnauthorized
	})
}

func TestTheFormHasNoLimitOfAKeyWhereKeysShareOne(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, name := range []string{"inboxops", "leadie"} {
		c := p.NewOwner(t, name)
		v := enter(t, p, portal(t, p, testkit.TenantOf(t, c), map[string]any{"capabilities": []string{"*"},
			"member_id": ownerOf(t, c)}).URL)
		v.sees("/app/keys/new", http.StatusOK, "Allowed networks")
		v.hasNot("Rate limit")
	}
}

func TestAKeyOfAColleagueIsRevokedButNotRotatedWhereKeysBelongToUsers(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	owner := p.NewOwner(t, "leadie")
	id := testkit.TenantOf(t, owner)
	colleague := testkit.Post[gen.Member](t, p.Operator, "/admin/v1/tenants/"+id+"/members", map[string]any{
		"email": "bo@example.com", "name": "Bo", "role": "developer"}, http.StatusCreated).ID
	v := enter(t, p, portal(t, p, id, map[string]any{"capabilities": []string{"*"},
		"member_id": ownerOf(t, owner)}).URL)
	for user, rotates := range map[string]bool{ownerOf(t, owner): true, colleague: false} {
		key := testkit.Post[gen.KeyCreated](t, p.Operator, "/admin/v1/tenants/"+id+"/keys", map[string]any{
			"name": "Zapier", "environment": "live", "user_id": user}, http.StatusCreated)
		v.sees("/app/keys/"+key.ID, http.StatusOK, "Revoke this key")
		if got := strings.Contains(v.last, "<h2>Rotate</h2>"); got != rotates {
			t.Errorf("page of a key of %s: got a form to rotate it %t, want %t", user, got, rotates)
		}
	}
}
