package access_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

const keys = "/api/v1/keys"

func create(t *testing.T, c *testkit.Client, name string, permissions ...string) api.KeyCreated {
	t.Helper()
	return testkit.Post[api.KeyCreated](t, c, keys, map[string]any{"name": name, "permissions": permissions},
		http.StatusCreated)
}

// everything is all that the database holds, as text; bytes are there as they are and in hexadecimal.
func everything(t *testing.T, p *testkit.Program) string {
	t.Helper()
	database := p.App.Database()
	list := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if database.Postgres() {
		list = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
	}
	var tables []string
	if err := database.Read(t.Context()).Raw(list).Scan(&tables).Error; err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, table := range tables {
		var rows []map[string]any
		if err := database.Read(t.Context()).Table(table).Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for column, value := range row {
				if b, ok := value.([]byte); ok {
					value = string(b) + " " + hex.EncodeToString(b)
				}
				fmt.Fprintf(&out, "%s.%s: %v\n", table, column, value)
			}
		}
	}
	return out.String()
}

func TestAKeyIsShownOnceAndKeptOnlyAsItsHash(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		owner := p.NewTenant(t, "business")
		key := create(t, owner, "Zapier", "read:leads", "write:leads")
		if !strings.HasPrefix(key.Key, "hk_live_") || len(key.Key) < 40 || key.Prefix != "hk_live_" ||
			key.Hint != key.Key[:12] || key.Environment != "live" {
			t.Errorf("created key: got %+v, want hk_live_ and its first characters", key)
		}
		if key.LastUsedAt.IsSpecified() && !key.LastUsedAt.IsNull() || !key.RevokedAt.IsNull() {
			t.Errorf("new key: got %+v, want it neither used nor revoked", key)
		}
		// what calls leave behind must not name the key either
		testkit.NewClient(p.URL, key.Key).NewLead(t, "ada@example.com")

		for _, path := range []string{keys, keys + "/" + key.ID} {
			a := owner.Call(t, http.MethodGet, path, nil).Want(t, http.StatusOK)
			for _, text := range []string{key.Key, owner.Key(), key.Key[len(key.Hint):], `"key":`} {
				if strings.Contains(string(a.Body), text) {
					t.Errorf("%s: got the key %q in %s, want it left out", path, text, a.Body)
				}
			}
		}
		got := testkit.Get[api.Key](t, owner, keys+"/"+key.ID)
		if got.Name != "Zapier" || got.Hint != key.Hint || strings.Join(got.Permissions,
			" ") != "read:leads write:leads" || !got.CreatedAt.Equal(key.CreatedAt) {
			t.Errorf("key: got %+v, want that which was created", got)
		}

		all := everything(t, p)
		for _, text := range []string{key.Key, owner.Key()} {
			sum := sha256.Sum256([]byte(text))
			if !strings.Contains(all, "api_keys.hash: "+string(sum[:])) {
				t.Errorf("stored keys: got no SHA-256 of %s, want it", text)
			}
			if secret := text[12:]; strings.Contains(all, secret) || strings.Contains(all,
				hex.EncodeToString([]byte(secret))) {
				t.Errorf("database: got the secret of %s in it, want its hash only", text)
			}
		}
	})
}

func TestAKeyGrantsOnlyItsOwnPermissions(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	owner := p.NewTenant(t, "business")
	limited := p.NewKey(t, testkit.TenantOf(t, owner), "live", "write:keys", "read:leads")
	for name, c := range map[string]struct {
		by          *testkit.Client
		permissions []string
		fields      string
	}{
		"more than it holds":  {limited, []string{"read:leads", "write:leads"}, "permissions[1]"},
		"all":                 {limited, []string{"*"}, "permissions[0]"},
		"two that it has not": {limited, []string{"*", "read:leads", "read:keys"}, "permissions[0] permissions[2]"},
		"the same twice":      {limited, []string{"read:leads", "read:leads"}, "permissions[1]"},
		"all twice":           {owner, []string{"*", "*"}, "permissions[1]"},
		"unknown":             {owner, []string{"read:leads", "operator"}, "permissions[1]"},
		"a pattern":           {owner, []string{"read:*"}, "permissions[0]"},
		"what is no right":    {owner, []string{"authenticated"}, "permissions[0]"},
	} {
		a := c.by.Call(t, http.MethodPost, keys, map[string]any{"name": "x", "permissions": c.permissions}).
			Want(t, http.StatusBadRequest)
		var fields []string
		for _, d := range a.Problem(t).Error.Details {
			fields = append(fields, d.Field)
		}
		if strings.Join(fields, " ") != c.fields {
			t.Errorf("%s: got %s, want the fields %s", name, a.Body, c.fields)
		}
	}
	if total := testkit.Get[api.KeyList](t, owner, keys).Meta.Total; total != 2 {
		t.Errorf("keys: got %d, want 2, since refused ones are not stored", total)
	}

	// What it holds, it may give, and that is all that the new key can do.
	reader := testkit.NewClient(p.URL, create(t, limited, "reader", "read:leads").Key)
	reader.Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusOK)
	reader.Call(t, http.MethodPost, "/api/v1/leads", map[string]any{"name": "x"}).Want(t, http.StatusForbidden)
	reader.Call(t, http.MethodGet, keys, nil).Want(t, http.StatusForbidden)
	if created := create(t, owner, "all", "*"); len(created.Permissions) != 1 {
		t.Errorf("key with all permissions: got %+v, want *", created)
	}
}

