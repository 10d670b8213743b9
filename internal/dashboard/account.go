package dashboard

import (
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

const (
	readCredits  = "read:credits"
	readUsage    = "read:usage"
	readAudit    = "read:audit"
	readMembers  = "read:members"
	writeMembers = "write:members"
)

func (d *Dashboard) registerAccount(e *echo.Echo) {
	d.get(e, "/app/usage", readUsage, usagePage)
	d.get(e, "/app/audit", readAudit, auditPage)
	d.get(e, "/app/members", readMembers, membersPage)
	d.post(e, "/app/members", writeMembers, addMember)
	d.post(e, "/app/members/:id", writeMembers, changeMember)
	d.get(e, "/app/members/:id/remove", writeMembers, removeMemberPage)
	d.post(e, "/app/members/:id/remove", writeMembers, removeMember)
}

// usage is what was called and what it cost.
type usage struct {
	Plan       string
	Calls      int64
	Chart      ui.Bars
	Keys       []share
	Balance    int64
	Grant      int64
	Ledger     []ledgerRow
	Pager      pager
	MayCredits bool
}

type ledgerRow struct {
	Kind, Reason    string
	Amount, Balance int64
	At              time.Time
}

// usagePage shows the calls of the last thirty days by day and key, and the ledger of credits.
func usagePage(v *visit) error {
	u := usage{Plan: v.session.Tenant.Plan, MayCredits: v.can(readCredits)}
	found, err := read[client.Usage](v.api.GetUsage(v.ctx, &client.GetUsageParams{}))
	if err != nil {
		return err
	}
	u.Calls = found.Meta.Total
	first := found.Meta.From.Time
	days := make([][3]int, int(found.Meta.To.Sub(first)/(24*time.Hour))+1)
	byKey := map[string]int{}
	for _, c := range found.Data {
		calls := int(c.Calls)
		byKey[c.KeyID] += calls
		kind := 0
		if c.Status >= http.StatusBadRequest {
			kind = 1
		}
		if at := int(c.Date.Sub(first) / (24 * time.Hour)); at >= 0 && at < len(days) {
			days[at][kind] += calls
		}
	}
	u.Chart = ui.NewBars(len(days), func(i int) (time.Time, [3]int) { return first.AddDate(0, 0, i), days[i] }, 24*time.Hour)
	if u.Keys, err = v.keyShares(byKey); err != nil || !u.MayCredits {
		return v.renderOr(err, "usage", "Usage and credits", u)
	}
	cursor := v.QueryParam("cursor")
	credits, err := read[client.Credits](v.api.GetCredits(v.ctx, &client.GetCreditsParams{Cursor: opt[string](cursor), Limit: new(perPage)}))
	u.Balance, u.Grant, u.Pager = credits.Balance, credits.MonthlyGrant, v.pager(cursor, credits.Meta)
	for _, e := range credits.Data {
		u.Ledger = append(u.Ledger, ledgerRow{string(e.Kind), e.Reason, e.Amount, e.Balance, e.CreatedAt})
	}
	return v.renderOr(err, "usage", "Usage and credits", u)
}

func (v *visit) renderOr(err error, name, title string, data any) error {
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, name, title, data)
}

// keyShares are the calls by key, most first, with the names of those keys that the visitor may see.
func (v *visit) keyShares(byKey map[string]int) ([]share, error) {
	names := map[string]string{}
	if v.can(readKeys) {
		list, err := read[client.KeyList](v.api.ListKeys(v.ctx, &client.ListKeysParams{PerPage: new(nameLimit)}))
		if err != nil {
			return nil, err
		}
		for _, k := range list.Data {
			names[k.ID] = k.Name
		}
	}
	most := 1
	for _, n := range byKey {
		most = max(most, n)
	}
	var out []share
	for id, n := range byKey {
		name := names[id]
		if name == "" {
			name = id
		}
		out = append(out, share{Name: name, Kind: "type", Href: "/app/keys/" + id, Count: n, Width: 100 * float64(n) / float64(most)})
	}
	slices.SortFunc(out, func(a, b share) int { return b.Count - a.Count })
	return out[:min(len(out), 20)], nil
}

type auditList struct {
	Rows   []auditRow
	Action string
	Pager  pager
}

type auditRow struct {
	ID, Action, Who, Kind, Target, Address string
	At                                     time.Time
	Before, After                          ui.Text
}

