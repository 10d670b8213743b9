package access_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/testkit"
)

const members = "/api/v1/members"

func addMember(t *testing.T, p *testkit.Program, tenantID, name, role string) string {
	t.Helper()
	return testkit.Post[api.Member](t, p.Operator, "/admin/v1/tenants/"+tenantID+"/members",
		map[string]any{"email": name + "@example.com", "name": name, "role": role}, http.StatusCreated).ID
}

// userKey makes a key of a user that may do all that the user may.
func userKey(t *testing.T, p *testkit.Program, tenantID, userID, environment string) *testkit.Client {
	t.Helper()
	key := testkit.Post[api.KeyCreated](t, p.Operator, "/admin/v1/tenants/"+tenantID+"/keys",
		map[string]any{"name": "of a user", "environment": environment, "permissions": []string{"*"},
			"user_id": userID}, http.StatusCreated)
	if key.UserID.MustGet() != userID {
		t.Errorf("key: got %+v, want it to belong to %s", key, userID)
	}
	return testkit.NewClient(p.URL, key.Key)
}

func TestAUsersKeyCanDoWhatTheMembersRoleAllowsAtTheMomentOnEveryProcess(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services)
		second := testkit.StartOn(t, services, testkit.WithoutEgress(p.Config.EncryptionKeys))
		id := p.NewTenantOf(t, "hookline")
		owner := p.NewKey(t, id, "live", "*")
		ada := addMember(t, p, id, "ada", "viewer")
		key := userKey(t, p, id, ada, "live")
		elsewhere := testkit.NewClient(second.URL, key.Key())
		lead := map[string]any{"name": "x"}
		for _, c := range []*testkit.Client{key, elsewhere} {
			c.Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusOK)
			c.Call(t, http.MethodPost, "/api/v1/leads", lead).Want(t, http.StatusForbidden)
		}
		me := testkit.Get[api.Me](t, key, "/api/v1/me")
		if u := me.User.MustGet(); u.ID != ada || u.Email != "ada@example.com" || u.Name != "ada" ||
			u.Role != "viewer" || slices.Contains(me.Key.Permissions, "*") {
			t.Errorf("caller: got %+v, want Ada as a viewer, without all permissions", me)
		}
		if !testkit.Get[api.Me](t, owner, "/api/v1/me").User.IsNull() {
			t.Error("caller with a key of the tenant: got a user, want none")
		}

		owner.Call(t, http.MethodPatch, members+"/"+ada, map[string]any{"role": "developer"}).Want(t, http.StatusOK)
		key.Call(t, http.MethodPost, "/api/v1/leads", lead).Want(t, http.StatusCreated)
		key.Call(t, http.MethodPost, members, map[string]any{"email": "x@example.com", "name": "X", "role": "viewer"}).
			Want(t, http.StatusForbidden)
		p.Await(t, "the new role to hold on the other process", func() bool {
			return elsewhere.Call(t, http.MethodPost, "/api/v1/leads", lead).Status == http.StatusCreated
		})
		owner.Call(t, http.MethodPatch, members+"/"+ada, map[string]any{"role": "viewer"}).Want(t, http.StatusOK)
		key.Call(t, http.MethodPost, "/api/v1/leads", lead).Want(t, http.StatusForbidden)
		p.Await(t, "the old role to hold on the other process", func() bool {
			return elsewhere.Call(t, http.MethodPost, "/api/v1/leads", lead).Status == http.StatusForbidden
		})
	})
}

