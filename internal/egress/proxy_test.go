package egress

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/testkit/connect"
)

// through is a client that may connect to test servers, through a proxy.
func through(t *testing.T, p *connect.Proxy, change ...func(*Config)) (*Client, *outcomes) {
	t.Helper()
	seen := &outcomes{}
	proxy := &Proxy{URL: p.Credentials("hookline", "hidden"), Observe: seen.add}
	return local(t, append([]func(*Config){func(c *Config) { c.Proxy = proxy }}, change...)...), seen
}

type outcomes struct {
	mu  sync.Mutex
	all []Outcome
}

func (o *outcomes) add(outcome Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, outcome)
}

func (o *outcomes) want(t *testing.T, want ...Outcome) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Equal(o.all, want) {
		t.Errorf("outcomes: got %q, want %q", o.all, want)
	}
}

func code(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestRequestsGoThroughTheProxyAndReuseItsConnections(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(http.Handler) *httptest.Server{"http": httptest.NewServer,
		"https": httptest.NewTLSServer} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Proxy-Authorization") != "" {
					t.Error("Proxy-Authorization: got it at the consumer, want it at the proxy alone")
				}
				w.WriteHeader(http.StatusAccepted)
			}))
			t.Cleanup(srv.Close)
			p := connect.New(t, nil)
			c, seen := through(t, p, func(c *Config) {
				if srv.Certificate() != nil {
					c.Roots = srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
				}
			})
			for n := range 3 {
				resp := mustDo(t, c, Request{URL: srv.URL, Body: []byte("x")})
				if resp.Status != http.StatusAccepted || resp.Timings.Reused != (n > 0) ||
					(n == 0) != (resp.Timings.Connect != nil) {
					t.Errorf("request %d: got %d with %+v, want 202, the first with a new connection", n, resp.Status,
						resp.Timings)
				}
			}
			if got := p.Targets(); len(got) != 1 || got[0] != srv.Listener.Addr().String() {
				t.Errorf("targets: got %q, want one, %s", got, srv.Listener.Addr())
			}
			sent := http.Header{"Authorization": p.Headers()[0]["Proxy-Authorization"]}
			user, password, _ := (&http.Request{Header: sent}).BasicAuth()
			if user != "hookline" || password != "hidden" {
				t.Errorf("credentials at the proxy: got %q and %q, want those of its URL", user, password)
			}
			seen.want(t, Opened)
		})
	}
}

func TestTheProxyIsAskedForAddressesThatWereChecked(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	public, private := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("10.0.0.1")
	for name, tt := range map[string]struct {
		byName bool
		addrs  []netip.Addr
		want   string // the target; empty when the proxy must not be asked
	}{
		"by address":               {false, []netip.Addr{public}, "127.0.0.1:" + port},
		"by address, one private":  {false, []netip.Addr{private, public}, "127.0.0.1:" + port},
		"by address, all private":  {false, []netip.Addr{private}, ""},
		"by name":                  {true, []netip.Addr{public}, "hooks.example:" + port},
		"by name, one private":     {true, []netip.Addr{public, private}, ""},
		"by name, no such name":    {true, nil, ""},
		"by address, no such name": {false, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := connect.New(t, nil)
			p.Resolve("hooks.example:"+port, srv.Listener.Addr().String())
			c, _ := through(t, p, func(c *Config) {
				c.Resolver, c.Proxy.ByName = resolver(t, func() []netip.Addr { return tt.addrs }), tt.byName
			})
			_, err := c.Do(t.Context(), Request{URL: "http://hooks.example:" + port})
			got := strings.Join(p.Targets(), " ")
			if got != tt.want || (tt.want == "") != (code(err) == CodeDNS) || (tt.want != "" && err != nil) {
				t.Errorf("target: got %q and %v (%v), want %q", got, err, errors.Unwrap(err), tt.want)
			}
		})
	}
}

func TestWhatAProxyRefusesLooksLikeANameThatDoesNotExist(t *testing.T) {
	t.Parallel()
	p := connect.New(t, nil)
	byName, _ := through(t, p, func(c *Config) {
		c.Resolver = resolver(t, func() []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} })
	})
	absent, _ := through(t, p, func(c *Config) { c.Resolver = resolver(t, func() []netip.Addr { return nil }) })
	_, want := absent.Do(t.Context(), Request{URL: "http://hooks.example"})
	for name, answer := range map[string]connect.Answer{
		"403":         connect.Status(http.StatusForbidden),
		"smokescreen": connect.Status(http.StatusProxyAuthRequired, smokescreenError, "denied by rule"),
		"RFC 9209":    connect.Status(http.StatusBadGateway, "Proxy-Status", "p; error=destination_ip_prohibited"),
	} {
		p.Answer(answer)
		_, err := byName.Do(t.Context(), Request{URL: "http://hooks.example"})
		if code(err) != CodeDNS || err.Error() != want.Error() {
			t.Errorf("%s: got %q, want %q as of a name that does not exist", name, err, want)
		}
		if _, err := byName.Do(t.Context(), Request{URL: "http://127.0.0.1:9"}); code(err) != CodeBlockedAddress {
			t.Errorf("%s, address: got %v, want %s", name, err, CodeBlockedAddress)
		}
	}
}

