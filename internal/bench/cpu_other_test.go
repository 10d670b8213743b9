//go:build !linux

package bench

import (
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// meter reads nothing where the operating system has no /proc.
type meter struct{}

func newMeter(*testing.B, testkit.Services, ...*testkit.Process) meter { return meter{} }

func (meter) read() usage { return usage{} }
