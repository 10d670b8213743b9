package egress

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"
)

// keeper is a server that answers the first request on its first connection and keeps the connection open. What it
// does when a later request begins to arrive, on which connection (from 1), is the test's.
type keeper struct {
	url         string
	connections atomic.Int32
	begun       atomic.Int32 // requests of which a byte arrived
}

const kept = okLine + "Content-Length: 2\r\n\r\nok"

func newKeeper(t *testing.T, later func(connection int32, c net.Conn, r *bufio.Reader)) *keeper {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	k := &keeper{url: "http://" + l.Addr().String()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			n := k.connections.Add(1)
			go func() {
				defer conn.Close()
				k.serve(n, conn, later)
			}()
		}
	}()
	return k
}

func (k *keeper) serve(n int32, conn net.Conn, later func(int32, net.Conn, *bufio.Reader)) {
	r := bufio.NewReader(conn)
	for first := n == 1; ; first = false {
		if _, err := r.Peek(1); err != nil {
			return
		}
		k.begun.Add(1)
		if !first {
			later(n, conn, r)
			return
		}
		answerOne(conn, r)
	}
}

// answerOne reads a request with its body and answers it.
func answerOne(c io.Writer, r *bufio.Reader) {
	if readOne(r) {
		io.WriteString(c, kept)
	}
}

func readOne(r *bufio.Reader) bool {
	req, err := http.ReadRequest(r)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, req.Body)
	return err == nil
}

// endings are how a server can close a connection under a request.
var endings = map[string]func(net.Conn, *bufio.Reader){
	"as it begins to arrive": func(c net.Conn, _ *bufio.Reader) { c.Close() },
	"after it arrived":       func(c net.Conn, r *bufio.Reader) { readOne(r); c.Close() },
	"with a reset": func(c net.Conn, _ *bufio.Reader) {
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	},
}

// repeatable are requests of all kinds that the transport treats differently.
var repeatable = map[string]Request{
	"a POST":                    {Body: []byte("{}")},
	"an empty POST":             {},
	"a long POST":               {Body: make([]byte, 1<<20)},
	"a GET":                     {Method: http.MethodGet},
	"a POST with its own key":   {Body: []byte("{}"), Header: http.Header{"Idempotency-Key": {"a"}}},
	"a PUT with a short header": {Method: http.MethodPut, Body: []byte("{}"), Header: http.Header{"X-A": {"b"}}},
}

func TestARequestOnAConnectionThatTheServerClosesIsSentOnceMore(t *testing.T) {
	t.Parallel()
	for ending, end := range endings {
		for kind, r := range repeatable {
			t.Run(kind+" closed "+ending, func(t *testing.T) {
				t.Parallel()
				k := newKeeper(t, func(connection int32, c net.Conn, r *bufio.Reader) {
					if connection == 1 {
						end(c, r)
						return
					}
					answerOne(c, r)
				})
				c := local(t)
				r.URL = k.url
				mustDo(t, c, r)
				got := mustDo(t, c, r)
				if got.Status != http.StatusOK || string(got.Body) != "ok" {
					t.Errorf("answer: got %d %q, want 200 ok", got.Status, got.Body)
				}
				if got.Timings.Reused || got.Timings.Connect == nil {
					t.Errorf("timings: got %+v, want those of a new connection", got.Timings)
				}
				if connections, begun := k.connections.Load(), k.begun.Load(); connections != 2 || begun != 3 {
					t.Errorf("server: got %d connections and %d requests, want 2 and 3", connections, begun)
				}
			})
		}
	}
}

func TestAServerThatAlwaysClosesIsTriedTwice(t *testing.T) {
	t.Parallel()
	for ending, end := range endings {
		for kind, r := range repeatable {
			t.Run(kind+" closed "+ending, func(t *testing.T) {
				t.Parallel()
				k := newKeeper(t, func(_ int32, c net.Conn, r *bufio.Reader) { end(c, r) })
				c := local(t)
				r.URL = k.url
				mustDo(t, c, r)
				if resp, err := c.Do(t.Context(), r); resp != nil || codeOf(t, err) != CodeProtocol {
					t.Errorf("Do = %+v, %v; want %s", resp, err, CodeProtocol)
				}
				if connections, begun := k.connections.Load(), k.begun.Load(); connections != 2 || begun != 3 {
					t.Errorf("server: got %d connections and %d requests, want 2 and 3", connections, begun)
				}
			})
		}
	}
}

