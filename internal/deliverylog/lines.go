package deliverylog

import (
	"context"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/id"
)

// Lines are deliveries of a list in the contract's form, each with the duration of its latest attempt. The caller has
// checked whose deliveries they are.
func (s *Store) Lines(ctx context.Context, rows []delivery.Delivery) ([]api.Delivery, error) {
	out := make([]api.Delivery, 0, len(rows))
	if len(rows) == 0 {
		return out, nil
	}
	latest, ids := map[string]int{}, make([]id.UUID, 0, len(rows))
	for _, d := range rows {
		latest[d.ID], ids = d.AttemptCount, append(ids, uuidOf(d))
	}
	var attempts []delivery.Attempt
	err := db.WhereLogUUIDs(s.db.Read(ctx).Model(&delivery.Attempt{}), "delivery_id", ids).
		Select("delivery_id", "number", "started_at", "finished_at").Where("finished_at IS NOT NULL").
		Find(&attempts).Error
	if err != nil {
		return nil, err
	}
	took := map[string]float64{}
	for _, a := range attempts {
		if a.Number == latest[a.DeliveryID] {
			took[a.DeliveryID] = float64(a.FinishedAt.Sub(a.StartedAt.Time)) / float64(time.Millisecond)
		}
	}
	for _, d := range rows {
		w := ToWire(d)
		if ms, known := took[d.ID]; known {
			w.DurationMs = &ms
		}
		out = append(out, w)
	}
	return out, nil
}
