package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

// callsOfATenant is fewer requests than the smallest limit of a profile allows in a minute.
const callsOfATenant = 40

// TestATenantFindsTheOperationsOfItsProductAndNoOthers calls each operation as a tenant of each profile.
func TestATenantFindsTheOperationsOfItsProductAndNoOthers(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, name := range profile.All() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, _ := profile.Find(name)
			tenant := p.NewOwner(t, name)
			unknown := tenant.Call(t, http.MethodGet, "/api/v1/nothing", nil).Problem(t).Error.Message
			for i, o := range operations(t) {
				if o.Public || o.Stream || o.Permission == contract.Operator {
					continue
				}
				if i%callsOfATenant == 0 {
					tenant = p.NewOwner(t, name)
				}
				a := tenant.Call(t, o.methods, o.at("x"), o.body)
				missing := a.Status == http.StatusNotFound && a.Problem(t).Error.Message == unknown
				if missing == rules.Sells(o.Resource) {
					t.Errorf("%s of the resource %q: got %d %s, want it there: %t", o.OperationID, o.Resource, a.Status,
						a.Body, rules.Sells(o.Resource))
				}
			}
		})
	}
}

// TestATenantSeesTheEventTypesOfItsProductAndNoOthers also takes subscriptions and samples.
func TestATenantSeesTheEventTypesOfItsProductAndNoOthers(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, name := range profile.All() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, _ := profile.Find(name)
			tenant := p.NewOwner(t, name)
			var got, want []string
			for _, et := range testkit.Get[gen.EventTypeList](t, tenant, "/api/v1/event-types").Data {
				got = append(got, et.Type)
				for other := range et.Names {
					if other != name && name != profile.Default {
						t.Errorf("names of %s: got that of %s, want none of another profile", et.Type, other)
					}
				}
			}
			var foreign string
			for _, et := range testkit.Contract().EventTypes {
				if rules.Offers(et.Name, et.Resource) {
					want = append(want, rules.EventName(et.Name))
				} else if et.Resource != "" {
					foreign = et.Name
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if want = slices.Compact(want); !slices.Equal(got, want) {
				t.Errorf("event types: got %v, want %v", got, want)
			}
			if foreign == "" {
				return
			}
			a := tenant.Call(t, http.MethodPost, "/api/v1/webhooks", map[string]any{"url": "https://example.com/",
				"events": []string{foreign}})
			a.Want(t, http.StatusBadRequest)
			if !strings.Contains(string(a.Body), "events[0]") {
				t.Errorf("subscribing to %s: got %s, want events[0] refused", foreign, a.Body)
			}
			tenant.Call(t, http.MethodGet, "/api/v1/event-types/"+foreign, nil).Want(t, http.StatusNotFound)
		})
	}
}
