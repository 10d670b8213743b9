package clock

import "sync"

// Recent counts, for each of many, what happened in this second and the one before. It may be used by several at once.
type Recent[K comparable] struct {
	now Clock

	mu            sync.Mutex
	second        int64
	current, last map[K]int
}

// NewRecent makes a Recent that has counted nothing.
func NewRecent[K comparable](now Clock) *Recent[K] {
	return &Recent[K]{now: now, current: map[K]int{}, last: map[K]int{}}
}

// Add counts one more and returns how many there are.
func (r *Recent[K]) Add(key K) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.roll()
	r.current[key]++
	return r.current[key] + r.last[key]
}

// Count returns how many there are.
func (r *Recent[K]) Count(key K) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.roll()
	return r.current[key] + r.last[key]
}

// Most returns how many there are in the one of the two seconds that has more.
func (r *Recent[K]) Most(key K) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.roll()
	return max(r.current[key], r.last[key])
}

func (r *Recent[K]) roll() {
	switch second := r.now().Unix(); second {
	case r.second:
	case r.second + 1:
		r.second, r.last, r.current = second, r.current, map[K]int{}
	default:
		r.second, r.last, r.current = second, map[K]int{}, map[K]int{}
	}
}
