package endpoint

import (
	"context"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/problem"
)

// Disable disables an endpoint in a transaction. Hookline itself disables endpoints only with this method. It says
// whether the endpoint was enabled; disabling twice changes nothing. The id comes from a delivery, never from a
// request.
func (s *Editor) Disable(tx *gorm.DB, endpointID, reason string) (bool, error) {
	result := tx.Model(&Endpoint{}).Where("id = ? AND enabled = ? AND deleted_at IS NULL", endpointID, true).
		Updates(map[string]any{
			"enabled": false, "disabled_reason": reason, "updated_at": db.At(s.now()),
		})
	if result.Error != nil || result.RowsAffected == 0 {
		return false, result.Error
	}
	e, err := take(tx, endpointID)
	if err != nil {
		return false, err
	}
	return true, s.listener.EndpointChanged(tx, e)
}

// suspended reports whether Hookline disabled the endpoint, and not its owner.
func (e Endpoint) suspended() bool { return !e.Enabled && e.DisabledReason != ReasonManual }

// attach enables an endpoint whose source subscribes to it again, if Hookline disabled it: the source says by this that
// it takes events. What the owner disabled stays disabled, with a problem that says so. It returns the endpoint and
// whether it changed.
func (s *Editor) attach(ctx context.Context, e Endpoint) (Endpoint, bool, error) {
	switch {
	case e.Enabled:
		return e, false, nil
	case !e.suspended():
		return e, false, problem.New(problem.Conflict, "The endpoint %s, which the source %q has for this URL and these "+
			"events, was disabled by its owner. POST /api/v1/webhooks/%s/enable enables it.", e.ID, e.Source, e.ID)
	}
	e, err := s.Update(ctx, e.Scope(), e.ID, func(settings *Settings) error {
		settings.Enabled, settings.Resume = true, true
		return nil
	})
	return e, err == nil, err
}
