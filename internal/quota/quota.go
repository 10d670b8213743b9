// Package quota holds tenants to the quotas of their plans on what they create. internal/plan has the figures.
//
// What a tenant has few of is counted after the insert, in its transaction, under an advisory lock of the tenant and
// the quota, so counts are exact for concurrent requests. A count for each event or lead would cost more than its
// insert, so those have one quota, of stored bytes a day, which usage.Meter decides in memory.
package quota

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/problem"
)

// Counted is a quota on rows: those of a tenant in all its environments.
type Counted struct {
	Name   plan.QuotaName
	Noun   string // of one row: "endpoint"
	Remedy string // what makes room for a row, as an instruction: "Delete one"
	Times  int64  // how many times the quota is allowed; 0 means once
	While  string // when it is more than once: "during a rotation"
	Rows   func(q *gorm.DB, tenantID string, now time.Time) *gorm.DB
}

// Check fails with a problem when a tenant has more rows than its plan allows. Call it after the insert of one row, as
// the last lock of the transaction: concurrent inserts take turns from here to their commits, so each counts all that
// were committed before it.
func (c Counted) Check(d *db.DB, tx *gorm.DB, tenantID string, now time.Time) error {
	if err := d.AdvisoryLock(tx, "quota "+string(c.Name)+" "+tenantID); err != nil {
		return err
	}
	limits, err := Of(tx, tenantID)
	if err != nil {
		return err
	}
	used, err := c.count(tx, tenantID, now)
	if err != nil {
		return err
	}
	limit := limits.Limit(c.Name) * max(1, c.Times)
	if used <= limit {
		return nil
	}
	used-- // the row that was inserted, and will not be
	return problem.OverQuota(problem.Quota{Name: string(c.Name), Limit: limit, Used: used},
		fmt.Sprintf("This plan allows %s; the tenant has %d. %s, or ask for a larger plan.",
			strings.TrimSpace(fmt.Sprintf("%d %s %s", limit, plural(c.Noun, limit), c.While)), used, c.Remedy))
}

func (c Counted) count(q *gorm.DB, tenantID string, now time.Time) (int64, error) {
	var n int64
	err := c.Rows(q, tenantID, now).Count(&n).Error
	return n, err
}

func plural(noun string, n int64) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// Limits are the plan and the overrides of a tenant.
type Limits struct {
	Plan      string
	Overrides db.JSON[plan.Overrides]
}

// TableName implements GORM's Tabler.
func (Limits) TableName() string { return "tenants" }

// Of reads the limits of a tenant.
func Of(q *gorm.DB, tenantID string) (Limits, error) {
	return db.One[Limits](q.Where("id = ?", tenantID), "tenant")
}

// Limit returns how much of something the tenant may have.
func (l Limits) Limit(name plan.QuotaName) int64 { return plan.Quota(l.Plan, l.Overrides.V, name) }

// CheckHeaders fails with a problem when an endpoint with some headers is to have more of them, and more than the plan
// allows.
func CheckHeaders(q *gorm.DB, tenantID string, before, after int) error {
	if after <= before {
		return nil // also after the change to a smaller plan
	}
	limits, err := Of(q, tenantID)
	if err != nil {
		return err
	}
	limit := limits.Limit(plan.EndpointHeaders)
	if int64(after) <= limit {
		return nil
	}
	return problem.OverQuota(problem.Quota{Name: string(plan.EndpointHeaders), Limit: limit, Used: int64(before)},
		fmt.Sprintf("This plan allows %d %s of an endpoint; it would have %d. Send fewer, or ask for a larger plan.", limit,
			plural("header", limit), after))
}

// Gauge tells how much of a quota a tenant uses.
type Gauge struct {
	Name plan.QuotaName
	Used func(ctx context.Context, tenantID string) (int64, error)
}

// Gauge returns the quota's gauge.
func (c Counted) Gauge(d *db.DB, now clock.Clock) Gauge {
	return Gauge{c.Name, func(ctx context.Context, tenantID string) (int64, error) {
		return c.count(d.Read(ctx), tenantID, now())
	}}
}
