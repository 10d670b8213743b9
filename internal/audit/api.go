package audit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations on the audit log.
type API struct{ log *Log }

// NewAPI makes the API.
func NewAPI(log *Log) *API { return &API{log: log} }

// ListAuditLog implements the operation of the contract.
func (a *API) ListAuditLog(ctx context.Context, r api.ListAuditLogRequestObject) (api.ListAuditLogResponseObject,
	error) {
	l, err := wire.Log(r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}
	f := Filter{
		Action: wire.Or(r.Params.Action, ""), ActorID: wire.Or(r.Params.ActorID, ""), Target: wire.Or(r.Params.Target,
			""),
		From: wire.Or(r.Params.From, time.Time{}), To: wire.Or(r.Params.To, time.Time{}),
	}
	rows, next, err := a.log.List(ctx, principal.From(ctx).Scope, l, f)
	if err != nil {
		return nil, err
	}
	return api.ListAuditLog200JSONResponse(toWire(rows, next)), nil
}

// ListAllAuditLog implements the operation of the contract.
func (a *API) ListAllAuditLog(ctx context.Context,
	r api.ListAllAuditLogRequestObject) (api.ListAllAuditLogResponseObject, error) {
	l, err := wire.Log(r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}
	f := Filter{
		TenantID: wire.Or(r.Params.TenantID, ""), Action: wire.Or(r.Params.Action, ""),
		ActorID: wire.Or(r.Params.ActorID, ""), Target: wire.Or(r.Params.Target, ""),
		From: wire.Or(r.Params.From, time.Time{}), To: wire.Or(r.Params.To, time.Time{}),
	}
	rows, next, err := a.log.ListAll(ctx, l, f)
	if err != nil {
		return nil, err
	}
	return api.ListAllAuditLog200JSONResponse(toWire(rows, next)), nil
}

func toWire(rows []Entry, next *string) api.AuditEntryList {
	return api.AuditEntryList{Meta: api.CursorMeta{NextCursor: wire.Null(next)}, Data: wire.Map(rows,
		func(e Entry) api.AuditEntry {
			w := api.AuditEntry{
				ID: e.ID, TenantID: wire.Null(wire.Text(e.TenantID)),
				Environment: wire.Null(wire.Text(string(e.Environment))),
				Address:     e.Address, RequestID: e.RequestID, Action: e.Action, Target: e.Target,
				Before: nullable.NewNullableWithValue(json.RawMessage(e.Before)),
				After:  nullable.NewNullableWithValue(json.RawMessage(e.After)), CreatedAt: e.CreatedAt.Time,
			}
			w.Actor.Type, w.Actor.ID, w.Actor.Name = api.AuditEntryActorType(e.ActorType), e.ActorID, e.ActorName
			w.Actor.Role = wire.Null(wire.Text(e.ActorRole))
			return w
		})}
}
