package tag

import (
	"context"
	"strings"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations on tags.
type API struct{ store *Store }

// NewAPI makes the API.
func NewAPI(store *Store) *API { return &API{store: store} }

// ListTags implements the operation of the contract.
func (a *API) ListTags(ctx context.Context, r api.ListTagsRequestObject) (api.ListTagsResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	rows, total, err := a.store.List(ctx, principal.From(ctx).Scope, p)
	if err != nil {
		return nil, err
	}
	return api.ListTags200JSONResponse{Data: wire.Map(rows, toWire), Meta: wire.PageMeta(p, total)}, nil
}

// ListTicketTags implements the operation of the contract.
func (a *API) ListTicketTags(ctx context.Context, r api.ListTicketTagsRequestObject) (api.ListTicketTagsResponseObject,
	error) {
	rows, err := a.store.Of(ctx, principal.From(ctx).Scope, r.TicketID)
	if err != nil {
		return nil, err
	}
	return api.ListTicketTags200JSONResponse{Data: wire.Map(rows, toWire)}, nil
}

// AddTicketTag implements the operation of the contract.
func (a *API) AddTicketTag(ctx context.Context, r api.AddTicketTagRequestObject) (api.AddTicketTagResponseObject,
	error) {
	name := strings.TrimSpace(wire.Or(r.Body.TagName, ""))
	if r.Body.TagName != nil && name == "" {
		return nil, problem.Invalid(problem.Detail{Field: "tag_name", Message: "must not be empty"})
	}
	rows, err := a.store.Add(ctx, principal.From(ctx).Scope, r.TicketID,
		id.Canonical(id.Tag, wire.Or(r.Body.TagID, "")), name)
	if err != nil {
		return nil, err
	}
	return api.AddTicketTag200JSONResponse{Data: wire.Map(rows, toWire)}, nil
}

// RemoveTicketTag implements the operation of the contract.
func (a *API) RemoveTicketTag(ctx context.Context,
	r api.RemoveTicketTagRequestObject) (api.RemoveTicketTagResponseObject, error) {
	if err := a.store.Remove(ctx, principal.From(ctx).Scope, r.TicketID,
		id.Canonical(id.Tag, r.TagID)); err != nil {
		return nil, err
	}
	return api.RemoveTicketTag204Response{}, nil
}

func toWire(t Tag) api.Tag { return api.Tag{ID: t.ID, Name: t.Name, CreatedAt: t.CreatedAt.Time} }