// TestOnlyAReusedConnectionThatClosesWithoutAnAnswerIsReplaced because anything else is the server's own failure, and
// the request may have been taken.
func TestOnlyAReusedConnectionThatClosesWithoutAnAnswerIsReplaced(t *testing.T) {
	t.Parallel()
	const limit = 300 * time.Millisecond
	for name, tt := range map[string]struct {
		later func(net.Conn, *bufio.Reader)
		want  string
	}{
		"no answer":     {func(_ net.Conn, r *bufio.Reader) { io.Copy(io.Discard, r) }, CodeTimeout},
		"half a status": {func(c net.Conn, r *bufio.Reader) { readOne(r); io.WriteString(c, "HTTP/1.1 2") }, CodeProtocol},
		"half a body": {func(c net.Conn, r *bufio.Reader) {
			readOne(r)
			io.WriteString(c, okLine+"Content-Length: 9\r\n\r\nok")
		}, CodeProtocol},
		"an interim answer": {func(c net.Conn, r *bufio.Reader) {
			readOne(r)
			io.WriteString(c, "HTTP/1.1 103 Early Hints\r\n\r\n")
		}, CodeProtocol},
		"no HTTP": {func(c net.Conn, r *bufio.Reader) { readOne(r); io.WriteString(c, "SSH-2.0\r\n") }, CodeProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKeeper(t, func(_ int32, c net.Conn, r *bufio.Reader) { tt.later(c, r) })
			c := local(t)
			mustDo(t, c, Request{URL: k.url, Body: []byte("{}")})
			r := Request{URL: k.url, Body: []byte("{}")}
			if tt.want == CodeTimeout {
				r.Timeout = limit
			}
			if _, err := c.Do(t.Context(), r); codeOf(t, err) != tt.want {
				t.Errorf("Do = %v, want %s", err, tt.want)
			}
			if n := k.connections.Load(); n != 1 {
				t.Errorf("connections: got %d, want 1", n)
			}
		})
	}
	t.Run("a new connection", func(t *testing.T) {
		t.Parallel()
		var connections atomic.Int32
		url := serveRaw(t, func(c net.Conn) { connections.Add(1); c.Close() })
		if _, err := local(t).Do(t.Context(), Request{URL: url}); codeOf(t, err) != CodeProtocol {
			t.Errorf("Do = %v, want %s", err, CodeProtocol)
		}
		if n := connections.Load(); n != 1 {
			t.Errorf("connections: got %d, want 1", n)
		}
	})
	t.Run("stopped by the caller", func(t *testing.T) {
		t.Parallel()
		ctx, stop := context.WithCancel(t.Context())
		k := newKeeper(t, func(_ int32, _ net.Conn, r *bufio.Reader) { stop(); io.Copy(io.Discard, r) })
		c := local(t)
		mustDo(t, c, Request{URL: k.url})
		if _, err := c.Do(ctx, Request{URL: k.url}); codeOf(t, err) != CodeCanceled {
			t.Errorf("Do = %v, want %s", err, CodeCanceled)
		}
		if n := k.connections.Load(); n != 1 {
			t.Errorf("connections: got %d, want 1", n)
		}
	})
}

// The new connection goes where the name points by then, if that is permitted.
func TestTheNewConnectionIsGuardedToo(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, func(_ int32, c net.Conn, _ *bufio.Reader) { c.Close() })
	_, port, _ := net.SplitHostPort(k.url[len("http://"):])
	var answer atomic.Pointer[netip.Addr]
	c := local(t, func(cfg *Config) {
		cfg.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		cfg.Resolver = resolver(t, func() []netip.Addr { return []netip.Addr{*answer.Load()} })
	})
	first, second := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	answer.Store(&first)
	r := Request{URL: "http://rebind.test.:" + port}
	mustDo(t, c, r)
	answer.Store(&second)
	if _, err := c.Do(t.Context(), r); codeOf(t, err) != CodeDNS || !errors.Is(err, errBlocked) {
		t.Errorf("Do = %v, want one that is blocked", err)
	}
	if n := k.connections.Load(); n != 1 {
		t.Errorf("connections: got %d, want 1", n)
	}
}

// connOf is the key of the connection that a request came on.
type connOf struct{}

func TestARequestOverTLSIsSentOnceMore(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		for _, always := range []bool{false, true} {
			name := protocol + " closed once"
			if always {
				name = protocol + " closed always"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var requests, connections atomic.Int32
				srv := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					if n := requests.Add(1); n == 2 || (always && n > 2) {
						r.Context().Value(connOf{}).(net.Conn).Close()
					}
				}))
				srv.Config.ErrorLog = discard
				srv.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
					connections.Add(1)
					return context.WithValue(ctx, connOf{}, c)
				}
				srv.EnableHTTP2 = protocol == "HTTP/2.0"
				srv.StartTLS()
				t.Cleanup(srv.Close)
				roots := x509.NewCertPool()
				roots.AddCert(srv.Certificate())
				c := local(t, func(cfg *Config) { cfg.Roots = roots })
				r := Request{URL: srv.URL, Body: []byte("{}")}
				mustDo(t, c, r)
				resp, err := c.Do(t.Context(), r)
				if want := map[bool]string{true: CodeProtocol}[always]; codeOf(t, err) != want {
					t.Errorf("Do = %+v, %v; want %q", resp, err, want)
				}
				if !always && (resp == nil || resp.Proto != protocol || resp.Timings.Reused) {
					t.Errorf("answer: got %+v, want one by %s on a new connection", resp, protocol)
				}
				if n, m := requests.Load(), connections.Load(); n != 3 || m != 2 {
					t.Errorf("server: got %d requests on %d connections, want 3 on 2", n, m)
				}
			})
		}
	}
}
