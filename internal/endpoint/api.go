package endpoint

import (
	"cmp"
	"context"
	"fmt"
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
	"github.com/hookline/hookline/internal/throttle"
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
	if r.Params.WebhookID != nil {
		q.IDs = strings.Split(*r.Params.WebhookID, ",")
	}
	if len(q.IDs) > mostIDs {
		return nil, problem.Invalid(problem.Detail{Field: "webhook_id",
			Message: fmt.Sprintf("must have at most %d ids", mostIDs)})
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

// fromWire reads settings; the profile supplies what is left out. tenantProfile applies when none is named.
func fromWire(w api.WebhookCreate, tenantProfile string) (Settings, []problem.Detail) {
	s := Settings{
		Name: strings.TrimSpace(wire.Or(w.Name, "")), URL: w.URL, Events: wire.Or(w.Events, nil),
		Method: string(wire.Or(w.Method, api.WebhookMethodPOST)), Headers: map[string]string{},
		Profile: string(wire.Or(w.Profile, api.Profile(tenantProfile))), Enabled: wire.Or(w.Enabled, true),
		Rate: wire.Or(w.RateLimit, api.EndpointRateLimit{}).Requests, TraceContext: wire.Or(w.TraceContext, false),
	}
	if w.Headers != nil {
		s.Headers = *w.Headers
	}
	if s.Events == nil {
		s.Events = profile.Of(s.Profile).DefaultEvents()
	}
	s.Envelope, s.Signing = profile.Standard, defaultSigning(s.Profile)
	s.signWith(w.Envelope, w.Signing)
	var details []problem.Detail
	s.Policy, details = policyFromWire(wire.Or(w.RetryPolicy, api.RetryPolicy{}), s.Profile)
	return s, append(details, s.options(w.Description, w.Metadata, w.Filter, w.Timeout, w.RetryPolicies, w.Auth)...)
}

// merge applies an update. Credentials that it does not name are as those that it sends back masked.
func merge(s Settings, w api.WebhookUpdate) (Settings, []problem.Detail) {
	s.Headers, s.Auth = masked(s.Headers), s.Auth.masked()
	s.Name = wire.Or(w.Name, s.Name)
	s.URL = wire.Or(w.URL, s.URL)
	s.Events = wire.Or(w.Events, s.Events)
	s.Enabled, s.Resume = wire.Or(w.Enabled, s.Enabled), wire.Or(w.Enabled, false)
	if s.Suspended && w.Enabled == nil && (w.URL != nil || w.Events != nil) {
		s.Enabled, s.Resume = true, true // a subscription that is given again is meant to deliver
	}
	s.Headers = wire.Or(w.Headers, s.Headers)
	s.TraceContext = wire.Or(w.TraceContext, s.TraceContext)
	if w.Method != nil {
		s.Method = string(*w.Method)
	}
	if w.Profile != nil {
		s = s.under(string(*w.Profile))
	}
	s.signWith(w.Envelope, w.Signing)
	if w.RateLimit != nil {
		s.Rate = w.RateLimit.Requests
	}
	var details []problem.Detail
	if w.RetryPolicy != nil {
		s.Policy, details = policyFromWire(*w.RetryPolicy, s.Profile)
	}
	return s, append(details, s.options(w.Description, w.Metadata, w.Filter, w.Timeout, w.RetryPolicies, w.Auth)...)
}

func (a *API) toWire(e Endpoint) (api.Webhook, error) {
	headers, err := a.store.openHeaders(e)
	if err != nil {
		return api.Webhook{}, err
	}
	auth, err := a.store.openAuth(e)
	if err != nil {
		return api.Webhook{}, err
	}
	return api.Webhook{
		Description: e.Description, Metadata: metadataToWire(e.Metadata.V), Filter: wire.Null(wire.Text(e.Filter)),
		Timeout: wire.Null(wire.Text(e.Timeout)), TraceContext: e.TraceContext,
		RetryPolicies: policiesToWire(e.RetryPolicies.V), Auth: authToWire(auth),
		Source: wire.Null(wire.Text(e.Source)), Listener: e.Listener(),
		ID: e.ID, Name: e.Name, URL: e.URL, Events: e.Events.V, Method: e.Method, Headers: masked(headers),
		Profile: api.Profile(e.Profile), Envelope: api.Envelope(e.Envelope), Signing: api.Signing(e.Signing),
		PublicKey:   wire.Null(e.VerifyingKey()),
		RetryPolicy: policyToWire(e.RetryPolicy.V), RetryPreview: preview(e.RetryPolicy.V), Enabled: e.Enabled,
		Environment: api.Environment(e.Environment), DisabledReason: wire.Null(wire.Text(e.DisabledReason)),
		CreatedAt: e.CreatedAt.Time, UpdatedAt: e.UpdatedAt.Time,
		RateLimit: rateToWire(e.RateLimit), Circuit: circuitToWire(e.Throttle),
	}, nil
}

func rateToWire(rate *int) api.EndpointRateLimit {
	if rate == nil {
		return api.EndpointRateLimit{}
	}
	return api.EndpointRateLimit{Requests: rate, Per: new(api.EndpointRateLimitPerSecond)}
}

func circuitToWire(t throttle.State) api.Circuit {
	var probe *time.Time
	if t.Circuit == throttle.Open {
		probe = t.CircuitUntil.Pointer()
	}
	var limit *int
	if t.Throttled() {
		n := t.Limit()
		limit = &n
	}
	return api.Circuit{State: api.CircuitState(cmp.Or(t.Circuit, throttle.Closed)),
		OpenedAt: wire.Null(t.CircuitOpenedAt.Pointer()), NextProbeAt: wire.Null(probe),
		ConcurrencyLimit: wire.Null(limit)}
}

// policyFromWire reads a policy; the profile's applies when nothing is set.
func policyFromWire(w api.RetryPolicy, profileName string) (profile.Policy, []problem.Detail) {
	p := profile.Policy{Jitter: profile.DefaultJitter}
	if w.Schedule == nil && w.Initial == nil && w.Multiplier == nil && w.MaxAttempts == nil && w.MaxInterval == nil {
		defaults, _ := profile.Find(profileName)
		p = defaults.Policy
		p.Jitter = wire.Or(w.Jitter, p.Jitter)
		return p, nil
	}
	if w.Schedule == nil && w.Initial == nil {
		w.Initial = firstWait(profileName)
	}
	var details []problem.Detail
	read := func(field string, text string) profile.Duration {
		d, err := profile.ParseDuration(text)
		if err != nil {
			details = append(details, problem.Detail{Field: "retry_policy." + field, Message: err.Error()})
		}
		return d
	}
	for _, wait := range wire.Or(w.Schedule, nil) {
		p.Schedule = append(p.Schedule, read("schedule", wait))
	}
	p.Jitter = wire.Or(w.Jitter, p.Jitter)
	p.Multiplier, p.MaxAttempts = wire.Or(w.Multiplier, 0), wire.Or(w.MaxAttempts, 0)
	if w.MaxInterval != nil {
		d := read("max_interval", *w.MaxInterval)
		p.MaxInterval = &d
	}
	if w.Initial != nil {
		d := read("initial", *w.Initial)
		p.Initial = &d
		p.Multiplier, p.MaxAttempts = wire.Or(w.Multiplier, profile.DefaultMultiplier), wire.Or(w.MaxAttempts,
			profile.DefaultMaxAttempts)
	}
	return p, details
}

// firstWait is how long the profile waits before the first retry.
func firstWait(profileName string) *string {
	p, _ := profile.Find(profileName)
	switch {
	case p.Policy.Initial != nil:
		return &p.Policy.Initial.Text
	case len(p.Policy.Schedule) > 0:
		return &p.Policy.Schedule[0].Text
	}
	return nil
}

func policyToWire(p profile.Policy) api.RetryPolicy {
	w := api.RetryPolicy{Jitter: &p.Jitter}
	if len(p.Schedule) > 0 {
		waits := wire.Map(p.Schedule, func(d profile.Duration) string { return d.Text })
		w.Schedule = &waits
		return w
	}
	w.Initial, w.Multiplier, w.MaxAttempts = &p.Initial.Text, &p.Multiplier, &p.MaxAttempts
	if p.MaxInterval != nil {
		w.MaxInterval = &p.MaxInterval.Text
	}
	return w
}
