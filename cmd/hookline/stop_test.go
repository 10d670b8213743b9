package main_test

import (
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/testkit"
)

// stallable stands between the program and a service that a test makes hang: connections stay open, and nothing passes.
type stallable struct {
	target  string
	stalled chan struct{}
	ended   chan struct{}
}

// newStallable returns a proxy for the service at a URL, and the URL to use instead.
func newStallable(t *testing.T, service string) (*stallable, string) {
	t.Helper()
	u, err := url.Parse(service)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &stallable{target: u.Host, stalled: make(chan struct{}), ended: make(chan struct{})}
	t.Cleanup(func() { close(s.ended); _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()
	u.Host = l.Addr().String()
	return s, u.String()
}

func (s *stallable) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	up, err := net.Dial("tcp", s.target)
	if err != nil {
		return
	}
	var copying sync.WaitGroup
	copying.Go(func() { s.copy(up, c) })
	s.copy(c, up)
	_ = up.Close()
	copying.Wait()
}

func (s *stallable) copy(to, from net.Conn) {
	defer func() { _ = to.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-s.stalled:
			<-s.ended
			return
		default:
		}
		if err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func TestProcessesStopInTimeWhenTheDatabaseHangs(t *testing.T) {
	t.Parallel()
	const limit = 4 * time.Second
	services := testkit.NewServices(t, testkit.Servers)
	database, through := newStallable(t, services.DatabaseURL)
	services.DatabaseURL = through
	env := testkit.Production(services).
		With("HOOKLINE_DELIVERY_TIMEOUT", "1s", "HOOKLINE_TASK_TIMEOUT", "3s",
			"HOOKLINE_SHUTDOWN_TIMEOUT", limit.String())
	api, base := testkit.Serve(t, env)
	worker := testkit.Work(t, env)
	tenant := testkit.NewClient(base, testkit.OperatorKey).NewTenant(t, "enterprise", nil)
	receiver := testkit.NewReceiver(t, nil)
	tenant.NewEndpoint(t, receiver.URL, nil)

	a := &accepted{ids: map[string]bool{}}
	stop, enough := make(chan struct{}), make(chan struct{})
	clients := a.burst(tenant, stop, 50, enough)
	<-enough // requests and deliveries are under way
	close(database.stalled)
	var processes sync.WaitGroup
	for name, p := range map[string]*testkit.Process{"serve": api, "worker": worker} {
		processes.Go(func() {
			began := time.Now()
			code := p.Interrupt(t)
			took := time.Since(began)
			t.Logf("%s stopped after %s", name, took)
			if code != 0 || took > limit+time.Second { // a second for a busy machine to start and end the process
				t.Errorf("%s: exit %d after %s, want 0 within %s:\n%s", name, code, took, limit, p.Stderr())
			}
		})
	}
	processes.Wait()
	close(stop)
	clients.Wait()
}
