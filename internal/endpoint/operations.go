package endpoint

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/eventtype"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/wire"
)

const defaultGrace = "24h"

// RotateWebhookSecret implements the operation of the contract.
func (a *API) RotateWebhookSecret(ctx context.Context,
	r api.RotateWebhookSecretRequestObject) (api.RotateWebhookSecretResponseObject, error) {
	grace, err := profile.ParseDuration(wire.Or(r.Body.Grace, defaultGrace))
	if err != nil {
		return nil, problem.Invalid(problem.Detail{Field: "grace", Message: err.Error()})
	}
	next := strings.TrimSpace(wire.Or(r.Body.Secret, ""))
	if r.Body.Secret != nil && next == "" {
		return nil, problem.Invalid(problem.Detail{Field: "secret", Message: "must not be blank"})
	}
	var secrets Secrets
	err = a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		var err error
		secrets, err = a.store.Rotate(ctx, principal.From(ctx).Scope, r.WebhookID, next, grace.Duration)
		return audit.Change{Target: r.WebhookID, After: map[string]any{"previous": SecretToWire(secrets).Previous}}, err
	})
	return api.RotateWebhookSecret200JSONResponse(SecretToWire(secrets)), err
}

// RevealWebhookSecret implements the operation of the contract.
func (a *API) RevealWebhookSecret(ctx context.Context,
	r api.RevealWebhookSecretRequestObject) (api.RevealWebhookSecretResponseObject, error) {
	var secrets Secrets
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		p := principal.From(ctx)
		e, err := a.store.Get(ctx, p.Scope, r.WebhookID)
		if err != nil {
			return audit.Change{}, err
		}
		if name, once := profile.ShowsSecretOnce(p.Profile, e.Profile); once {
			return audit.Change{}, problem.New(problem.Forbidden, "In the profile %s a signing secret is shown once, "+
				"when it is created or rotated, and never again. Rotate a lost one: POST "+
				"/api/v1/webhooks/%s/rotate-secret.", name, e.ID)
		}
		secrets, err = a.store.Reveal(ctx, p.Scope, e.ID)
		return audit.Change{Target: r.WebhookID}, err
	})
	return api.RevealWebhookSecret200JSONResponse(SecretToWire(secrets)), err
}

// EnableWebhook implements the operation of the contract.
func (a *API) EnableWebhook(ctx context.Context, r api.EnableWebhookRequestObject) (api.EnableWebhookResponseObject,
	error) {
	w, err := a.update(ctx, r.WebhookID, func(s *Settings) error {
		s.Enabled, s.Resume = true, true
		return nil
	})
	return api.EnableWebhook200JSONResponse(w), err
}

// TestFilter implements the operation of the contract.
func (a *API) TestFilter(ctx context.Context, r api.TestFilterRequestObject) (api.TestFilterResponseObject, error) {
	caller := principal.From(ctx)
	product := string(wire.Or(r.Body.Profile, api.Profile(profile.Of(caller.Profile).Name)))
	if choices := profile.Of(caller.Profile).Choices(); !slices.Contains(choices, product) {
		return nil, problem.Invalid(problem.Detail{Field: "profile",
			Message: "must be one of " + strings.Join(choices, ", ")})
	}
	t, err := a.types.Sample(ctx, caller.Scope, "event_type", wire.Or(r.Body.EventType, ""),
		func(eventtype.Type) bool { return true })
	if err != nil {
		return nil, err
	}
	at, err := a.types.At(ctx, caller.Scope)
	if err != nil {
		return nil, err
	}
	if _, err := compileFilter(r.Body.Filter); err == nil { // else the answer says what is wrong
		if message := checkFilter(r.Body.Filter, profile.Of(product), at); message != "" {
			return nil, problem.Invalid(problem.Detail{Field: "filter", Message: message})
		}
	}
	o, err := (&Occurrence{Type: t.Name, ID: "evt_test", OccurredAt: a.store.now().UTC().Truncate(time.Microsecond),
		Data: t.Sample}).In(profile.Of(product))
	if err != nil {
		return nil, err
	}
	if r.Body.Data != nil { // which is in the form of the bodies
		o = &Occurrence{Type: o.Type, ID: o.ID, OccurredAt: o.OccurredAt, Data: *r.Body.Data}
	}
	matches, err := Filter(r.Body.Filter, o)
	if wrong := FilterError(""); errors.As(err, &wrong) {
		return api.TestFilter200JSONResponse{Matches: wire.Null[bool](nil), Error: wire.Null(wire.Text(wrong.Error()))},
			nil
	}
	return api.TestFilter200JSONResponse{Matches: wire.Null(&matches), Error: wire.Null[string](nil)}, err
}
