package egress

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// local is a client that may connect to test servers.
func local(t *testing.T, change ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{Allow: loopback, AllowHTTP: true, Timeout: 10 * time.Second}
	for _, f := range change {
		f(&cfg)
	}
	c := New(cfg)
	t.Cleanup(c.Close)
	return c
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = discard
	srv.Start()
	t.Cleanup(srv.Close)
	return srv
}

func mustDo(t *testing.T, c *Client, r Request) *Response {
	t.Helper()
	resp, err := c.Do(t.Context(), r)
	if err != nil {
		t.Fatalf("Do: got %v (%v), want no error", err, errors.Unwrap(err))
	}
	return resp
}

func TestDoSendsAndReturnsExactly(t *testing.T) {
	t.Parallel()
	body := []byte("{\"a\": 1}\n\x00\xff")
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got, _ := io.ReadAll(r.Body)
		if r.Method != "PUT" || r.URL.String() != "/p?q=1" || !bytes.Equal(got, body) || r.Header.Get("X-A") != "b" {
			t.Errorf("request: got %s %s %q %v, want PUT /p?q=1 with the body and X-A", r.Method, r.URL, got,
				r.Header)
		}
		if r.ContentLength != int64(len(body)) || r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("request: got length %d and headers %v, want %d and no Accept-Encoding", r.ContentLength,
				r.Header, len(body))
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("X-C", "d")
		w.WriteHeader(http.StatusTeapot)
		w.Write([]byte("not gzip at all"))
	})
	header := http.Header{"X-A": {"b"}}
	resp := mustDo(t, local(t), Request{Method: "PUT", URL: srv.URL + "/p?q=1", Header: header, Body: body})
	if resp.Status != http.StatusTeapot || resp.Proto != "HTTP/1.1" || resp.Header.Get("X-C") != "d" ||
		string(resp.Body) != "not gzip at all" || resp.Truncated || resp.Duration <= 0 {
		t.Errorf("response: got %+v, want 418 with the body as it is", resp)
	}
	if len(header) != 1 {
		t.Errorf("caller's header: got %v, want it unchanged", header)
	}
}

func TestDoDefaults(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" || r.ContentLength != 0 || r.Header.Get("Cookie") != "" {
			t.Errorf("request: got %s, length %d, %v, want an empty POST without a cookie", r.Method,
				r.ContentLength, r.Header)
		}
	})
	mustDo(t, local(t), Request{URL: srv.URL})
	c := New(Config{})
	if c.timeout != 15*time.Second || c.maxBody != 16<<10 || c.allowHTTP || c.transport.MaxIdleConnsPerHost != 8 {
		t.Errorf("zero Config: got %+v, want the defaults", c)
	}
	if c.transport.Proxy != nil {
		t.Error("proxy: got one of the environment, want none")
	}
	if c := New(Config{Timeout: -1, MaxResponseBody: -1}); c.timeout != 15*time.Second || c.maxBody != 16<<10 {
		t.Errorf("negative Config: got %+v, want the defaults", c)
	}
}

func TestDoRefusesBeforeSending(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	srv := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	noHTTP, noLoopback := New(Config{Allow: loopback}), New(Config{AllowHTTP: true})
	tests := map[string]struct {
		c    *Client
		r    Request
		want string
	}{
		"http":     {noHTTP, Request{URL: srv.URL}, CodeInvalidURL},
		"loopback": {noLoopback, Request{URL: srv.URL}, CodeBlockedAddress},
		"mapped loopback": {noLoopback, Request{URL: strings.Replace(srv.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1)},
			CodeBlockedAddress},
		"method": {local(t), Request{URL: srv.URL, Method: "A B"}, CodeInvalidRequest},
		"header value": {local(t), Request{URL: srv.URL, Header: http.Header{"X-A": {"a\r\nX-B: c"}}},
			CodeInvalidRequest},
		"header name": {local(t), Request{URL: srv.URL, Header: http.Header{"X A": {"a"}}}, CodeInvalidRequest},
	}
	for name, tt := range tests {
		if resp, err := tt.c.Do(t.Context(), tt.r); resp != nil || codeOf(t, err) != tt.want {
			t.Errorf("%s: Do = %v, %v; want %s", name, resp, err, tt.want)
		}
	}
	if hits.Load() != 0 {
		t.Error("the server got a request, want none")
	}
}

// The guard runs on what was resolved: a harmless name gets no further than its
// addresses, whichever they are.
func TestDoChecksResolvedAddress(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "192.168.1.1"} {
		c := New(Config{AllowHTTP: true, Resolver: resolver(t, func() []netip.Addr {
			return []netip.Addr{netip.MustParseAddr(addr)}
		})})
		_, err := c.Do(t.Context(), Request{URL: "http://rebind.test.:8080/"})
		if codeOf(t, err) != CodeDNS || !errors.Is(err, errBlocked) {
			t.Errorf("a name for %s: got %v, want one that is blocked", addr, err)
		}
		if err != nil && strings.Contains(err.Error(), addr) {
			t.Errorf("message: got %q, want it without the address", err)
		}
	}
}

// A private network's names are not the tenant's to know.
func TestAPrivateNameLooksLikeOneThatDoesNotExist(t *testing.T) {
	t.Parallel()
	failure := func(addrs ...netip.Addr) *Error {
		c := New(Config{AllowHTTP: true, Resolver: resolver(t, func() []netip.Addr { return addrs })})
		_, err := c.Do(t.Context(), Request{URL: "http://db.internal.test.:8080/"})
		var failed *Error
		if !errors.As(err, &failed) {
			t.Fatalf("got %v, want an Error", err)
		}
		return failed
	}
	private, absent := failure(netip.MustParseAddr("10.0.0.1")), failure()
	if private.Code != absent.Code || private.Message != absent.Message {
		t.Errorf("got %s %q for a private name and %s %q for none, want the same", private.Code, private.Message,
			absent.Code, absent.Message)
	}
	shape := func(t Timings) [5]bool {
		return [5]bool{t.DNS != nil, t.Connect != nil, t.TLS != nil, t.Wait != nil, t.Reused}
	}
	if shape(private.Timings) != shape(absent.Timings) {
		t.Errorf("got the phases %+v for a private name and %+v for none, want the same", private.Timings,
			absent.Timings)
	}
}

