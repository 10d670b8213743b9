package access_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

func TestAKeyCanBeMadeByItsNameAloneInEveryProfile(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, name := range profile.All() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			owner := p.NewOwner(t, name)
			ci := testkit.Post[api.KeyCreated](t, owner, keys, map[string]any{"name": "CI"}, http.StatusCreated)
			if ci.Role.IsNull() || ci.Role.MustGet() != "developer" ||
				!slices.Contains(ci.Permissions, "read:webhooks") ||
				slices.Contains(ci.Permissions, "write:keys") {
				t.Errorf("key with a name alone: got %+v, want the role developer", ci)
			}
			if ci.KeyPrefix == "" || !strings.HasPrefix(ci.Key, ci.KeyPrefix) ||
				name == "inboxops" && len(ci.KeyPrefix) != 8 {
				t.Errorf("key_prefix: got %q, want the first characters of the key", ci.KeyPrefix)
			}
			testkit.NewClient(p.URL, ci.Key).Call(t, http.MethodGet, "/api/v1/webhooks", nil).Want(t, http.StatusOK)
			less := create(t, owner, "less", "write:keys", "read:webhooks")
			least := testkit.Post[api.KeyCreated](t, testkit.NewClient(p.URL, less.Key), keys,
				map[string]any{"name": "CI"}, http.StatusCreated)
			if !least.Role.IsNull() || !slices.Equal(least.Permissions, []string{"read:webhooks"}) {
				t.Errorf("key made by a key that may read webhooks: got %+v, want no more", least)
			}
			none := create(t, owner, "none", "write:keys")
			testkit.NewClient(p.URL, none.Key).Call(t, http.MethodPost, keys, map[string]any{"name": "CI"}).
				Want(t, http.StatusBadRequest)
		})
	}
}

func TestATierIsComparedByItsRateWithThatOfThePlan(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, c := range []struct {
		profile  string
		requests int
		per      string
		status   int
	}{
		{"leadhooks", 1001, "hour", http.StatusCreated}, {"leadhooks", 20_000, "hour", http.StatusCreated},
		{"leadhooks", 20_001, "hour", http.StatusBadRequest}, {"leadhooks", 333, "minute", http.StatusCreated},
		{"leadhooks", 334, "minute", http.StatusBadRequest}, {"leadhooks", 1000, "minute", http.StatusBadRequest},
		{"hookline", 1000, "minute", http.StatusCreated}, {"hookline", 1001, "minute", http.StatusBadRequest},
		{"hookline", 60_000, "hour", http.StatusCreated}, {"hookline", 60_001, "hour", http.StatusBadRequest},
	} {
		owner := p.NewOwner(t, c.profile)
		a := owner.Call(t, http.MethodPost, keys, map[string]any{"name": "tier",
			"rate_limit": map[string]any{"requests": c.requests, "per": c.per}})
		if a.Status != c.status || a.Status == http.StatusBadRequest && !strings.Contains(string(a.Body), " per ") {
			t.Errorf("%d per %s in %s: got %d %s, want %d with the plan's limit", c.requests, c.per, c.profile,
				a.Status, a.Body, c.status)
		}
	}
}
