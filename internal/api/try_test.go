package api_test

import (
	"net/http"
	"slices"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

type object = map[string]any

// TestAllViolationsAreNamedAtOnce mixes, in one body, fields against the schema with fields against an operation's own
// rules.
func TestAllViolationsAreNamedAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		ticket := tenant.NewTicket(t, p.NewInbox(t, tenant, "Support").ID, nil)
		hook := tenant.NewEndpoint(t, "https://example.com", nil)
		key := testkit.Post[gen.KeyCreated](t, tenant, "/api/v1/keys", object{"name": "x", "role": "developer"},
			http.StatusCreated)
		lead := testkit.Post[gen.Lead](t, tenant, "/api/v1/leads", object{"email": "a@example.com"}, http.StatusCreated)
		count := func() int {
			total := 0
			for _, list := range []string{"webhooks", "keys", "leads", "audit-log", "alert-channels"} {
				total += len(testkit.Get[struct{ Data []any }](t, tenant, "/api/v1/"+list).Data)
			}
			return total
		}
		before := count()
		for _, c := range []struct {
			method, path string
			body         object
			want         []string
		}{
			{http.MethodPost, "/webhooks", object{"url": "ftp://example.com", "events": []string{"nope", "lead.*"},
				"bogus": 1, "rate_limit": -1, "filter": "1 +"},
				[]string{"bogus", "events[0]", "filter", "rate_limit", "url"}},
			{http.MethodPost, "/webhooks", object{"events": []string{"nope"}}, []string{"events[0]", "url"}},
			{http.MethodPatch, "/webhooks/" + hook.ID, object{"url": "ftp://example.com", "method": "BREW"},
				[]string{"method", "url"}},
			{http.MethodPut, "/webhooks/" + hook.ID, object{"url": "ftp://example.com", "events": []string{"*"},
				"enabled": 1}, []string{"enabled", "url"}},
			{http.MethodPatch, "/webhooks/" + hook.ID, object{"name": "renamed", "method": "BREW"}, []string{"method"}},
			{http.MethodPost, "/keys", object{"name": 5, "permissions": []string{"read:nothing"},
				"expires_at": "2001-01-01T00:00:00Z"}, []string{"expires_at", "name", "permissions[0]"}},
			{http.MethodPatch, "/keys/" + key.ID, object{"name": 5, "allowed_cidrs": []string{"x"}},
				[]string{"allowed_cidrs[0]", "name"}},
			{http.MethodPost, "/alert-channels", object{"type": "slack", "target": "nowhere", "enabled": 1},
				[]string{"enabled", "target"}},
			{http.MethodPost, "/keys", object{"name": "x", "permissions": []string{"read:nothing"},
				"user_id": "usr_01m8p15p1jfk58yk9g43e6m7e7"}, []string{"permissions[0]", "user_id"}},
			{http.MethodPost, "/tickets", object{"subject": 5, "inbox_id": "nowhere", "assignee_id": "nobody"},
				[]string{"assignee_id", "inbox_id", "subject"}},
			{http.MethodPost, "/tickets/" + ticket.ID + "/messages", object{"type": "outbound", "body_text": 5},
				[]string{"body_text", "type"}},
			{http.MethodPost, "/tickets/" + ticket.ID + "/messages", object{"type": "outbound"},
				[]string{"body_text", "type"}},
			{http.MethodPatch, "/leads/" + lead.ID, object{"status": "new", "score": "x"}, []string{"score"}},
			{http.MethodPost, "/leads", object{"email": "b@example.com", "score": "x"}, []string{"score"}},
			{http.MethodPost, "/webhooks", object{"url": "https://example.com", "events": []any{5, "nope"},
				"headers": object{"Host": "x", "A": 5}},
				[]string{"events[0]", "events[1]", "headers.A", "headers.Host"}},
			{http.MethodPost, "/webhooks", object{"url": "https://example.com", "events": []string{"*"},
				"auth": object{"type": "oauth2", "token_url": "ftp://x", "client_id": "a", "client_secret": "b",
					"zz": 1}},
				[]string{"auth.token_url", "auth.zz"}},
			{http.MethodPost, "/webhooks", object{"url": "https://example.com", "events": []string{"*"},
				"retry_policies": object{"nope": object{"max_attempts": 3}, "lead.created": object{"max_attempts": 0}}},
				[]string{"retry_policies.lead.created.max_attempts", "retry_policies.nope"}},
		} {
			for _, header := range [][]string{nil, {"Idempotency-Key", "once"}} {
				a := tenant.Call(t, c.method, "/api/v1"+c.path, c.body, header...)
				a.Want(t, http.StatusBadRequest)
				var got []string
				for _, d := range a.Problem(t).Error.Details {
					got = append(got, d.Field)
				}
				if slices.Sort(got); !slices.Equal(got, c.want) {
					t.Errorf("%s %s %v: got violations of %v, want of %v: %s", c.method, c.path, c.body, got,
						c.want, a.Body)
				}
			}
		}
		if after := count(); after != before {
			t.Errorf("rows after refused requests: got %d, want the %d from before", after, before)
		}
		if got := testkit.Get[gen.Webhook](t, tenant, "/api/v1/webhooks/"+hook.ID).Name; got != hook.Name {
			t.Errorf("name after a refused change: got %q, want %q", got, hook.Name)
		}
	})
}
