package endpoint

import (
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
)

// Disable turns an endpoint off, in a transaction, for a reason that is not its owner's: every way in which Hookline
// itself disables an endpoint goes through here. It says whether the endpoint was on; disabling twice changes nothing.
// It is for deliveries, which name their endpoint; no caller's input reaches it.
func (s *Editor) Disable(tx *gorm.DB, endpointID, reason string) (bool, error) {
	result := tx.Model(&Endpoint{}).Where("id = ? AND enabled = ? AND deleted_at IS NULL", endpointID, true).Updates(map[string]any{
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
