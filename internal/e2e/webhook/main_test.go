package webhook_test

import (
	"testing"
	"time"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

// TestMain gives the shared programs small limits and job steps, so that tests exceed them quickly.
func TestMain(m *testing.M) { testkit.Main(m, smallSteps, smallLimits, shortGrace) }

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
