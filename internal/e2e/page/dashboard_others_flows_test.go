package page_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

func TestInTheBrowserDeadLettersAreReplayedTogetherAfterTheirCount(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	var mended atomic.Bool
	consumer := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		if !mended.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	tenant.NewEndpoint(t, consumer.URL, map[string]any{"retry_policy": map[string]any{"initial": "1s",
		"max_attempts": 1}})
	for _, email := range []string{"a@example.com", "b@example.com", "c@example.com"} {
		tenant.NewLead(t, email)
	}
	p.Await(t, "three dead letters", func() bool { return len(tenant.Deliveries(t, "&status=dead")) == 3 })
	b := openTab(t, p.URL)
	b.open(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	b.open("/app/dead-letters")
	b.leave("Replay all…")
	b.sees("Replay 3 dead letters?")
	if n := len(tenant.Deliveries(t, "&status=dead")); n != 3 {
		t.Errorf("dead letters after counting: got %d, want 3", n)
	}
	mended.Store(true)
	b.leave("Replay them")
	b.sees("3 of 3 done")
	b.shoot("job")
	p.Await(t, "three deliveries", func() bool { return len(tenant.Deliveries(t, "&status=succeeded")) == 3 })
	b.open("/app/dead-letters")
	b.sees("No dead letters")
}

func TestInTheBrowserALinkWithFewCapabilitiesOffersNoMore(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, map[string]any{"name": "CRM"})
	b := openTab(t, p.URL)
	link := portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"capabilities": []string{"read:webhooks",
		"read:deliveries"}}).URL
	b.open(link)
	if at, _ := js[string](b, "location.href"); strings.Contains(at, "once") {
		t.Errorf("address after the sign-in: got %s, want it without the token", at)
	}
	b.open("/app/endpoints")
	b.sees("CRM")
	for _, text := range []string{"Add an endpoint", "API keys", "Members", "Audit log", "Credits"} {
		if shown, _ := js[bool](b, "document.body.innerText.includes("+quoted(text)+")"); shown {
			t.Errorf("page: got %q on it, want it left out", text)
		}
	}
	b.leave("CRM")
	for _, text := range []string{"Rotate", "Delete this endpoint", "Send"} {
		if shown,
			_ := js[bool](b,
			"[...document.querySelectorAll('main button, main a')].some((el) => el.textContent.trim() === "+
				quoted(text)+")"); shown {
			t.Errorf("buttons and links: got %q, want it left out", text)
		}
	}
	b.allow("403")
	b.open("/app/keys")
	b.sees("You have no permission to do this")
	b.shoot("forbidden")
}

func TestInTheBrowserTheDocsPageTriesACall(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	b := openTab(t, p.URL)
	b.open("/docs/try")
	b.await("document.querySelector('.authorize')")
	press := func(selector string) {
		t.Helper()
		// A click that the page is slow to handle must not be made twice, so it is made later and noted at once.
		b.await("(window.pressed ??= {})[" + quoted(selector) + "] ||= (found => found && setTimeout(() => " +
			"found.click()))(document.querySelector(" + quoted(selector) + "))")
	}
	press(".authorize")
	b.await("document.querySelector('.auth-container input')")
	// The page is React's: a value that it is to notice is set as a person's typing does.
	typed, _ := js[bool](b, `(() => {
		const field = document.querySelector('.auth-container input');
		Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, `+quoted(tenant.Key())+`);
		return field.dispatchEvent(new Event('input', { bubbles: true }));
	})()`)
	if !typed {
		t.Fatal("key field: got none, want one to type in")
	}
	press(".auth-container .authorize")
	press(".auth-container .btn-done")
	press("#operations-tag-account")
	press("#operations-account-getMe .opblock-summary-control")
	press("#operations-account-getMe .execute")
	b.await("document.querySelector('#operations-account-getMe .live-responses-table')?.innerText.includes(" +
		quoted(testkit.TenantOf(t, tenant)) + ")")
	// What an operation and a webhook refer to is found, although each is resolved without the rest of the document.
	press("#operations-tag-leads")
	for _, id := range []string{"createLead", "onLeadCreated"} {
		block := "[id$='-" + id + "']"
		press(block + " .opblock-summary-control")
		b.await("document.querySelector(" + quoted(block) + ")?.innerText.includes('ada@example.com')")
		press(block + " button[data-name='model']")
		b.await("document.querySelector(" + quoted(block) + ")?.innerText.includes('LinkedIn profile')")
	}
	if unresolved, _ := js[bool](b, "!!document.querySelector('.errors-wrapper')"); unresolved {
		t.Error("docs page: got errors of resolving the document, want none")
	}
}

func TestInTheBrowserOperatorsSignInWithTheirKeyAndSeeAllTenants(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	id := testkit.TenantOf(t, tenant)
	b := openTab(t, p.URL)
	b.open("/admin/login")
	b.fill("key", p.Operator.Key())
	b.shoot("admin-login")
	b.leave("Sign in")
	b.sees("System health")
	for _, name := range []string{"", "/tenants", "/tenants/new", "/tenants/" + id, "/tenants/" + id + "/invoices",
		"/operator-keys", "/queues", "/dead-letters", "/audit-log"} {
		b.open("/admin" + name)
		b.shoot("admin" + strings.ReplaceAll(strings.ReplaceAll(name, id, "one"), "/", "-"))
	}
	b.open("/admin/tenants")
	b.sees(id)
}

func TestInTheBrowserAnOperatorMakesAKeyAndRecordsAnInvoiceThatIsPaid(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	id := testkit.TenantOf(t, p.NewTenant(t, "business"))
	b := openTab(t, p.URL)
	b.open("/admin/login")
	b.fill("key", p.Operator.Key())
	b.leave("Sign in")
	b.open("/admin/operator-keys")
	b.fill("name", "On-call")
	b.fill("role", "admin")
	b.leave("Create the key")
	b.sees("Store it now")
	b.shoot("admin-operator-key-shown-once")
	key, _ := js[string](b, "document.querySelector('.command code').textContent")
	operator := testkit.NewClient(p.URL, key)
	operator.Call(t, http.MethodGet, "/admin/v1/operator-keys", nil).Want(t, http.StatusOK)
	b.leave("I have stored it")
	b.shoot("admin-operator-keys-two")
	b.leave("Revoke") // the newest
	b.sees("Revoke the operator key On-call")
	b.shoot("admin-operator-key-revoke")
	if disabled, _ := js[bool](b, "document.querySelector('main button[type=submit]').disabled"); !disabled {
		t.Error("revoke button before the name is typed: got it enabled, want it disabled")
	}
	b.fill("name", "On-call")
	b.leave("Revoke the key")
	b.sees("The key was revoked")
	operator.Call(t, http.MethodGet, "/admin/v1/operator-keys", nil).Want(t, http.StatusUnauthorized)

	b.open("/admin/tenants/" + id + "/invoices")
	b.fill("number", "2026-117")
	b.fill("amount", "99.00")
	b.fill("currency", "eur")
	b.allow("400")
	b.leave("Record the invoice")
	b.sees("must be a whole number")
	b.shoot("admin-invoice-wrong")
	b.fill("amount", "9900")
	b.leave("Record the invoice")
	b.sees("The invoice was recorded.")
	b.shoot("admin-invoices")
	b.leave("Record as paid…")
	b.sees("This can't be taken back.")
	b.shoot("admin-invoice-pay")
	b.leave("Record as paid")
	b.sees("The invoice is recorded as paid")
}
