package eventtype

import (
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/hookline/hookline/internal/schema"
)

// maxCompiled is the approximate size of the compiled schemas that a process caches, in bytes.
const maxCompiled = 64 << 20

// schemas is an LRU cache of compiled schemas by their text.
type schemas struct {
	mu    sync.Mutex
	kept  *simplelru.LRU[[sha256.Size]byte, *schema.Schema]
	bytes int
}

func newSchemas() *schemas {
	s := &schemas{}
	kept, err := simplelru.NewLRU(maxCompiled/schema.MinWeight, func(_ [sha256.Size]byte, dropped *schema.Schema) {
		s.bytes -= dropped.Weight()
	})
	if err != nil {
		panic(err) // the size is not positive
	}
	s.kept = kept
	return s
}

// of returns the compiled form of a stored schema.
func (s *schemas) of(text string) (*schema.Schema, error) {
	sum := sha256.Sum256([]byte(text))
	s.mu.Lock()
	found, ok := s.kept.Get(sum)
	s.mu.Unlock()
	if ok {
		return found, nil
	}
	made, wrong := schema.Parse("schema", []byte(text))
	if len(wrong) > 0 {
		return nil, fmt.Errorf("eventtype: a stored schema can't be used: %s %s", wrong[0].Field, wrong[0].Message)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.kept.Contains(sum) {
		s.kept.Add(sum, made)
		s.bytes += made.Weight()
	}
	for s.bytes > maxCompiled && s.kept.Len() > 1 {
		s.kept.RemoveOldest()
	}
	return made, nil
}
