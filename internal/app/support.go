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

// support builds the handlers of tickets, inboxes and tags, which don't import each other.
func (b *builder) support() (*ticket.API, *supportinbox.API, *tag.API) {
	tenant := func(ctx context.Context, tenantID string) error {
		_, err := b.Tenants.Get(ctx, tenantID)
		return err
	}
	inboxes := supportinbox.NewStore(b.db, b.outbox, b.now)
	inbox := func(ctx context.Context, scope principal.Scope, inboxID string) (bool, error) {
		_, err := inboxes.Get(ctx, scope, inboxID)
		return found(err)
	}
	member := func(ctx context.Context, scope principal.Scope, memberID string) (bool, error) {
		_, err := b.members.Get(ctx, scope.TenantID, memberID)
		return found(err)
	}
	tickets := ticket.NewStore(b.db, b.outbox, b.now, inbox, member)
	return ticket.NewAPI(tickets, tenant, b.audit), supportinbox.NewAPI(inboxes, tenant, b.audit),
		tag.NewAPI(tag.NewStore(b.db, tickets, b.now))
}

// found turns the result of a lookup into whether it exists.
func found(err error) (bool, error) {
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.NotFound {
		return false, nil
	}
	return err == nil, err
}
