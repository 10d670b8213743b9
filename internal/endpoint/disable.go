package endpoint

import (
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
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
