package session

import (
	"context"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Switch moves the session with the token to an environment; it fails with ErrNone, and with a problem when the session
// was not made for both. Switching to the current environment changes nothing.
func (s *Store) Switch(ctx context.Context, token string, environment principal.Environment) error {
	return s.db.Unit(ctx, func(ctx context.Context) error {
		c, err := s.find(ctx, token)
		if err != nil || c.Session.Environment == environment {
			return err
		}
		if environment != principal.Live && environment != principal.Test {
			return problem.Invalid(problem.Detail{Field: "environment", Message: "must be live or test"})
		}
		if c.Tenant == nil || !c.Session.MaySwitch {
			return problem.New(problem.Forbidden, "This session is for one environment. Sign in to the other one.")
		}
		after := c.Session
		after.Environment = environment
		err = s.db.Tx(ctx, func(tx *gorm.DB) error {
			return db.Tenant(tx.Model(&Session{}), after.TenantID).Where("id = ?", after.ID).
				Update("environment", environment).Error
		})
		if err != nil {
			return err
		}
		change := audit.Change{Target: after.ID, Before: view(c.Session), After: view(after)}
		c.Session = after // the entry belongs to the environment switched to, where its author can read it
		return s.record(ctx, "session.switched", c, change)
	})
}
