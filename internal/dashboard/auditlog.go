package dashboard

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
)

func (d *Dashboard) registerAudit(e *echo.Echo) {
	d.get(e, "/app/audit", readAudit, auditPage)
}

// auditFilter is the filter of the audit log, as query parameters.
type auditFilter struct{ Action, Actor, Target, From, To string }

// Active reports whether the filter narrows the list.
func (f auditFilter) Active() bool { return f != auditFilter{} }

type auditRow struct {
	ID, Action   string
	Actor        string
	ActorID      string
	ActorKind    string
	ActorHref    string // the log of what it did
	Target       string
	TargetHref   string
	Environment  string
	Address      string
	RequestID    string
	Changes      []fieldChange
	Fresh, Ended bool // there was nothing before; there is nothing after
	At           time.Time
}

type auditList struct {
	Filter  auditFilter
	Fault   string
	Rows    []auditRow
	Pager   inhouse.Pager
	Actions []string
}

// auditPage is who changed what.
func auditPage(v *visit) error {
	f, cursor := auditFilter{v.Query("action"), v.Query("actor_id"), v.Query("target"), v.Query("from"), v.Query("to")},
		v.QueryParam("cursor")
	list := auditList{Filter: f, Actions: v.dashboard.options.Actions}
	from, err := inhouse.Moment(f.From)
	var to *time.Time
	if err == nil {
		to, err = inhouse.Moment(f.To)
	}
	var found api.AuditEntryList
	if err == nil {
		found, err = inhouse.Read[api.AuditEntryList](v.API.ListAuditLog(v.Ctx, &api.ListAuditLogParams{
			Cursor: inhouse.Opt[string](cursor), Limit: new(inhouse.AuditRows), Action: inhouse.Opt[string](f.Action),
			ActorID: inhouse.Opt[string](f.Actor),
			Target:  inhouse.Opt[string](f.Target), From: from, To: to,
		}))
	}
	if r, ok := inhouse.Invalid(err); ok {
		list.Fault = r.Message + r.Details()
		return v.render(http.StatusBadRequest, "audit", "Audit log", list)
	}
	if err != nil {
		return err
	}
	for _, e := range found.Data {
		list.Rows = append(list.Rows, auditRowOf(e))
	}
	list.Pager = v.Pager(cursor, found.Meta)
	return v.render(http.StatusOK, "audit", "Audit log", list)
}

// actorWords are the names of the kinds of actors.
var actorWords = map[api.AuditEntryActorType]string{
	"key": "API key", "operator": "operator", "member": "member", "session": "dashboard link", "system": "system",
}

func auditRowOf(e api.AuditEntry) auditRow {
	before, after := inhouse.Or(e.Before), inhouse.Or(e.After)
	r := auditRow{
		ID: e.ID, Action: e.Action, Actor: cmp.Or(e.Actor.Name, e.Actor.ID, actorWords[e.Actor.Type]),
		ActorID: e.Actor.ID, ActorKind: actorWords[e.Actor.Type],
		Target: e.Target, TargetHref: targetPath(e.Target), Environment: inhouse.Or(e.Environment), Address: e.Address,
		RequestID: e.RequestID,
		Changes:   differences(before, after), Fresh: missing(before), Ended: missing(after), At: e.CreatedAt,
	}
	if r.ActorID != "" {
		r.ActorHref = "/app/audit?" + url.Values{"actor_id": {r.ActorID}}.Encode()
	}
	return r
}

func missing(raw []byte) bool { return len(raw) == 0 || string(raw) == "null" }

// targetPath leads to the page of what was changed; empty where there is none.
func targetPath(id string) string {
	if strings.HasPrefix(id, "usr_") {
		return "/app/members/" + url.PathEscape(id)
	}
	if strings.HasPrefix(id, "evt_") {
		return ""
	}
	return idPath(id, false)
}
