package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

// keyRow is an API key as it is shown ever after: without its text.
type keyRow struct {
	client.Key
	Path                   string
	Used, Expires, Revoked time.Time
	Role                   string
	State                  state
	Works                  bool
}

func keyRowOf(path string, k client.Key, now time.Time) keyRow {
	r := keyRow{
		Key: k, Path: path + "/keys/" + url.PathEscape(k.ID), Used: or(k.LastUsedAt), Expires: or(k.ExpiresAt), Revoked: or(k.RevokedAt),
		Role: or(k.Role), State: state{"active", "yes", ""}, Works: true,
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
	form
	Environment  client.Environment
	Environments []ui.Link
	Rows         []keyRow
	numbered
}

func (v *visit) showKeys(status int, h tenantHead, f form, e client.Environment) error {
	found, err := inhouse.Read[client.KeyList](v.api.ListTenantKeys(v.ctx, h.Tenant.ID, &client.ListTenantKeysParams{
		Page: new(v.number()), PerPage: new(perPage), Environment: &e,
	}))
	if err != nil {
		return err
	}
	l := tenantKeys{tenantHead: h, form: f, Environment: e, numbered: v.numbered(found.Meta)}
	for _, name := range []client.Environment{client.EnvironmentLive, client.EnvironmentTest} {
		l.Environments = append(l.Environments, ui.Link{Text: string(name), Href: h.Tenant.Path + "/keys?environment=" + string(name), Current: name == e})
	}
	for _, k := range found.Data {
		l.Rows = append(l.Rows, keyRowOf(h.Tenant.Path, k, time.Now()))
	}
	return v.render(status, "keys", h.Tenant.Name+": API keys", l)
}

func tenantKeysPage(v *visit) error {
	h, err := v.tenant()
	if err != nil {
		return err
	}
	return v.showKeys(http.StatusOK, h, form{}, environmentOf(v.QueryParam("environment")))
}

// madeKey is the one page that shows a key's text.
type madeKey struct {
	Name, Key, Tenant, Back string
}

func createTenantKey(v *visit) error {
	h, err := v.tenant()
	if err != nil {
		return err
	}
	e := environmentOf(v.FormValue("environment"))
	made, err := inhouse.Read[client.KeyCreated](v.api.CreateTenantKey(v.ctx, h.Tenant.ID, nil, client.TenantKeyCreate{
		Name: v.field("name"), Environment: e, Role: inhouse.Opt[client.KeyRole](v.field("role")), UserID: inhouse.Opt[string](v.field("user_id")),
	}))
	if f, status, ok := v.filled(err); ok {
		return v.showKeys(status, h, f, e)
	}
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "newkey", "A new API key", madeKey{made.Name, made.Key, h.Tenant.Name, h.Tenant.Path + "/keys?environment=" + string(e)})
}

// key finds a key of the tenant.
func (v *visit) key(h tenantHead) (client.Key, error) {
	e := environmentOf(v.QueryParam("environment"))
	for number := 1; ; number++ {
		found, err := inhouse.Read[client.KeyList](v.api.ListTenantKeys(v.ctx, h.Tenant.ID, &client.ListTenantKeysParams{Page: &number, PerPage: new(100), Environment: &e}))
		if err != nil {
			return client.Key{}, err
		}
		for _, k := range found.Data {
			if k.ID == v.Param("key") {
				return k, nil
			}
		}
		if number*100 >= found.Meta.Total {
			return client.Key{}, errMissing
		}
	}
}

// confirmation asks for a name to be typed before something is done.
type confirmation struct {
	Heading, Text, Name, Button, Action, Back string
	Wrong                                     bool
}

func (v *visit) confirm(c confirmation) error {
	status := http.StatusOK
	if c.Wrong {
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "confirm", c.Heading, c)
}

func (v *visit) revocation(wrong bool) error {
	h, err := v.tenant()
	if err != nil {
		return err
	}
	k, err := v.key(h)
	if err != nil {
		return err
	}
	query := "?environment=" + string(k.Environment)
	return v.confirm(confirmation{
		Heading: "Revoke " + k.Name + " of " + h.Tenant.Name, Name: k.Name, Button: "Revoke the key", Wrong: wrong,
		Action: h.Tenant.Path + "/keys/" + url.PathEscape(k.ID) + "/revoke" + query, Back: h.Tenant.Path + "/keys" + query,
		Text: "It begins with " + k.Hint + ". Whatever uses it is refused at once. This can't be undone; a new key can be made.",
	})
}

func revokeTenantKeyPage(v *visit) error { return v.revocation(false) }

