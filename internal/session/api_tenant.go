package session

import (
	"context"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/wire"
)

// ListSessions implements the operation of the contract.
func (a *API) ListSessions(ctx context.Context, r api.ListSessionsRequestObject) (api.ListSessionsResponseObject,
	error) {
	caller, p := principal.From(ctx), page.New(r.Params.Page, r.Params.PerPage)
	rows, total, err := a.store.List(ctx, AccessScopeOf(caller), wire.Or(r.Params.MemberID, ""), p)
	if err != nil {
		return nil, err
	}
	return api.ListSessions200JSONResponse{
		Data: wire.Map(rows, func(l Listed) api.Session { return l.toWire(caller) }), Meta: wire.PageMeta(p, total),
	}, nil
}

// EndSession implements the operation of the contract.
func (a *API) EndSession(ctx context.Context, r api.EndSessionRequestObject) (api.EndSessionResponseObject, error) {
	err := a.audit.DoIf(ctx, func(ctx context.Context) (audit.Change, bool, error) {
		before, after, err := a.store.Revoke(ctx, AccessScopeOf(principal.From(ctx)), r.SessionID)
		return audit.Change{Target: r.SessionID, Before: view(before), After: view(after)}, before.RevokedAt.IsZero(),
			err
	})
	if err != nil {
		return nil, err
	}
	return api.EndSession204Response{}, nil
}

func (l Listed) toWire(caller principal.Principal) api.Session {
	w := api.Session{
		ID: l.ID, Environment: api.Environment(l.Environment), OpenedBy: api.SessionOpenedBy(l.OpenedBy),
		Address: wire.Null(wire.Text(l.Address)), UserAgent: wire.Null(wire.Text(l.UserAgent)),
		CreatedAt: l.CreatedAt.Time, LastSeenAt: l.LastSeenAt.Time, ExpiresAt: l.ExpiresAt.Time,
		Current: l.ID == caller.SessionID,
	}
	w.Member.SetNull()
	if l.MemberID != "" {
		w.Member = nullable.NewNullableWithValue(struct {
			Email string `json:"email"`
			ID    string `json:"id"`
			Name  string `json:"name"`
		}{l.MemberEmail, l.MemberID, l.MemberName})
	}
	return w
}
