package admin

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/operators"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/session"
)

func (a *Admin) registerTenants(e *echo.Echo) {
	a.get(e, "/admin/tenants", "listTenants", tenantsPage)
	a.get(e, "/admin/tenants/new", "createTenant", newTenantPage)
	a.post(e, "/admin/tenants/new", "createTenant", createTenant)
	a.get(e, "/admin/tenants/:id", "getTenant", ofTenant(tenantPage))
	a.post(e, "/admin/tenants/:id", "updateTenant", ofTenant(updateTenant))
	a.get(e, "/admin/tenants/:id/pause", "pauseTenant", ofTenant(pausePage))
	a.post(e, "/admin/tenants/:id/pause", "pauseTenant", ofTenant(pauseTenant))
	a.post(e, "/admin/tenants/:id/unpause", "unpauseTenant", ofTenant(unpauseTenant))
	a.post(e, "/admin/tenants/:id/open", "createPortalSession", ofTenant(openTenant))
	a.get(e, "/admin/tenants/:id/keys", "listTenantKeys", ofTenant(tenantKeysPage))
	a.post(e, "/admin/tenants/:id/keys", "createTenantKey", ofTenant(createTenantKey))
	a.get(e, "/admin/tenants/:id/keys/:key/revoke", "revokeTenantKey", ofTenant(revokeTenantKey))
	a.post(e, "/admin/tenants/:id/keys/:key/revoke", "revokeTenantKey", ofTenant(revokeTenantKey))
	a.get(e, "/admin/tenants/:id/credits", "getTenantCredits", ofTenant(creditsPage))
	a.post(e, "/admin/tenants/:id/credits", "grantTenantCredits", ofTenant(grantCredits))
	a.get(e, "/admin/tenants/:id/members", "listTenantMembers", ofTenant(membersPage))
}

// Plans and profiles, and what a tenant may be given beyond its plan, as the contract names them.
var (
	plans    = []operators.Plan{operators.PlanFree, operators.PlanPro, operators.PlanBusiness, operators.PlanEnterprise}
	profiles = []operators.Profile{operators.ProfileHookline, operators.ProfileLeadmetrics, operators.ProfileInboxops,
		operators.ProfileLeadhooks, operators.ProfileLeadie, operators.ProfileSavelead}
	entitlements = []string{"public_api", "webhooks"}
	quotas       = plan.QuotaNames()
)

// tenantRow is a tenant as lists and the head of its pages show it.
type tenantRow struct {
	operators.Tenant
	Path           string
	Paused         time.Time
	PausedWhy      string
	Added, Removed []string // beyond the plan
	State          state
}

func tenantRowOf(t operators.Tenant) tenantRow {
	r := tenantRow{
		Tenant: t, Path: "/admin/tenants/" + url.PathEscape(t.ID), Paused: inhouse.Or(t.DeliveriesPausedSince),
		PausedWhy: inhouse.Or(t.DeliveriesPausedReason),
		State:     state{"active", "yes", ""},
	}
	if t.DeliveriesPaused {
		r.State = state{"deliveries paused", "no", r.PausedWhy}
	}
	for _, name := range slices.Sorted(maps.Keys(t.EntitlementOverrides)) {
		if t.EntitlementOverrides[name] {
			r.Added = append(r.Added, name)
		} else {
			r.Removed = append(r.Removed, name)
		}
	}
	return r
}

type tenantList struct {
	Rows                 []tenantRow
	Total                int
	Search, Plan, Paused string
	Plans                []operators.Plan
	Fault                string
	inhouse.Numbered
}

// Active reports whether the filter narrows the list.
func (l tenantList) Active() bool { return l.Search != "" || l.Plan != "" || l.Paused != "" }

func tenantsPage(v *visit) error {
	l := tenantList{Search: v.Query("q"), Plan: v.Query("plan"), Plans: plans,
		Paused: v.Choice("paused", "Paused", "yes", "no")}
	params := operators.ListTenantsParams{Page: new(v.Number()), PerPage: new(inhouse.PerPage),
		Q: inhouse.Opt[string](l.Search), Plan: inhouse.Opt[operators.Plan](l.Plan)}
	if l.Paused != "" {
		params.DeliveriesPaused = new(l.Paused == "yes")
	}
	found, err := inhouse.Read[operators.TenantList](v.Operators.ListTenants(v.Ctx, &params))
	if r, ok := inhouse.Invalid(err); ok {
		l.Fault = r.Message + r.Details()
		return v.render(http.StatusBadRequest, "tenants", "Tenants", l)
	}
	if err != nil {
		return err
	}
	l.Total, l.Numbered = found.Meta.Total, v.Numbered(inhouse.PageMeta(found.Meta))
	for _, t := range found.Data {
		l.Rows = append(l.Rows, tenantRowOf(t))
	}
	return v.render(http.StatusOK, "tenants", "Tenants", l)
}

