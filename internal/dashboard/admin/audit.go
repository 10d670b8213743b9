package admin

import (
	"encoding/json"
	"net/http"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/operators"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

// auditShown is how many bytes of a thing are shown, before and after.
const auditShown = 16 << 10

// auditRow is an entry of the audit log.
type auditRow struct {
	operators.AuditEntry
	TenantName, Tenant string
	Environment        string
	Before, After      ui.Text
	Changed            bool
}

type auditList struct {
	Rows                          []auditRow
	Tenant, Action, Actor, Target string
	Fault                         string
	Pager                         inhouse.Pager
}

// Active reports whether the filter narrows the list.
func (l auditList) Active() bool {
	return l.Tenant != "" || l.Action != "" || l.Actor != "" || l.Target != ""
}

func shown(raw nullable.Nullable[json.RawMessage]) ui.Text {
	if text := inhouse.Or(raw); string(text) != "null" {
		return ui.Pretty(text, auditShown)
	}
	return ui.Text{}
}

func auditPage(v *visit) error {
	cursor := v.QueryParam("cursor")
	l := auditList{Tenant: v.Query("tenant_id"), Action: v.Query("action"), Actor: v.Query("actor_id"),
		Target: v.Query("target")}
	found, err := inhouse.Read[operators.AuditEntryList](v.Operators.ListAllAuditLog(v.Ctx,
		&operators.ListAllAuditLogParams{
			Cursor: inhouse.Opt[string](cursor), Limit: new(inhouse.AuditRows), TenantID: inhouse.Opt[string](l.Tenant),
			Action:  inhouse.Opt[string](l.Action),
			ActorID: inhouse.Opt[string](l.Actor), Target: inhouse.Opt[string](l.Target),
		}))
	if r, ok := inhouse.Invalid(err); ok {
		l.Fault = r.Message + r.Details()
		return v.render(http.StatusBadRequest, "audit", "Audit log", l)
	}
	if err != nil {
		return err
	}
	known, err := v.tenantNames(func(yield func(string) bool) {
		for _, e := range found.Data {
			if !yield(inhouse.Or(e.TenantID)) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	for _, e := range found.Data {
		r := auditRow{AuditEntry: e, Tenant: inhouse.Or(e.TenantID), TenantName: known[inhouse.Or(e.TenantID)],
			Environment: inhouse.Or(e.Environment), Before: shown(e.Before), After: shown(e.After)}
		r.Changed = r.Before.Text != "" || r.After.Text != ""
		l.Rows = append(l.Rows, r)
	}
	l.Pager = v.Pager(cursor, inhouse.CursorMeta(found.Meta))
	return v.render(http.StatusOK, "audit", "Audit log", l)
}
