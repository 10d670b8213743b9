package eventtype

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/wire"
)

// Types are the types that a tenant can use: the catalogue's and its own.
type Types struct {
	contract  *contract.Contract
	catalogue *event.Catalogue
	store     *Store
}

// NewTypes makes Types.
func NewTypes(c *contract.Contract, store *Store) *Types {
	return &Types{contract: c, catalogue: event.NewCatalogue(c.EventTypes), store: store}
}

// own makes a Type of a row.
func (t *Types) own(o Own) Type {
	return Type{
		Name: o.Name, Group: o.GroupName, Description: o.Description, Schema: []byte(o.SchemaText),
		Sample: []byte(o.Sample),
		Own:    true, DeprecatedAt: o.DeprecatedAt, validate: func(data []byte) error {
			return t.validate(o.Name, o.SchemaText, data)
		},
	}
}

func (t *Types) validate(name, schemaText string, data []byte) error {
	s, err := t.store.schemas.of(schemaText)
	if err != nil {
		return err
	}
	if wrong := s.Check("data", data); len(wrong) > 0 {
		return problem.Mismatch(name, wrong...)
	}
	return nil
}

// offered returns a type of the catalogue that the caller's product has; where nobody calls, every one.
func (t *Types) offered(ctx context.Context, name string) (contract.EventType, bool) {
	known, ok := t.catalogue.Find(name)
	return known, ok && rules(ctx).Offers(known.Name, known.Resource)
}

// available fails with a problem when the catalogue has a type with the name, so that a tenant can't register its own.
func (t *Types) available(ctx context.Context, name string) error {
	ours := rules(ctx).Canonical(name)[0]
	if _, ok := t.catalogue.Find(ours); !ok {
		return nil
	}
	if _, ok := t.offered(ctx, ours); ok && !event.Operational(ours) {
		return problem.New(problem.Conflict,
			"%s is a type of the catalogue: publish it as it is, or register another name.", name)
	}
	return problem.New(problem.Conflict, "%s is reserved: register another name.", name)
}

func rules(ctx context.Context) profile.Profile { return profile.Of(principal.From(ctx).Profile) }

// Find returns a type; one that is neither in the catalogue nor the tenant's own is a problem.
func (t *Types) Find(ctx context.Context, scope principal.Scope, name string) (Type, error) {
	if known, ok := t.offered(ctx, name); ok {
		return t.ofCatalogue(rules(ctx), known)
	}
	o, err := t.store.Get(ctx, scope, name)
	return t.own(o), err
}

// Named is Find for a name in a request; an unknown one is a problem of that field.
func (t *Types) Named(ctx context.Context, scope principal.Scope, field, name string) (Type, error) {
	found, err := t.Find(ctx, scope, name)
	return found, t.unknown(ctx, field, name, err)
}

// unknown makes a problem of a field of the one that there is no type of a name.
func (t *Types) unknown(ctx context.Context, field, name string, err error) error {
	var p *problem.Error
	if !errors.As(err, &p) || p.Code != problem.NotFound {
		return err
	}
	message, err := t.misnamed(ctx, name)
	if err != nil {
		return err
	}
	return problem.Invalid(problem.Detail{Field: field, Message: message})
}

// Sample is the type that a sample is of: the one that a request names in a field, or else the first that wanted
// reports, of the catalogue if it can be.
func (t *Types) Sample(ctx context.Context, scope principal.Scope, field, name string,
	wanted ...func(Type) bool) (Type, error) {
	if name != "" {
		return t.Named(ctx, scope, field, name)
	}
	all, err := t.All(ctx, scope)
	if err != nil {
		return Type{}, err
	}
	for _, wants := range wanted {
		for _, own := range []bool{false, true} {
			for _, found := range all {
				if found.Own == own && wants(found) {
					return found, nil
				}
			}
		}
	}
	return Type{}, problem.New(problem.Conflict,
		"The endpoint subscribes to no event type that there is. Send an event_type.")
}

// All returns every type, by name; of several types with one name in the caller's profile the first. The catalogue's
// type hides a tenant's of the same name.
func (t *Types) All(ctx context.Context, scope principal.Scope) ([]Type, error) {
	rows, err := t.store.List(ctx, scope)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(o Own) bool {
		_, taken := t.catalogue.Find(o.Name)
		return taken
	})
	p, named := rules(ctx), map[string]bool{}
	var all []Type
	for _, known := range t.catalogue.All() {
		if name := p.EventName(known.Name); p.Offers(known.Name, known.Resource) && !named[name] {
			named[name] = true
			found, err := t.ofCatalogue(p, known)
			if err != nil {
				return nil, err
			}
			all = append(all, found)
		}
	}
	return sorted(append(all, wire.Map(rows, t.own)...)), nil
}

// Accept returns an event that the caller publishes, whose data are in the form of its product, with ours. It fails
// with a problem when the event can't be published: its type is unknown or operational, or its data doesn't fit.
func (t *Types) Accept(ctx context.Context, scope principal.Scope, n event.New) (event.New, error) {
	if _, ok := t.offered(ctx, n.Type); ok {
		return t.canonical(rules(ctx), n)
	}
	o, err := t.store.recent(ctx, scope, n.Type)
	if err != nil {
		return n, t.unknown(ctx, "type", n.Type, err)
	}
	return n, t.validate(o.Name, o.SchemaText, n.Data)
}

func (t *Types) canonical(p profile.Profile, n event.New) (event.New, error) {
	given := n.Data
	if p.Reads(n.Type) {
		n.DataAt = func(at time.Time) json.RawMessage { return p.ToCanonical(n.Type, given, at) }
		n.Data = n.DataAt(n.OccurredAt)
	}
	return n, t.catalogue.Check(n)
}

// Shown returns the data of an event as the caller's product writes it.
func (t *Types) Shown(ctx context.Context, eventType string, data []byte) ([]byte, error) {
	return rules(ctx).FromCanonical(eventType, data)
}

// Read returns data that the caller gave for a type, in the form of its product, as ours. It fails with a problem when
// they don't fit the type.
func Read(ctx context.Context, t Type, data []byte, at time.Time) ([]byte, error) {
	data = rules(ctx).ToCanonical(t.Name, data, at)
	return data, t.Validate(data)
}

// Patterns returns a function that says whether a subscription is valid for a tenant: "*", a known type, or a group
// such as "order.*" that has at least one type.
func (t *Types) Patterns(ctx context.Context, scope principal.Scope) (func(pattern string) bool, error) {
	names, err := t.store.Names(ctx, scope)
	return t.known(ctx, names), err
}

func (t *Types) known(ctx context.Context, own []string) func(pattern string) bool {
	p := rules(ctx)
	return func(pattern string) bool {
		return slices.ContainsFunc(t.catalogue.All(), func(known contract.EventType) bool {
			return p.Offers(known.Name, known.Resource) && event.Matches(pattern, known.Name)
		}) || slices.ContainsFunc(own, func(name string) bool { return event.Matches(pattern, name) })
	}
}
