package page_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/pkg/webhook"
)

func TestInTheBrowserAlertsAreSetUpTestedSeenAndResolved(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	pager := testkit.NewReceiver(t, nil)
	b := openTab(t, p.URL)
	b.open(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	b.open("/app/alerts")
	b.sees("No channel yet")
	b.leave("Add a channel")
	b.check("type", "webhook")
	b.shoot("alert-channel-form")
	b.fill("target", pager.URL+"/s3cret")
	b.fill("name", "Pager")
	b.leave("Add the channel")
	b.sees("it is not shown again")
	secret, _ := js[string](b, "document.querySelector('.command code').textContent")
	b.shoot("alert-channel-secret")
	b.leave("I have stored it")
	b.leave("Send a test")
	b.sees("A test was sent to Pager.")
	got := pager.Next(t)
	if err := webhook.Verify(got.Header, got.Body, got.At, secret); err != nil {
		t.Errorf("test alert: got %v, want a request signed with the secret that the page showed", err)
	}

	bad := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) { w.WriteHeader(500) })
	tenant.NewEndpoint(t, bad.URL, map[string]any{"name": "CRM", "retry_policy": map[string]any{"initial": "1s",
		"max_attempts": 1}})
	tenant.NewLead(t, "ada@example.com")
	if body := string(pager.Next(t).Body); !strings.Contains(body, `"delivery.dead"`) {
		t.Errorf("alert: got %s, want one of a dead letter", body)
	}
	p.Await(t, "the record of the notification", func() bool {
		all := testkit.Get[api.AlertList](t, tenant, "/api/v1/alerts").Data
		return len(all) == 1 && all[0].Notifications[0].Status == api.AlertNotificationStatusSent
	})
	b.open("/app/alerts?state=open")
	b.sees("Deliveries to the endpoint CRM became dead letters")
	b.shoot("alerts")
	b.leave("Resolve")
	b.sees("The alert was resolved.")
	b.fill("disable_after_hours", "72")
	b.leave("Save")
	b.sees("Your changes were saved.")
	if s := testkit.Get[api.AlertSettings](t, tenant, "/api/v1/alert-settings"); s.DisableAfterHours != 72 {
		t.Errorf("settings: got %+v, want 72 hours", s)
	}
}

func TestAlertChannelsAreChangedAndDeletedAndAViewerOnlyReadsThem(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	id := testkit.TenantOf(t, tenant)
	slack := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) { w.WriteHeader(404) })
	owner, viewer := visit(t, p, id, map[string]any{"role": "owner"}), visit(t, p, id, map[string]any{"role": "viewer"})
	a := owner.post(t, "/app/alerts/channels/new", "/app/alerts/channels/new", url.Values{"type": {"slack"},
		"target": {"x"}, "name": {"Team"}, "enabled": {"1"}}, "2 fields need a change.", "choose at least one",
		`value="Team"`)
	if a.status != http.StatusBadRequest {
		t.Errorf("wrong form: got %d, want 400", a.status)
	}
	owner.post(t, "/app/alerts/channels/new", "/app/alerts/channels/new", url.Values{"type": {"slack"},
		"target": {slack.URL + "/s3cret"}, "name": {"Team"}, "enabled": {"1"}, "condition": {"delivery.dead"}},
		"The channel was added.")
	page := owner.get(t, "/app/alerts", "Team", "A delivery became a dead letter", slack.URL+"/********")
	path := regexp.MustCompile(`/app/alerts/channels/ach_[0-9a-z]+`).FindString(page)
	has(t, "the page after a test", owner.send(t, http.MethodPost, path+"/test", url.Values{"csrf_token": {
		regexp.MustCompile(`name="csrf_token" value="([^"]*)"`).FindStringSubmatch(page)[1]}}).body,
		"The test to Team was not sent: The address answered 404.")
	owner.post(t, "/app/alerts", "/app/alerts/settings", url.Values{"disable_after_hours": {"3"},
		"disable_failures": {"many"}}, "fields need a change.", `value="3"`, `value="many"`)
	owner.post(t, path, path, url.Values{"target": {slack.URL + "/********"}, "name": {"Everyone"},
		"condition": {"key.leaked"}}, "The channel was changed.", "Everyone", ">off<")

	viewer.get(t, "/app/alerts", "Everyone")
	if got := viewer.get(t, path, "disabled"); strings.Contains(got, "Delete…") {
		t.Errorf("channel for a viewer: got the control that deletes it, want none")
	}
	if got := viewer.post(t, path, path+"/delete",
		url.Values{"name": {"Everyone"}}); got.status != http.StatusForbidden {
		t.Errorf("deletion by a viewer: got %d, want 403", got.status)
	}
	owner.post(t, path+"/delete", path+"/delete", url.Values{"name": {"Everyone"}}, "The channel was deleted.",
		"No channel yet")
}

func TestTheSecretOfAWebhookChannelIsRotatedAndShownOnce(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	pager := testkit.NewReceiver(t, nil)
	made := testkit.Post[api.AlertChannelCreated](t, tenant, "/api/v1/alert-channels", map[string]any{
		"type": "webhook", "target": pager.URL, "name": "Pager"}, http.StatusCreated)
	slack := testkit.Post[api.AlertChannel](t, tenant, "/api/v1/alert-channels", map[string]any{
		"type": "slack", "target": pager.URL}, http.StatusCreated)
	id, path := testkit.TenantOf(t, tenant), "/app/alerts/channels/"+made.ID
	owner, viewer := visit(t, p, id, map[string]any{"role": "owner"}), visit(t, p, id, map[string]any{"role": "viewer"})
	owner.get(t, path, "Signing secret", path+"/rotate", "replace a lost one")
	for what, page := range map[string]string{"a viewer": viewer.get(t, path), "a Slack channel": owner.get(t,
		"/app/alerts/channels/"+slack.ID)} {
		if strings.Contains(page, "/rotate") {
			t.Errorf("page of %s: got a form that rotates the secret, want none", what)
		}
	}
	a := owner.post(t, path, path+"/rotate", url.Values{"grace": {"1h"}}, "This is the new secret.",
		"it is not shown again", "A previous secret is valid until")
	secret := regexp.MustCompile(`whsec_[0-9A-Za-z+/=]+`).FindString(html.UnescapeString(a.body))
	if page := owner.get(t, path); secret == "" || strings.Contains(page, "whsec_") {
		t.Errorf("page after the rotation: got a secret, or %q as the new one, want it shown once", secret)
	}
	testkit.Post[api.AlertTest](t, tenant, "/api/v1/alert-channels/"+made.ID+"/test", nil, http.StatusOK)
	got := pager.Next(t)
	for what, s := range map[string]string{"new": secret, "replaced": made.Secret.MustGet()} {
		if err := webhook.Verify(got.Header, got.Body, got.At, s); err != nil {
			t.Errorf("test alert after the rotation: got %v with the %s secret, want it verified", err, what)
		}
	}
	if a := owner.post(t, path, path+"/rotate", url.Values{"grace": {"8d"}}, "must be at most 7d",
		`value="Pager"`); a.status != http.StatusBadRequest {
		t.Errorf("wrong grace: got %d, want 400", a.status)
	}
}
