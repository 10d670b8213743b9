package dashboard

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/tenant"
)

// registerAccount adds what is about the organisation itself rather than about its webhooks.
func (d *Dashboard) registerAccount(e *echo.Echo) {
	d.registerCatalogue(e)
	d.registerOwnTypes(e)
	d.registerUsage(e)
	d.registerMembers(e)
	d.registerAudit(e)
	d.registerLook(e)
	d.registerSessions(e)
	d.get(e, "/app/settings", "", settingsPage)
	for from, to := range settingsPages {
		e.GET("/app/settings/"+from, func(c echo.Context) error { return c.Redirect(http.StatusSeeOther, to) })
	}
	d.post(e, "/app/settings/environment", "", switchEnvironment)
}

// settingsPages are pages that products' documents place under Settings.
var settingsPages = map[string]string{
	"api": "/app/keys", "api-keys": "/app/keys", "webhooks": "/app/endpoints", "integrations": "/app/endpoints",
	"integrations/webhooks": "/app/endpoints",
}

type settingsData struct {
	Name, ID, Plan, Profile string
	Credits, Limit          string
	KeyLive, KeyTest        string
	Entitlements            []entitlement
	Paused                  time.Time
	PausedWhy               string
	Environment             string
	Other                   string // the environment that the session may change to; empty when it may not
	Who                     string
	Role                    string
	Started, Expires        time.Time
	Permissions             []string
	Color                   string
	HasLogo                 bool
	Sessions                sessionList
}

func settingsPage(v *visit) error {
	t, s := v.Session.Tenant, v.Session.Session
	d := settingsData{
		Name: t.Name, ID: t.ID, Plan: t.Plan, Profile: t.Profile, Credits: ui.Count(plan.MonthlyCredits(t.Plan)),
		Paused: t.DeliveriesPausedAt.Time, PausedWhy: t.DeliveriesPausedReason, Environment: string(s.Environment),
		Started: s.CreatedAt.Time, Expires: s.ExpiresAt.Time, Permissions: v.Session.Capabilities,
		Color: t.Branding.V.Color, HasLogo: t.Branding.V.Logo != nil, Limit: limitText(t),
		Entitlements: entitlementsOf(t),
	}
	if p, ok := profile.Find(t.Profile); ok {
		d.KeyLive, d.KeyTest = p.Keys.Live, p.Keys.Test
	}
	if m := v.Session.Member; m != nil {
		d.Who, d.Role = m.Email, string(m.Role)
	}
	if s.MaySwitch {
		d.Other = string(principal.Test)
		if s.Environment == principal.Test {
			d.Other = string(principal.Live)
		}
	}
	var err error
	if d.Sessions, err = v.sessions(); err != nil {
		return err
	}
	return v.render(http.StatusOK, "settings", "Settings", d)
}

// limitText says how often the API may be called, and who shares that.
func limitText(t *tenant.Tenant) string {
	p, ok := profile.Find(t.Profile)
	if !ok {
		return ""
	}
	l := p.Calls.Limit
	if l == (ratelimit.Limit{}) {
		l = plan.Limit(t.Plan)
	}
	together := ""
	if all := p.Calls.TenantLimitOf(l, t.Plan, t.Overrides.V); all != (ratelimit.Limit{}) {
		together = ", and " + ui.Count(all.Requests) + " in any minute with all keys together"
	}
	period := "minute"
	if l.Window == time.Hour {
		period = "hour"
	}
	return ui.Count(l.Requests) + " requests in any " + period + " for each " + string(p.Calls.Subject) + together
}

func switchEnvironment(v *visit) error {
	to := principal.Environment(v.FormValue("environment"))
	err := v.dashboard.options.Doors.Switch(v, to)
	if p := (*problem.Error)(nil); errors.As(err, &p) {
		return &inhouse.Refusal{Status: p.Status(), Code: string(p.Code), Message: p.Message}
	}
	if err != nil {
		return err
	}
	back := v.FormValue("back")
	if back != "/app" && !strings.HasPrefix(back, "/app/") {
		back = "/app/settings"
	}
	return v.Back(back, string(to))
}
