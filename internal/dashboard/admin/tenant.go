package admin

import (
	"net/http"
	"net/url"
	"time"

	"github.com/hookline/hookline/gen/operators"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

// keyRow is an API key as it is shown after its creation: without its secret text.
type keyRow struct {
	operators.Key
	Path                   string
	Used, Expires, Revoked time.Time
	Role                   string
	State                  state
	Works                  bool
}

func keyRowOf(path string, k operators.Key, now time.Time) keyRow {
	r := keyRow{
		Key: k, Path: path + "/keys/" + url.PathEscape(k.ID), Used: inhouse.Or(k.LastUsedAt),
		Expires: inhouse.Or(k.ExpiresAt), Revoked: inhouse.Or(k.RevokedAt),
		Role: inhouse.Or(k.Role), State: state{"active", "yes", ""}, Works: true,
	}
	switch {
	case !r.Revoked.IsZero():
		r.State, r.Works = state{"revoked", "no", ""}, false
	case !r.Expires.IsZero() && r.Expires.Before(now):
		r.State, r.Works = state{"expired", "no", ""}, false
	}
	return r
}

type tenantKeys struct {
	tenantHead
	inhouse.Form
	Environment  operators.Environment
	Environments []ui.Link
	Rows         []keyRow
	inhouse.Numbered
}

func (v *visit) showKeys(status int, h tenantHead, f inhouse.Form, e operators.Environment) error {
	found, err := inhouse.Read[operators.KeyList](v.Operators.ListTenantKeys(v.Ctx, h.Tenant.ID,
		&operators.ListTenantKeysParams{
			Page: new(v.Number()), PerPage: new(inhouse.PerPage), Environment: &e,
		}))
	if err != nil {
		return err
	}
	l := tenantKeys{tenantHead: h, Form: f, Environment: e, Numbered: v.Numbered(inhouse.PageMeta(found.Meta))}
	for _, name := range []operators.Environment{operators.EnvironmentLive, operators.EnvironmentTest} {
		l.Environments = append(l.Environments, ui.Link{Text: string(name), Href: h.Tenant.Path + "/keys?environment=" +
			string(name), Current: name == e})
	}
	for _, k := range found.Data {
		l.Rows = append(l.Rows, keyRowOf(h.Tenant.Path, k, time.Now()))
	}
	return v.render(status, "keys", h.Tenant.Name+": API keys", l)
}

func tenantKeysPage(v *visit, h tenantHead) error {
	return v.showKeys(http.StatusOK, h, inhouse.Form{}, environmentOf(v.QueryParam("environment")))
}

// madeKey is the one page that shows a key's text.
type madeKey struct {
	Name, Key, What, Back string
}

func createTenantKey(v *visit, h tenantHead) error {
	e := environmentOf(v.FormValue("environment"))
	made, err := inhouse.Read[operators.KeyCreated](v.Operators.CreateTenantKey(v.Ctx, h.Tenant.ID, nil,
		operators.TenantKeyCreate{
			Name: v.Field("name"), Environment: e, Role: inhouse.Opt[operators.KeyRole](v.Field("role")),
			UserID: inhouse.Opt[string](v.Field("user_id")),
		}))
	if f, status, ok := v.Filled(err, nil); ok {
		return v.showKeys(status, h, f, e)
	}
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "newkey", "A new API key", madeKey{made.Name, made.Key, "A key of " + h.Tenant.Name +
		".", h.Tenant.Path + "/keys?environment=" + string(e)})
}

// key finds a key of the tenant.
func (v *visit) key(h tenantHead) (operators.Key, error) {
	e := environmentOf(v.QueryParam("environment"))
	return find(func(number int) ([]operators.Key, operators.PageMeta, error) {
		l, err := inhouse.Read[operators.KeyList](v.Operators.ListTenantKeys(v.Ctx, h.Tenant.ID,
			&operators.ListTenantKeysParams{Page: &number, PerPage: new(mostRows), Environment: &e}))
		return l.Data, l.Meta, err
	}, func(k operators.Key) bool { return k.ID == v.Param("key") })
}

