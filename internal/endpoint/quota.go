package endpoint

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/quota"
)

// Quota is the quota on a tenant's endpoints.
var Quota = quota.Counted{Name: plan.Endpoints, Noun: "endpoint", Remedy: "Delete one",
	Rows: func(q *gorm.DB, tenantID string, _ time.Time) *gorm.DB {
		return db.Tenant(q.Model(&Endpoint{}), tenantID).Where("deleted_at IS NULL AND listener_until IS NULL")
	}}

// checkQuotas refuses a new endpoint with so many headers, which was inserted, when the plan does not allow it.
func (s *Store) checkQuotas(tx *gorm.DB, tenantID string, headers int) error {
	if err := quota.CheckHeaders(tx, tenantID, 0, headers); err != nil {
		return err
	}
	return Quota.Check(s.db, tx, tenantID, s.now())
}

// MostHeaders returns the number of headers of the tenant's endpoint that has the most.
func (s *Store) MostHeaders(ctx context.Context, tenantID string) (int64, error) {
	var rows []Endpoint
	err := Quota.Rows(s.db.Read(ctx), tenantID, s.now()).Select("id", "tenant_id", "headers").Find(&rows).Error
	if err != nil {
		return 0, err
	}
	most := 0
	for _, e := range rows {
		headers, err := s.openHeaders(e)
		if err != nil {
			return 0, err
		}
		most = max(most, len(headers))
	}
	return int64(most), nil
}
