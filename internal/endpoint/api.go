package endpoint

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/eventtype"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/wire"
)

type urlChecker interface{ CheckURL(raw string) error }

type canceller interface {
	// CancelEndpoint cancels all pending deliveries of a deleted endpoint.
	CancelEndpoint(tx *gorm.DB, scope principal.Scope, endpointID string) error
}

type ranker interface {
	// MostFailing lists ids of endpoints, the highest share of failed deliveries first.
	MostFailing(ctx context.Context, scope principal.Scope) ([]string, error)
}

// API serves the operations on endpoints.
type API struct {
	store      *Editor
	deliveries canceller
	ranker     ranker
	audit      *audit.Log
	types      *eventtype.Types
	urls       urlChecker
	longest    time.Duration
}

// NewAPI makes the API. longest is the longest timeout that an endpoint may set.
func NewAPI(store *Editor, types *eventtype.Types, urls urlChecker, deliveries canceller, ranker ranker,
	log *audit.Log, longest time.Duration) *API {
	return &API{store: store, deliveries: deliveries, ranker: ranker, audit: log, types: types, urls: urls,
		longest: longest}
}

func (a *API) rules(ctx context.Context) (rules, error) {
	p := principal.From(ctx)
	known, err := a.types.Patterns(ctx, p.Scope)
	if err != nil {
		return rules{}, err
	}
	at, err := a.types.At(ctx, p.Scope)
	return rules{profiles: profile.Of(p.Profile).Choices(), checkPattern: known, typeAt: at, checkURL: a.urls.CheckURL,
		longest: a.longest, now: a.store.now()}, err
}

// mostIDs is how many endpoints a list can be narrowed to by their ids.
const mostIDs = 100

// ListWebhooks implements the operation of the contract.
func (a *API) ListWebhooks(ctx context.Context, r api.ListWebhooksRequestObject) (api.ListWebhooksResponseObject,
	error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	q := Query{
		URL: egress.NormalizeURL(wire.Or(r.Params.URL, "")), Search: wire.Or(r.Params.Search, ""),
		State: string(wire.Or(r.Params.State, "")), Sort: string(wire.Or(r.Params.Sort, "")),
	}
	var err error
	if q.IDs, err = wire.IDs("webhook_id", r.Params.WebhookID, mostIDs); err != nil {
		return nil, err
	}
	rows, total, err := a.list(ctx, p, q)
	if err != nil {
		return nil, err
	}
	out := api.ListWebhooks200JSONResponse{Data: make([]api.Webhook, 0, len(rows)), Meta: wire.PageMeta(p, total)}
	for _, e := range rows {
		w, err := a.toWire(e)
		if err != nil {
			return nil, err
		}
		w.LastDeliveryStatus, w.State = lastStatus(e), new(api.WebhookState(e.State()))
		out.Data = append(out.Data, w)
	}
	return out, nil
}

func (a *API) list(ctx context.Context, p page.Page, q Query) ([]Endpoint, int64, error) {
	scope := principal.From(ctx).Scope
	if q.Sort != string(api.ListWebhooksParamsSortFailureRate) {
		return a.store.List(ctx, scope, p, q)
	}
	ranked, err := a.ranker.MostFailing(ctx, scope)
	if err != nil {
		return nil, 0, err
	}
	return a.store.ListRanked(ctx, scope, p, q, ranked)
}

// CreateWebhook implements the operation of the contract.
func (a *API) CreateWebhook(ctx context.Context, r api.CreateWebhookRequestObject) (api.CreateWebhookResponseObject,
	error) {
	p := principal.From(ctx)
	rules, err := a.rules(ctx)
	if err != nil {
		return nil, err
	}
	settings, details := fromWire(*r.Body, p.Profile)
	settings.normalize()
	details = append(details, settings.keepStored(Settings{})...)
	if r.Body.Secret != nil {
		settings.Secret = strings.TrimSpace(*r.Body.Secret)
		if message := checkSecret(settings.Profile, settings.Secret); message != "" {
			details = append(details, problem.Detail{Field: "secret", Message: message})
		}
	}
	settings.Source = wire.Or(r.Body.Source, "")
	if details = append(details, settings.check(rules)...); len(details) > 0 {
		return nil, problem.Invalid(details...)
	}
	var w api.Webhook
	var signingSecret string
	err = a.audit.DoIf(ctx, func(ctx context.Context) (audit.Change, bool, error) {
		var e Endpoint
		var err error
		if e, signingSecret, err = a.store.Create(ctx, p.Scope, settings); err != nil {
			return audit.Change{}, false, err
		}
		changed := signingSecret != ""
		if !changed && settings.Enabled {
			if e, changed, err = a.store.attach(ctx, e); err != nil {
				return audit.Change{}, false, err
			}
		}
		w, err = a.toWire(e)
		return audit.Change{Target: e.ID, After: w}, changed, err
	})
	if err != nil {
		return nil, err
	}
	if signingSecret == "" { // the source has this subscription already
		return api.CreateWebhook200JSONResponse(created(w, "")), nil
	}
	return api.CreateWebhook201JSONResponse(created(w, signingSecret)), nil
}