// TestARevokedKeyWorksNowhere asks a second process too, which remembers keys for a second and may take it that long.
func TestARevokedKeyWorksNowhere(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services)
		second := testkit.StartOn(t, services, testkit.WithoutEgress(p.Config.EncryptionKeys))
		owner := p.NewTenant(t, "business")
		oldest := create(t, owner, "oldest", "*")
		key := create(t, owner, "to be revoked", "*")
		newest := create(t, owner, "newest", "*")
		clients := []*testkit.Client{testkit.NewClient(p.URL, key.Key), testkit.NewClient(second.URL, key.Key)}
		for _, c := range clients {
			c.Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusOK)
		}

		started := time.Now().Add(-time.Second)
		owner.Call(t, http.MethodDelete, keys+"/"+key.ID, nil).Want(t, http.StatusNoContent)
		for i, c := range clients {
			if i > 0 {
				p.Await(t, "the other process to refuse the key", func() bool {
					return c.Call(t, http.MethodGet, "/api/v1/leads", nil).Status == http.StatusUnauthorized
				})
				// a second before the call, and two that are promised
				if took := time.Since(started); took > 3*time.Second {
					t.Errorf("other process: got the key accepted for %s, want at most 3 s", took)
				}
			}
			c.Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusUnauthorized)
			c.Call(t, http.MethodPost, "/api/v1/leads", map[string]any{"name": "x"}).Want(t, http.StatusUnauthorized)
			c.Call(t, http.MethodGet, "/api/v1/me", nil, "Authorization", "", "X-Api-Key", key.Key).
				Want(t, http.StatusUnauthorized)
		}

		list := testkit.Get[api.KeyList](t, owner, keys).Data
		if len(list) != 4 || list[0].ID != newest.ID || list[1].ID != key.ID || list[2].ID != oldest.ID {
			t.Fatalf("keys: got %+v, want the newest first", list)
		}
		revokedAt, err := list[1].RevokedAt.Get()
		if err != nil || revokedAt.Before(started) || revokedAt.After(time.Now().Add(time.Second)) ||
			!list[0].RevokedAt.IsNull() || !list[2].RevokedAt.IsNull() {
			t.Errorf("revoked at: got %s, %v, want the time of the call, for that key only", revokedAt, err)
		}
		owner.Call(t, http.MethodDelete, keys+"/"+key.ID, nil).Want(t, http.StatusNoContent)
		if again := testkit.Get[api.Key](t, owner, keys+"/"+key.ID).RevokedAt.MustGet(); !again.Equal(revokedAt) {
			t.Errorf("revoking again: got %s, want still %s", again, revokedAt)
		}
		testkit.NewClient(p.URL, newest.Key).Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusOK)
	})
}

func TestLiveAndTestKeysSeeNothingOfEachOther(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		live := p.NewTenant(t, "business")
		test := p.NewKey(t, testkit.TenantOf(t, live), "test", "*")
		receiver := testkit.NewReceiver(t, nil)
		sides := map[string]*testkit.Client{"live": live, "test": test}
		ids := map[string][]string{}
		for name, c := range sides {
			if !strings.HasPrefix(c.Key(), "hk_"+name+"_") {
				t.Errorf("key for %s: got %s, want hk_%s_", name, c.Key()[:12], name)
			}
			key := create(t, c, "of "+name, "read:leads")
			if string(key.Environment) != name || !strings.HasPrefix(key.Key, "hk_"+name+"_") {
				t.Errorf("key made by a %s key: got %+v, want the same environment", name, key)
			}
			hook := c.NewEndpoint(t, receiver.URL+"/"+name, nil)
			ids[name] = []string{"/api/v1/leads/" + c.NewLead(t, name+"@example.com").ID, keys + "/" + key.ID,
				"/api/v1/webhooks/" + hook.ID}
		}

		for name, c := range sides {
			other := map[string]string{"live": "test", "test": "live"}[name]
			for i, path := range ids[other] {
				c.Call(t, http.MethodGet, path, nil).Want(t, http.StatusNotFound)
				c.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNotFound)
				sides[other].Call(t, http.MethodGet, path, nil).Want(t, http.StatusOK)
				list := testkit.Get[struct{ Data []struct{ ID string } }](t, c, []string{"/api/v1/leads", keys,
					"/api/v1/webhooks"}[i])
				for _, item := range list.Data {
					if strings.HasSuffix(path, item.ID) {
						t.Errorf("list of the %s key: got %s, want none of the other environment", name, path)
					}
				}
			}
			if leads := testkit.Get[api.LeadList](t, c, "/api/v1/leads?email="+other+
				"@example.com"); leads.Meta.Total != 0 {
				t.Errorf("leads of the %s key: got %+v, want none of the other environment", name, leads)
			}
		}
		for range 2 {
			got := receiver.Next(t)
			if side := strings.TrimPrefix(got.Path, "/"); !strings.Contains(string(got.Body), `"`+side+
				`@example.com"`) {
				t.Errorf("endpoint for %s: got %s, want its lead only", side, got.Body)
			}
		}
		if n := len(live.Deliveries(t, "")) + len(test.Deliveries(t, "")); n != 2 {
			t.Errorf("deliveries: got %d, want 2", n)
		}
	})
}

func TestTheTimeOfLastUseIsSetByUse(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		owner := p.NewTenant(t, "business")
		key, idle := create(t, owner, "used", "read:leads"), create(t, owner, "idle", "read:leads")
		before := time.Now().Add(-time.Second)
		testkit.NewClient(p.URL, key.Key).Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusOK)
		used, err := testkit.Get[api.Key](t, owner, keys+"/"+key.ID).LastUsedAt.Get()
		if err != nil || used.Before(before) || used.After(time.Now().Add(time.Second)) {
			t.Errorf("last used at: got %s, %v, want the time of the call", used, err)
		}
		if got := testkit.Get[api.Key](t, owner, keys+"/"+idle.ID); !got.LastUsedAt.IsNull() {
			t.Errorf("unused key: got %+v, want no last use", got)
		}
	})
}
