package egress

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/hookline/hookline/internal/loglimit"
)

const (
	// recently is how long an opened connection shows that the proxy works.
	recently = 10 * time.Second
	// reachLimit is how long the proxy may take to accept a connection when one through it has ended early.
	reachLimit = time.Second
)

// tunnels opens connections through the proxy.
type tunnels struct {
	proxy    *Proxy
	guard    guard
	dialer   *net.Dialer // to the proxy: operators chose its address, so it is not checked
	resolver *net.Resolver
	timeout  time.Duration
	seen     evidence
	refusals *loglimit.Log // of all tenants: anyone can name hosts that the proxy refuses
}

func newTunnels(cfg Config, g guard, timeout time.Duration) *tunnels {
	t := &tunnels{proxy: cfg.Proxy, guard: g, dialer: &net.Dialer{Timeout: timeout}, resolver: cfg.Resolver,
		timeout: timeout, refusals: loglimit.New(time.Now)}
	if t.resolver == nil {
		t.resolver = net.DefaultResolver
	}
	return t
}

// dial is a Transport's DialContext. The addresses of the host are checked here, then asked for one after the other.
func (t *tunnels) dial(ctx context.Context, _, address string) (net.Conn, error) {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	targets, err := t.targets(ctx, address)
	if err != nil {
		return nil, err
	}
	defer waitingOf(ctx).begin(begun)()
	traced := httptrace.ContextClientTrace(ctx)
	if traced != nil && traced.ConnectStart != nil {
		traced.ConnectStart("tcp", address)
	}
	var conn net.Conn
	for _, target := range targets {
		if conn, err = t.open(ctx, target, address, begun); !errors.Is(err, errUnreachable) {
			break
		}
	}
	if traced != nil && traced.ConnectDone != nil {
		traced.ConnectDone("tcp", address, err)
	}
	return conn, err
}

// targets lists what the proxy is asked for, in turn: the addresses that are permitted, or the name, if all its
// addresses are, because the proxy may take any.
func (t *tunnels) targets(ctx context.Context, address string) ([]string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs := []netip.Addr{}
	if addr, notAddress := netip.ParseAddr(host); notAddress == nil {
		addrs = append(addrs, addr)
	} else if addrs, err = t.resolver.LookupNetIP(ctx, "ip", host); err != nil {
		return nil, err
	}
	var out []string
	for _, addr := range addrs {
		if t.guard.permits(addr) {
			out = append(out, net.JoinHostPort(addr.Unmap().WithZone("").String(), port))
		}
	}
	switch {
	case len(out) == 0:
		return nil, fmt.Errorf("%w: %v", errBlocked, addrs)
	case !t.proxy.ByName:
		return out, nil
	case len(out) < len(addrs):
		return nil, fmt.Errorf("%w: one of %v", errBlocked, addrs)
	}
	return []string{address}, nil
}

// open asks for one connection. address is what the request named, which evidence is about.
func (t *tunnels) open(ctx context.Context, target, address string, begun time.Time) (net.Conn, error) {
	conn, err := t.dialer.DialContext(untraced{ctx}, "tcp", t.proxy.address())
	if err != nil {
		return nil, t.broken(ctx, "can't be reached", err, address, begun)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	tunnel, err := t.connect(ctx, conn, target, address, begun)
	if !stop() && err == nil { // the deadline has passed, or is about to
		err = t.broken(ctx, "did not answer", ctx.Err(), address, begun)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return tunnel, nil
}

// connect makes the proxy's connection into one to the target.
func (t *tunnels) connect(ctx context.Context, conn net.Conn, target, address string,
	begun time.Time) (net.Conn, error) {
	if t.proxy.URL.Scheme == "https" {
		secure := tls.Client(conn, t.tlsConfig())
		if err := secure.HandshakeContext(untraced{ctx}); err != nil {
			return nil, t.broken(ctx, "offers no secure connection", err, address, begun)
		}
		conn = secure
	}
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: target}, Host: target,
		Header: http.Header{"User-Agent": {"Hookline"}}}
	if credentials := t.proxy.credentials(); credentials != "" {
		request.Header.Set("Proxy-Authorization", credentials)
	}
	if err := request.Write(conn); err != nil {
		return nil, t.broken(ctx, "closed the connection", err, address, begun)
	}
	limited := &io.LimitedReader{R: conn, N: maxHeader}
	reader := bufio.NewReader(limited)
	answer, err := http.ReadResponse(reader, request)
	if err != nil {
		return nil, t.broken(ctx, "did not answer CONNECT", err, address, begun)
	}
	outcome, sure := outcomeOf(answer)
	if !sure && t.seen.elsewhere(address, time.Now().Add(-recently)) {
		outcome = Unreachable
	}
	switch outcome {
	case Opened:
		t.seen.opened(address, time.Now())
		t.observe(Opened)
		early := make([]byte, reader.Buffered()) // a server that speaks first
		_, _ = io.ReadFull(reader, early)
		return &tunnel{Conn: conn, early: early}, nil
	case Refused:
		t.observe(Refused)
		t.refusals.Log(ctx, slog.LevelWarn, "refused", "the egress proxy refuses a host; if it should not, change its rules",
			"host", address, "asked_for", target, "answer", answer.Status)
		return nil, fmt.Errorf("%w: the egress proxy answered %s", errBlocked, answer.Status)
	case Unreachable:
		t.observe(Unreachable)
		return nil, fmt.Errorf("%w: it answered %s", errUnreachable, answer.Status)
	}
	return nil, t.failed("answered "+answer.Status, nil)
}

