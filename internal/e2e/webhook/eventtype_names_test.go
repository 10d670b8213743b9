package webhook_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// TestARefusedNameIsExplainedInTheWordsOfTheProduct names no other product, and nothing that its API refuses.
func TestARefusedNameIsExplainedInTheWordsOfTheProduct(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	const catalogue, reserved = "is a type of the catalogue", "is reserved"
	for _, c := range []struct {
		profile, name string
		status        int
		message       string
	}{
		{"hookline", "save_lead", 400, "is what the profile savelead calls"},
		{"hookline", "delivery.dead", 409, "delivery.dead " + reserved},
		{"inboxops", "save_lead", 400, reserved + "; take another name"},
		{"leadie", "new_lead", 400, reserved + "; take another name"},
		{"leadhooks", "save_lead", 400, reserved + "; take another name"},
		{"leadhooks", "new_lead", 409, "new_lead " + catalogue},
		{"savelead", "save_lead", 409, "save_lead " + catalogue},
		{"savelead", "delivery.dead", 409, "delivery.dead " + reserved},
		{"inboxops", "lead.created", 409, "lead.created " + reserved},
		{"leadmetrics", "ticket.created", 409, "ticket.created " + reserved},
		{"leadmetrics", "lead.created", 409, "lead.created " + catalogue},
	} {
		tenant := p.NewOwner(t, c.profile)
		a := tenant.Call(t, http.MethodPost, types, order(object{"type": c.name})).Want(t, c.status)
		if !strings.Contains(string(a.Body), c.message) {
			t.Errorf("%s under %s: got %s, want %q", c.name, c.profile, a.Body, c.message)
		}
		if c.message == "lead.created "+reserved {
			tenant.Call(t, http.MethodPatch, types+"/"+c.name, object{"description": "Mine"}).
				Want(t, http.StatusNotFound)
			tenant.Call(t, http.MethodDelete, types+"/"+c.name, nil).Want(t, http.StatusNotFound)
		}
	}
}

func TestASamplesKeyBeginsAsTheProductsKeysDo(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	for profile, prefix := range map[string]string{"hookline": "hk_live_", "leadmetrics": "lm_live_",
		"inboxops": "ixk_", "leadhooks": "wk_live_", "leadie": "ld_live_"} {
		a := p.NewOwner(t, profile).Call(t, http.MethodGet, types+"/key.leaked", nil).Want(t, http.StatusOK)
		if want := `"hint":"` + prefix; !strings.Contains(string(a.Body), want) {
			t.Errorf("sample of key.leaked under %s: got %s, want %s…", profile, a.Body, want)
		}
	}
}
