package dashboard

import (
	"net/http"
	"slices"
	"strings"

	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/tenant"
)

// entitlement is something that a plan may include.
type entitlement struct {
	Name, Text string
	Meanwhile  string // what happens while a tenant lacks it
	Has        bool
	Needs      string // the cheapest plan that brings it
	Off        bool   // the plan would bring it, but this tenant is refused it
}

var entitlementTexts = []entitlement{
	{Name: plan.PublicAPI, Text: "calling the API with keys",
		Meanwhile: "Calls with your API keys are rejected until then, and work again afterwards."},
	{Name: plan.Webhooks, Text: "endpoints that receive events",
		Meanwhile: "No event is lost: deliveries to your endpoints wait until then."},
}

// plans from the cheapest on.
var plans = []string{plan.Free, plan.Pro, plan.Business, plan.Enterprise}

// entitlementsOf are all that there are, with what a tenant has marked.
func entitlementsOf(t *tenant.Tenant) []entitlement {
	has, out := t.Entitlements(), slices.Clone(entitlementTexts)
	for i := range out {
		e := &out[i]
		e.Has = slices.Contains(has, e.Name)
		e.Off = !e.Has && plan.Includes(t.Plan, plan.Overrides{}, e.Name)
		for _, name := range slices.Backward(plans) {
			if plan.Includes(name, plan.Overrides{}, e.Name) {
				e.Needs = name
			}
		}
	}
	return out
}

// entitlementFor returns the entitlement that the contract requires of the operations with a permission.
func entitlementFor(permission string) string {
	switch _, resource, _ := strings.Cut(permission, ":"); resource {
	case "webhooks", "deliveries", "alerts":
		return plan.Webhooks
	}
	return plan.PublicAPI
}

// may reports whether the session has a permission, and can whether the plan includes it too.
func (v *visit) may(permission string) bool { return v.Session.Principal().Can(permission) }

func (v *visit) can(permission string) bool {
	return v.may(permission) && v.Session.Principal().Entitled(entitlementFor(permission))
}

// planGap is a part of the dashboard that the plan does not include.
type planGap struct {
	Section string // several things, in words; may be empty
	Plan    string
	entitlement
}

func (v *visit) planGap(section, permission string) planGap {
	name := entitlementFor(permission)
	all := entitlementsOf(v.Session.Tenant)
	at := slices.IndexFunc(all, func(e entitlement) bool { return e.Name == name })
	return planGap{section, v.Session.Tenant.Plan, all[at]}
}

// notInPlan is the page of a section that the plan does not include. It is no error: the navigation leads there.
func (v *visit) notInPlan(permission string) error {
	section := "Not in your plan"
	for _, s := range v.navigation() {
		for _, link := range s.Links {
			if link.Current {
				section = link.Text
			}
		}
	}
	return v.render(http.StatusOK, "notinplan", section, v.planGap("", permission))
}
