package clock

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// Cache keeps the most recently used values for a time. It needs no goroutine: a value that is too old is dropped when
// somebody asks for it, or when others need its place. It is safe for concurrent use.
type Cache[K comparable, V any] struct {
	age  time.Duration
	kept *lru.Cache[K, aged[V]]
}

type aged[V any] struct {
	value V
	until time.Time
}

// NewCache makes a Cache of at most size values, each for age.
func NewCache[K comparable, V any](size int, age time.Duration) *Cache[K, V] {
	kept, err := lru.New[K, aged[V]](size)
	if err != nil {
		panic(err) // the size is not positive
	}
	return &Cache[K, V]{age: age, kept: kept}
}

// Get returns a value that is not too old.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	a, ok := c.kept.Get(key)
	if ok && time.Now().Before(a.until) {
		return a.value, true
	}
	var none V
	return none, false
}

// Add keeps a value, for the age of the cache from now on.
func (c *Cache[K, V]) Add(key K, value V) { c.kept.Add(key, aged[V]{value, time.Now().Add(c.age)}) }

// Remove drops a value.
func (c *Cache[K, V]) Remove(key K) { c.kept.Remove(key) }

// Purge drops all values.
func (c *Cache[K, V]) Purge() { c.kept.Purge() }
