package id_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/id"
)

func TestSinceSortsBetweenIdentifiersByWhenTheyWereMade(t *testing.T) {
	t.Parallel()
	for range 100 {
		before := time.Now()
		made := id.New(id.Delivery)
		after := time.Now()
		if low, high := id.Since(id.Delivery, before), id.Since(id.Delivery, after.Add(time.Millisecond)); made < low ||
			made >= high {
			t.Fatalf("%s is not between %s and %s", made, low, high)
		}
		if low := id.Since(id.Delivery, before); !strings.HasPrefix(made, low[:10]) {
			t.Fatalf("%s does not begin like %s", made, low)
		}
	}
}
