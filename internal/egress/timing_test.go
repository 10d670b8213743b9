package egress

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// phases are the parts that follow each other; missing ones count as nothing.
func phases(t Timings) time.Duration {
	var sum time.Duration
	for _, d := range []*time.Duration{t.DNS, t.Connect, t.TLS, t.Wait} {
		if d != nil {
			sum += *d
		}
	}
	return sum
}

func TestTimingsTellEachPhaseOnceAndThatAConnectionWasReused(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			const thinking = 20 * time.Millisecond
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				<-time.After(thinking)
			}))
			srv.EnableHTTP2 = protocol == "HTTP/2.0"
			srv.StartTLS()
			t.Cleanup(srv.Close)
			c := local(t, func(cfg *Config) {
				cfg.Resolver = resolver(t, func() []netip.Addr {
					return []netip.Addr{netip.MustParseAddr("127.0.0.1")}
				})
			})
			roots := x509.NewCertPool()
			roots.AddCert(srv.Certificate())
			c.transport.TLSClientConfig = &tls.Config{RootCAs: roots}
			r := Request{URL: strings.Replace(srv.URL, "127.0.0.1", "example.com", 1)}

			first := mustDo(t, c, r).Timings
			if first.DNS == nil || first.Connect == nil || first.TLS == nil || first.Wait == nil ||
				*first.Wait < thinking || first.Reused || first.Protocol != protocol || first.Total < phases(first) {
				t.Errorf("timings of the first request: got %+v, want every phase", first)
			}
			second := mustDo(t, c, r).Timings
			if second.DNS != nil || second.Connect != nil || second.TLS != nil || second.Wait == nil ||
				*second.Wait < thinking || !second.Reused || second.Total < phases(second) {
				t.Errorf("timings of the second request: got %+v, want a reused connection", second)
			}
		})
	}
}

func TestTimingsOfAFailureTellHowFarItCame(t *testing.T) {
	t.Parallel()
	const limit = 2 * time.Second
	release := make(chan struct{})
	srv := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	timings := func(url string) Timings {
		_, err := local(t, func(cfg *Config) { cfg.Timeout = limit }).Do(t.Context(), Request{URL: url})
		var failed *Error
		if !errors.As(err, &failed) {
			t.Fatal(err)
		}
		return failed.Timings
	}
	if got := timings(srv.URL); got.DNS != nil || got.Connect == nil || got.TLS != nil || got.Wait != nil ||
		got.Total < limit || got.Protocol != "" {
		t.Errorf("timings without an answer: got %+v, want no time to first byte", got)
	}
	if got := timings("http://127.0.0.1:1"); got.Connect != nil || got.Wait != nil || got.Total == 0 {
		t.Errorf("timings without a connection: got %+v, want the total only", got)
	}
	if got := timings("not a url"); got != (Timings{}) {
		t.Errorf("timings without a request: got %+v, want none", got)
	}
}