type newTenant struct {
	inhouse.Form
	Plans    []operators.Plan
	Profiles []operators.Profile
}

func newTenantPage(v *visit) error {
	return v.render(http.StatusOK, "newtenant", "New tenant",
		newTenant{inhouse.Form{Values: url.Values{"plan": {"business"}}}, plans, profiles})
}

func createTenant(v *visit) error {
	t, err := inhouse.Read[operators.Tenant](v.Operators.CreateTenant(v.Ctx, nil, operators.TenantCreate{
		Name: v.Field("name"), Plan: inhouse.Opt[operators.Plan](v.Field("plan")),
		Profile: inhouse.Opt[operators.Profile](v.Field("profile")),
	}))
	if f, status, ok := v.Filled(err, nil); ok {
		return v.render(status, "newtenant", "New tenant", newTenant{f, plans, profiles})
	}
	if err != nil {
		return err
	}
	return v.Back("/admin/tenants/"+url.PathEscape(t.ID), "created")
}

// tenant is the data in the head of all pages of one tenant.
type tenantHead struct {
	Tenant tenantRow
	Tabs   []ui.Link
}

func (v *visit) tenant() (tenantHead, error) {
	t, err := inhouse.Read[operators.Tenant](v.Operators.GetTenant(v.Ctx, v.Param("id")))
	if err != nil {
		return tenantHead{}, err
	}
	h := tenantHead{Tenant: tenantRowOf(t)}
	for _, tab := range []ui.Link{{Text: "Overview"}, {Text: "API keys", Href: "/keys"},
		{Text: "Credits", Href: "/credits"}, {Text: "Invoices", Href: "/invoices"},
		{Text: "Members", Href: "/members"}} {
		tab.Href = h.Tenant.Path + tab.Href
		tab.Current = tab.Href == v.Request().URL.Path
		h.Tabs = append(h.Tabs, tab)
	}
	return h, nil
}

// ofTenant is a page of the tenant that its address names.
func ofTenant(page func(*visit, tenantHead) error) func(*visit) error {
	return func(v *visit) error {
		h, err := v.tenant()
		if err != nil {
			return err
		}
		return page(v, h)
	}
}

// quotaField is a quota, the plan's, and the tenant's own as a form has it; empty for none.
type quotaField struct {
	Name plan.QuotaName
	Plan int64
	Own  string
}

// override is an entitlement and whether a tenant has it beyond, or less than, its plan.
type override struct{ Name, Choice string }

// sessionRoles are the roles that an operator may take in a tenant's dashboard, least first.
var sessionRoles = []struct{ Role, Text string }{
	{"viewer", "Read only: no changes"},
	{"developer", "Developer: everything except keys and members"},
	{"admin", "Administer: everything"},
}

// tenantDetail is the page of one tenant.
type tenantDetail struct {
	tenantHead
	inhouse.Form
	Plans       []operators.Plan
	Overrides   []override
	Quotas      []quotaField
	Roles       []struct{ Role, Text string }
	Permissions []string
}

func (v *visit) showTenant(status int, h tenantHead, f inhouse.Form) error {
	d := tenantDetail{tenantHead: h, Form: f, Plans: plans, Roles: sessionRoles,
		Permissions: v.admin.options.Roles.Of(string(h.Tenant.Profile)).Known()}
	if d.Values == nil {
		d.Values = url.Values{"name": {h.Tenant.Name}, "plan": {string(h.Tenant.Plan)}, "role": {"viewer"},
			"environment": {"live"}}
	}
	for _, name := range entitlements {
		o := override{name, d.Value("entitlement." + name)}
		if has, set := h.Tenant.EntitlementOverrides[name]; set && !d.Values.Has("entitlement."+name) {
			o.Choice = map[bool]string{true: "yes", false: "no"}[has]
		}
		d.Overrides = append(d.Overrides, o)
	}
	for _, name := range quotas {
		q := quotaField{Name: name, Plan: plan.Quota(string(h.Tenant.Plan), plan.Overrides{}, name),
			Own: d.Value("quota." + string(name))}
		if n, set := h.Tenant.QuotaOverrides[string(name)]; set && !d.Values.Has("quota."+string(name)) {
			q.Own = strconv.FormatInt(n, 10)
		}
		d.Quotas = append(d.Quotas, q)
	}
	return v.render(status, "tenant", h.Tenant.Name, d)
}

