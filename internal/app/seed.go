package app

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/role"
)

const (
	seedSetting = "development_seed"
	demoName    = "Demo"
)

// seeded has what the first start of hookline dev created. The texts of the keys are set at that start only.
type seeded struct {
	TenantID   string
	KeyID      string
	EndpointID string
	OperatorID string // the admin key of the first start

	apiKey, operatorKey, backendKey *string
}

func (s seeded) scope() principal.Scope {
	return principal.Scope{TenantID: s.TenantID, Environment: principal.Test}
}

// seed creates a tenant with a key and an endpoint for the inbox, once. Later starts only update the URL of the
// endpoint.
func (a *App) seed(ctx context.Context, inboxURL string) (seeded, error) {
	var s seeded
	known, err := a.db.Setting(ctx, seedSetting)
	if err != nil {
		return s, err
	}
	if known == nil {
		return a.seedFirst(ctx, inboxURL)
	}
	if err := json.Unmarshal(known, &s); err != nil {
		return s, err
	}
	_, err = a.Endpoints.Update(ctx, s.scope(), s.EndpointID, func(e *endpoint.Settings) error {
		e.URL = inboxURL
		return nil
	})
	var missing *problem.Error
	if errors.As(err, &missing) && missing.Code == problem.NotFound {
		err = nil // its owner deleted it
	}
	return s, err
}

func (a *App) seedFirst(ctx context.Context, inboxURL string) (seeded, error) {
	t, err := a.Tenants.Create(ctx, demoName, plan.Business, profile.Default)
	if err != nil {
		return seeded{}, err
	}
	s := seeded{TenantID: t.ID}
	key, text, err := a.Keys.Create(ctx, s.scope(), apikey.Spec{Name: "Development",
		Permissions: []string{principal.All}})
	if err != nil {
		return s, err
	}
	operatorKey, operatorText, err := a.Operators.Create(ctx, operator.Spec{Name: "Development",
		Role: principal.OperatorAdmin})
	if err != nil {
		return s, err
	}
	_, backendText, err := a.Operators.Create(ctx, operator.Spec{Name: "Your server", Role: principal.OperatorBackend})
	if err != nil {
		return s, err
	}
	p, _ := profile.Find(profile.Default)
	e, _, err := a.Endpoints.Create(ctx, s.scope(), endpoint.Settings{
		Name: "Inbox", URL: inboxURL, Events: []string{"*"}, Method: "POST", Headers: map[string]string{},
		Profile: p.Name, Envelope: profile.Standard, Signing: p.Signing[0], Policy: p.Policy, Enabled: true,
	})
	if err != nil {
		return s, err
	}
	s.KeyID, s.EndpointID, s.OperatorID = key.ID, e.ID, operatorKey.ID
	s.apiKey, s.operatorKey, s.backendKey = &text, &operatorText, &backendText
	raw, err := json.Marshal(s)
	if err != nil {
		return s, err
	}
	_, err = a.db.EnsureSetting(ctx, seedSetting, raw)
	return s, err
}

// inboxSecrets returns the signing secrets of the demo tenant's endpoints, for the inbox to verify with.
func (a *App) inboxSecrets(ctx context.Context, s seeded) ([]string, error) {
	rows, _, err := a.Endpoints.List(ctx, s.scope(), page.Page{Number: 1, Size: 100}, endpoint.Query{})
	if err != nil {
		return nil, err
	}
	secrets := make([]string, 0, len(rows))
	for _, e := range rows {
		opened, err := a.Endpoints.Reveal(ctx, s.scope(), e.ID)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, opened.Current)
		for _, previous := range opened.Previous {
			secrets = append(secrets, previous.Secret)
		}
		key, err := a.Endpoints.PublicKey(e)
		if err != nil {
			return nil, err
		}
		if key != nil {
			secrets = append(secrets, key.Current)
			for _, previous := range key.Previous {
				secrets = append(secrets, previous.Key)
			}
		}
	}
	return secrets, nil
}

// openSeeded opens the database of a data directory, and reads what the first start created.
func openSeeded(ctx context.Context, dataDir string) (s seeded, d *db.DB, err error) {
	databaseURL, err := DevDatabaseURL(dataDir)
	if err != nil {
		return s, nil, err
	}
	if d, err = OpenDatabase(ctx, databaseURL); err != nil {
		return s, nil, err
	}
	known, err := d.Setting(ctx, seedSetting)
	if err != nil || known == nil {
		err = &config.Error{Text: "There is no demo tenant in " + dataDir +
			". Start Hookline first: hookline dev --data-dir " + dataDir}
	} else {
		err = json.Unmarshal(known, &s)
	}
	if err != nil {
		_ = d.Close()
	}
	return s, d, err
}

// CreateDevKey makes another key for the demo tenant of the data directory and returns its text.
func CreateDevKey(ctx context.Context, dataDir, name string) (string, error) {
	s, d, err := openSeeded(ctx, dataDir)
	if err != nil {
		return "", err
	}
	defer func() { _ = d.Close() }()
	_, text, err := apikey.NewStore(d, clock.System, role.Roles{}).Create(ctx, s.scope(), apikey.Spec{Name: name,
		Permissions: []string{principal.All}})
	return text, err
}
