package endpoint

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/wire"
)

const (
	// listenerURL begins the URL of a listener, which no client can call.
	listenerURL = "listener:"
	// maxListeners is how many listeners a tenant may have in an environment. They are temporary, so they don't count
	// as endpoints of the plan.
	maxListeners = 10
	// ListenerGrace is how long a listener exists without a connection.
	ListenerGrace = time.Minute
	// endMost is how many listeners are ended at a time.
	endMost = 100
)

// listenerPolicy has short waits: somebody sits in front of a listener.
func listenerPolicy() api.RetryPolicy {
	return api.RetryPolicy{Schedule: &[]string{"1s", "2s", "5s", "10s", "20s", "30s"}, Jitter: new(float64)}
}

// Listener reports whether the endpoint is a listener: its requests go down a stream and not to a URL.
func (e Endpoint) Listener() bool { return !e.ListenerUntil.IsZero() }

// checkListener returns what a listener can't have: its requests pass through Redis, so they carry no credentials.
func (s Settings) checkListener() []problem.Detail {
	var details []problem.Detail
	wrong := func(field string) {
		details = append(details, problem.Detail{Field: field, Message: "can't be set: the endpoint is a listener"})
	}
	if len(s.Headers) > 0 {
		wrong("headers")
	}
	if s.Auth.Type != AuthNone {
		wrong("auth")
	}
	return details
}

// CreateListener implements the operation of the contract.
func (a *API) CreateListener(ctx context.Context, r api.CreateListenerRequestObject) (api.CreateListenerResponseObject,
	error) {
	p := principal.From(ctx)
	rules, err := a.rules(ctx)
	if err != nil {
		return nil, err
	}
	body := wire.Or(r.Body, api.ListenerCreate{})
	events := wire.Or(body.Events, []string{"*"})
	if body.Events == nil && profile.Of(p.Profile).NamedOnly {
		events = profile.Of(p.Profile).DefaultEvents()
	}
	policy := listenerPolicy()
	settings, details := fromWire(api.WebhookCreate{URL: listenerURL, Name: new("Listener"), Events: &events,
		Description: body.Description, RetryPolicy: &policy}, p.Profile)
	settings.Listener = true
	if details = append(details, settings.check(rules)...); len(details) > 0 {
		return nil, problem.Invalid(details...)
	}
	var out api.Listener
	err = a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		e, signingSecret, err := a.store.Create(ctx, p.Scope, settings)
		if err != nil {
			return audit.Change{}, err
		}
		out = api.Listener{
			ID: e.ID, Description: e.Description, Events: e.Events.V, Profile: api.Profile(e.Profile),
			Envelope: api.Envelope(e.Envelope), Signing: api.Signing(e.Signing),
			Environment: api.Environment(e.Environment), Secret: signingSecret, EndsAt: e.ListenerUntil.Time,
			CreatedAt: e.CreatedAt.Time,
		}
		w, err := a.toWire(e)
		return audit.Change{Target: e.ID, After: w}, err
	})
	return api.CreateListener201JSONResponse(out), err
}

// become makes a new endpoint a listener. Its name is its own, as two endpoints of some profiles can't share one.
func (e *Endpoint) become(now time.Time) {
	e.URL, e.Name = listenerURL+e.ID, "Listener "+e.ID[len(e.ID)-6:]
	e.ListenerUntil = db.At(now.Add(ListenerGrace))
}

// checkListeners refuses one listener too many, which was inserted in the transaction.
func (s *Store) checkListeners(tx *gorm.DB, scope principal.Scope) error {
	err := s.db.AdvisoryLock(tx, "listeners "+scope.TenantID+" "+string(scope.Environment))
	if err != nil {
		return err
	}
	var n int64
	err = s.living(tx.Model(&Endpoint{}), scope).Where("listener_until IS NOT NULL").Count(&n).Error
	if err != nil || n <= maxListeners {
		return err
	}
	return problem.OverQuota(problem.Quota{Name: "listeners", Limit: maxListeners, Used: n - 1},
		"There are 10 listeners already, which is the limit. End one of them, or wait a minute: those without a "+
			"connection end by themselves.")
}

// GetListener returns a listener that is not deleted.
func (s *Store) GetListener(ctx context.Context, scope principal.Scope, endpointID string) (Endpoint, error) {
	return db.One[Endpoint](s.own(s.db.Read(ctx), scope).
		Where("id = ? AND listener_until IS NOT NULL", endpointID), "listener")
}

// KeepListener lets a listener exist for some time from now on, and says whether it still exists.
func (s *Store) KeepListener(ctx context.Context, e Endpoint, grace time.Duration) (bool, error) {
	kept := false
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		result := s.living(tx.Model(&Endpoint{}), e.Scope()).Where("id = ?", e.ID).
			Update("listener_until", db.At(s.now().Add(grace)))
		kept = result.RowsAffected == 1
		return result.Error
	})
	return kept, err
}

// EndListeners deletes the listeners whose time is over, and cancels their deliveries.
func (s *Editor) EndListeners(ctx context.Context, deliveries canceller) error {
	var over []Endpoint
	err := s.db.Read(ctx).Where("listener_until < ? AND deleted_at IS NULL", db.At(s.now())).Order("listener_until").
		Limit(endMost).Find(&over).Error
	if err != nil {
		return err
	}
	for _, e := range over {
		err := s.Delete(ctx, e.Scope(), e.ID, func(tx *gorm.DB) error {
			return deliveries.CancelEndpoint(tx, e.Scope(), e.ID)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
