package apikey

import (
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/quota"
)

// Quota is the quota on a tenant's keys that work.
var Quota = quota.Counted{Name: plan.Keys, Noun: "key", Remedy: "Revoke one",
	Rows: func(q *gorm.DB, tenantID string, now time.Time) *gorm.DB {
		return db.Tenant(q.Model(&Key{}), tenantID).
			Where("revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)", db.At(now))
	}}

// rotated is the quota while keys are rotated: all of them may be at once, and the old ones work for a while.
var rotated = quota.Counted{Name: Quota.Name, Noun: Quota.Noun, Rows: Quota.Rows, Times: 2, While: "during a rotation",
	Remedy: "Revoke one, rotate without a grace period"}
