package delivery

import (
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/queue"
)

// many is how many deliveries a tenant may put in line, in this second and the one before, until more wait in the lane
// for bulk. A worker makes several times as many, and most tenants never have them.
const many = 250

// lines says in which lane a tenant's deliveries wait. The lanes are worked on side by side: who has very many at once
// loses nothing, and nobody stands in line behind them.
type lines struct{ recent *clock.Recent[string] }

func newLines(now clock.Clock) lines { return lines{clock.NewRecent[string](now)} }

// of is the lane of one more delivery of a tenant.
func (l lines) of(tenantID string) string {
	if l.recent.Add(tenantID) > many {
		return queue.Bulk
	}
	return queue.Fast
}
