package tracking

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

type eventLog interface {
	// List returns a tenant's events, newest first, and the cursor of the next page.
	List(ctx context.Context, scope principal.Scope, l page.Log, f event.Filter) ([]event.Event, *string, error)
}

// API serves the operations on tracking.
type API struct {
	store  *Store
	events eventLog
	audit  *audit.Log
}

// NewAPI makes the API.
func NewAPI(store *Store, events eventLog, log *audit.Log) *API {
	return &API{store: store, events: events, audit: log}
}

// ListTrackedAccounts implements the operation of the contract.
func (a *API) ListTrackedAccounts(ctx context.Context,
	r api.ListTrackedAccountsRequestObject) (api.ListTrackedAccountsResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	f := AccountFilter{Platform: wire.Or(r.Params.Platform, ""), Username: wire.Or(r.Params.Username, "")}
	rows, total, err := a.store.Accounts(ctx, principal.From(ctx).Scope, p, f)
	if err != nil {
		return nil, err
	}
	return api.ListTrackedAccounts200JSONResponse{Data: wire.Map(rows, accountToWire), Meta: wire.PageMeta(p, total)},
		nil
}

// CreateTrackedAccount implements the operation of the contract.
func (a *API) CreateTrackedAccount(ctx context.Context,
	r api.CreateTrackedAccountRequestObject) (api.CreateTrackedAccountResponseObject, error) {
	n := NewAccount{Platform: r.Body.Platform, AccountID: r.Body.AccountID, Username: r.Body.Username}
	made, err := a.store.CreateAccount(ctx, principal.From(ctx).Scope, n)
	if err != nil {
		return nil, err
	}
	return api.CreateTrackedAccount201JSONResponse(accountToWire(made)), nil
}

// GetTrackedAccount implements the operation of the contract.
func (a *API) GetTrackedAccount(ctx context.Context,
	r api.GetTrackedAccountRequestObject) (api.GetTrackedAccountResponseObject, error) {
	found, err := a.store.Account(ctx, principal.From(ctx).Scope, r.TrackedAccountID)
	if err != nil {
		return nil, err
	}
	return api.GetTrackedAccount200JSONResponse(accountToWire(found)), nil
}

// UpdateTrackedAccount implements the operation of the contract.
func (a *API) UpdateTrackedAccount(ctx context.Context,
	r api.UpdateTrackedAccountRequestObject) (api.UpdateTrackedAccountResponseObject, error) {
	renamed, err := a.store.Rename(ctx, principal.From(ctx).Scope, r.TrackedAccountID, r.Body.Username)
	if err != nil {
		return nil, err
	}
	return api.UpdateTrackedAccount200JSONResponse(accountToWire(renamed)), nil
}

// DeleteTrackedAccount implements the operation of the contract.
func (a *API) DeleteTrackedAccount(ctx context.Context,
	r api.DeleteTrackedAccountRequestObject) (api.DeleteTrackedAccountResponseObject, error) {
	if err := a.store.DeleteAccount(ctx, principal.From(ctx).Scope, r.TrackedAccountID); err != nil {
		return nil, err
	}
	return api.DeleteTrackedAccount204Response{}, nil
}

// ListStats implements the operation of the contract.
func (a *API) ListStats(ctx context.Context, r api.ListStatsRequestObject) (api.ListStatsResponseObject, error) {
	during, err := period(r.Params.From, r.Params.To)
	if err != nil {
		return nil, err
	}
	p := page.New(r.Params.Page, r.Params.PerPage)
	f := AccountFilter{Platform: wire.Or(r.Params.Platform, ""), Username: wire.Or(r.Params.Username, ""),
		Tracked: true, Period: during}
	rows, total, err := a.store.Accounts(ctx, principal.From(ctx).Scope, p, f)
	if err != nil {
		return nil, err
	}
	return api.ListStats200JSONResponse{Data: wire.Map(rows, statsToWire), Meta: wire.PageMeta(p, total)}, nil
}

// period refuses one that ends before it begins.
func period(from, to *time.Time) (Period, error) {
	start, end, wrong := wire.Span("to", from, to)
	if len(wrong) > 0 {
		return Period{}, problem.Invalid(wrong...)
	}
	return Period{From: start, To: end}, nil
}

// types are the events of the tracker.
var types = []string{StatsUpdated, FollowerGained, FollowerLost, MessageSent, MessageFailed, JobCompleted, JobFailed}

// ListTrackerEvents implements the operation of the contract.
func (a *API) ListTrackerEvents(ctx context.Context,
	r api.ListTrackerEventsRequestObject) (api.ListTrackerEventsResponseObject, error) {
	during, err := period(r.Params.From, r.Params.To)
	if err != nil {
		return nil, err
	}
	l, err := wire.Log(r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}
	wanted := types
	if r.Params.Event != nil {
		wanted = []string{string(*r.Params.Event)}
	}
	rows, next, err := a.events.List(ctx, principal.From(ctx).Scope, l,
		event.Filter{Types: wanted, From: during.From, To: during.To})
	if err != nil {
		return nil, err
	}
	return api.ListTrackerEvents200JSONResponse{Data: wire.Map(rows, eventToWire),
		Meta: api.CursorMeta{NextCursor: wire.Null(next)}}, nil
}

func accountToWire(a Account) api.TrackedAccount {
	w := api.TrackedAccount{
		ID: a.ID, TrackedUserID: a.Number, Platform: a.Platform, AccountID: a.AccountID, Username: a.Username,
		TrackedAt: wire.Null(a.TrackedAt.Pointer()), CreatedAt: a.CreatedAt.Time, UpdatedAt: a.UpdatedAt.Time,
	}
	known := func(n int64) *int64 {
		if a.TrackedAt.IsZero() {
			return nil
		}
		return &n
	}
	w.FollowerCount, w.FollowingCount, w.PostsCount = wire.Null(known(a.FollowerCount)),
		wire.Null(known(a.FollowingCount)), wire.Null(known(a.PostsCount))
	return w
}

func statsToWire(a Account) api.StatsData {
	return api.StatsData{
		Platform: a.Platform, AccountID: a.AccountID, TrackedUserID: a.Number, Username: a.Username,
		FollowerCount: a.FollowerCount, FollowingCount: a.FollowingCount, PostsCount: a.PostsCount,
		TrackedAt: a.TrackedAt.Time,
	}
}

func eventToWire(e event.Event) api.TrackerEvent {
	return api.TrackerEvent{ID: e.WireID(), Event: api.TrackerEventType(e.Type), Data: json.RawMessage(e.Data),
		CreatedAt: e.CreatedAt.Time}
}
