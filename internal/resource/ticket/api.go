package ticket

import (
	"cmp"
	"context"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations on tickets and their messages.
type API struct {
	store  *Store
	tenant func(ctx context.Context, tenantID string) error
	audit  *audit.Log
}

// NewAPI makes the API; tenant fails with a problem when there is no such tenant.
func NewAPI(store *Store, tenant func(ctx context.Context, tenantID string) error, log *audit.Log) *API {
	return &API{store: store, tenant: tenant, audit: log}
}

// ListTickets implements the operation of the contract.
func (a *API) ListTickets(ctx context.Context, r api.ListTicketsRequestObject) (api.ListTicketsResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	f, err := filter(r.Params)
	if err != nil {
		return nil, err
	}
	rows, total, err := a.store.List(ctx, principal.From(ctx).Scope, p, f)
	if err != nil {
		return nil, err
	}
	return api.ListTickets200JSONResponse{Data: wire.Map(rows, toWire), Meta: wire.PageMeta(p, total)}, nil
}

// CreateTicket implements the operation of the contract.
func (a *API) CreateTicket(ctx context.Context, r api.CreateTicketRequestObject) (api.CreateTicketResponseObject,
	error) {
	t, err := a.store.Create(ctx, principal.From(ctx).Scope, Fields{
		Subject: r.Body.Subject, Status: StatusOpen, Priority: string(wire.Or(r.Body.Priority, PriorityNormal)),
		InboxID: id.Canonical(id.Inbox, r.Body.InboxID), AssigneeID: assignee(r.Body.AssigneeID),
	})
	if err != nil {
		return nil, err
	}
	return api.CreateTicket201JSONResponse(toWire(t)), nil
}

// GetTicket implements the operation of the contract.
func (a *API) GetTicket(ctx context.Context, r api.GetTicketRequestObject) (api.GetTicketResponseObject, error) {
	t, err := a.store.Get(ctx, principal.From(ctx).Scope, r.TicketID)
	if err != nil {
		return nil, err
	}
	return api.GetTicket200JSONResponse(toWire(t)), nil
}

// UpdateTicket implements the operation of the contract.
func (a *API) UpdateTicket(ctx context.Context, r api.UpdateTicketRequestObject) (api.UpdateTicketResponseObject,
	error) {
	b := r.Body
	t, err := a.store.Update(ctx, principal.From(ctx).Scope, r.TicketID, func(f *Fields) {
		f.Subject, f.InboxID = wire.Or(b.Subject, f.Subject), id.Canonical(id.Inbox, wire.Or(b.InboxID, f.InboxID))
		f.Status = Status(wire.Or(b.Status, api.TicketStatus(f.Status)))
		f.Priority = string(wire.Or(b.Priority, api.TicketPriority(f.Priority)))
		if b.AssigneeID.IsSpecified() {
			f.AssigneeID = assignee(b.AssigneeID)
		}
	})
	if err != nil {
		return nil, err
	}
	return api.UpdateTicket200JSONResponse(toWire(t)), nil
}

// ListTicketMessages implements the operation of the contract.
func (a *API) ListTicketMessages(ctx context.Context,
	r api.ListTicketMessagesRequestObject) (api.ListTicketMessagesResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	t, rows, total, err := a.store.Messages(ctx, principal.From(ctx).Scope, r.TicketID, p)
	if err != nil {
		return nil, err
	}
	data := wire.Map(rows, func(m Message) api.Message { return messageToWire(t, m) })
	return api.ListTicketMessages200JSONResponse{Data: data, Meta: wire.PageMeta(p, total)}, nil
}

// CreateTicketMessage implements the operation of the contract.
func (a *API) CreateTicketMessage(ctx context.Context,
	r api.CreateTicketMessageRequestObject) (api.CreateTicketMessageResponseObject, error) {
	caller := principal.From(ctx)
	if _, err := a.store.Get(ctx, caller.Scope, r.TicketID); err != nil {
		return nil, err
	}
	var outbound []problem.Detail
	if r.Body.Type != InternalNote {
		outbound = []problem.Detail{{Field: "type",
			Message: "must be internal_note: nothing can be sent to a customer through the API"}}
	}
	if empty := unwritten(r.Body.BodyHTML, r.Body.BodyText); len(empty) > 0 {
		return nil, problem.Invalid(append(empty, outbound...)...)
	}
	if len(outbound) > 0 {
		return nil, problem.Refused(outbound...)
	}
	t, m, err := a.store.AddMessage(ctx, caller.Scope, r.TicketID, Message{
		Type: InternalNote, Sender: wire.Text(cmp.Or(caller.UserName, caller.KeyName)), BodyHTML: r.Body.BodyHTML,
		BodyText: r.Body.BodyText,
	})
	if err != nil {
		return nil, err
	}
	return api.CreateTicketMessage201JSONResponse(messageToWire(t, m)), nil
}

// RecordTicketMessage implements the operation of the contract.
func (a *API) RecordTicketMessage(ctx context.Context,
	r api.RecordTicketMessageRequestObject) (api.RecordTicketMessageResponseObject, error) {
	if empty := unwritten(r.Body.BodyHTML, r.Body.BodyText); len(empty) > 0 {
		return nil, problem.Invalid(empty...)
	}
	if err := a.tenant(ctx, r.TenantID); err != nil {
		return nil, err
	}
	scope := principal.Scope{TenantID: r.TenantID, Environment: principal.Environment(wire.Or(r.Body.Environment,
		api.Environment(principal.Live)))}
	var w api.Message
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		t, m, err := a.store.AddMessage(ctx, scope, r.TicketID, Message{
			Type: string(r.Body.Type), Sender: r.Body.From, BodyHTML: r.Body.BodyHTML, BodyText: r.Body.BodyText,
		})
		w = messageToWire(t, m)
		// The text of customers is private, and is not copied into the audit log.
		return audit.Change{TenantID: r.TenantID, Target: m.ID, After: map[string]string{"id": m.ID, "ticket_id": t.ID,
			"type": m.Type}}, err
	})
	if err != nil {
		return nil, err
	}
	return api.RecordTicketMessage201JSONResponse(w), nil
}

// unwritten is what is wrong with a message without a body.
func unwritten(html, text *string) []problem.Detail {
	if html == nil && text == nil {
		return []problem.Detail{{Field: "body_text", Message: "is required, or body_html"}}
	}
	return nil
}

func toWire(t Ticket) api.Ticket {
	return api.Ticket{
		ID: t.ID, TicketNumber: t.Label(), Subject: t.Subject, Status: api.TicketStatus(t.Status),
		Priority: api.TicketPriority(t.Priority),
		InboxID:  t.InboxID, AssigneeID: wire.Null(t.AssigneeID), CreatedAt: t.CreatedAt.Time,
		UpdatedAt: t.UpdatedAt.Time,
	}
}

func messageToWire(t Ticket, m Message) api.Message {
	return api.Message{
		ID: m.ID, TicketID: t.ID, TicketNumber: t.Label(), InboxID: t.InboxID, Type: api.MessageType(m.Type),
		From:     wire.Null(m.Sender),
		BodyHTML: wire.Null(m.BodyHTML), BodyText: wire.Null(m.BodyText), CreatedAt: m.CreatedAt.Time,
	}
}

// assignee is the id of a member; nil for nobody.
func assignee(w nullable.Nullable[string]) *string {
	member := wire.Pointer(w)
	if member != nil {
		*member = id.Canonical(id.Member, *member)
	}
	return member
}
