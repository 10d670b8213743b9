package webhook_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// TestPublishingAWarmTypeReadsItOnceASecond because a look for each event would cost more than the event.
func TestPublishingAWarmTypeReadsItOnceASecond(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		c := p.NewTenant(t, "business")
		register(t, c, nil)
		var read atomic.Int64
		err := p.App.Database().Read(t.Context()).Callback().Query().Before("*").Register("count", func(tx *gorm.DB) {
			if tx.Statement.Table == "event_types" {
				read.Add(1)
			} else if o, ok := tx.Statement.Dest.(interface{ TableName() string }); ok &&
				o.TableName() == "event_types" {
				read.Add(1)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for range 200 {
			testkit.Post[api.Event](t, c, publishPath, object{"type": "order.created", "data": object{"number": "A-1",
				"total": 1}}, http.StatusAccepted)
		}
		if n, most := read.Load(), 1+int64(time.Since(start)/time.Second); n == 0 || n > most {
			t.Errorf("reads of the type: got %d, want 1 to %d", n, most)
		}
		c.Call(t, http.MethodPost, publishPath, object{"type": "order.created", "data": object{}}).
			Want(t, http.StatusUnprocessableEntity)
	})
}