func auditPage(v *visit) error {
	cursor := v.QueryParam("cursor")
	list := auditList{Action: strings.TrimSpace(v.QueryParam("action"))}
	found, err := read[client.AuditEntryList](v.api.ListAuditLog(v.ctx, &client.ListAuditLogParams{Cursor: opt[string](cursor), Limit: new(perPage), Action: opt[string](list.Action)}))
	for _, e := range found.Data {
		row := auditRow{ID: e.ID, Action: e.Action, Who: e.Actor.Name, Kind: string(e.Actor.Type), Target: e.Target, Address: e.Address, At: e.CreatedAt}
		if raw, err := e.Before.Get(); err == nil {
			row.Before = ui.Pretty(raw, maxEventData)
		}
		if raw, err := e.After.Get(); err == nil {
			row.After = ui.Pretty(raw, maxEventData)
		}
		list.Rows = append(list.Rows, row)
	}
	list.Pager = v.pager(cursor, found.Meta)
	return v.renderOr(err, "audit", "Audit log", list)
}

type memberList struct {
	Rows     []memberRow
	Roles    []client.MemberRole
	Values   url.Values
	Fields   map[string]string
	Fault    string
	MayWrite bool
}

// Value is what a field of the form holds.
func (l memberList) Value(name string) string { return l.Values.Get(name) }

type memberRow struct {
	ID, Name, Email string
	Role            client.MemberRole
	Seen, Created   time.Time
	Self            bool
}

var memberRoles = []client.MemberRole{"owner", "admin", "developer", "viewer"}

func (v *visit) showMembers(status int, list memberList) error {
	if v.session.Session.Environment != "live" { // members are the tenant's and belong to no test data
		return v.render(http.StatusOK, "message", "Members", message{
			Heading: "Members belong to the live environment", Text: "You are looking at test data. Sign in to the live environment to see and change members.",
			Back: ui.Link{Text: "Back to the overview", Href: "/app"},
		})
	}
	found, err := read[client.MemberList](v.api.ListMembers(v.ctx, &client.ListMembersParams{PerPage: new(nameLimit)}))
	if err != nil {
		return err
	}
	list.Roles, list.MayWrite = memberRoles, v.can(writeMembers)
	for _, m := range found.Data {
		list.Rows = append(list.Rows, memberRow{m.ID, m.Name, m.Email, m.Role, or(m.LastSignInAt), m.CreatedAt, v.session.Member != nil && v.session.Member.ID == m.ID})
	}
	return v.render(status, "members", "Members", list)
}

func membersPage(v *visit) error { return v.showMembers(http.StatusOK, memberList{}) }

func addMember(v *visit) error {
	f := v.Request().PostForm
	if _, err := mail.ParseAddress(strings.TrimSpace(f.Get("email"))); err != nil { // which the client would not send
		return v.membersAfter(f, &refusal{Status: http.StatusBadRequest, Message: "The form has a mistake:", Fields: map[string]string{"email": "is no email address"}}, "")
	}
	_, err := read[client.Member](v.api.CreateMember(v.ctx, nil, client.MemberCreate{
		Email: openapi_types.Email(strings.TrimSpace(f.Get("email"))), Name: strings.TrimSpace(f.Get("name")), Role: client.MemberRole(f.Get("role")),
	}))
	return v.membersAfter(f, err, "added")
}

func changeMember(v *visit) error {
	role := client.MemberRole(v.FormValue("role"))
	_, err := read[client.Member](v.api.UpdateMember(v.ctx, v.Param("id"), nil, client.MemberUpdate{Role: &role}))
	return v.membersAfter(url.Values{}, err, "member")
}

func (v *visit) membersAfter(form url.Values, err error, what string) error {
	if r, ok := invalid(err); ok {
		return v.showMembers(r.Status, memberList{Values: form, Fields: r.Fields, Fault: r.Message + r.details()})
	}
	if err != nil {
		return err
	}
	return v.back("/app/members", what)
}

func (v *visit) memberRemoval(wrong bool) error {
	m, err := read[client.Member](v.api.GetMember(v.ctx, v.Param("id")))
	if err != nil {
		return err
	}
	status := http.StatusOK
	if wrong {
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "confirm", "Remove a member", confirmation{
		Heading: "Remove " + m.Name, Name: m.Email, Button: "Remove the member", Action: "/app/members/" + url.PathEscape(m.ID) + "/remove", Back: "/app/members", Wrong: wrong,
		Text: "Sessions and keys of this member end at once. What the member made stays.",
	})
}

func removeMemberPage(v *visit) error { return v.memberRemoval(false) }

func removeMember(v *visit) error {
	m, err := read[client.Member](v.api.GetMember(v.ctx, v.Param("id")))
	if err != nil {
		return err
	}
	if v.FormValue("name") != m.Email {
		return v.memberRemoval(true)
	}
	_, err = read[struct{}](v.api.DeleteMember(v.ctx, m.ID, nil))
	return v.membersAfter(url.Values{}, err, "removed")
}
