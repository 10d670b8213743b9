package instance

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// attributes makes a server die with us, keeps the terminal's Ctrl-C from it (others may still need it while they wind
// up) and gives it the user to run as.
func attributes(as *account) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if as != nil {
		attr.Credential = &syscall.Credential{Uid: as.uid, Gid: as.gid}
	}
	return attr
}

type request struct {
	cmd  *exec.Cmd
	done chan error
}

// The kernel sends the death signal when the thread that started the child ends, not when the whole process does. So
// all children are started by one thread, which lives as long as the process.
var starter = sync.OnceValue(func() chan<- request {
	requests := make(chan request)
	go func() {
		runtime.LockOSThread()
		for r := range requests {
			r.done <- r.cmd.Start()
		}
	}()
	return requests
})

func start(cmd *exec.Cmd) error {
	r := request{cmd, make(chan error, 1)}
	starter() <- r
	return <-r.done
}

// free is how many bytes may be written below a folder, and fit into memory if it is in memory; 0 when that is unknown.
func free(dir string) uint64 {
	var disk syscall.Statfs_t
	if syscall.Statfs(dir, &disk) != nil {
		return 0
	}
	memory, _ := os.ReadFile("/proc/meminfo")
	for line := range strings.Lines(string(memory)) {
		var available uint64
		if _, err := fmt.Sscanf(line, "MemAvailable: %d kB", &available); err == nil {
			return min(disk.Bavail*uint64(disk.Bsize), available<<10)
		}
	}
	return 0
}
