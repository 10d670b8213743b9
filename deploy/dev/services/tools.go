package main

import (
	"context"
	"os/exec"
)

// tool is a program that tests run: interpreters of what consumers verify webhooks with.
type tool struct{ name, pkg string }

func tools() []tool { return []tool{{"python3", "python3"}, {"node", "nodejs"}} }

// bringTools installs the tools that are missing, where we may. It does not fail without one: the test that needs it
// does, and says how to get it, while all others run.
func (s *stack) bringTools(ctx context.Context) {
	for _, t := range tools() {
		if _, err := exec.LookPath(t.name); err == nil {
			continue
		}
		if err := s.install(ctx, t.pkg); err != nil {
			say("%s is missing, and tests that run it will fail: %v", t.name, err)
		}
	}
}
