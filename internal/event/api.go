package event

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

type types interface {
	// Accept returns an event that the caller publishes, with the data to store. It fails with a problem when the event
	// can't be published: its type is unknown, or its data doesn't fit.
	Accept(ctx context.Context, scope principal.Scope, n New) (New, error)
	// Shown returns the data of an event as the caller's product writes it.
	Shown(ctx context.Context, eventType string, data []byte) ([]byte, error)
}

// API serves the operations on events.
type API struct {
	store   *Store
	outbox  *Outbox
	types   types
	members members
	audit   *audit.Log
	wrong   func(at string, raw []byte) []problem.Detail
}

// NewAPI makes the API. wrong lists every violation of the contract's EventCreate by one event of many.
func NewAPI(store *Store, outbox *Outbox, t types, m members, log *audit.Log,
	wrong func(at string, raw []byte) []problem.Detail) *API {
	return &API{store: store, outbox: outbox, types: t, members: m, audit: log, wrong: wrong}
}

// PublishEvent implements the operation of the contract.
func (a *API) PublishEvent(ctx context.Context, r api.PublishEventRequestObject) (api.PublishEventResponseObject,
	error) {
	e, err := a.publish(ctx, *r.Body)
	if err != nil {
		return nil, err
	}
	w, err := a.toWire(ctx, e)
	return api.PublishEvent202JSONResponse(w), err
}

func (a *API) publish(ctx context.Context, w api.EventCreate) (Event, error) {
	scope := principal.From(ctx).Scope
	n, err := a.read(ctx, scope, w)
	if err != nil {
		return Event{}, err
	}
	return a.outbox.Publish(ctx, scope, n)
}

// read reads an event that is to be published, or fails with a problem.
func (a *API) read(ctx context.Context, scope principal.Scope, w api.EventCreate) (New, error) {
	n := New{ID: wire.Or(w.ID, ""), Type: w.Type, Data: w.Data}
	if w.OccurredAt != nil {
		n.OccurredAt = w.OccurredAt.UTC()
		if y := n.OccurredAt.Year(); y < 1970 || y > 9999 {
			return n, problem.Invalid(problem.Detail{Field: "occurred_at",
				Message: "must be between 1970 and 9999, in UTC"})
		}
	}
	n, err := a.types.Accept(ctx, scope, n)
	if err != nil {
		return n, err
	}
	n.Member, err = a.memberOf(ctx, n)
	return n, err
}

// PublishEvents implements the operation of the contract.
func (a *API) PublishEvents(ctx context.Context, r api.PublishEventsRequestObject) (api.PublishEventsResponseObject,
	error) {
	out, _, err := a.publishAll(ctx, r.Body.Events)
	return api.PublishEvents200JSONResponse(out), err
}

// publishAll publishes the events that are valid, and returns the result of each and those that were accepted.
func (a *API) publishAll(ctx context.Context, events []json.RawMessage) (api.EventBulkResult, []Event, error) {
	scope := principal.From(ctx).Scope
	out := api.EventBulkResult{Data: make([]api.EventBulkRow, len(events))}
	var valid []New
	var accepted []Event
	var index []int // of those in valid
	var room problem.Room
	for i, raw := range events {
		n, wrong, err := a.readOne(ctx, scope, fmt.Sprintf("events[%d]", i), raw)
		if err != nil {
			return out, nil, err
		}
		out.Data[i] = api.EventBulkRow{Index: i, Status: api.EventBulkRowStatusInvalid,
			Errors: wire.Map(room.Take(wrong), detail)}
		if len(wrong) == 0 {
			valid, index = append(valid, n), append(index, i)
		}
	}
	var done []Published
	if len(valid) > 0 {
		var err error
		if done, err = a.outbox.PublishAll(ctx, scope, valid); err != nil {
			return out, nil, err
		}
	}
	for i, p := range done {
		row := &out.Data[index[i]]
		if p.Err != nil {
			row.Status = api.EventBulkRowStatusConflict
			row.Errors = append(row.Errors, api.ErrorDetail{Field: fmt.Sprintf("events[%d].id", row.Index),
				Message: "an event with this id exists with other content"})
			continue
		}
		w, err := a.toWire(ctx, p.Event)
		if err != nil {
			return out, nil, err
		}
		row.Status, row.Event = api.EventBulkRowStatusAccepted, &w
		accepted = append(accepted, p.Event)
	}
	out.Meta.Accepted, out.Meta.Failed = len(accepted), len(out.Data)-len(accepted)
	return out, accepted, nil
}

