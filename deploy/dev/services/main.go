// Command services lends a command the servers that Hookline's tests need.
//
//	go run ./deploy/dev/services -- go test ./...
//
// runs the command with HOOKLINE_TEST_DATABASE_URL (a superuser of PostgreSQL, database "postgres") and
// HOOKLINE_TEST_REDIS_URL in its environment, then stops what it started, removes its temporary folder and exits with
// the command's exit code (go run itself turns every failure into 1). Without a command it prints the two variables
// and stays until it is interrupted.
//
// It exists so that the one test suite meets the real engines on every machine without a page of instructions. For
// each server the first of these that works is taken: the variable already set; a private instance from binaries on
// the machine; the same after installing the package, as root with apt-get; Docker Compose. When none works it says
// what is missing and fails: a suite that skips an engine silently would report a promise that it did not check.
// Python, Node, PHP, Ruby and Chromium, which some tests run, are installed in the same way where that is allowed; Java
// is used when it is there. HOOKLINE_TEST_CHROMIUM says where the browser is.
//
// Flags: --fsync keeps PostgreSQL's durability on, for benchmarks.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

// parentPoll is how soon the launcher notices that the process that started it has gone.
const parentPoll = 500 * time.Millisecond

func main() {
	os.Exit(run(os.Args[1:]))
}

// run is main with an exit code, so that the deferred cleanup happens before the process ends.
func run(args []string) int {
	flags := flag.NewFlagSet("services", flag.ContinueOnError)
	fsync := flags.Bool("fsync", false, "keep PostgreSQL's fsync on (for benchmarks)")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: go run ./deploy/dev/services [--fsync] [-- command [argument...]]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}

	// From here on signals never end the launcher by themselves: ctx interrupts the start-up, and signals is what
	// the command is told. Cleaning up always runs to its end.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()
	go watchParent()

	servers, err := newStack(*fsync)
	if err != nil {
		say("%v", err)
		return 1
	}
	defer servers.close()
	env, err := servers.bring(ctx)
	if ctx.Err() != nil {
		say("interrupted")
		return 128 + int(syscall.SIGINT)
	}
	if err != nil {
		say("%v", err)
		return 1
	}
	if flags.NArg() == 0 {
		return serveUntilInterrupted(env, signals)
	}
	return runCommand(flags.Args(), env, signals)
}

// serveUntilInterrupted prints the variables for a shell and waits for an interrupt, which is its normal end.
func serveUntilInterrupted(env []variable, signals <-chan os.Signal) int {
	for _, v := range env {
		fmt.Printf("export %s='%s'\n", v.name, v.value)
	}
	say("running until interrupted")
	<-signals
	return 0
}

// runCommand runs the command in this terminal, hands on every signal, and returns its exit code: 128 plus the signal
// when one ended it, 127 when it could not be started, as shells do. On Ctrl-C the command hears the terminal as well
// as us; an interrupt sent to the launcher alone looks the same from here, so hearing it twice is the lesser evil.
func runCommand(args []string, env []variable, signals <-chan os.Signal) int {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = commandAttributes()
	cmd.Env = os.Environ()
	for _, v := range env {
		cmd.Env = append(cmd.Env, v.name+"="+v.value)
	}
	if err := cmd.Start(); err != nil {
		say("%v", err)
		return 127
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			// The command may have just ended; then there is no process to signal.
			_ = cmd.Process.Signal(s)
		case err := <-done:
			return exitCode(err)
		}
	}
}

// exitCode translates the result of a finished command.
func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &exit):
		say("%v", err)
		return 1
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}

// watchParent turns the death of the parent into SIGTERM. "go run" hands on no SIGTERM: it dies and would leave the
// launcher, the command and both servers behind, unseen.
func watchParent() {
	parent := os.Getppid()
	for range time.Tick(parentPoll) {
		if os.Getppid() == parent {
			continue
		}
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Signal(syscall.SIGTERM)
		}
		return
	}
}

// say writes one message to stderr; stdout belongs to the command and to the export lines.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "services: "+format+"\n", args...)
}
