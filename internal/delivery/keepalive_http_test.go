package delivery_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// closer is a consumer that answers one request on a connection, keeps it open, and closes it when the next request
// begins to arrive.
type closer struct {
	url      string
	answered atomic.Int32
	closed   atomic.Int32 // connections, under a request
}

func newCloser(t *testing.T) *closer {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	c := &closer{url: "http://" + l.Addr().String()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go c.serve(conn)
		}
	}()
	return c
}

func (c *closer) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	request, err := http.ReadRequest(r)
	if err != nil {
		return
	}
	if _, err := io.Copy(io.Discard, request.Body); err != nil {
		return
	}
	c.answered.Add(1)
	if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"); err != nil {
		return
	}
	if _, err := r.Peek(1); err == nil {
		c.closed.Add(1)
	}
}

func TestAConnectionThatTheConsumerClosesUnderARequestCostsNoAttempt(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	consumer := newCloser(t)
	tenant.NewEndpoint(t, consumer.url, nil)
	leads := 0
	for ; leads < 2 || (consumer.closed.Load() == 0 && leads < 20); leads++ {
		tenant.NewLead(t, fmt.Sprintf("%d@example.com", leads))
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, leads+1)
	}
	if consumer.closed.Load() == 0 {
		t.Errorf("connections closed under a request: got none of %d, want one", leads)
	}
	p.Await(t, "as many attempts as leads", func() bool { return len(p.Attempts(t, tenant)) >= leads })
	for _, o := range p.Attempts(t, tenant) {
		if o.Delivery.AttemptCount != 1 || o.Delivery.Status != "succeeded" || o.Attempt.Error != "" {
			t.Errorf("attempt: got %+v, want it the only one, and a success", o)
		}
	}
	if got, made := consumer.answered.Load(), len(p.Attempts(t, tenant)); int(got) != leads || made != leads {
		t.Errorf("requests answered and attempts: got %d and %d, want %d of each", got, made, leads)
	}
}