// readOne reads one event of many, or returns all its violations; at is its path.
func (a *API) readOne(ctx context.Context, scope principal.Scope, at string, raw json.RawMessage) (New,
	[]problem.Detail, error) {
	if wrong := a.wrong(at, raw); len(wrong) > 0 {
		return New{}, wrong, nil
	}
	var w api.EventCreate
	if wire.Decode(raw, &w) != nil {
		return New{}, []problem.Detail{{Field: at, Message: "is not valid"}}, nil
	}
	n, err := a.read(ctx, scope, w)
	var refused *problem.Error
	if !errors.As(err, &refused) || len(refused.Details) == 0 {
		return n, nil, err
	}
	details := slices.Clone(refused.Details)
	for i := range details {
		details[i].Field = at + "." + details[i].Field
	}
	return n, details, nil
}

func detail(d problem.Detail) api.ErrorDetail {
	return api.ErrorDetail{Field: d.Field, Message: d.Message}
}

// ListEvents implements the operation of the contract.
func (a *API) ListEvents(ctx context.Context, r api.ListEventsRequestObject) (api.ListEventsResponseObject, error) {
	l, err := wire.Log(r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}
	list := a.store.List
	if wire.Or(r.Params.Order, api.ListEventsParamsOrderDesc) == api.ListEventsParamsOrderAsc {
		list = a.store.Pull
	}
	f := Filter{Sent: r.Params.Sent}
	var wrong []problem.Detail
	if f.From, f.To, wrong = wire.Span("to", r.Params.From, r.Params.To); len(wrong) > 0 {
		return nil, problem.Invalid(wrong...)
	}
	if wire.Or(r.Params.Type, "") != "" {
		f.Types = strings.Split(*r.Params.Type, ",")
	}
	rows, next, err := list(ctx, principal.From(ctx).Scope, l, f)
	if err != nil {
		return nil, err
	}
	out := api.ListEvents200JSONResponse{Data: make([]api.Event, len(rows)),
		Meta: api.CursorMeta{NextCursor: wire.Null(next)}}
	for i, e := range rows {
		if out.Data[i], err = a.toWire(ctx, e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// GetEvent implements the operation of the contract.
func (a *API) GetEvent(ctx context.Context, r api.GetEventRequestObject) (api.GetEventResponseObject, error) {
	e, err := a.store.Get(ctx, principal.From(ctx).Scope, r.EventID)
	if err != nil {
		return nil, err
	}
	w, err := a.toWire(ctx, e)
	return api.GetEvent200JSONResponse(w), err
}

func (a *API) toWire(ctx context.Context, e Event) (api.Event, error) {
	data, err := a.types.Shown(ctx, e.Type, []byte(e.Data))
	if err != nil {
		return api.Event{}, err
	}
	status := api.EventStatusAccepted
	if !e.DispatchedAt.IsZero() {
		status = api.EventStatusDispatched
	}
	return api.Event{
		ID: e.WireID(), Type: e.Type, Data: data, Environment: api.Environment(e.Environment),
		OccurredAt: e.OccurredAt.Time, CreatedAt: e.CreatedAt.Time, Status: status,
		Deliveries: len(e.Endpoints), Reason: wire.Null(wire.Text(e.Reason)),
	}, nil
}
