package endpoint

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/throttle"
	"github.com/hookline/hookline/internal/wire"
)

// created is the response to the creation of an endpoint.
func created(w api.Webhook, secret string) api.WebhookCreated {
	return api.WebhookCreated{
		ID: w.ID, Name: w.Name, Description: w.Description, Metadata: w.Metadata, URL: w.URL, Events: w.Events,
		Method:  w.Method,
		Headers: w.Headers, Auth: w.Auth, Profile: w.Profile, Envelope: w.Envelope, Signing: w.Signing,
		PublicKey: w.PublicKey,
		Filter:    w.Filter, RetryPolicy: w.RetryPolicy, RetryPreview: w.RetryPreview, RetryPolicies: w.RetryPolicies,
		RateLimit: w.RateLimit, Timeout: w.Timeout, TraceContext: w.TraceContext,
		Source: w.Source, Listener: w.Listener, Enabled: w.Enabled,
		DisabledReason: w.DisabledReason,
		Circuit:        w.Circuit, Environment: w.Environment, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt,
		Secret: secret,
	}
}

// onlyWhenCreating returns an error for each field that a replacement can't change.
func onlyWhenCreating(w api.WebhookCreate) []problem.Detail {
	var details []problem.Detail
	if w.Secret != nil {
		details = append(details, problem.Detail{Field: "secret",
			Message: "can be given when the endpoint is created; later, use POST " +
				"/api/v1/webhooks/{webhook_id}/rotate-secret"})
	}
	if w.Source != nil {
		details = append(details, problem.Detail{Field: "source",
			Message: "can only be given when the endpoint is created"})
	}
	return details
}

// options applies the given options, and leaves none nil.
func (s *Settings) options(description *string, metadata *api.Metadata, filter, timeout nullable.Nullable[string],
	policies *api.RetryPolicies, auth *api.WebhookAuth) []problem.Detail {
	s.Description = wire.Or(description, s.Description)
	s.Metadata = wire.Or(metadata, s.Metadata)
	if filter.IsSpecified() {
		s.Filter = strings.TrimSpace(wire.Or(wire.Pointer(filter), ""))
	}
	if timeout.IsSpecified() {
		s.Timeout = wire.Or(wire.Pointer(timeout), "")
	}
	var details []problem.Detail
	if policies != nil {
		s.Policies = map[string]profile.Policy{}
		for _, pattern := range slices.Sorted(maps.Keys(*policies)) {
			policy, wrong := policyFromWire((*policies)[pattern], s.Profile)
			for _, d := range wrong {
				d.Field = strings.Replace(d.Field, "retry_policy", "retry_policies."+pattern, 1)
				details = append(details, d)
			}
			s.Policies[pattern] = policy
		}
	}
	if auth != nil {
		s.Auth = authFromWire(*auth)
	}
	if s.Auth.Type == "" {
		s.Auth.Type = AuthNone
	}
	if s.Metadata == nil {
		s.Metadata = map[string]string{}
	}
	if s.Policies == nil {
		s.Policies = map[string]profile.Policy{}
	}
	return details
}

func authFromWire(w api.WebhookAuth) Auth {
	text := func(p *string) string { return wire.Or(p, "") }
	return Auth{
		Type: string(w.Type), Username: text(w.Username), Password: text(w.Password), TokenURL: text(w.TokenURL),
		ClientID:     text(w.ClientID),
		ClientSecret: text(w.ClientSecret), Scope: text(w.Scope), Certificate: text(w.Certificate),
		PrivateKey: text(w.PrivateKey), TokenAuth: string(wire.Or(w.TokenEndpointAuthMethod, "")),
	}
}

func authToWire(a Auth) api.WebhookAuth {
	a = a.masked()
	w := api.WebhookAuth{
		Type: api.WebhookAuthType(a.Type), Username: wire.Text(a.Username), Password: wire.Text(a.Password),
		TokenURL: wire.Text(a.TokenURL),
		ClientID: wire.Text(a.ClientID), ClientSecret: wire.Text(a.ClientSecret), Scope: wire.Text(a.Scope),
		Certificate: wire.Text(a.Certificate), PrivateKey: wire.Text(a.PrivateKey),
	}
	if a.TokenAuth != "" {
		w.TokenEndpointAuthMethod = new(api.WebhookAuthTokenEndpointAuthMethod(a.TokenAuth))
	}
	if end, ok := certificateEnd(a.Certificate); ok {
		w.CertificateExpiresAt = &end
	}
	return w
}

func policiesToWire(policies map[string]profile.Policy) api.RetryPolicies {
	out := make(api.RetryPolicies, len(policies))
	for pattern, p := range policies {
		out[pattern] = policyToWire(p)
	}
	return out
}

func metadataToWire(m map[string]string) api.Metadata {
	if m == nil {
		return api.Metadata{}
	}
	return m
}

// SecretToWire is the answer of the contract that has secrets in the clear.
func SecretToWire(s Secrets) api.WebhookSecret {
	return api.WebhookSecret{Secret: s.Current, Previous: wire.Map(s.Previous, func(r Replaced) api.PreviousSecret {
		return api.PreviousSecret{ValidUntil: r.ValidUntil}
	})}
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
	s.Name = strings.TrimSpace(wire.Or(w.Name, s.Name))
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