func TestAProxyThatFailsIsOurFailure(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(http.ResponseWriter, *http.Request) {})
	for name, tt := range map[string]struct {
		change func(*connect.Proxy)
		says   string
	}{
		"away": {(*connect.Proxy).Stop, "can't be reached"},
		"407":  {func(p *connect.Proxy) { p.Answer(connect.Status(http.StatusProxyAuthRequired)) }, "answered 407"},
		"400":  {func(p *connect.Proxy) { p.Answer(connect.Status(http.StatusBadRequest)) }, "answered 400"},
		"502":  {func(p *connect.Proxy) { p.Answer(connect.Status(http.StatusBadGateway)) }, "answered 502"},
		"hang": {func(p *connect.Proxy) { p.Answer(p.Hang) }, "did not answer in time"},
		"closes": {func(p *connect.Proxy) {
			p.Answer(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
		}, "did not answer CONNECT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := connect.New(t, nil)
			c, seen := through(t, p)
			tt.change(p)
			_, err := c.Do(t.Context(), Request{URL: srv.URL, Timeout: 500 * time.Millisecond})
			cause := errors.Unwrap(err)
			if code(err) != CodeInternal || cause == nil || !strings.Contains(cause.Error(), tt.says) ||
				!strings.Contains(cause.Error(), p.URL.Host) {
				t.Fatalf("error: got %v (%v), want %s and %q", err, cause, CodeInternal, tt.says)
			}
			all := err.Error() + cause.Error()
			if strings.Contains(all, "hidden") || strings.Contains(err.Error(), p.URL.Host) {
				t.Errorf("error: got %q, want neither the password, nor the proxy for the tenant", all)
			}
			seen.want(t, Failed)
		})
	}
}

func TestAHostThatTheProxyDoesNotReachIsTheConsumersFailure(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(http.ResponseWriter, *http.Request) {})
	for name, tt := range map[string]struct {
		answer connect.Answer
		others bool // the proxy opens connections to other hosts
		want   string
	}{
		"smokescreen":    {connect.Status(http.StatusBadGateway, smokescreenError, "no"), false, CodeConnect},
		"squid":          {connect.Status(503, squidError, "ERR_CONNECT_FAIL 111"), false, CodeConnect},
		"RFC 9209":       {connect.Status(502, "Proxy-Status", "p; error=connection_refused"), false, CodeConnect},
		"one host alone": {connect.Status(http.StatusServiceUnavailable), true, CodeConnect},
		"all hosts":      {connect.Status(http.StatusServiceUnavailable), false, CodeInternal},
		"hangs alone":    {nil, true, CodeTimeout},
		"proxy's own":    {connect.Status(502, "Proxy-Status", "p; error=proxy_internal_error"), true, CodeInternal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := connect.New(t, nil)
			c, _ := through(t, p)
			p.Answer(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Host == srv.Listener.Addr().String() {
					return false
				}
				if tt.answer != nil {
					return tt.answer(w, r)
				}
				mustDo(t, c, Request{URL: srv.URL}) // meanwhile
				return p.Hang(w, r)
			})
			if tt.others {
				mustDo(t, c, Request{URL: srv.URL})
				c.Close()
			}
			_, err := c.Do(t.Context(), Request{URL: "http://127.0.0.1:9", Timeout: time.Second})
			if code(err) != tt.want {
				t.Errorf("code: got %v (%v), want %s", err, errors.Unwrap(err), tt.want)
			}
		})
	}
}

func TestAProxyThatDiesDuringARequestIsOurFailure(t *testing.T) {
	t.Parallel()
	ends := map[string]func(*connect.Proxy){"proxy": (*connect.Proxy).Stop, "consumer": (*connect.Proxy).Cut}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := connect.New(t, nil)
			c, _ := through(t, p)
			srv := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				end(p)
				<-r.Context().Done()
			})
			want := map[string]string{"proxy": CodeInternal, "consumer": CodeProtocol}[name]
			if _, err := c.Do(t.Context(), Request{URL: srv.URL, Body: []byte("x")}); code(err) != want {
				t.Errorf("code: got %v (%v), want %s", err, errors.Unwrap(err), want)
			}
		})
	}
}

func TestAStopWhileTheProxyHangsIsNoFailure(t *testing.T) {
	t.Parallel()
	p := connect.New(t, nil)
	c, seen := through(t, p)
	ctx, cancel := context.WithCancel(t.Context())
	p.Answer(func(w http.ResponseWriter, r *http.Request) bool { cancel(); return p.Hang(w, r) })
	if _, err := c.Do(ctx, Request{URL: "http://127.0.0.1:9"}); code(err) != CodeCanceled {
		t.Errorf("code: got %v, want %s", err, CodeCanceled)
	}
	seen.want(t)
}

func TestAProxyWithoutAPortListensWhereItsSchemeSays(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{"http://p": "p:80", "https://p": "p:443", "https://[::1]:8": "[::1]:8"} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := (&Proxy{URL: u}).address(); got != want {
			t.Errorf("%s: got %s, want %s", raw, got, want)
		}
	}
}
