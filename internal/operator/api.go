package operator

import (
	"context"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations on operator keys.
type API struct {
	store *Store
	audit *audit.Log
}

// NewAPI makes the API.
func NewAPI(store *Store, log *audit.Log) *API { return &API{store: store, audit: log} }

// ListOperatorKeys implements the operation of the contract.
func (a *API) ListOperatorKeys(ctx context.Context,
	r api.ListOperatorKeysRequestObject) (api.ListOperatorKeysResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	rows, total, err := a.store.List(ctx, p)
	if err != nil {
		return nil, err
	}
	return api.ListOperatorKeys200JSONResponse{Data: wire.Map(rows, toWire), Meta: wire.PageMeta(p, total)}, nil
}

// GetOperatorKey implements the operation of the contract.
func (a *API) GetOperatorKey(ctx context.Context,
	r api.GetOperatorKeyRequestObject) (api.GetOperatorKeyResponseObject, error) {
	k, err := a.store.Get(ctx, r.OperatorKeyID)
	return api.GetOperatorKey200JSONResponse(toWire(k)), err
}

// CreateOperatorKey implements the operation of the contract.
func (a *API) CreateOperatorKey(ctx context.Context,
	r api.CreateOperatorKeyRequestObject) (api.CreateOperatorKeyResponseObject, error) {
	spec := Spec{Name: r.Body.Name, Role: principal.OperatorRole(r.Body.Role),
		ExpiresAt: wire.Or(r.Body.ExpiresAt, time.Time{}), AllowedCIDRs: wire.Or(r.Body.AllowedCidrs, nil)}
	var k Key
	var text string
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		err := a.mayGrant(ctx, spec)
		if err == nil {
			k, text, err = a.store.Create(ctx, spec)
		}
		return audit.Change{Target: k.ID, After: toWire(k)}, err
	})
	w := toWire(k)
	return api.CreateOperatorKey201JSONResponse{ID: w.ID, Name: w.Name, Hint: w.Hint, Role: w.Role,
		AllowedCidrs: w.AllowedCidrs, CreatedAt: w.CreatedAt, LastUsedAt: w.LastUsedAt, ExpiresAt: w.ExpiresAt,
		RevokedAt: w.RevokedAt, Key: text}, err
}

// UpdateOperatorKey implements the operation of the contract.
func (a *API) UpdateOperatorKey(ctx context.Context,
	r api.UpdateOperatorKeyRequestObject) (api.UpdateOperatorKeyResponseObject, error) {
	var after Key
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var before Key
		var err error
		before, after, err = a.store.Update(ctx, r.OperatorKeyID, func(s *Spec) error {
			old := *s
			s.merge(*r.Body)
			if err := s.check(a.store.now()); err != nil || s.sameLimits(old) {
				return err
			}
			if principal.From(ctx).KeyID == r.OperatorKeyID {
				return problem.New(problem.Forbidden, "A key can change only its own name. Use another admin key.")
			}
			return a.mayGrant(ctx, *s)
		})
		return audit.Change{Target: r.OperatorKeyID, Before: toWire(before), After: toWire(after)}, err
	})
	return api.UpdateOperatorKey200JSONResponse(toWire(after)), err
}

func (s *Spec) merge(w api.OperatorKeyUpdate) {
	s.Name = wire.Or(w.Name, s.Name)
	s.Role = principal.OperatorRole(wire.Or(w.Role, api.OperatorRole(s.Role)))
	s.AllowedCIDRs = wire.Or(w.AllowedCidrs, s.AllowedCIDRs)
	if w.ExpiresAt.IsSpecified() {
		s.ExpiresAt = wire.Or(wire.Pointer(w.ExpiresAt), time.Time{})
	}
}

// mayGrant refuses settings beyond the limits of the caller's key. People with single sign-on have no key.
func (a *API) mayGrant(ctx context.Context, spec Spec) error {
	keyID := principal.From(ctx).KeyID
	if keyID == "" {
		return nil
	}
	own, err := a.store.Get(ctx, keyID)
	if err != nil {
		return err
	}
	return own.mayGrant(spec)
}

// RevokeOperatorKey implements the operation of the contract.
func (a *API) RevokeOperatorKey(ctx context.Context,
	r api.RevokeOperatorKeyRequestObject) (api.RevokeOperatorKeyResponseObject, error) {
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		before, after, err := a.store.Revoke(ctx, r.OperatorKeyID)
		return audit.Change{Target: before.ID, Before: toWire(before), After: toWire(after)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.RevokeOperatorKey204Response{}, nil
}

func toWire(k Key) api.OperatorKey {
	return api.OperatorKey{ID: k.ID, Name: k.Name, Hint: k.Hint, Role: api.OperatorRole(k.Role),
		AllowedCidrs: k.AllowedCIDRs.V, CreatedAt: k.CreatedAt.Time,
		LastUsedAt: wire.Null(k.LastUsedAt.Pointer()), ExpiresAt: wire.Null(k.ExpiresAt.Pointer()),
		RevokedAt: wire.Null(k.RevokedAt.Pointer())}
}
