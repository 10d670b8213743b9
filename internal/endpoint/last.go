package endpoint

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
)

// newest is SQL for endpoints with the status of the newest delivery of each, which an index leads to. It names the log
// once: with a SELECT for each endpoint, PostgreSQL would plan all partitions for each.
const newest = "SELECT id AS endpoint_id, (SELECT status FROM deliveries WHERE endpoint_id = wanted.id " +
	"ORDER BY deliveries.id DESC LIMIT 1) AS status FROM "

// newestOf is a query for the newest deliveries of endpoints, one or more.
func newestOf(q *gorm.DB, ids []id.UUID) *gorm.DB {
	if q.Name() == "postgres" {
		return q.Raw(newest+"unnest(CAST(? AS uuid[])) AS wanted (id)", db.UUIDs(ids))
	}
	rows := strings.Repeat(" UNION ALL SELECT ?", len(ids)-1)
	values := make([]any, len(ids))
	for i, u := range ids {
		values[i] = u
	}
	return q.Raw(newest+"(SELECT ? AS id"+rows+") AS wanted", values...)
}

// addLastStatus adds the status of each endpoint's newest delivery. The caller has checked whose endpoints they are.
func (s *Store) addLastStatus(ctx context.Context, endpoints []api.Webhook) error {
	if len(endpoints) == 0 {
		return nil
	}
	ids := make([]id.UUID, 0, len(endpoints))
	for _, e := range endpoints {
		u, err := id.Parse(e.ID)
		if err != nil {
			return err
		}
		ids = append(ids, u)
	}
	var found []struct {
		EndpointID id.UUID
		Status     *api.DeliveryStatus // nil without deliveries
	}
	if err := newestOf(s.db.Read(ctx), ids).Scan(&found).Error; err != nil {
		return err
	}
	for i := range endpoints {
		for _, f := range found {
			if f.EndpointID == ids[i] {
				endpoints[i].LastDeliveryStatus = f.Status
			}
		}
	}
	return nil
}
