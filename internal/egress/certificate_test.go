package egress

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// certified starts a server whose certificate was issued for its address and ends at a time, and returns the pool that
// trusts it.
func certified(t *testing.T, end time.Time, clients tls.ClientAuthType) (*httptest.Server, *x509.CertPool,
	tls.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: end.Add(-48 * time.Hour), NotAfter: end,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:        true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	pair := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	srv.Config.ErrorLog = discard
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: clients, MinVersion: tls.VersionTLS12}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv, pool, pair
}

func TestDoTrustsConfiguredRootsAndNoExpiredCertificate(t *testing.T) {
	t.Parallel()
	good, pool, _ := certified(t, time.Now().Add(time.Hour), tls.NoClientCert)
	mustDo(t, local(t, func(c *Config) { c.Roots = pool }), Request{URL: good.URL})
	if _, err := local(t).Do(t.Context(), Request{URL: good.URL}); codeOf(t, err) != CodeTLS {
		t.Errorf("without the root: got %v, want %s", err, CodeTLS)
	}
	expired, pool, _ := certified(t, time.Now().Add(-time.Hour), tls.NoClientCert)
	_, err := local(t, func(c *Config) { c.Roots = pool }).Do(t.Context(), Request{URL: expired.URL})
	if codeOf(t, err) != CodeTLS || !strings.Contains(err.Error(), "expired") {
		t.Errorf("expired certificate: got %v, want %s and that it expired", err, CodeTLS)
	}
}

// A connection that was opened with a client's certificate must not serve requests without it, nor the other way.
func TestDoShowsACertificateOnlyWhereItIsGiven(t *testing.T) {
	t.Parallel()
	srv, pool, pair := certified(t, time.Now().Add(time.Hour), tls.RequireAnyClientCert)
	c := local(t, func(c *Config) { c.Roots = pool })
	for range 2 {
		mustDo(t, c, Request{URL: srv.URL, Certificate: &pair})
		if _, err := c.Do(t.Context(), Request{URL: srv.URL}); codeOf(t, err) != CodeTLS ||
			!strings.Contains(err.Error(), "client certificate") {
			t.Errorf("without a client certificate: got %v, want %s and that one is required", err, CodeTLS)
		}
	}
}

func TestDoTimeoutOfARequest(t *testing.T) {
	t.Parallel()
	url := serveRaw(t, say(""))
	start := time.Now()
	if _, err := local(t, func(c *Config) { c.Timeout = time.Hour }).
		Do(t.Context(), Request{URL: url, Timeout: 50 * time.Millisecond}); codeOf(t, err) != CodeTimeout {
		t.Errorf("got %v, want %s", err, CodeTimeout)
	}
	if time.Since(start) < 50*time.Millisecond {
		t.Error("request: got its end before the timeout, want at least 50 ms")
	}
}