// A name that answers with a permitted address first and a forbidden one later.
func TestDoDNSRebinding(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	var answer atomic.Pointer[netip.Addr]
	c := local(t, func(cfg *Config) {
		cfg.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		cfg.Resolver = resolver(t, func() []netip.Addr { return []netip.Addr{*answer.Load()} })
	})
	r := Request{URL: "http://rebind.test.:" + port}

	first, second := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	answer.Store(&first)
	mustDo(t, c, r)
	answer.Store(&second)
	c.Close() // as a reused connection would still go to the first
	if _, err := c.Do(t.Context(), r); codeOf(t, err) != CodeDNS || !errors.Is(err, errBlocked) {
		t.Errorf("second answer: got %v, want one that is blocked", err)
	}
}

func TestDoUnknownName(t *testing.T) {
	t.Parallel()
	c := local(t, func(cfg *Config) { cfg.Resolver = resolver(t, func() []netip.Addr { return nil }) })
	if _, err := c.Do(t.Context(), Request{URL: "http://nowhere.test."}); codeOf(t, err) != CodeDNS {
		t.Errorf("Do = %v, want dns", err)
	}
}

func TestDoDoesNotFollowRedirects(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	private := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, private.URL, status)
		})
		if resp := mustDo(t, local(t), Request{URL: srv.URL}); resp.Status != status ||
			resp.Header.Get("Location") != private.URL {
			t.Errorf("got %+v, want the %d itself", resp, status)
		}
	}
	if hits.Load() != 0 {
		t.Error("redirect: got it followed, want not")
	}
}

func TestDoKeepsNoCookies(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" {
			t.Error("cookie: got one sent back, want none")
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
	})
	c := local(t)
	mustDo(t, c, Request{URL: srv.URL})
	mustDo(t, c, Request{URL: srv.URL})
}

// Bodies a little over the limit are read out, so that the connection lives on.
func TestDoReusesConnections(t *testing.T) {
	t.Parallel()
	var conns atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write(make([]byte, 5000))
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	c := local(t, func(cfg *Config) { cfg.MaxResponseBody = 1000 })
	for range 3 {
		if resp := mustDo(t, c, Request{URL: srv.URL}); len(resp.Body) != 1000 || !resp.Truncated {
			t.Errorf("%d bytes, truncated %t; want 1000, true", len(resp.Body), resp.Truncated)
		}
	}
	if n := conns.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
	c.Close()
	mustDo(t, c, Request{URL: srv.URL})
	if n := conns.Load(); n != 2 {
		t.Errorf("%d connections after Close, want 2", n)
	}
}

func TestDoBodyLimitIsExact(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Write(bytes.Repeat([]byte{'x'}, len(r.URL.Query().Get("n"))))
	})
	c := local(t, func(cfg *Config) { cfg.MaxResponseBody = 10 })
	for n, truncated := range map[int]bool{0: false, 9: false, 10: false, 11: true} {
		resp := mustDo(t, c, Request{URL: srv.URL + "?n=" + strings.Repeat("x", n)})
		if len(resp.Body) != min(n, 10) || resp.Truncated != truncated {
			t.Errorf("body of %d bytes: got %d kept, truncated %t, want %d and %t", n, len(resp.Body),
				resp.Truncated, min(n, 10), truncated)
		}
	}
}

func TestDoHTTP2AndTLS(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/endless" {
			for r.Context().Err() == nil {
				w.Write(make([]byte, 1000))
			}
		}
	}))
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = discard
	srv.StartTLS()
	t.Cleanup(srv.Close)

	if _, err := local(t).Do(t.Context(), Request{URL: srv.URL}); codeOf(t, err) != CodeTLS ||
		!strings.Contains(err.Error(), "self-signed") {
		t.Errorf("self-signed certificate: %v, want tls", err)
	}

	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	c := local(t)
	c.transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	if resp := mustDo(t, c, Request{URL: srv.URL}); resp.Proto != "HTTP/2.0" {
		t.Errorf("spoke %s, want HTTP/2.0", resp.Proto)
	}
	resp, err := c.Do(t.Context(), Request{URL: srv.URL + "/endless"})
	if codeOf(t, err) != CodeTooLarge || len(resp.Body) != 16<<10 || !resp.Truncated {
		t.Errorf("endless body: got %v, %d bytes, truncated %t, want %s after %d", err, len(resp.Body),
			resp.Truncated, CodeTooLarge, 16<<10)
	}
	c2 := local(t, func(cfg *Config) {
		cfg.Resolver = resolver(t, func() []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} })
	})
	c2.transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	url := strings.Replace(srv.URL, "127.0.0.1", "other.test", 1)
	if _, err := c2.Do(t.Context(), Request{URL: url}); codeOf(t, err) != CodeTLS || !strings.Contains(err.Error(),
		"another name") {
		t.Errorf("certificate of another name: %v, want tls", err)
	}
}

func TestDoCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	srv := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		cancel(errors.New("shutdown"))
		<-r.Context().Done()
	})
	if resp, err := local(t).Do(ctx, Request{URL: srv.URL}); resp != nil || codeOf(t, err) != CodeCanceled {
		t.Errorf("Do = %v, %v; want canceled", resp, err)
	}
}
