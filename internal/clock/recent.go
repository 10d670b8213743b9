package clock

import "sync"

// Recent counts events per key in the current second and the one before. It is safe for concurrent use.
type Recent[K comparable] struct {
	now Clock

	mu            sync.Mutex
	second        int64
	current, last map[K]int
}

// NewRecent makes an empty Recent.
func NewRecent[K comparable](now Clock) *Recent[K] {
	return &Recent[K]{now: now, current: map[K]int{}, last: map[K]int{}}
}

// Add counts one event and returns the sum of both seconds.
func (r *Recent[K]) Add(key K) int { return r.AddN(key, 1) }

// AddN counts n events and returns the sum of both seconds.
func (r *Recent[K]) AddN(key K, n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.roll()
	r.current[key] += n
	return r.current[key] + r.last[key]
}

// Count returns the sum of both seconds.
func (r *Recent[K]) Count(key K) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.roll()
	return r.current[key] + r.last[key]
}

// Most returns the higher count of the two seconds.
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
