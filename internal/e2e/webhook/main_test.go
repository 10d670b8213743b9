package webhook_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// TestMain gives the shared programs small limits and job steps, so that tests exceed them quickly, and a model that
// writes about every topic but "refused".
func TestMain(m *testing.M) {
	model := fake.NewModel(testkit.Package(), func(w http.ResponseWriter, a fake.Asked) {
		if a.Topic == "refused" {
			a.Refuse(w, "No.")
			return
		}
		a.Write(w)
	})
	testkit.Main(m, smallSteps, smallLimits, shortGrace, fake.WithModel(model, time.Minute, 1))
}

// The sizes of smallSteps and smallLimits.
const (
	jobStep = 8
	maxText = 200_000
)

// listenerGrace is how long listeners exist after their last connection.
const listenerGrace = 4 * time.Second

func shortGrace(_ *config.Config, o *app.Options) { o.ListenerGrace = listenerGrace }

func smallSteps(_ *config.Config, o *app.Options) { o.JobStep = jobStep }

func smallLimits(_ *config.Config, o *app.Options) { o.TypeText = maxText }

type object = map[string]any
