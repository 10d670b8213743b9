package webhook_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// TestAnEchoOfAConsumerIsStoredWithoutItsSecrets because the answers are shown to all who may read deliveries.
func TestAnEchoOfAConsumerIsStoredWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		var signing string
		echo := testkit.NewReceiver(t, func(w http.ResponseWriter, r testkit.Received, _ int) {
			w.Header().Set("X-Authorization", r.Header.Get("Authorization"))
			raw, err := json.Marshal(r.Header)
			if err != nil {
				panic(err)
			}
			_, _ = fmt.Fprintf(w, "%s signed with %s", raw, signing)
		})
		tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"access_token":"s3cret/token","token_type":"bearer","expires_in":3600}`)
		}))
		t.Cleanup(tokens.Close)
		for name, settings := range map[string]object{
			"headers": {"headers": object{"Authorization": "Bearer s3cret/own", "X-Key": `s3cret"key`}},
			"basic":   {"auth": object{"type": "basic", "username": "ada", "password": "s3cret-password"}},
			"oauth2": {"auth": object{"type": "oauth2", "token_url": tokens.URL, "client_id": "c",
				"client_secret": "s3cret-client"}},
		} {
			settings["url"], settings["events"] = echo.URL, []string{"lead.created"}
			hook := testkit.Post[api.WebhookCreated](t, c, hooks, settings, http.StatusCreated)
			signing = hook.Secret
			tried := c.Call(t, http.MethodPost, hooks+"/"+hook.ID+"/test", object{}).Want(t, http.StatusOK)
			c.NewLead(t, name+"@example.com")
			var d api.DeliveryDetail
			p.Await(t, "the delivery", func() bool {
				for _, found := range c.Deliveries(t, "&status=succeeded&webhook_id="+hook.ID) {
					if !found.Test {
						d = c.Delivery(t, found.ID)
					}
				}
				return d.ID != ""
			})
			stored := d.Attempts[0]
			shown := map[string]string{"the test": string(tried.Body), "the attempt's body": stored.ResponseBody,
				"the attempt's headers": fmt.Sprint(stored.ResponseHeaders)}
			for where, text := range shown {
				for _, secret := range []string{"s3cret", "YWRhOnMzY3JldC1wYXNzd29yZA", hook.Secret,
					strings.TrimPrefix(hook.Secret, "whsec_")} {
					if strings.Contains(text, secret) {
						t.Errorf("%s in %s: got %q, want it masked: %s", name, where, secret, text)
					}
				}
			}
			if !strings.Contains(stored.ResponseBody, mask) || !strings.Contains(stored.ResponseBody, d.EventID) ||
				!strings.Contains(stored.ResponseHeaders["X-Authorization"], mask) {
				t.Errorf("%s: got %q and %v, want the echo with its secrets masked", name, stored.ResponseBody,
					stored.ResponseHeaders)
			}
			c.Call(t, http.MethodDelete, hooks+"/"+hook.ID, nil).Want(t, http.StatusNoContent)
		}
	})
}
