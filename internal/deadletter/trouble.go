package deadletter

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/wire"
)

const (
	// maxCounted limits the unfinished deliveries, and the dead letters, that are counted. Operators keep the page of
	// the counts open, and beyond this many the exact number does not change what they do.
	maxCounted = 20_000
	// maxTroubled limits the tenants that are returned.
	maxTroubled = 100
)

// tenantTrouble is how many deliveries of a tenant are in a state, as far as they were counted.
type tenantTrouble struct {
	TenantID                                string `gorm:"serializer:tnt"`
	Name                                    string `gorm:"-"`
	Paused                                  bool   `gorm:"-"`
	Waiting, Retrying, Throttled, Suspended int64
	Overdue, Dead                           int64 // the overdue ones are in another count, too
	LastDeadAt                              db.Time
}

func (t tenantTrouble) counted() int64 {
	return t.Waiting + t.Retrying + t.Throttled + t.Suspended + t.Dead
}

// serious is the number of deliveries that are not simply on their way.
func (t tenantTrouble) serious() int64 { return t.counted() - t.Waiting + t.Overdue }

// trouble returns the tenants that are paused, or have deliveries that are not simply on their way, with counts.
// complete is false when there are more.
func (s *Store) trouble(ctx context.Context) (out []tenantTrouble, complete bool, err error) {
	q := s.db.Read(ctx)
	var unfinished, dead []tenantTrouble
	if err := s.unfinishedQuery(q).Find(&unfinished).Error; err != nil {
		return nil, false, err
	}
	if err := deadQuery(q).Find(&dead).Error; err != nil {
		return nil, false, err
	}
	complete = total(unfinished) < maxCounted && total(dead) < maxCounted
	var paused []string
	err = q.Model(&tenant.Tenant{}).Where("deliveries_paused").Order("created_at DESC, id DESC").Limit(maxTroubled).
		Pluck("id", &paused).Error
	if err != nil {
		return nil, false, err
	}
	out = merge(unfinished, dead, paused)
	if len(out) > maxTroubled {
		out, complete = out[:maxTroubled], false
	}
	return out, complete, nameTenants(q, out)
}

// unfinishedQuery counts deliveries by what they wait for, those due first.
func (s *Store) unfinishedQuery(q *gorm.DB) *gorm.DB {
	rows := q.Table("deliveries").Select(`tenant_id, deadline_at, CASE WHEN reason = ? THEN 'throttled'
		WHEN reason IN ? THEN 'suspended' WHEN status = ? THEN 'retrying' ELSE 'waiting' END AS kind`,
		delivery.ReasonThrottled, []string{delivery.ReasonPaused, delivery.ReasonEntitlement}, delivery.Retrying).
		Where("deadline_at IS NOT NULL").Order("deadline_at").Limit(maxCounted)
	return q.Table("(?) AS d", rows).Select(`tenant_id,
		SUM(CASE WHEN kind = 'waiting' THEN 1 ELSE 0 END) AS waiting,
		SUM(CASE WHEN kind = 'retrying' THEN 1 ELSE 0 END) AS retrying,
		SUM(CASE WHEN kind = 'throttled' THEN 1 ELSE 0 END) AS throttled,
		SUM(CASE WHEN kind = 'suspended' THEN 1 ELSE 0 END) AS suspended,
		SUM(CASE WHEN deadline_at < ? THEN 1 ELSE 0 END) AS overdue`, db.At(s.now())).
		Group("tenant_id")
}

// deadQuery counts dead letters, the newest first.
func deadQuery(q *gorm.DB) *gorm.DB {
	rows := q.Table("deliveries").Select("tenant_id, finished_at").Where("status = 'dead'").Order("id DESC").
		Limit(maxCounted)
	return q.Table("(?) AS d", rows).Select("tenant_id, COUNT(*) AS dead, MAX(finished_at) AS last_dead_at").
		Group("tenant_id")
}

func total(rows []tenantTrouble) (n int64) {
	for _, r := range rows {
		n += r.counted()
	}
	return n
}

// merge makes one row of each tenant, most overdue first.
func merge(unfinished, dead []tenantTrouble, paused []string) []tenantTrouble {
	all := map[string]tenantTrouble{}
	for _, r := range unfinished {
		all[r.TenantID] = r
	}
	for _, r := range dead {
		t := all[r.TenantID]
		t.TenantID, t.Dead, t.LastDeadAt = r.TenantID, r.Dead, r.LastDeadAt
		all[r.TenantID] = t
	}
	for _, tenantID := range paused {
		t := all[tenantID]
		t.TenantID, t.Paused = tenantID, true
		all[tenantID] = t
	}
	maps.DeleteFunc(all, func(_ string, t tenantTrouble) bool { return t.serious() == 0 && !t.Paused })
	return slices.SortedFunc(maps.Values(all), func(a, b tenantTrouble) int {
		return cmp.Or(cmp.Compare(b.Overdue, a.Overdue), cmp.Compare(b.serious(), a.serious()),
			cmp.Compare(a.TenantID, b.TenantID))
	})
}

// nameTenants adds the names of the tenants, and whether they are paused: more may be than were listed as such.
func nameTenants(q *gorm.DB, rows []tenantTrouble) error {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.TenantID
	}
	var found []tenant.Tenant
	err := db.WhereIn(q.Model(&tenant.Tenant{}).Select("id, name, deliveries_paused"), "id", ids).Find(&found).Error
	for _, t := range found {
		at := slices.Index(ids, t.ID)
		rows[at].Name, rows[at].Paused = t.Name, t.DeliveriesPaused
	}
	return err
}

// GetTrouble implements the operation of the contract.
func (a *OperatorAPI) GetTrouble(ctx context.Context, _ api.GetTroubleRequestObject) (api.GetTroubleResponseObject,
	error) {
	began := time.Now()
	if err := a.store.db.Ping(ctx); err != nil {
		return nil, err
	}
	w := api.GetTrouble200JSONResponse{DatabaseMs: milliseconds(began)}
	began = time.Now()
	if err := a.queues.Alive(ctx); err != nil {
		w.RedisMs.SetNull()
	} else {
		w.RedisMs.Set(milliseconds(began))
	}
	rows, complete, err := a.store.trouble(ctx)
	w.Complete, w.Tenants = complete, wire.Map(rows, troubleToWire)
	return w, err
}

func troubleToWire(t tenantTrouble) api.TenantTrouble {
	return api.TenantTrouble{
		TenantID: t.TenantID, Name: t.Name, DeliveriesPaused: t.Paused, Waiting: t.Waiting, Retrying: t.Retrying,
		Throttled: t.Throttled, Suspended: t.Suspended, Overdue: t.Overdue, Dead: t.Dead,
		LastDeadAt: wire.Null(t.LastDeadAt.Pointer()),
	}
}

func milliseconds(since time.Time) float64 { return float64(time.Since(since).Microseconds()) / 1000 }