func tenantPage(v *visit, h tenantHead) error {
	return v.showTenant(http.StatusOK, h, inhouse.Form{})
}

func updateTenant(v *visit, h tenantHead) error {
	overrides := map[string]bool{}
	for _, name := range entitlements {
		if choice := v.Field("entitlement." + name); choice != "" {
			overrides[name] = choice == "yes"
		}
	}
	own := inhouse.Body{}
	for _, name := range quotas {
		own.Integer(string(name), v.Field("quota."+string(name)))
	}
	body := inhouse.Body{"name": v.Field("name"), "entitlement_overrides": overrides, "quota_overrides": own}
	body.Text("plan", v.Field("plan"))
	_, err := inhouse.Read[operators.Tenant](v.Operators.UpdateTenantWithBody(v.Ctx, h.Tenant.ID, nil, inhouse.JSON,
		body.Reader()))
	if f, status, ok := v.Filled(err, nil); ok {
		return v.showTenant(status, h, f)
	}
	if err != nil {
		return err
	}
	return v.Back(h.Tenant.Path, "saved")
}

// pausing is the kill switch, in the one direction or the other.
type pausing struct {
	tenantHead
	inhouse.Form
	Wrong string
}

func (v *visit) showPause(status int, h tenantHead, f inhouse.Form, wrong string) error {
	title := "Pause deliveries"
	if h.Tenant.DeliveriesPaused {
		title = "Resume deliveries"
	}
	return v.render(status, "pause", title, pausing{h, f, wrong})
}

func pausePage(v *visit, h tenantHead) error {
	return v.showPause(http.StatusOK, h, inhouse.Form{}, "")
}

func pauseTenant(v *visit, h tenantHead) error {
	if v.FormValue("name") != h.Tenant.Name {
		return v.showPause(http.StatusUnprocessableEntity, h, inhouse.Form{Values: v.Request().PostForm},
			"This is not the name.")
	}
	_, err := inhouse.Read[operators.Tenant](v.Operators.PauseTenant(v.Ctx, h.Tenant.ID, nil,
		operators.TenantPause{Reason: inhouse.Opt[string](v.Field("reason"))}))
	if f, status, ok := v.Filled(err, nil); ok {
		return v.showPause(status, h, f, "")
	}
	if err != nil {
		return err
	}
	return v.Back(h.Tenant.Path, "paused")
}

func unpauseTenant(v *visit, h tenantHead) error {
	if v.FormValue("name") != h.Tenant.Name {
		return v.showPause(http.StatusUnprocessableEntity, h, inhouse.Form{Values: v.Request().PostForm},
			"This is not the name.")
	}
	if _, err := inhouse.Read[operators.Tenant](v.Operators.UnpauseTenant(v.Ctx, h.Tenant.ID, nil)); err != nil {
		return err
	}
	return v.Back(h.Tenant.Path, "resumed")
}

// portalLink is a link that is shown once.
type portalLink struct {
	tenantHead
	Session operators.PortalSession
}

// openTenant makes a session in the tenant's dashboard, and goes there or shows the link.
func openTenant(v *visit, h tenantHead) error {
	body := operators.PortalSessionCreate{Environment: environmentOf(v.FormValue("environment")),
		MemberID: inhouse.Opt[string](v.Field("member_id"))}
	if chosen := v.Request().PostForm["permission"]; v.FormValue("role") == "" {
		body.Capabilities = &chosen
	} else {
		body.Role = inhouse.Opt[operators.MemberRole](v.FormValue("role"))
	}
	s, err := inhouse.Read[operators.PortalSession](v.Operators.CreatePortalSession(v.Ctx, h.Tenant.ID, nil, body))
	if f, status, ok := v.Filled(err, nil); ok {
		f.Values.Set("name", h.Tenant.Name)
		f.Values.Set("plan", string(h.Tenant.Plan))
		return v.showTenant(status, h, f)
	}
	if err != nil {
		return err
	}
	if v.FormValue("do") == "link" {
		return v.render(http.StatusOK, "link", "Dashboard link", portalLink{h, s})
	}
	to, err := url.Parse(s.URL)
	if err != nil {
		return err
	}
	// The address that the operator uses, not the configured one: an installation may have several.
	return v.Redirect(http.StatusSeeOther, session.LoginPath+"?"+to.RawQuery)
}
