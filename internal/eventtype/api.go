package eventtype

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/schema"
	"github.com/hookline/hookline/internal/wire"
)

type events interface {
	// Published says whether there is an event of a type.
	Published(ctx context.Context, scope principal.Scope, eventType string) (bool, error)
}

type subscriptions interface {
	// Patterns returns all patterns of event types that endpoints name.
	Patterns(ctx context.Context, scope principal.Scope) ([]string, error)
}

// API serves the operations on event types.
type API struct {
	types         *Types
	events        events
	subscriptions subscriptions
	audit         *audit.Log
}

// NewAPI makes the API.
func NewAPI(types *Types, e events, s subscriptions, log *audit.Log) *API {
	return &API{types: types, events: e, subscriptions: s, audit: log}
}

// ListEventTypes implements the operation of the contract.
func (a *API) ListEventTypes(ctx context.Context, r api.ListEventTypesRequestObject) (api.ListEventTypesResponseObject,
	error) {
	all, err := a.types.All(ctx, principal.From(ctx).Scope)
	if err != nil {
		return nil, err
	}
	own, deprecated := r.Params.Own, r.Params.Deprecated
	all = slices.DeleteFunc(all, func(t Type) bool {
		return own != nil && t.Own != *own || deprecated != nil && t.DeprecatedAt.IsZero() == *deprecated
	})
	out := api.ListEventTypes200JSONResponse{Data: make([]api.EventType, len(all))}
	for i, found := range all {
		if out.Data[i], err = toWire(ctx, found); err != nil {
			return nil, err
		}
	}
	out.Meta.Total = len(out.Data)
	return out, nil
}

// GetEventType implements the operation of the contract.
func (a *API) GetEventType(ctx context.Context, r api.GetEventTypeRequestObject) (api.GetEventTypeResponseObject,
	error) {
	t, err := a.types.Find(ctx, principal.From(ctx).Scope, r.Type)
	if err != nil {
		return nil, err
	}
	w, err := toWire(ctx, t)
	return api.GetEventType200JSONResponse(w), err
}

// CreateEventType implements the operation of the contract.
func (a *API) CreateEventType(ctx context.Context,
	r api.CreateEventTypeRequestObject) (api.CreateEventTypeResponseObject, error) {
	name := r.Body.Type
	if err := a.types.available(ctx, name); err != nil {
		return nil, err
	}
	wrong := nameProblems(rules(ctx), name)
	parsed, unusable := schema.Parse("schema", r.Body.Schema)
	if wrong = append(wrong, unusable...); len(wrong) > 0 {
		if parsed != nil {
			wrong = append(wrong, sampleProblems(parsed, r.Body.Sample)...)
		}
		return nil, problem.Invalid(wrong...)
	}
	if err := checkSample(name, parsed, r.Body.Sample); err != nil {
		return nil, err
	}
	scope := principal.From(ctx).Scope
	o := Own{
		TenantID: scope.TenantID, Environment: scope.Environment, Name: name, GroupName: wire.Or(r.Body.Group,
			groupOf(name)),
		Description: r.Body.Description, SchemaText: string(r.Body.Schema), Sample: string(r.Body.Sample),
	}
	var w api.EventType
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		made, err := a.types.store.Create(ctx, o)
		w = ownToWire(a.types.own(made))
		return audit.Change{Target: name, After: w}, err
	})
	if err != nil {
		return nil, err
	}
	return api.CreateEventType201JSONResponse(w), nil
}

// CheckEventType implements the operation of the contract.
func (a *API) CheckEventType(_ context.Context,
	r api.CheckEventTypeRequestObject) (api.CheckEventTypeResponseObject, error) {
	w := api.CheckEventType200JSONResponse{Problems: []api.ErrorDetail{}}
	w.Generated.SetNull()
	parsed, wrong := schema.Parse("schema", r.Body.Schema)
	if parsed != nil {
		w.Generated.Set(parsed.Sample())
		if r.Body.Sample != nil {
			wrong = sampleProblems(parsed, *r.Body.Sample)
		}
	}
	for _, d := range wrong {
		w.Problems = append(w.Problems, api.ErrorDetail{Field: d.Field, Message: d.Message})
	}
	return w, nil
}

