package endpoint

import (
	"cmp"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/search"
)

// maxName is how many characters a name has at most.
const maxName = 100

// distinguish appends the end of its id to the name of a tool's endpoint where names must be unique: tools give all of
// their endpoints one name or none, and can't choose another when it is refused.
func (e *Endpoint) distinguish() {
	if e.Source == "" || !profile.Of(e.Profile).UniqueNames {
		return
	}
	end := " " + e.ID[len(e.ID)-6:]
	name := []rune(cmp.Or(e.Name, e.Source))
	e.Name = string(name[:min(len(name), maxName-len(end))]) + end
	e.NameKey = search.Fold(e.Name)
}

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
