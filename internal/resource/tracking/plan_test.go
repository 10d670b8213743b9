package tracking_test

import (
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/resource/tracking"
	"github.com/hookline/hookline/internal/testkit/engine"
)

func TestTheSweepReadsItsIndex(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := engine.Database(t, e)
		if !d.Postgres() { // which takes whichever is cheaper
			for _, status := range []tracking.Status{tracking.Open, tracking.Discarded} {
				dry := d.Read(t.Context()).Session(&gorm.Session{DryRun: true})
				if plan := engine.Plan(t, d, tracking.InStatus(dry, status),
					&[]tracking.Snapshot{}); !strings.Contains(plan, "tracking_snapshots_unfinished") {
					t.Errorf("%s: %s", status, plan)
				}
			}
		}
	})
}