// UpdateEventType implements the operation of the contract.
func (a *API) UpdateEventType(ctx context.Context,
	r api.UpdateEventTypeRequestObject) (api.UpdateEventTypeResponseObject, error) {
	if err := a.changeable(ctx, r.Type); err != nil {
		return nil, err
	}
	c := Change{Description: r.Body.Description, Group: r.Body.Group, Deprecated: r.Body.Deprecated,
		Sample: wire.Or(r.Body.Sample, nil)}
	if r.Body.Schema != nil {
		var wrong []problem.Detail
		c.SchemaText = *r.Body.Schema
		if c.Schema, wrong = schema.Parse("schema", c.SchemaText); len(wrong) > 0 {
			return nil, problem.Invalid(wrong...)
		}
	}
	var w api.EventType
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		before, after, err := a.types.store.Update(ctx, principal.From(ctx).Scope, r.Type, func(o *Own) error {
			present, err := a.types.store.schemas.of(o.SchemaText)
			if err != nil {
				return err
			}
			return o.apply(c, present, db.At(a.types.store.now()))
		})
		w = ownToWire(a.types.own(after))
		return audit.Change{Target: r.Type, Before: ownToWire(a.types.own(before)), After: w}, err
	})
	if err != nil {
		return nil, err
	}
	return api.UpdateEventType200JSONResponse(w), nil
}

// changeable refuses to change types of the catalogue.
func (a *API) changeable(ctx context.Context, name string) error {
	if _, ok := a.types.offered(ctx, name); ok {
		return problem.New(problem.Conflict,
			"%s is a type of the catalogue, which can't be changed. Register one of your own with POST "+
				"/api/v1/event-types.", name)
	}
	return nil
}

// DeleteEventType implements the operation of the contract.
func (a *API) DeleteEventType(ctx context.Context,
	r api.DeleteEventTypeRequestObject) (api.DeleteEventTypeResponseObject, error) {
	if err := a.changeable(ctx, r.Type); err != nil {
		return nil, err
	}
	scope := principal.From(ctx).Scope
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		before, err := a.types.store.Delete(ctx, scope, r.Type, func(ctx context.Context) error {
			return a.unused(ctx, scope, r.Type)
		})
		return audit.Change{Target: r.Type, Before: ownToWire(a.types.own(before))}, err
	})
	if err != nil {
		return nil, err
	}
	return api.DeleteEventType204Response{}, nil
}

// unused refuses a type that has stored events, and the last one that a pattern of an endpoint matches.
func (a *API) unused(ctx context.Context, scope principal.Scope, name string) error {
	published, err := a.events.Published(ctx, scope, name)
	if err != nil {
		return err
	}
	if published {
		return problem.New(problem.Conflict,
			"Events of the type %s exist. Deprecate it instead: PATCH it with \"deprecated\": true.", name)
	}
	patterns, err := a.subscriptions.Patterns(ctx, scope)
	if err != nil {
		return err
	}
	names, err := a.types.store.Names(ctx, scope)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
	with, without := a.types.known(ctx, names), a.types.known(ctx, others)
	for _, pattern := range patterns {
		if with(pattern) && !without(pattern) {
			return problem.New(problem.Conflict,
				"An endpoint subscribes to %s, or has a retry policy or a filter for it, and no other type matches. "+
					"Change the endpoint first, or deprecate the type instead.", pattern)
		}
	}
	return nil
}

// toWire is a type with its sample in the form of the caller's product.
func toWire(ctx context.Context, t Type) (api.EventType, error) {
	w, p := ownToWire(t), rules(ctx)
	w.Names = p.NamesOf(t.Name)
	if t.Own {
		return w, nil
	}
	sample, err := p.FromCanonical(t.Name, t.Sample)
	w.Sample = sample
	return w, err
}

// ownToWire is a type as it was registered.
func ownToWire(t Type) api.EventType {
	return api.EventType{
		Type: t.Name, Own: t.Own, Names: map[string]string{}, Group: t.Group, Description: t.Description,
		Schema: json.RawMessage(t.Schema), Sample: json.RawMessage(t.Sample),
		DeprecatedAt: wire.Null(t.DeprecatedAt.Pointer()),
	}
}