func revokeTenantKey(v *visit) error {
	h, err := v.tenant()
	if err != nil {
		return err
	}
	k, err := v.key(h)
	if err != nil {
		return err
	}
	if v.FormValue("name") != k.Name {
		return v.revocation(true)
	}
	if _, err := inhouse.Read[struct{}](v.api.RevokeTenantKey(v.ctx, h.Tenant.ID, k.ID, nil)); err != nil {
		return err
	}
	return v.Redirect(http.StatusSeeOther, h.Tenant.Path+"/keys?done=revoked&environment="+string(k.Environment))
}

type creditRow struct {
	client.CreditEntry
	User string
}

type tenantCredits struct {
	tenantHead
	form
	Balance, Monthly int64
	Rows             []creditRow
	Pager            pager
}

func (v *visit) showCredits(status int, h tenantHead, f form) error {
	cursor := v.QueryParam("cursor")
	found, err := inhouse.Read[client.Credits](v.api.GetTenantCredits(v.ctx, h.Tenant.ID, &client.GetTenantCreditsParams{Cursor: inhouse.Opt[string](cursor), Limit: new(perPage)}))
	if err != nil {
		return err
	}
	c := tenantCredits{tenantHead: h, form: f, Balance: found.Balance, Monthly: found.MonthlyGrant, Pager: v.pager(cursor, found.Meta)}
	for _, e := range found.Data {
		c.Rows = append(c.Rows, creditRow{e, or(e.UserID)})
	}
	return v.render(status, "credits", h.Tenant.Name+": credits", c)
}

func creditsPage(v *visit) error {
	h, err := v.tenant()
	if err != nil {
		return err
	}
	return v.showCredits(http.StatusOK, h, form{})
}

func grantCredits(v *visit) error {
	h, err := v.tenant()
	if err != nil {
		return err
	}
	amount, err := strconv.ParseInt(v.field("amount"), 10, 64)
	if err != nil {
		return v.showCredits(http.StatusBadRequest, h, form{Values: v.Request().PostForm, Fields: map[string]string{"amount": "must be a whole number"}, Fault: "The form has a mistake."})
	}
	_, err = inhouse.Read[client.CreditEntry](v.api.GrantTenantCredits(v.ctx, h.Tenant.ID, nil, client.CreditGrant{Amount: amount, Reason: v.field("reason")}))
	if f, status, ok := v.filled(err); ok {
		return v.showCredits(status, h, f)
	}
	if err != nil {
		return err
	}
	return v.back(h.Tenant.Path+"/credits", "granted")
}

type invoiceRow struct {
	client.Invoice
	Price            string
	Paid, Start, End time.Time
	External         string
}

type tenantInvoices struct {
	tenantHead
	Rows   []invoiceRow
	Status string
	numbered
}

func invoicesPage(v *visit) error {
	h, err := v.tenant()
	if err != nil {
		return err
	}
	l := tenantInvoices{tenantHead: h}
	if s := v.query("status"); s == "open" || s == "paid" {
		l.Status = s
	}
	found, err := inhouse.Read[client.InvoiceList](v.api.ListInvoices(v.ctx, h.Tenant.ID, &client.ListInvoicesParams{
		Page: new(v.number()), PerPage: new(perPage), Status: inhouse.Opt[client.InvoiceStatus](l.Status),
	}))
	if err != nil {
		return err
	}
	l.numbered = v.numbered(found.Meta)
	for _, i := range found.Data {
		l.Rows = append(l.Rows, invoiceRow{Invoice: i, Price: price(i.Amount, i.Currency), Paid: or(i.PaidAt), Start: or(i.PeriodStart), End: or(i.PeriodEnd), External: or(i.ExternalID)})
	}
	return v.render(http.StatusOK, "invoices", h.Tenant.Name+": invoices", l)
}

// price is an amount in the smallest unit of its currency, which is said, since how many make up a whole differs.
func price(amount int64, currency string) string {
	return strconv.FormatInt(amount, 10) + " " + currency
}

type memberRow struct {
	client.Member
	Seen time.Time
}

type tenantMembers struct {
	tenantHead
	Rows []memberRow
	numbered
}

func membersPage(v *visit) error {
	h, err := v.tenant()
	if err != nil {
		return err
	}
	found, err := inhouse.Read[client.MemberList](v.api.ListTenantMembers(v.ctx, h.Tenant.ID, &client.ListTenantMembersParams{Page: new(v.number()), PerPage: new(perPage)}))
	if err != nil {
		return err
	}
	l := tenantMembers{tenantHead: h, numbered: v.numbered(found.Meta)}
	for _, m := range found.Data {
		l.Rows = append(l.Rows, memberRow{m, or(m.LastSignInAt)})
	}
	return v.render(http.StatusOK, "members", h.Tenant.Name+": members", l)
}
