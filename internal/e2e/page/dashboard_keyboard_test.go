package page_test

import (
	"net/http"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// tabTo moves the focus with the Tab key to what a condition on el selects.
func (b *tab) tabTo(what, condition string) {
	b.t.Helper()
	for range 120 {
		b.keys("\t")
		if at, _ := js[bool](b, "((el) => "+condition+")(document.activeElement)"); at {
			return
		}
	}
	b.t.Fatalf("%s: got no focus on it with the Tab key, want it", what)
}

// enter presses Enter and waits for the page that follows.
func (b *tab) enter(where string) {
	b.t.Helper()
	if _, ok := js[bool](b, "delete document.documentElement.dataset.ready"); !ok {
		b.t.Fatal("page: got no script, want one")
	}
	b.keys("\r")
	b.await("document.documentElement.dataset.ready !== undefined && " + where)
}

func TestInTheBrowserADeliveryIsFoundAndReplayedByKeyboardAlone(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	bad := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) { w.WriteHeader(500) })
	tenant.NewEndpoint(t, bad.URL, map[string]any{"name": "Broken",
		"retry_policy": map[string]any{"initial": "1s", "max_attempts": 1}})
	tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, map[string]any{"name": "Warehouse"})
	tenant.NewLead(t, "ada@example.com")
	p.Await(t, "both deliveries", func() bool {
		c := p.Counts(t, tenant)
		return c["dead"] == 1 && c["succeeded"] == 1
	})
	bad.Next(t)
	b := openTab(t, p.URL)
	b.open(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	b.tabTo("Deliveries in the navigation", "el.closest('nav') && el.textContent.trim() === 'Deliveries'")
	b.enter("location.pathname === '/app/deliveries'")
	b.tabTo("the filter by status", "el.name === 'status'")
	for _, letter := range "dea" {
		b.keys(string(letter))
	}
	b.tabTo("the button of the filter", "el.closest('form.filter') && el.textContent.trim() === 'Show'")
	b.enter("location.search === '?status=dead' && document.querySelectorAll('tbody tr').length === 1")
	b.keys("j")
	b.await("document.activeElement.closest('tr') !== null")
	b.enter("location.pathname.startsWith('/app/deliveries/dlv_')")
	b.tabTo("the button that replays", "el.matches('main button') && el.textContent.trim().startsWith('Replay')")
	b.enter("document.body.innerText.includes('It is being sent again.')")
	bad.Next(t)
}
