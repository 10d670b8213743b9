// Package connect is an HTTP CONNECT proxy for tests, which can refuse, hang and die.
package connect

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
)

// Answer answers a CONNECT in place of the proxy; it returns false to let the proxy open the connection.
type Answer func(w http.ResponseWriter, r *http.Request) bool

// Proxy is a CONNECT proxy.
type Proxy struct {
	URL *url.URL // without user and password

	server *httptest.Server
	ended  chan struct{}

	mu       sync.Mutex
	answer   Answer
	targets  []string
	headers  []http.Header
	tunnels  map[net.Conn]struct{}
	resolved map[string]string
}

// New starts a proxy; with a TLS configuration it is reached by https.
func New(t testing.TB, secure *tls.Config) *Proxy {
	t.Helper()
	p := &Proxy{ended: make(chan struct{}), tunnels: map[net.Conn]struct{}{}, resolved: map[string]string{}}
	p.server = httptest.NewUnstartedServer(p)
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if p.server.TLS = secure; secure != nil {
		p.server.StartTLS()
	} else {
		p.server.Start()
	}
	t.Cleanup(func() { close(p.ended); p.Stop() })
	var err error
	if p.URL, err = url.Parse(p.server.URL); err != nil {
		t.Fatal(err)
	}
	return p
}

// Credentials is the proxy's URL with a user and a password.
func (p *Proxy) Credentials(user, password string) *url.URL {
	u := *p.URL
	u.User = url.UserPassword(user, password)
	return &u
}

// Resolve makes a host:port lead to another, as if the proxy had looked it up.
func (p *Proxy) Resolve(from, to string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.resolved[from] = to
}

// Answer sets what answers from now on; nil lets everything through.
func (p *Proxy) Answer(a Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = a
}

// Hang is an Answer that never comes.
func (p *Proxy) Hang(_ http.ResponseWriter, r *http.Request) bool {
	select {
	case <-p.ended:
	case <-r.Context().Done():
	}
	return true
}

// Status is an Answer with a status and headers, names and values in turn.
func Status(status int, headers ...string) Answer {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		return true
	}
}

// Stop stops the proxy and ends all connections through it. Nothing listens at its address then.
func (p *Proxy) Stop() {
	_ = p.server.Listener.Close()
	p.Cut()
	p.server.CloseClientConnections()
}

// Cut ends all connections through the proxy, which goes on.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.tunnels {
		_ = c.Close()
	}
	clear(p.tunnels)
}

// Targets lists what was asked for, as host:port.
func (p *Proxy) Targets() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.targets)
}

// Headers lists the headers of what was asked for.
func (p *Proxy) Headers() []http.Header {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.headers)
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	p.mu.Lock()
	p.targets, p.headers = append(p.targets, r.Host), append(p.headers, r.Header.Clone())
	answer, target := p.answer, r.Host
	if to, known := p.resolved[target]; known {
		target = to
	}
	p.mu.Unlock()
	if answer != nil && answer(w, r) {
		return
	}
	up, err := net.Dial("tcp", target)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer func() { _ = up.Close() }()
	down, read, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = down.Close() }()
	p.mu.Lock()
	p.tunnels[up], p.tunnels[down] = struct{}{}, struct{}{}
	p.mu.Unlock()
	if _, err := io.WriteString(down, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	go func() { _, _ = io.Copy(up, read); _ = up.Close() }()
	_, _ = io.Copy(down, up)
	p.mu.Lock()
	delete(p.tunnels, up)
	delete(p.tunnels, down)
	p.mu.Unlock()
}
