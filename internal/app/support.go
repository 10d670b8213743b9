package app

import (
	"context"
	"errors"

	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/resource/supportinbox"
	"github.com/hookline/hookline/internal/resource/tag"
	"github.com/hookline/hookline/internal/resource/ticket"
)

// support puts the rooms of support together, which know nothing of each other.
func (a *App) support(p parts) (*ticket.API, *supportinbox.API, *tag.API) {
	tenant := func(ctx context.Context, tenantID string) error {
		_, err := a.Tenants.Get(ctx, tenantID)
		return err
	}
	inboxes := supportinbox.NewStore(a.db, p.outbox, p.now)
	inbox := func(ctx context.Context, scope principal.Scope, inboxID string) (bool, error) {
		_, err := inboxes.Get(ctx, scope, inboxID)
		return found(err)
	}
	member := func(ctx context.Context, scope principal.Scope, memberID string) (bool, error) {
		_, err := p.people.Get(ctx, scope.TenantID, memberID)
		return found(err)
	}
	tickets := ticket.NewStore(a.db, p.outbox, p.now, inbox, member)
	return ticket.NewAPI(tickets, tenant, p.log), supportinbox.NewAPI(inboxes, tenant, p.log), tag.NewAPI(tag.NewStore(a.db, tickets, p.now))
}

// found says whether a look-up found something.
func found(err error) (bool, error) {
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.NotFound {
		return false, nil
	}
	return err == nil, err
}
