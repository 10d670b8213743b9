package testkit

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/testkit/secrets"
)

// Main runs a package's tests, for its TestMain. When they are over it stops the package's programs and searches
// everything that they stored for secrets. options apply to the programs that Shared returns.
func Main(m *testing.M, options ...Option) {
	packageOptions = options
	code := m.Run()
	whole.end()
	removeBinary()
	if whole.failed && code == 0 {
		code = 1
	}
	os.Exit(code)
}

var (
	packageOptions []Option
	whole          = &packageTest{}
	shared         = map[Engine]func() *Program{
		Embedded: sync.OnceValue(func() *Program { return startShared(Embedded) }),
		Servers:  sync.OnceValue(func() *Program { return startShared(Servers) }),
	}
)

// Shared returns the package's program on the engine; the first call starts it. Tests share it in parallel, so each
// makes a tenant of its own and looks only at what belongs to that. A test of the clock, the configuration, a kill or
// a lost Redis starts a program of its own.
func Shared(t testing.TB, e Engine) *Program {
	t.Helper()
	secretsAtEnd(t)
	return shared[e]()
}

func startShared(e Engine) *Program {
	s := NewServices(whole, e)
	searchAtEnd(whole, s)
	return StartOn(whole, s, packageOptions...)
}

// searchAtEnd searches what the package's programs stored, after they have stopped and before it is removed.
func searchAtEnd(t testing.TB, s Services) {
	t.Helper()
	t.Cleanup(func() {
		secrets.SearchDatabase(t, s.DatabaseURL)
		if o, err := redis.ParseURL(s.RedisURL); err == nil { // Program.Stop searches the embedded one
			client := redis.NewClient(o)
			defer func() { _ = client.Close() }()
			secrets.SearchRedis(t, client)
		}
	})
}

// secretsAtEnd fails the test when a secret was logged by the time it ends. Benchmarks are not searched.
func secretsAtEnd(t testing.TB) {
	t.Helper()
	if _, benchmark := t.(*testing.B); benchmark {
		unsearched.Store(true)
		return
	}
	t.Cleanup(func() {
		secrets.CheckLog(t)
		if _, searched := slog.Default().Handler().(tee); !searched {
			t.Error("slog: the default logger was replaced, so the log is not searched for secrets; put it back")
		}
	})
}

// packageTest is the testing.TB of what lives as long as the package's tests: it fails the whole run.
type packageTest struct {
	testing.TB // nil: only the methods below are called

	mu       sync.Mutex
	failed   bool
	cleanups []func()
}

func (p *packageTest) end() {
	for {
		p.mu.Lock()
		n := len(p.cleanups)
		if n == 0 {
			p.mu.Unlock()
			return
		}
		last := p.cleanups[n-1]
		p.cleanups = slices.Delete(p.cleanups, n-1, n)
		p.mu.Unlock()
		last()
	}
}

// Helper implements testing.TB.
func (p *packageTest) Helper() {}

// Name implements testing.TB.
func (p *packageTest) Name() string { return filepath.Base(os.Args[0]) }

// Context implements testing.TB.
func (p *packageTest) Context() context.Context { return context.Background() }

// Cleanup implements testing.TB.
func (p *packageTest) Cleanup(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cleanups = append(p.cleanups, f)
}

// TempDir implements testing.TB.
func (p *packageTest) TempDir() string {
	dir, err := os.MkdirTemp("", "hookline-test-")
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Error implements testing.TB.
func (p *packageTest) Error(args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = true
	fmt.Fprintln(os.Stderr, append([]any{"FAIL: the tests' shared program:"}, args...)...)
}

// Errorf implements testing.TB.
func (p *packageTest) Errorf(format string, args ...any) { p.Error(fmt.Sprintf(format, args...)) }

// Fatal implements testing.TB; it panics in the test that needed the program.
func (p *packageTest) Fatal(args ...any) {
	p.Error(args...)
	panic(fmt.Sprint(args...))
}

// Fatalf implements testing.TB.
func (p *packageTest) Fatalf(format string, args ...any) { p.Fatal(fmt.Sprintf(format, args...)) }

// Package returns the testing.TB of what lives as long as the package's tests, such as a service that the programs of
// Shared call. Its Cleanup runs when the tests are over.
func Package() testing.TB { return whole }
