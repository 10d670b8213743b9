package main

import (
	"runtime"
	"syscall"
)

// The kernel sends the death signal when the thread that started the child ends, not when the whole process does. Tied
// to the main thread, which lives as long as the process, the main goroutine can start children safely.
func init() {
	runtime.LockOSThread()
}

// commandAttributes makes the command die with the launcher. It stays in the terminal's process group, so that
// it can read from the terminal.
func commandAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
