package delivery

import (
	"sync"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/queue"
)

// many is how many deliveries a tenant may put in line, in this second and the one before, until more wait in the lane for
// bulk. A worker makes several times as many, and most tenants never have them.
const many = 250

// lines says in which lane a tenant's deliveries wait. The lanes are worked on side by side: who has very many at once loses
// nothing, and nobody stands in line behind them.
type lines struct {
	now clock.Clock

	mu            sync.Mutex
	second        int64
	current, last map[string]int // deliveries of tenants in this second, and in the one before
}

func newLines(now clock.Clock) *lines {
	return &lines{now: now, current: map[string]int{}, last: map[string]int{}}
}

// of is the lane of one more delivery of a tenant.
func (l *lines) of(tenantID string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch second := l.now().Unix(); second {
	case l.second:
	case l.second + 1:
		l.second, l.last, l.current = second, l.current, map[string]int{}
	default:
		l.second, l.last, l.current = second, map[string]int{}, map[string]int{}
	}
	l.current[tenantID]++
	if l.current[tenantID]+l.last[tenantID] > many {
		return queue.Bulk
	}
	return queue.Lane
}
