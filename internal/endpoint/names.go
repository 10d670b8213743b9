package endpoint

import (
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
)

// checkName refuses the name of another endpoint of the tenant's where the profile wants names to be unique. It makes
// concurrent changes of names take turns. Listeners, which nobody names, don't count.
func (s *Store) checkName(tx *gorm.DB, e Endpoint) error {
	if e.Name == "" || e.Listener() || !profile.Of(e.Profile).UniqueNames {
		return nil
	}
	if err := s.db.AdvisoryLock(tx, "endpoint names of "+e.TenantID); err != nil {
		return err
	}
	var same int64
	err := s.living(tx.Model(&Endpoint{}), e.Scope()).Where("name_key = ? AND id <> ?", e.NameKey, e.ID).
		Where("listener_until IS NULL").Count(&same).Error
	if err == nil && same > 0 {
		err = problem.New(problem.Conflict, "Another webhook has the name %q already. Choose a unique one.", e.Name).
			WithDetails([]problem.Detail{{Field: "name", Message: "is the name of another webhook"}})
	}
	return err
}