func TestRemovingAMemberRevokesItsKeysAndRecordsEach(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		id := p.NewTenantOf(t, "leadie")
		root := addMember(t, p, id, "root", "owner")
		owner := userKey(t, p, id, root, "live")
		ada := addMember(t, p, id, "ada", "admin")
		live, test := userKey(t, p, id, ada, "live"), userKey(t, p, id, ada, "test")
		ids := []string{testkit.Get[api.Me](t, live, "/api/v1/me").Key.ID, testkit.Get[api.Me](t, test,
			"/api/v1/me").Key.ID}
		if list := testkit.Get[api.KeyList](t, owner, keys+"?user_id="+ada); list.Meta.Total != 1 ||
			list.Data[0].ID != ids[0] {
			t.Errorf("keys of Ada: got %+v, want %s", list, ids[0])
		}
		owner.Call(t, http.MethodDelete, members+"/"+ada, nil).Want(t, http.StatusNoContent)
		for _, c := range []*testkit.Client{live, test} {
			c.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusUnauthorized)
		}
		if gone := testkit.Get[api.Key](t, owner, keys+"/"+ids[0]); gone.RevokedAt.IsNull() ||
			gone.UserID.MustGet() != ada {
			t.Errorf("key of a removed member: got %+v, want it revoked and Ada's", gone)
		}
		for _, key := range ids {
			log := testkit.Get[api.AuditEntryList](t, owner, "/api/v1/audit-log?action=key.revoked&target="+key).Data
			if len(log) != 1 || log[0].Actor.ID == "" {
				t.Errorf("audit entries: got %+v, want one with its actor", log)
			}
		}
		// A removal that fails revokes nothing.
		owner.Call(t, http.MethodDelete, members+"/"+root, nil).Want(t, http.StatusConflict)
		owner.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
	})
}

func TestUsersCreateTheirOwnKeysAndAdminsThoseOfOthers(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	id, foreign := p.NewTenantOf(t, "hookline"), p.NewTenantOf(t, "hookline")
	owner := p.NewKey(t, id, "live", "*")
	ada, ben := addMember(t, p, id, "ada", "developer"), addMember(t, p, id, "ben", "owner")
	stranger := addMember(t, p, foreign, "eve", "owner")
	key := userKey(t, p, id, ada, "live")
	reader := func(userID string) map[string]any {
		body := map[string]any{"name": "x", "permissions": []string{"read:leads"}}
		if userID != "" {
			body["user_id"] = userID
		}
		return body
	}
	own := testkit.Post[api.KeyCreated](t, key, keys, reader(""), http.StatusCreated)
	if own.UserID.MustGet() != ada {
		t.Errorf("key made by a user's key: got %+v, want the same user", own)
	}
	ownerKey := testkit.Get[api.Me](t, owner, "/api/v1/me").Key.ID
	others := testkit.Post[api.KeyCreated](t, owner, keys, reader(ben), http.StatusCreated)
	tenants := testkit.Post[api.KeyCreated](t, owner, keys, reader(""), http.StatusCreated)
	if others.UserID.MustGet() != ben || !tenants.UserID.IsNull() {
		t.Errorf("keys made for others: got %+v and %+v, want Ben's and the tenant's", others, tenants)
	}
	key.Call(t, http.MethodPost, keys, reader(ben)).Want(t, http.StatusForbidden)
	for _, k := range []string{others.ID, tenants.ID, ownerKey} {
		key.Call(t, http.MethodPost, keys+"/"+k+"/rotate", map[string]any{}).Want(t, http.StatusForbidden)
	}
	rotated := testkit.Post[api.KeyCreated](t, key, keys+"/"+own.ID+"/rotate", map[string]any{}, http.StatusCreated)
	if rotated.UserID.MustGet() != ada {
		t.Errorf("rotated key: got %+v, want Ada's", rotated)
	}
	boss := userKey(t, p, id, ben, "live")
	testkit.Post[api.KeyCreated](t, boss, keys, reader(ada), http.StatusCreated)

	var answers []string
	for _, nobody := range []string{stranger, "usr_01jd4x2m9qe4fv0w3n7q1x5z8k", "nonsense"} {
		a := owner.Call(t, http.MethodPost, keys, reader(nobody)).Want(t, http.StatusBadRequest)
		if d := a.Problem(t).Error.Details; len(d) != 1 || d[0].Field != "user_id" {
			t.Errorf("got %s, want the field user_id", a.Body)
		}
		answers = append(answers, a.Problem(t).Error.Message+a.Problem(t).Error.Details[0].Message)
		body := reader(nobody)
		body["environment"] = "live"
		p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/"+id+"/keys", body).Want(t, http.StatusBadRequest)
	}
	if answers[0] != answers[1] || answers[0] != answers[2] {
		t.Errorf("unknown members and another tenant's: got %v, want the same answers", answers)
	}
}

