package lead

import (
	"context"

	"github.com/oapi-codegen/nullable"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations on leads.
type API struct {
	store *Store
	wrong wrong
}

// wrong lists all violations of the contract's schema of a new lead.
type wrong func(at string, row []byte) []problem.Detail

// NewAPI makes the API; wrong validates the rows of a bulk.
func NewAPI(store *Store, wrong wrong) *API { return &API{store: store, wrong: wrong} }

// ListLeads implements the operation of the contract.
func (a *API) ListLeads(ctx context.Context, r api.ListLeadsRequestObject) (api.ListLeadsResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	f, err := filter(r.Params)
	if err != nil {
		return nil, err
	}
	rows, total, err := a.store.List(ctx, principal.From(ctx).Scope, p, f)
	if err != nil {
		return nil, err
	}
	return api.ListLeads200JSONResponse{Data: wire.Map(rows, toWire), Meta: wire.PageMeta(p, total)}, nil
}

// CreateLead implements the operation of the contract.
func (a *API) CreateLead(ctx context.Context, r api.CreateLeadRequestObject) (api.CreateLeadResponseObject, error) {
	f := Fields{Status: StatusNew}
	edit(&f, api.LeadUpdate(*r.Body))
	l, err := a.store.Create(ctx, principal.From(ctx).Scope, f)
	if err != nil {
		return nil, err
	}
	return api.CreateLead201JSONResponse(toWire(l)), nil
}

// GetLead implements the operation of the contract.
func (a *API) GetLead(ctx context.Context, r api.GetLeadRequestObject) (api.GetLeadResponseObject, error) {
	l, err := a.store.Get(ctx, principal.From(ctx).Scope, r.LeadID)
	if err != nil {
		return nil, err
	}
	return api.GetLead200JSONResponse(toWire(l)), nil
}

// UpdateLead implements the operation of the contract.
func (a *API) UpdateLead(ctx context.Context, r api.UpdateLeadRequestObject) (api.UpdateLeadResponseObject, error) {
	l, err := a.store.Update(ctx, principal.From(ctx).Scope, r.LeadID, func(f *Fields) { edit(f, *r.Body) })
	if err != nil {
		return nil, err
	}
	return api.UpdateLead200JSONResponse(toWire(l)), nil
}

// UpsertLead implements the operation of the contract.
func (a *API) UpsertLead(ctx context.Context, r api.UpsertLeadRequestObject) (api.UpsertLeadResponseObject, error) {
	b := r.Body
	w := api.LeadUpdate{
		Name: b.Name, Company: b.Company, FirstName: b.FirstName, LastName: b.LastName, Phone: b.Phone,
		Website:  b.Website,
		Position: b.Position, Twitter: b.Twitter, Linkedin: b.Linkedin, Notes: b.Notes, Score: b.Score,
		Source: b.Source,
		Status: b.Status, ExternalID: b.ExternalID,
	}
	l, created, err := a.store.Upsert(ctx, principal.From(ctx).Scope, string(r.Email), func(f *Fields) { edit(f, w) })
	switch {
	case err != nil:
		return nil, err
	case created:
		return api.UpsertLead201JSONResponse(toWire(l)), nil
	}
	return api.UpsertLead200JSONResponse(toWire(l)), nil
}

// DeleteLead implements the operation of the contract.
func (a *API) DeleteLead(ctx context.Context, r api.DeleteLeadRequestObject) (api.DeleteLeadResponseObject, error) {
	if err := a.store.Delete(ctx, principal.From(ctx).Scope, r.LeadID); err != nil {
		return nil, err
	}
	return api.DeleteLead204Response{}, nil
}

// edit takes over the fields that were sent; null clears one.
func edit(f *Fields, w api.LeadUpdate) {
	set := func(to **string, n nullable.Nullable[string]) {
		if n.IsSpecified() {
			*to = wire.Pointer(n)
		}
	}
	set(&f.Name, w.Name)
	set(&f.Company, w.Company)
	set(&f.FirstName, w.FirstName)
	set(&f.LastName, w.LastName)
	set(&f.Phone, w.Phone)
	set(&f.Website, w.Website)
	set(&f.Position, w.Position)
	set(&f.Twitter, w.Twitter)
	set(&f.Linkedin, w.Linkedin)
	set(&f.Notes, w.Notes)
	set(&f.Source, w.Source)
	set(&f.ExternalID, w.ExternalID)
	if w.Email.IsSpecified() {
		f.Email = (*string)(wire.Pointer[openapi_types.Email](w.Email))
	}
	f.Score = wire.Or(w.Score, f.Score)
	f.Status = wire.Or(w.Status, f.Status)
}

func toWire(l Lead) api.Lead {
	return api.Lead{
		ID: l.ID, Name: wire.Null(l.Name), Email: wire.Null(l.Email), Company: wire.Null(l.Company),
		FirstName: wire.Null(l.FirstName), LastName: wire.Null(l.LastName), Phone: wire.Null(l.Phone),
		Website: wire.Null(l.Website), Position: wire.Null(l.Position), Twitter: wire.Null(l.Twitter),
		Linkedin: wire.Null(l.Linkedin), Notes: wire.Null(l.Notes), Score: l.Score, Source: wire.Null(l.Source),
		Status: l.Status, ExternalID: wire.Null(l.ExternalID), CreatedAt: l.CreatedAt.Time, UpdatedAt: l.UpdatedAt.Time,
	}
}