// broken is the error of an exchange with the proxy that did not come to an answer. One that takes too long is the
// host's failure when the proxy opened connections to others meanwhile.
func (t *tunnels) broken(ctx context.Context, what string, cause error, address string, begun time.Time) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled): // nobody waits for this connection any more
		return ctx.Err()
	case ctx.Err() != nil:
		return t.late(address, begun)
	}
	return t.failed(what, cause)
}

// late is the error of a CONNECT that was not answered in time.
func (t *tunnels) late(address string, begun time.Time) error {
	if t.seen.elsewhere(address, begun) {
		t.observe(Unreachable)
		return context.DeadlineExceeded
	}
	return t.failed("did not answer in time", nil)
}

func (t *tunnels) failed(reason string, cause error) error {
	t.observe(Failed)
	return &proxyError{proxy: t.proxy.address(), reason: reason, cause: cause}
}

func (t *tunnels) observe(o Outcome) {
	if t.proxy.Observe != nil {
		t.proxy.Observe(o)
	}
}

// ended returns the error of a request whose connection ended early: the proxy's, if that is away, else err.
func (t *tunnels) ended(ctx context.Context, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reachLimit)
	defer cancel()
	conn, away := t.dialer.DialContext(untraced{ctx}, "tcp", t.proxy.address())
	if away != nil {
		return t.failed("closed a connection and can't be reached", away)
	}
	_ = conn.Close()
	return err
}

func (t *tunnels) tlsConfig() *tls.Config {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.proxy.TLS != nil {
		cfg = t.proxy.TLS.Clone()
	}
	if cfg.ServerName == "" {
		cfg.ServerName = t.proxy.URL.Hostname()
	}
	return cfg
}

// tunnel is a connection through the proxy. early is what its other end sent before it was asked anything.
type tunnel struct {
	net.Conn

	early []byte
}

// Read implements net.Conn.
func (t *tunnel) Read(b []byte) (int, error) {
	if len(t.early) > 0 {
		n := copy(b, t.early)
		t.early = t.early[n:]
		return n, nil
	}
	return t.Conn.Read(b)
}

// untraced is a context without what the trace of a request watches: the connection to the proxy is not the request's.
type untraced struct{ context.Context } //nolint:containedctx // it is one

// Value implements context.Context.
func (untraced) Value(any) any { return nil }

// waiting is since when a request waits for the proxy.
type waiting struct {
	mu    sync.Mutex
	since time.Time
}

type waitingKey struct{}

// waitingOf never returns nil: a dial for nobody has one of its own.
func waitingOf(ctx context.Context) *waiting {
	if w, ok := ctx.Value(waitingKey{}).(*waiting); ok {
		return w
	}
	return &waiting{}
}

func (w *waiting) begin(now time.Time) (end func()) {
	w.set(now)
	return func() { w.set(time.Time{}) }
}

func (w *waiting) set(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since = at
}

// at returns since when; the zero time when the request does not wait for the proxy.
func (w *waiting) at() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.since
}
