package eventtype

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
)

// Misnamed is the message for a name that no type has; near is the one that was probably meant, empty for none.
func Misnamed(near string) string {
	if near == "" {
		return Unknown
	}
	return fmt.Sprintf(unknownBut, near)
}

// The messages for a name that no type has.
const (
	notKnown = "is not a known event type"
	where    = "GET /api/v1/event-types lists them, and POST /api/v1/event-types registers one of your own"
	// Unknown is the message for a name that is like no type's.
	Unknown    = notKnown + "; " + where
	unknownBut = notKnown + "; did you mean %s? " + where
)

// CheckNarrowings returns what is wrong with the names in filters of a request: a filter for a type that does not exist
// finds nothing, for ever. Operators may name the types of every product and tenant.
func (t *Types) CheckNarrowings(ctx context.Context, all []contract.Narrowing) ([]problem.Detail, error) {
	var wrong []problem.Detail
	for _, n := range all {
		for _, name := range n.Names {
			known, err := t.has(ctx, name, n.Groups)
			if err != nil {
				return nil, err
			}
			if known {
				continue
			}
			message, err := t.misnamed(ctx, name)
			if err != nil {
				return nil, err
			}
			if len(n.Names) > 1 {
				message = fmt.Sprintf("has %q, which %s", name, message)
			}
			wrong = append(wrong, problem.Detail{Field: n.Field, Message: message})
			break // a detail for each field
		}
	}
	return wrong, nil
}

// has reports whether a type has a name, or is in a group if that is asked for.
func (t *Types) has(ctx context.Context, name string, groups bool) (bool, error) {
	p := principal.From(ctx)
	if found, ok := t.catalogue.Find(name); ok && rules(ctx).Sells(found.Resource) {
		return true, nil
	}
	switch {
	case ofAll(p):
		return t.store.registered(ctx, name)
	case groups:
		known, err := t.Patterns(ctx, p.Scope)
		return err == nil && known(name), err
	}
	_, err := t.store.recent(ctx, p.Scope, name)
	var missing *problem.Error
	if errors.As(err, &missing) && missing.Code == problem.NotFound {
		return false, nil
	}
	return err == nil, err
}

// ofAll says whether the caller looks at all tenants: an operator that does not act for one.
func ofAll(p principal.Principal) bool { return p.Operator && p.TenantID == "" }

// misnamed is Misnamed for a name that the caller gave.
func (t *Types) misnamed(ctx context.Context, name string) (string, error) {
	p := principal.From(ctx)
	names := t.called(rules(ctx))
	if ofAll(p) {
		if near := contract.Nearest(name, names); near != "" {
			return notKnown + "; did you mean " + near + "?", nil
		}
		return notKnown + " of any tenant", nil
	}
	own, err := t.store.Names(ctx, p.Scope)
	return Misnamed(contract.Nearest(name, append(names, own...))), err
}

// called are the names that a product has for the types of the catalogue, sorted.
func (t *Types) called(p profile.Profile) []string {
	var names []string
	for _, found := range t.catalogue.All() {
		if p.Sells(found.Resource) {
			names = append(names, p.EventName(found.Name))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// At returns a function that reports whether an endpoint with a profile can get events of a name, and otherwise which
// name was probably meant, empty for none.
func (t *Types) At(ctx context.Context, scope principal.Scope) (func(p profile.Profile, name string) (near string,
	known bool), error) {
	own, err := t.store.Names(ctx, scope)
	product := rules(ctx)
	return func(p profile.Profile, name string) (string, bool) {
		var names []string
		for _, found := range t.catalogue.All() {
			if product.Sells(found.Resource) && p.Wants(found.Name, found.Name) {
				names = append(names, p.EventName(found.Name))
			}
		}
		if names = append(names, own...); slices.Contains(names, name) {
			return "", true
		}
		return contract.Nearest(name, names), false
	}, err
}
