package delivery_test

import (
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }
