package retention

import (
	"context"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/id"
)

// keepNewest is how many deliveries an endpoint of the profile inboxops keeps, however old: "the last 100 or 30 days"
// is all of the time and at least that many.
const keepNewest = 100

// keepers are the endpoints that keep a number of deliveries.
type keepers struct {
	endpoints []id.UUID
	first     map[id.UUID]id.UUID // the oldest delivery that each keeps, as far as they were looked up
}

func (c *clearing) readKeepers(ctx context.Context) error {
	var texts []string
	err := c.db.Read(ctx).Table("endpoints").Where("profile = 'inboxops' AND deleted_at IS NULL").Order("id").
		Pluck("id", &texts).Error
	if err != nil {
		return err
	}
	c.keepers.endpoints, err = id.In(texts)
	for _, u := range c.keepers.endpoints {
		c.keepers.first[u] = unknown
	}
	return err
}

// unknown is the oldest delivery of a keeper that was not looked up; no id is so great.
var unknown = id.UUID{0: 0xff}

// firstKept returns the oldest delivery that a keeper keeps: it and all newer ones stay. With fewer than keepNewest all
// do.
func (c *clearing) firstKept(q *gorm.DB, endpointID id.UUID) (id.UUID, error) {
	if first := c.keepers.first[endpointID]; first != unknown {
		return first, nil
	}
	var found []id.UUID
	err := q.Table("deliveries").Where("endpoint_id = ?", endpointID).Order("id DESC").Offset(keepNewest-1).Limit(1).
		Pluck("id", &found).Error
	if err != nil {
		return id.UUID{}, err
	}
	var first id.UUID
	if len(found) > 0 {
		first = found[0]
	}
	c.keepers.first[endpointID] = first
	return first, nil
}

// notKept returns the ids of those of the deliveries that no endpoint keeps. A dead letter has its own retention.
func (c *clearing) notKept(q *gorm.DB, rows []delivery.Delivery) ([]id.UUID, error) {
	ids := make([]id.UUID, 0, len(rows))
	for _, d := range rows {
		u, err := id.Parse(d.ID)
		if err != nil {
			return nil, err
		}
		e, err := id.Parse(d.EndpointID)
		if err != nil {
			return nil, err
		}
		if _, keeps := c.keepers.first[e]; keeps && d.Status != delivery.Dead {
			first, err := c.firstKept(q, e)
			if err != nil {
				return nil, err
			}
			if u.Compare(first) >= 0 {
				continue
			}
		}
		ids = append(ids, u)
	}
	return ids, nil
}

// keepersIn returns the keepers that have rows in a table, and the oldest delivery that each keeps.
func (c *clearing) keepersIn(ctx context.Context, table string) (endpoints, first db.UUIDs, err error) {
	if len(c.keepers.endpoints) == 0 {
		return nil, nil, nil
	}
	q := c.db.Read(ctx)
	var found []id.UUID
	err = db.WhereUUIDs(q.Table(table), "endpoint_id", c.keepers.endpoints).Distinct().
		Pluck("endpoint_id", &found).Error
	if err != nil {
		return nil, nil, err
	}
	for _, u := range found {
		oldest, err := c.firstKept(q, u)
		if err != nil {
			return nil, nil, err
		}
		endpoints, first = append(endpoints, u), append(first, oldest)
	}
	return endpoints, first, nil
}
