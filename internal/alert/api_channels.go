package alert

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// ListAlertChannels implements the operation of the contract.
func (a *API) ListAlertChannels(ctx context.Context,
	r api.ListAlertChannelsRequestObject) (api.ListAlertChannelsResponseObject, error) {
	p := page.New(r.Params.Page, r.Params.PerPage)
	rows, total, err := a.store.Channels(ctx, principal.From(ctx).Scope, p)
	if err != nil {
		return nil, err
	}
	out := api.ListAlertChannels200JSONResponse{Data: make([]api.AlertChannel, 0, len(rows)), Meta: wire.PageMeta(p,
		total)}
	for _, c := range rows {
		w, err := a.channel(c)
		if err != nil {
			return nil, err
		}
		out.Data = append(out.Data, w)
	}
	return out, nil
}

// GetAlertChannel implements the operation of the contract.
func (a *API) GetAlertChannel(ctx context.Context,
	r api.GetAlertChannelRequestObject) (api.GetAlertChannelResponseObject, error) {
	c, err := a.store.Channel(ctx, principal.From(ctx).Scope, r.AlertChannelID)
	if err != nil {
		return nil, err
	}
	w, err := a.channel(c)
	return api.GetAlertChannel200JSONResponse(w), err
}

// CreateAlertChannel implements the operation of the contract.
func (a *API) CreateAlertChannel(ctx context.Context,
	r api.CreateAlertChannelRequestObject) (api.CreateAlertChannelResponseObject, error) {
	c := Channel{Name: wire.Or(r.Body.Name, ""), Type: string(r.Body.Type), Enabled: wire.Or(r.Body.Enabled, true)}
	target := normalize(c.Type, r.Body.Target)
	c.Conditions.V = conditions
	if r.Body.Conditions != nil {
		c.Conditions.V = wire.Map(*r.Body.Conditions, func(w api.AlertCondition) string { return string(w) })
	}
	if err := a.check(c, target); err != nil {
		return nil, err
	}
	if c.Type == Email && !a.sender.Mails() {
		return nil, problem.New(problem.Conflict,
			"Mail is not configured on this installation. Use a slack or webhook channel, or ask its operators to set HOOKLINE_SMTP_URL "+
				"and HOOKLINE_SMTP_FROM.")
	}
	var w api.AlertChannelCreated
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		created, err := a.store.CreateChannel(ctx, principal.From(ctx).Scope, c, target)
		if err != nil {
			return audit.Change{}, err
		}
		shown, err := a.channel(created)
		if err != nil {
			return audit.Change{}, err
		}
		w, err = a.created(created, shown)
		return audit.Change{Target: created.ID, After: shown}, err
	})
	if err != nil {
		return nil, err
	}
	return api.CreateAlertChannel201JSONResponse(w), nil
}

// created is a new channel with its secret, if it has one.
func (a *API) created(c Channel, shown api.AlertChannel) (api.AlertChannelCreated, error) {
	w := api.AlertChannelCreated{
		ID: shown.ID, Name: shown.Name, Type: shown.Type, Target: shown.Target, Conditions: shown.Conditions,
		Enabled: shown.Enabled, Environment: shown.Environment, CreatedAt: shown.CreatedAt, UpdatedAt: shown.UpdatedAt,
	}
	w.Secret.SetNull()
	if c.Type != Webhook {
		return w, nil
	}
	secrets, err := a.store.OpenSecrets(c)
	w.Secret.Set(secrets.Current)
	return w, err
}

// UpdateAlertChannel implements the operation of the contract.
func (a *API) UpdateAlertChannel(ctx context.Context,
	r api.UpdateAlertChannelRequestObject) (api.UpdateAlertChannelResponseObject, error) {
	var w api.AlertChannel
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		before, after, err := a.store.UpdateChannel(ctx, principal.From(ctx).Scope, r.AlertChannelID,
			func(c *Channel, target *string) error {
				c.Name, c.Enabled = wire.Or(r.Body.Name, c.Name), wire.Or(r.Body.Enabled, c.Enabled)
				if r.Body.Conditions != nil {
					c.Conditions.V = wire.Map(*r.Body.Conditions, func(w api.AlertCondition) string {
						return string(w)
					})
				}
				if t := normalize(c.Type, wire.Or(r.Body.Target, *target)); t != masked(c.Type, *target) {
					*target = t
				}
				return a.check(*c, *target)
			})
		if err != nil {
			return audit.Change{}, err
		}
		shown, err := a.channel(before)
		if err != nil {
			return audit.Change{}, err
		}
		w, err = a.channel(after)
		return audit.Change{Target: after.ID, Before: shown, After: w}, err
	})
	if err != nil {
		return nil, err
	}
	return api.UpdateAlertChannel200JSONResponse(w), nil
}

// DeleteAlertChannel implements the operation of the contract.
func (a *API) DeleteAlertChannel(ctx context.Context,
	r api.DeleteAlertChannelRequestObject) (api.DeleteAlertChannelResponseObject, error) {
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		before, err := a.store.DeleteChannel(ctx, principal.From(ctx).Scope, r.AlertChannelID)
		if err != nil {
			return audit.Change{}, err
		}
		w, err := a.channel(before)
		return audit.Change{Target: before.ID, Before: w}, err
	})
	if err != nil {
		return nil, err
	}
	return api.DeleteAlertChannel204Response{}, nil
}

// TestAlertChannel implements the operation of the contract. An Idempotency-Key would put the sending into a
// transaction, which must not wait for another server.
func (a *API) TestAlertChannel(ctx context.Context,
	r api.TestAlertChannelRequestObject) (api.TestAlertChannelResponseObject, error) {
	c, err := a.store.Channel(ctx, principal.From(ctx).Scope, r.AlertChannelID)
	if err != nil {
		return nil, err
	}
	if db.InUnit(ctx) {
		return nil, problem.Invalid(problem.Detail{Field: "Idempotency-Key",
			Message: "can't be used here: every call sends a test alert"})
	}
	w := api.TestAlertChannel200JSONResponse{Sent: true, Error: wire.Null[string](nil)}
	if err := a.sender.Test(ctx, c); err != nil {
		reason := err.Error()
		w.Sent, w.Error = false, wire.Null(&reason)
	}
	return w, nil
}

func (a *API) check(c Channel, target string) error {
	if err := checkConditions(c.Conditions.V); err != nil {
		return err
	}
	return checkTarget(c.Type, target, a.urls.CheckURL)
}

func (a *API) channel(c Channel) (api.AlertChannel, error) {
	target, err := a.store.Open(c)
	return api.AlertChannel{
		ID: c.ID, Name: c.Name, Type: api.AlertChannelType(c.Type), Target: masked(c.Type, target),
		Conditions: wire.Map(c.Conditions.V, func(s string) api.AlertCondition { return api.AlertCondition(s) }),
		Enabled:    c.Enabled, Environment: api.Environment(c.Environment), CreatedAt: c.CreatedAt.Time,
		UpdatedAt: c.UpdatedAt.Time,
	}, err
}
