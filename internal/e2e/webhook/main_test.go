package webhook_test

import (
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

type object = map[string]any