// revokeTenantKey asks for the key's name, and revokes it after the visitor typed it.
func revokeTenantKey(v *visit, h tenantHead) error {
	k, err := v.key(h)
	if err != nil {
		return err
	}
	query := "?environment=" + string(k.Environment)
	c := inhouse.Confirmation{
		Heading: "Revoke " + k.Name + " of " + h.Tenant.Name, Name: k.Name, Button: "Revoke the key",
		Action: h.Tenant.Path + "/keys/" + url.PathEscape(k.ID) + "/revoke" + query, Back: h.Tenant.Path + "/keys" +
			query,
		Text: "It begins with " + k.Hint +
			". Requests with it are rejected at once. This can't be undone; you can create a new key.",
	}
	if !v.Confirmed(&c) {
		return v.confirm(c)
	}
	if _, err := inhouse.Read[struct{}](v.Operators.RevokeTenantKey(v.Ctx, h.Tenant.ID, k.ID, nil)); err != nil {
		return err
	}
	return v.Redirect(http.StatusSeeOther, h.Tenant.Path+"/keys?done=revoked&environment="+string(k.Environment))
}

type creditRow struct {
	operators.CreditEntry
	User string
}

type tenantCredits struct {
	tenantHead
	inhouse.Form
	UserID           string // whose they are; empty for the tenant's
	Balance, Monthly int64
	Rows             []creditRow
	Pager            inhouse.Pager
}

func (v *visit) showCredits(status int, h tenantHead, f inhouse.Form) error {
	cursor, userID := v.QueryParam("cursor"), v.QueryParam("user_id")
	found, err := inhouse.Read[operators.Credits](v.Operators.GetTenantCredits(v.Ctx, h.Tenant.ID,
		&operators.GetTenantCreditsParams{Cursor: inhouse.Opt[string](cursor), Limit: new(inhouse.PerPage),
			UserID: inhouse.Opt[string](userID)}))
	if err != nil {
		return err
	}
	c := tenantCredits{tenantHead: h, Form: f, UserID: userID, Balance: found.Balance, Monthly: found.MonthlyGrant,
		Pager: v.Pager(cursor, inhouse.CursorMeta(found.Meta))}
	for _, e := range found.Data {
		c.Rows = append(c.Rows, creditRow{e, inhouse.Or(e.UserID)})
	}
	return v.render(status, "credits", h.Tenant.Name+": credits", c)
}

func creditsPage(v *visit, h tenantHead) error {
	return v.showCredits(http.StatusOK, h, inhouse.Form{})
}

func grantCredits(v *visit, h tenantHead) error {
	body := inhouse.Body{}
	body.Integer("amount", v.Field("amount"))
	body.Text("reason", v.Field("reason"))
	body.Text("user_id", v.QueryParam("user_id"))
	_, err := inhouse.Read[operators.CreditEntry](v.Operators.GrantTenantCreditsWithBody(v.Ctx, h.Tenant.ID, nil,
		inhouse.JSON, body.Reader()))
	if f, status, ok := v.Filled(err, nil); ok {
		return v.showCredits(status, h, f)
	}
	if err != nil {
		return err
	}
	if userID := v.QueryParam("user_id"); userID != "" {
		return v.Redirect(http.StatusSeeOther, h.Tenant.Path+"/credits?done=granted&user_id="+url.QueryEscape(userID))
	}
	return v.Back(h.Tenant.Path+"/credits", "granted")
}

type memberRow struct {
	operators.Member
	Seen time.Time
}

type tenantMembers struct {
	tenantHead
	Rows []memberRow
	inhouse.Numbered
}

func membersPage(v *visit, h tenantHead) error {
	found, err := inhouse.Read[operators.MemberList](v.Operators.ListTenantMembers(v.Ctx, h.Tenant.ID,
		&operators.ListTenantMembersParams{Page: new(v.Number()), PerPage: new(inhouse.PerPage)}))
	if err != nil {
		return err
	}
	l := tenantMembers{tenantHead: h, Numbered: v.Numbered(inhouse.PageMeta(found.Meta))}
	for _, m := range found.Data {
		l.Rows = append(l.Rows, memberRow{m, inhouse.Or(m.LastSignInAt)})
	}
	return v.render(http.StatusOK, "members", h.Tenant.Name+": members", l)
}
