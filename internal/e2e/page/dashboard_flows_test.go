package page_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

func TestInTheBrowserAnEndpointIsMadeTestedSeenFailingAndRepaired(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	var broken atomic.Bool
	consumer := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		if broken.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	b := openTab(t, p.URL)
	b.open(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"} /* without a user */).URL)
	b.sees("Your first webhook")
	b.shoot("overview-first")
	b.leave("Add an endpoint")
	b.fill("url", consumer.URL)
	b.fill("name", "CRM")
	b.check("event", "lead.*")
	b.unfold("Advanced")
	b.check("retry", "schedule")
	b.fill("schedule", "1s, 5m")
	b.press("Preview the schedule")
	b.sees("after 5 min 1 s")
	b.shoot("endpoint-form")
	b.leave("Create the endpoint")
	b.sees("The endpoint was created.")
	b.press("Send")
	b.sees("Succeeded.")
	b.shoot("endpoint")
	endpoint := b.path()

	broken.Store(true)
	b.open("/app/deliveries")
	b.sees("Live")
	b.sees("test") // marks the one that was sent
	tenant.NewLead(t, "ada@example.com")
	b.sees("503") // by itself
	b.shoot("deliveries")
	b.leave("lead.created")
	b.sees("Next attempt")
	b.shoot("delivery-retrying")
	tenant.Call(t, http.MethodPatch, "/api/v1/webhooks/"+strings.TrimPrefix(endpoint, "/app/endpoints/"),
		map[string]any{"retry_policy": map[string]any{"schedule": []string{"1s"}}}).Want(t, http.StatusOK)
	tenant.NewLead(t, "grace@example.com")
	b.open("/app/dead-letters")
	p.Await(t, "a dead letter", func() bool { return len(tenant.Deliveries(t, "&status=dead")) > 0 })
	b.open("/app/dead-letters")
	b.sees("lead.created")
	b.shoot("dead-letters")
	b.leave("Replay all…")
	b.sees("Nothing has been sent yet")
	b.shoot("dead-letters-confirm")
	b.open("/app/deliveries?status=dead")
	b.leave("lead.created")
	b.sees("Dead:")
	b.shoot("delivery-dead")
	broken.Store(false)
	b.leave("Replay")
	b.sees("It is being sent again.")
	b.sees("succeeded")
	b.shoot("delivery")
	b.open("/app")
	b.sees("Success rate")
	b.shoot("overview")
	b.open("/app/endpoints")
	b.sees("CRM")
	b.shoot("endpoints")
	b.open("/app/events")
	b.shoot("events")

	b.open(endpoint)
	b.leave("Delete this endpoint")
	b.shoot("confirm")
	if disabled, _ := js[bool](b, "document.querySelector('main button[type=submit]').disabled"); !disabled {
		t.Error("delete button before the name is typed: got it enabled, want it disabled")
	}
	b.fill("name", "CRM")
	b.leave("Delete the endpoint")
	b.sees("No endpoints yet")
}

func TestInTheBrowserAnEndpointsPageShowsItsStateWithoutAReload(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	hook := tenant.NewEndpoint(t, testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		w.WriteHeader(http.StatusGone)
	}).URL, nil)
	b := openTab(t, p.URL)
	b.open(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	b.open("/app/endpoints/" + hook.ID)
	b.sees("Live")
	tenant.NewLead(t, "ada@example.com")
	b.sees("This endpoint is disabled")
	b.await(`document.querySelector('#facts').innerText.includes('it answered 410 Gone')`)
}

func TestInTheBrowserAKeyIsMadeUsedRotatedAndRevoked(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	b := openTab(t, p.URL)
	b.open(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"capabilities": []string{"*"}}).URL)
	b.open("/app/keys")
	b.leave("New key")
	b.leave("Create the key") // without a name
	b.sees("must not be empty")
	b.allow("400")
	b.fill("name", "Backend")
	b.check("permission", "read:leads")
	b.check("permission", "write:leads")
	b.shoot("key-form")
	b.leave("Create the key")
	b.sees("Store it now")
	key := b.shown("hk_live_")
	b.shoot("key-shown-once")
	use := func(key string, status int) {
		t.Helper()
		testkit.NewClient(p.URL, key).Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, status)
	}
	use(key, http.StatusOK)
	b.leave("I have stored it")
	b.sees("Backend")
	b.shoot("key")
	first := b.path()

	b.fill("grace", "0s")
	b.leave("Rotate")
	b.sees("has stopped working")
	second := b.shown("hk_live_")
	use(second, http.StatusOK)
	p.Await(t, "the old key's end", func() bool {
		return testkit.NewClient(p.URL, key).Call(t, http.MethodGet, "/api/v1/leads",
			nil).Status == http.StatusUnauthorized
	})
	b.leave("I have stored it")
	if b.path() == first {
		t.Error("page after the rotation: got the old key, want the new one")
	}
	b.leave("Revoke this key")
	b.fill("name", "Backend")
	b.leave("Revoke the key")
	b.sees("The key was revoked")
	use(second, http.StatusUnauthorized)
	for _, name := range []string{"keys", "event-types", "event-types/lead.created", "credits", "usage", "members",
		"members/new", "audit", "settings"} {
		b.open("/app/" + name)
		b.shoot(strings.ReplaceAll(name, "/", "-"))
	}
}

// allow accepts console messages with the part, which the test causes.
func (b *tab) allow(part string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.allowed = append(b.allowed, part)
}

// shown is the key on the page.
func (b *tab) shown(prefix string) string {
	b.t.Helper()
	key, _ := js[string](b, "document.querySelector('.command code').textContent")
	if !strings.HasPrefix(key, prefix) {
		b.t.Fatalf("key on the page: got %q, want %s", key, prefix)
	}
	return key
}

func TestInTheBrowserTheKeyboardLeadsThroughLists(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	consumer := testkit.NewReceiver(t, nil)
	tenant.NewEndpoint(t, consumer.URL, nil)
	for _, email := range []string{"a@example.com", "b@example.com"} {
		tenant.NewLead(t, email)
		consumer.Next(t)
	}
	b := openTab(t, p.URL)
	b.open(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{}).URL)
	b.open("/app/deliveries")
	b.sees("Live")
	b.keys("/")
	b.await("document.activeElement.name === 'id'")
	b.keys("Escape")
	b.await("document.activeElement === document.body")
	b.keys("j")
	b.keys("j")
	b.await("document.querySelectorAll('tbody tr')[1].classList.contains('at')")
	b.keys("x")
	b.sees("Paused while rows are selected")
	b.sees("1 selected")
	tenant.NewLead(t, "c@example.com")
	consumer.Next(t)
	if rows, _ := js[int](b, "document.querySelectorAll('tbody tr').length"); rows != 2 {
		t.Errorf("rows while one is selected: got %d, want still 2", rows)
	}
	b.keys("Escape")
	b.await("document.querySelectorAll('tbody tr').length === 3")
	b.keys("?")
	b.await("document.getElementById('help').open")
	b.shoot("help")
	b.keys("Escape")
	b.await("!document.getElementById('help').open")
}
