package member

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/quota"
	"github.com/hookline/hookline/internal/role"
)

// Store keeps members.
type Store struct {
	db  *db.DB
	now clock.Clock
}

// NewStore makes a Store.
func NewStore(database *db.DB, now clock.Clock) *Store { return &Store{db: database, now: now} }

// Quota is the quota on a tenant's members.
var Quota = quota.Counted{Name: plan.Members, Noun: "member", Remedy: "Remove one",
	Rows: func(q *gorm.DB, tenantID string, _ time.Time) *gorm.DB {
		return db.Tenant(q.Model(&Member{}), tenantID)
	}}

// Create adds a member; it fails with a problem when a member has the address already.
func (s *Store) Create(ctx context.Context, tenantID, email, name string, as role.Role) (Member, error) {
	now := db.At(s.now())
	m := Member{
		ID: id.New(id.Member), TenantID: tenantID, Email: email, EmailKey: Key(email), Name: name, Role: as,
		CreatedAt: now, UpdatedAt: now,
	}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error { // DO NOTHING and not an error: an error would end the transaction
		err := tx.Raw(`INSERT INTO member_numbers (tenant_id, last) VALUES (?, 1)
			ON CONFLICT (tenant_id) DO UPDATE SET last = member_numbers.last + 1 RETURNING last`, tenantID).
			Scan(&m.Number).Error
		if err != nil {
			return err
		}
		r := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&m)
		if r.Error == nil && r.RowsAffected == 0 {
			return problem.New(problem.Conflict, "A member with this email address already exists.")
		}
		if r.Error != nil {
			return r.Error
		}
		return Quota.Check(s.db, tx, tenantID, s.now())
	})
	return m, err
}

// Get returns one member.
func (s *Store) Get(ctx context.Context, tenantID, memberID string) (Member, error) {
	return get(s.db.Read(ctx), tenantID, memberID)
}

func get(q *gorm.DB, tenantID, memberID string) (Member, error) {
	return db.One[Member](db.Tenant(q, tenantID).Where("id = ?", memberID), "member")
}

// HasNumber reports whether a member of the tenant has a number.
func (s *Store) HasNumber(ctx context.Context, tenantID string, number int64) (bool, error) {
	var n int64
	err := db.Tenant(s.db.Read(ctx).Model(&Member{}), tenantID).Where("number = ?", number).Count(&n).Error
	return n > 0, err
}

// OwnerNumber returns the number by which what belongs to a member is stored: 0 where the tenant's profile gives
// members nothing of their own, and for a member who does not exist.
func OwnerNumber(q *gorm.DB, tenantID, memberID string) (int64, error) {
	if memberID == "" {
		return 0, nil
	}
	var found []struct {
		Number  int64
		Profile string
	}
	err := db.Tenant(q.Model(&Member{}), tenantID).Where("members.id = ?", memberID).
		Joins("JOIN tenants ON tenants.id = members.tenant_id").Select("members.number, tenants.profile").
		Scan(&found).Error
	if err != nil || len(found) == 0 || !profile.Of(found[0].Profile).Keys.OfUsers {
		return 0, err
	}
	return found[0].Number, nil
}

// List returns one page of members, newest first, and the total.
func (s *Store) List(ctx context.Context, tenantID string, p page.Page) ([]Member, int64, error) {
	return db.Paginate[Member](db.Tenant(s.db.Read(ctx), tenantID), p)
}

// ByEmail lists the memberships of an address in all tenants, oldest first. It is for signing in, when the tenant is
// not known yet.
func (s *Store) ByEmail(ctx context.Context, email string) ([]Member, error) {
	var rows []Member
	err := s.db.Read(ctx).Where("email_key = ?", Key(email)).Order("created_at, id").Find(&rows).Error
	return rows, err
}

// permit reports, by its error, whether a member may be changed.
type permit func(Member) error

// Update changes the name and the role, each unless it is nil, and returns the member before and after. It refuses to
// change the role of the last owner.
func (s *Store) Update(ctx context.Context, tenantID, memberID string, name *string, as *role.Role, may permit) (before,
	after Member, err error) {
	err = s.change(ctx, tenantID, memberID, may, func(tx *gorm.DB, m Member, lastOwner bool) error {
		before, after = m, m
		if name != nil {
			after.Name = *name
		}
		if as != nil {
			after.Role = *as
		}
		if after == before {
			return nil
		}
		if lastOwner && after.Role != role.Owner {
			return problem.New(problem.Conflict, "This is the last owner. Make another member an owner first.")
		}
		after.UpdatedAt = db.At(s.now())
		return db.Tenant(tx.Model(&Member{}), tenantID).Where("id = ?", memberID).
			Updates(map[string]any{"name": after.Name, "role": after.Role, "updated_at": after.UpdatedAt}).Error
	})
	return before, after, err
}

// Delete removes a member and returns it. It refuses to remove the last owner.
func (s *Store) Delete(ctx context.Context, tenantID, memberID string, may permit) (before Member, err error) {
	err = s.change(ctx, tenantID, memberID, may, func(tx *gorm.DB, m Member, lastOwner bool) error {
		before = m
		if lastOwner {
			return problem.New(problem.Conflict, "This is the last owner. Make another member an owner first.")
		}
		return db.Tenant(tx, tenantID).Where("id = ?", memberID).Delete(&Member{}).Error
	})
	return before, err
}

func (s *Store) change(ctx context.Context, tenantID, memberID string, may permit, do func(tx *gorm.DB, m Member,
	lastOwner bool) error) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		owners, err := s.owners(tx, tenantID)
		if err != nil {
			return err
		}
		m, err := get(tx, tenantID, memberID)
		if err != nil {
			return err
		}
		if err := may(m); err != nil {
			return err
		}
		return do(tx, m, m.Role == role.Owner && owners == 1)
	})
}

// owners counts a tenant's owners and locks them: concurrent removals must see each other.
func (s *Store) owners(tx *gorm.DB, tenantID string) (int, error) {
	var ids []string
	err := db.Tenant(s.db.ForUpdate(tx).Model(&Member{}), tenantID).Where("role = ?", role.Owner).Order("id").
		Pluck("id", &ids).Error
	return len(ids), err
}

// SignedIn records the time of a member's sign-in.
func (s *Store) SignedIn(ctx context.Context, tenantID, memberID string) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return db.Tenant(tx.Model(&Member{}), tenantID).Where("id = ?", memberID).Update("last_sign_in_at",
			db.At(s.now())).Error
	})
}
