package endpoint

import (
	"context"
	"slices"
	"strings"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/id"
)

// newest is SQL for the newest delivery in the log of one endpoint, which an index leads to.
const newest = "SELECT endpoint_id, status FROM (SELECT endpoint_id, status FROM deliveries WHERE endpoint_id = ? " +
	"ORDER BY id DESC LIMIT 1) AS newest"

// addLastStatus adds the status of each endpoint's newest delivery. The caller has checked whose endpoints they are.
func (s *Store) addLastStatus(ctx context.Context, endpoints []api.Webhook) error {
	if len(endpoints) == 0 {
		return nil
	}
	var ids []any
	for _, e := range endpoints {
		u, err := id.Parse(e.ID)
		if err != nil {
			return err
		}
		ids = append(ids, u)
	}
	var found []struct {
		EndpointID id.UUID
		Status     api.DeliveryStatus
	}
	each := strings.Join(slices.Repeat([]string{newest}, len(ids)), " UNION ALL ")
	if err := s.db.Read(ctx).Raw(each, ids...).Scan(&found).Error; err != nil {
		return err
	}
	for i := range endpoints {
		for _, f := range found {
			if f.EndpointID == ids[i] {
				endpoints[i].LastDeliveryStatus = &f.Status
			}
		}
	}
	return nil
}