func TestInLeadieEveryKeyHasAUserAndNoneALimitOfItsOwn(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	id := p.NewTenantOf(t, "leadie")
	path := "/admin/v1/tenants/" + id + "/keys"
	a := p.Operator.Call(t, http.MethodPost, path, map[string]any{"name": "x", "environment": "live",
		"role": "admin"}).Want(t, http.StatusBadRequest)
	if !strings.Contains(string(a.Body), "user_id") || !strings.Contains(string(a.Body), "leadie") {
		t.Errorf("got %s, want user_id and leadie named", a.Body)
	}
	ada := addMember(t, p, id, "ada", "owner")
	key := userKey(t, p, id, ada, "test")
	if !strings.HasPrefix(key.Key(), "ld_test_") {
		t.Errorf("key of leadie: got %s, want ld_test_", key.Key()[:12])
	}
	if made := create(t, key, "mine", "read:tracking"); made.UserID.MustGet() != ada {
		t.Errorf("key made by a user's key: got %+v, want the same user", made)
	}
	limited := map[string]any{"name": "x", "environment": "live", "role": "admin", "user_id": ada,
		"rate_limit": map[string]any{"requests": 5}}
	a = p.Operator.Call(t, http.MethodPost, path, limited).Want(t, http.StatusBadRequest)
	if !strings.Contains(string(a.Body), "shared by all keys of a user") {
		t.Errorf("got %s, want that the limit is shared by all keys of a user", a.Body)
	}
	mine := testkit.Get[api.Me](t, key, "/api/v1/me").Key.ID
	key.Call(t, http.MethodPatch, keys+"/"+mine, map[string]any{"rate_limit": map[string]any{"requests": 5}}).
		Want(t, http.StatusBadRequest)
	key.Call(t, http.MethodPatch, keys+"/"+mine, map[string]any{"name": "renamed", "rate_limit": map[string]any{}}).
		Want(t, http.StatusOK)
	inbox := p.NewTenantOf(t, "inboxops")
	limited["user_id"] = addMember(t, p, inbox, "ada", "owner")
	a = p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/"+inbox+"/keys", limited).
		Want(t, http.StatusBadRequest)
	if !strings.Contains(string(a.Body), "shared by all keys of a tenant") {
		t.Errorf("got %s, want that the limit is shared by all keys of a tenant", a.Body)
	}
}

// TestASessionCreatesKeysOfTheTenantAndInLeadieItsUsers asks the handlers, as the dashboard does.
func TestASessionCreatesKeysOfTheTenantAndInLeadieItsUsers(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	handlers := apikey.NewAPI(p.App.Keys, p.App.Tenants, audit.New(p.App.Database(), clock.System))
	for profile, owned := range map[string]bool{"hookline": false, "leadie": true} {
		id := p.NewTenantOf(t, profile)
		ada := addMember(t, p, id, "ada", "developer")
		ctx := principal.With(t.Context(), principal.Principal{
			Scope: principal.Scope{TenantID: id, Environment: principal.Live}, SessionID: "ses_1", MemberID: ada,
			UserID:  ada,
			Profile: profile, Plan: "business", Permissions: []string{"write:keys", "read:webhooks"},
		})
		made, err := handlers.CreateKey(ctx, api.CreateKeyRequestObject{Body: &api.KeyCreate{Name: "x",
			Permissions: &[]string{"read:webhooks"}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := made.(api.CreateKey201JSONResponse); got.UserID.IsNull() == owned {
			t.Errorf("key of %s: got %+v, want it to belong to a user: %t", profile, got, owned)
		}
	}
}
