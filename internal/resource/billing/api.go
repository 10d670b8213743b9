package billing

import (
	"context"
	"net/http"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// API serves the operations on invoices, and receives Stripe's events.
type API struct {
	store  *Store
	audit  *audit.Log
	secret string
	now    clock.Clock
}

// NewAPI makes the API. secret is Stripe's signing secret; without one its events are refused.
func NewAPI(store *Store, log *audit.Log, secret string, now clock.Clock) *API {
	return &API{store: store, audit: log, secret: secret, now: now}
}

// ListInvoices implements the operation of the contract.
func (a *API) ListInvoices(ctx context.Context, r api.ListInvoicesRequestObject) (api.ListInvoicesResponseObject,
	error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	rows, total, err := a.store.List(ctx, r.TenantID, p, string(wire.Or(r.Params.Status, "")))
	if err != nil {
		return nil, err
	}
	return api.ListInvoices200JSONResponse{Data: wire.Map(rows, toWire), Meta: wire.PageMeta(p, total)}, nil
}

// CreateInvoice implements the operation of the contract.
func (a *API) CreateInvoice(ctx context.Context, r api.CreateInvoiceRequestObject) (api.CreateInvoiceResponseObject,
	error) {
	i := Invoice{
		TenantID: r.TenantID, Number: r.Body.Number, Status: Status(wire.Or(r.Body.Status, api.InvoiceStatus(Open))),
		Amount:   r.Body.Amount,
		Currency: r.Body.Currency, Description: wire.Or(r.Body.Description, ""),
		PeriodStart: db.At(wire.Or(r.Body.PeriodStart, time.Time{})), PeriodEnd: db.At(wire.Or(r.Body.PeriodEnd,
			time.Time{})), PaidAt: db.At(wire.Or(r.Body.PaidAt, time.Time{})),
	}
	if i.Status == Open && !i.PaidAt.IsZero() {
		return nil, problem.Invalid(problem.Detail{Field: "paid_at", Message: "is only for the status paid"})
	}
	if !i.PeriodEnd.IsZero() && i.PeriodStart.After(i.PeriodEnd.Time) {
		return nil, problem.Invalid(problem.Detail{Field: "period_start", Message: "is after period_end"})
	}
	if i.Status == Paid && i.PaidAt.IsZero() {
		i.PaidAt = db.At(a.now())
	}
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var err error
		i, err = a.store.Create(ctx, i)
		return audit.Change{TenantID: i.TenantID, Target: i.ID, After: toWire(i)}, err
	})
	if err != nil {
		return nil, err
	}
	return api.CreateInvoice201JSONResponse(toWire(i)), nil
}

// PayInvoice implements the operation of the contract.
func (a *API) PayInvoice(ctx context.Context, r api.PayInvoiceRequestObject) (api.PayInvoiceResponseObject, error) {
	paidAt := db.At(wire.Or(r.Body.PaidAt, time.Time{}))
	if paidAt.IsZero() {
		paidAt = db.At(a.now())
	}
	var after Invoice
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var before Invoice
		var err error
		before, after, err = a.store.Pay(ctx, r.TenantID, r.InvoiceID, paidAt)
		return audit.Change{TenantID: r.TenantID, Target: r.InvoiceID, Before: toWire(before), After: toWire(after)},
			err
	})
	if err != nil {
		return nil, err
	}
	return api.PayInvoice200JSONResponse(toWire(after)), nil
}

// ListStripeCustomers implements the operation of the contract.
func (a *API) ListStripeCustomers(ctx context.Context,
	r api.ListStripeCustomersRequestObject) (api.ListStripeCustomersResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	rows, total, err := a.store.Customers(ctx, p, wire.Or(r.Params.TenantID, ""))
	if err != nil {
		return nil, err
	}
	return api.ListStripeCustomers200JSONResponse{Data: wire.Map(rows, customerToWire), Meta: wire.PageMeta(p, total)},
		nil
}

// PutStripeCustomer implements the operation of the contract.
func (a *API) PutStripeCustomer(ctx context.Context,
	r api.PutStripeCustomerRequestObject) (api.PutStripeCustomerResponseObject, error) {
	var after Customer
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var before *Customer
		var err error
		before, after, err = a.store.Map(ctx, r.CustomerID, r.Body.TenantID)
		change := audit.Change{TenantID: r.Body.TenantID, Target: r.CustomerID, After: customerToWire(after)}
		if before != nil {
			change.Before = customerToWire(*before)
		}
		return change, err
	})
	if err != nil {
		return nil, err
	}
	return api.PutStripeCustomer200JSONResponse(customerToWire(after)), nil
}

// Verify checks the signature of an event of Stripe.
func (a *API) Verify(_ context.Context, h http.Header, body []byte) error {
	if a.secret == "" {
		return problem.New(problem.NotFound,
			"Events of Stripe are not taken here: HOOKLINE_STRIPE_WEBHOOK_SECRET is not set.")
	}
	if !signed(h.Get("Stripe-Signature"), body, a.secret, a.now()) {
		return problem.New(problem.Unauthorized,
			"The event is not signed with the secret of this endpoint, or was more than 5 minutes ago.")
	}
	return nil
}

// receiveLimit bounds the transaction of an event, which a client that hangs up does not cancel.
const receiveLimit = 20 * time.Second

// ReceiveStripeEvent implements the operation of the contract.
func (a *API) ReceiveStripeEvent(ctx context.Context,
	r api.ReceiveStripeEventRequestObject) (api.ReceiveStripeEventResponseObject, error) {
	// A client that disconnects must not prevent the event's effect.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), receiveLimit)
	defer cancel()
	effect, reason, err := a.store.Receive(ctx, StripeEvent{
		ID: r.Body.ID, Type: r.Body.Type, Created: time.Unix(r.Body.Created, 0), Object: r.Body.Data.Object,
	})
	if err != nil {
		return nil, err
	}
	return api.ReceiveStripeEvent200JSONResponse{
		Received: true, Effect: api.StripeReceiptEffect(effect), Reason: wire.Null(wire.Text(reason)),
	}, nil
}

func toWire(i Invoice) api.Invoice {
	return api.Invoice{
		ID: i.ID, TenantID: i.TenantID, Number: i.Number, Status: api.InvoiceStatus(i.Status), Amount: i.Amount,
		Currency:    i.Currency,
		Description: i.Description, ExternalID: wire.Null(wire.Text(i.ExternalID)),
		PeriodStart: wire.Null(i.PeriodStart.Pointer()),
		PeriodEnd:   wire.Null(i.PeriodEnd.Pointer()), PaidAt: wire.Null(i.PaidAt.Pointer()),
		CreatedAt: i.CreatedAt.Time, UpdatedAt: i.UpdatedAt.Time,
	}
}

func customerToWire(c Customer) api.StripeCustomer {
	return api.StripeCustomer{CustomerID: c.ID, TenantID: c.TenantID, CreatedAt: c.CreatedAt.Time}
}
