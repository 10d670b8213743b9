package endpoint

import (
	"maps"
	"slices"
	"strings"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
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
