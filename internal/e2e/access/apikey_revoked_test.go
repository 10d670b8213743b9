package access_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// TestChangesOfAKeyReachAnotherProcessWithinTwoSecondsWithoutRedis cuts both processes off from Redis first.
func TestChangesOfAKeyReachAnotherProcessWithinTwoSecondsWithoutRedis(t *testing.T) {
	t.Parallel()
	s := testkit.NewServices(t, testkit.Servers)
	proxy, redisURL := fake.NewProxy(t, s.RedisURL)
	s.RedisURL = redisURL
	first := testkit.StartOn(t, s)
	second := testkit.StartOn(t, s, testkit.WithKeys(first.Config.EncryptionKeys))
	owner := first.NewTenant(t, "business")
	revoked, narrowed := create(t, owner, "revoked", "*"), create(t, owner, "narrowed", "*")
	rotated := create(t, owner, "rotated", "*")
	proxy.Cut()

	const leads = "/api/v1/leads"
	for name, c := range map[string]struct {
		key    api.KeyCreated
		status int
		change func(t *testing.T) testkit.Answer
	}{
		"revoked": {revoked, http.StatusUnauthorized, func(t *testing.T) testkit.Answer {
			return owner.Call(t, http.MethodDelete, keys+"/"+revoked.ID, nil)
		}},
		"narrowed": {narrowed, http.StatusForbidden, func(t *testing.T) testkit.Answer {
			return owner.Call(t, http.MethodPatch, keys+"/"+narrowed.ID,
				map[string]any{"permissions": []string{"read:events"}})
		}},
		"rotated": {rotated, http.StatusUnauthorized, func(t *testing.T) testkit.Answer {
			return owner.Call(t, http.MethodPost, keys+"/"+rotated.ID+"/rotate", map[string]any{"grace": "0s"})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			here, there := testkit.NewClient(first.URL, c.key.Key), testkit.NewClient(second.URL, c.key.Key)
			here.Call(t, http.MethodGet, leads, nil).Want(t, http.StatusOK)
			there.Call(t, http.MethodGet, leads, nil).Want(t, http.StatusOK)
			if a := c.change(t); a.Status >= http.StatusBadRequest {
				t.Fatalf("status %d, want the change: %s", a.Status, a.Body)
			}
			changed := time.Now()
			here.Call(t, http.MethodGet, leads, nil).Want(t, c.status)
			second.Await(t, "the other process to know", func() bool {
				asked := time.Now()
				status := there.Call(t, http.MethodGet, leads, nil).Status
				if status == http.StatusOK && asked.Sub(changed) > 2*time.Second {
					t.Fatalf("the other process took the key %s after the change, want at most 2s", asked.Sub(changed))
				}
				return status == c.status
			})
		})
	}
}
