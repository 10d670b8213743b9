package alert

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

type urlChecker interface{ CheckURL(raw string) error }

// API serves the operations on alerts.
type API struct {
	store  *Store
	sender *Sender
	urls   urlChecker
	audit  *audit.Log
}

// NewAPI makes the API.
func NewAPI(store *Store, sender *Sender, urls urlChecker, log *audit.Log) *API {
	return &API{store: store, sender: sender, urls: urls, audit: log}
}

// GetAlertSettings implements the operation of the contract.
func (a *API) GetAlertSettings(ctx context.Context,
	_ api.GetAlertSettingsRequestObject) (api.GetAlertSettingsResponseObject, error) {
	s, err := a.store.Settings(ctx, principal.From(ctx).Scope)
	return api.GetAlertSettings200JSONResponse(a.settings(s)), err
}

// PutAlertSettings implements the operation of the contract.
func (a *API) PutAlertSettings(ctx context.Context,
	r api.PutAlertSettingsRequestObject) (api.PutAlertSettingsResponseObject, error) {
	if h := wire.Or(r.Body.DisableAfterHours, 0); h > 0 && h < minHours {
		return nil, problem.Invalid(problem.Detail{Field: "disable_after_hours",
			Message: "must be 0 for never, or at least 24: an outage of hours is no reason to disable an endpoint"})
	}
	p := principal.From(ctx)
	if p.Owns != 0 && !p.OwnsRest {
		return nil, problem.New(problem.Forbidden,
			"These settings hold for the endpoints of all members. Ask an owner or an admin to change them.")
	}
	scope := p.Scope
	var w api.AlertSettings
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		before, after, err := a.store.PutSettings(ctx, scope, r.Body.DisableAfterHours, r.Body.DisableFailures)
		w = a.settings(after)
		return audit.Change{Target: scope.TenantID, Before: a.settings(before), After: w}, err
	})
	if err != nil {
		return nil, err
	}
	return api.PutAlertSettings200JSONResponse(w), nil
}

// minHours is the least time of failing after which an endpoint is disabled.
const minHours = 24

func (a *API) settings(s Settings) api.AlertSettings {
	l := s.limits(a.store.defaults)
	return api.AlertSettings{
		DisableAfterHours: int(l.After.Hours()), DisableFailures: l.Failures,
		Custom: s.DisableAfterHours != nil || s.DisableFailures != nil,
	}
}

// ListAlerts implements the operation of the contract.
func (a *API) ListAlerts(ctx context.Context, r api.ListAlertsRequestObject) (api.ListAlertsResponseObject, error) {
	l, err := wire.Log(r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}
	rows, notifications, next, err := a.store.List(ctx, principal.From(ctx).Scope, l, Filter{
		State: string(wire.Or(r.Params.State, "")), Condition: string(wire.Or(r.Params.Condition, "")),
		Subject: wire.Or(r.Params.Subject, ""),
	})
	if err != nil {
		return nil, err
	}
	return api.ListAlerts200JSONResponse{
		Data: wire.Map(rows, func(row Alert) api.Alert { return toWire(row, notifications[row.ID]) }),
		Meta: api.CursorMeta{NextCursor: wire.Null(next)},
	}, nil
}

// ResolveAlert implements the operation of the contract.
func (a *API) ResolveAlert(ctx context.Context, r api.ResolveAlertRequestObject) (api.ResolveAlertResponseObject,
	error) {
	var w api.Alert
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		before, after, notifications, err := a.store.Resolve(ctx, principal.From(ctx).Scope, r.AlertID)
		w = toWire(after, notifications)
		return audit.Change{Target: r.AlertID, Before: toWire(before, notifications), After: w}, err
	})
	if err != nil {
		return nil, err
	}
	return api.ResolveAlert200JSONResponse(w), nil
}

func toWire(a Alert, notifications []Notification) api.Alert {
	state := api.AlertStateOpen
	if !a.ResolvedAt.IsZero() {
		state = api.AlertStateResolved
	}
	return api.Alert{
		ID: a.ID, Condition: api.AlertCondition(a.Condition), Subject: a.Subject, Title: a.Title, Message: a.Message,
		Since: a.Since.Time, Environment: api.Environment(a.Environment), State: state, CreatedAt: a.CreatedAt.Time,
		ResolvedAt: wire.Null(a.ResolvedAt.Pointer()), Notifications: wire.Map(notifications, notificationToWire),
	}
}

func notificationToWire(n Notification) api.AlertNotification {
	return api.AlertNotification{
		ChannelID: n.ChannelID, About: api.AlertNotificationAbout(n.About),
		Status:   api.AlertNotificationStatus(n.Status),
		Attempts: n.Attempts, Error: wire.Null(wire.Text(n.Error)), NextAttemptAt: wire.Null(n.NextAttemptAt.Pointer()),
		SentAt: wire.Null(n.SentAt.Pointer()),
	}
}
