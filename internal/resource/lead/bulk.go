package lead

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// conflict is the message of a row whose external id another lead has.
const conflict = "another lead has it"

// CreateLeads implements the operation of the contract.
func (a *API) CreateLeads(ctx context.Context, r api.CreateLeadsRequestObject) (api.CreateLeadsResponseObject, error) {
	whole := wire.Or(r.Body.AllOrNothing, false)
	out := api.CreateLeads200JSONResponse{Data: make([]api.LeadBulkRow, len(r.Body.Leads))}
	var valid []Fields
	var index []int // of those in valid
	var room problem.Room
	var all []problem.Detail
	for i, raw := range r.Body.Leads {
		f, wrong := a.read(at(i), raw)
		out.Data[i] = api.LeadBulkRow{Index: i, Status: api.LeadBulkRowStatusInvalid,
			Errors: wire.Map(room.Take(wrong), detail)}
		if len(wrong) == 0 {
			valid, index = append(valid, f), append(index, i)
		}
		all = append(all, wrong...)
	}
	if whole && len(all) > 0 {
		return nil, problem.Invalid(all...)
	}
	created, err := a.store.CreateMany(ctx, principal.From(ctx).Scope, valid, whole)
	if err != nil {
		return nil, err
	}
	for n, l := range created {
		row := &out.Data[index[n]]
		if l == nil {
			row.Status = api.LeadBulkRowStatusConflict
			row.Errors = append(row.Errors, api.ErrorDetail{Field: at(row.Index) + ".external_id", Message: conflict})
			continue
		}
		w := toWire(*l)
		row.Status, row.Lead = api.LeadBulkRowStatusCreated, &w
		out.Meta.Created++
	}
	out.Meta.Failed = len(out.Data) - out.Meta.Created
	return out, nil
}

func at(i int) string { return fmt.Sprintf("leads[%d]", i) }

func detail(d problem.Detail) api.ErrorDetail {
	return api.ErrorDetail{Field: d.Field, Message: d.Message}
}

// read reads one row, or returns all its violations.
func (a *API) read(at string, raw json.RawMessage) (Fields, []problem.Detail) {
	f := Fields{Status: StatusNew}
	if wrong := a.wrong(at, raw); len(wrong) > 0 {
		return f, wrong
	}
	var w api.LeadCreate
	if wire.Decode(raw, &w) != nil {
		return f, []problem.Detail{{Field: at, Message: "is not valid"}}
	}
	edit(&f, api.LeadUpdate(w))
	return f, nil
}

// CreateMany adds leads in one transaction and fires lead.created for each. The result has a lead for each of the
// fields, nil where another lead has the external id, also one before it; with whole, such a one is a problem and
// nothing is created.
func (s *Store) CreateMany(ctx context.Context, scope principal.Scope, all []Fields, whole bool) ([]*Lead, error) {
	out := make([]*Lead, len(all))
	rows := make([]Lead, len(all))
	for i, f := range all {
		rows[i] = s.row(ctx, scope, f)
	}
	if len(rows) == 0 {
		return out, nil
	}
	err := s.outbox.Tx(ctx, func(tx *event.Tx) error {
		kept, err := insertNew(tx.DB, rows)
		if err != nil {
			return err
		}
		for i := range rows {
			out[i] = nil
			if kept[i] {
				out[i] = &rows[i]
			}
		}
		if err := refuse(out, whole); err != nil {
			return err
		}
		return announce(tx, rows, kept)
	})
	return out, err
}

// refuse is a problem when the whole is wanted and a part is missing.
func refuse(leads []*Lead, whole bool) error {
	var details []problem.Detail
	for i, l := range leads {
		if l == nil && whole {
			details = append(details, problem.Detail{Field: at(i) + ".external_id", Message: conflict})
		}
	}
	if len(details) == 0 {
		return nil
	}
	p := problem.New(problem.Conflict, "Nothing was created: other leads have some of these external ids.")
	p.Details = details
	return p
}
