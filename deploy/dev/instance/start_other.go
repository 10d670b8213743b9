//go:build !linux

package instance

import (
	"os/exec"
	"syscall"
)

// attributes asks for nothing: only Linux can tie the life of a child to its parent's, and away from it the servers run
// as the user who started us.
func attributes(*account) *syscall.SysProcAttr { return nil }

func start(cmd *exec.Cmd) error { return cmd.Start() }

func free(string) uint64 { return 0 }
