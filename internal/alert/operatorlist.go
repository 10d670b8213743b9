package alert

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/wire"
)

// ForOperators returns operators' alerts newest first, and the cursor of the next page.
func (s *Store) ForOperators(ctx context.Context, l page.Log, f Filter) ([]Alert, *string, error) {
	q := f.inState(s.db.Read(ctx).Where("tenant_id = '' AND environment = ''"))
	return db.PaginateKeyset(q, l, Alert.cursor)
}

// ListOperatorAlerts implements the operation of the contract.
func (a *API) ListOperatorAlerts(ctx context.Context, r api.ListOperatorAlertsRequestObject) (api.ListOperatorAlertsResponseObject, error) {
	l, err := wire.Log(r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}
	rows, next, err := a.store.ForOperators(ctx, l, Filter{State: string(wire.Or(r.Params.State, ""))})
	if err != nil {
		return nil, err
	}
	return api.ListOperatorAlerts200JSONResponse{Data: wire.Map(rows, operatorToWire), Meta: api.CursorMeta{NextCursor: wire.Null(next)}}, nil
}

func operatorToWire(a Alert) api.OperatorAlert {
	w := toWire(a, nil)
	return api.OperatorAlert{
		ID: w.ID, Condition: a.Condition, Subject: w.Subject, Title: w.Title, Message: w.Message, Since: w.Since,
		State: w.State, CreatedAt: w.CreatedAt, ResolvedAt: w.ResolvedAt,
	}
}