// GetWebhook implements the operation of the contract.
func (a *API) GetWebhook(ctx context.Context, r api.GetWebhookRequestObject) (api.GetWebhookResponseObject, error) {
	e, err := a.store.Get(ctx, principal.From(ctx).Scope, r.WebhookID)
	if err != nil {
		return nil, err
	}
	w, err := a.toWire(e)
	w.LastDeliveryStatus, w.State = lastStatus(e), new(api.WebhookState(e.State()))
	return api.GetWebhook200JSONResponse(w), err
}

// lastStatus is nil before the first attempt.
func lastStatus(e Endpoint) *api.DeliveryStatus {
	if e.LastStatus == "" {
		return nil
	}
	return new(api.DeliveryStatus(e.LastStatus))
}

// ReplaceWebhook implements the operation of the contract.
func (a *API) ReplaceWebhook(ctx context.Context, r api.ReplaceWebhookRequestObject) (api.ReplaceWebhookResponseObject,
	error) {
	rules, err := a.rules(ctx)
	if err != nil {
		return nil, err
	}
	w, err := a.update(ctx, r.WebhookID, func(s *Settings) error {
		settings, details := fromWire(*r.Body, principal.From(ctx).Profile)
		settings.Resume, settings.Listener = settings.Enabled && !s.Enabled, s.Listener
		return rules.replace(s, settings, append(details, onlyWhenCreating(*r.Body)...))
	})
	return api.ReplaceWebhook200JSONResponse(w), err
}

// UpdateWebhook implements the operation of the contract.
func (a *API) UpdateWebhook(ctx context.Context, r api.UpdateWebhookRequestObject) (api.UpdateWebhookResponseObject,
	error) {
	rules, err := a.rules(ctx)
	if err != nil {
		return nil, err
	}
	w, err := a.update(ctx, r.WebhookID, func(s *Settings) error {
		settings, details := merge(*s, *r.Body)
		return rules.replace(s, settings, details)
	})
	return api.UpdateWebhook200JSONResponse(w), err
}

// update edits an endpoint and audits it before and after.
func (a *API) update(ctx context.Context, endpointID string, edit func(*Settings) error) (api.Webhook, error) {
	scope := principal.From(ctx).Scope
	var after api.Webhook
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		before, err := a.read(ctx, scope, endpointID)
		if err != nil {
			return audit.Change{}, err
		}
		e, err := a.store.Update(ctx, scope, endpointID, edit)
		if err != nil {
			return audit.Change{}, err
		}
		after, err = a.toWire(e)
		return audit.Change{Target: e.ID, Before: before, After: after}, err
	})
	return after, err
}

func (a *API) read(ctx context.Context, scope principal.Scope, endpointID string) (api.Webhook, error) {
	e, err := a.store.Get(ctx, scope, endpointID)
	if err != nil {
		return api.Webhook{}, err
	}
	return a.toWire(e)
}

func (r rules) replace(s *Settings, settings Settings, details []problem.Detail) error {
	settings.normalize()
	if s.Listener && settings.URL != s.URL {
		details = append(details, problem.Detail{Field: "url", Message: "can't be changed: the endpoint is a listener"})
	}
	details = append(details, settings.keepStored(*s)...)
	if details = append(details, settings.check(r)...); len(details) > 0 {
		return problem.Invalid(details...)
	}
	*s = settings
	return nil
}

// DeleteWebhook implements the operation of the contract.
func (a *API) DeleteWebhook(ctx context.Context, r api.DeleteWebhookRequestObject) (api.DeleteWebhookResponseObject,
	error) {
	scope := principal.From(ctx).Scope
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		change := audit.Change{Target: r.WebhookID}
		if w, err := a.read(ctx, scope, r.WebhookID); err == nil { // else it is deleted already, or never existed
			change.Before = w
		}
		return change, a.store.Delete(ctx, scope, r.WebhookID, func(tx *gorm.DB) error {
			return a.deliveries.CancelEndpoint(tx, scope, r.WebhookID)
		})
	})
	if err != nil {
		return nil, err
	}
	return api.DeleteWebhook204Response{}, nil
}
