// Package egress sends all requests of the program to URLs that tenants choose:
// deliveries, test sends and alerts. It trusts neither the URL nor the server.
//
// Against the URL: the address is checked when it is dialled, after name
// resolution, on every connection (see guard); redirects are not
// followed; no proxy is taken from the environment, no cookie is kept. Against the
// server: one time limit spans name resolution to the last byte of the body,
// header and body have a limit, and little of a body is kept. Nothing is
// decompressed.
//
// A network whose NAT64 gateway uses a prefix of its own, outside 64:ff9b::/96,
// must keep private destinations out at that gateway: the program cannot tell
// such an address from any other public one.
package egress

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"
)

const (
	defaultTimeout     = 15 * time.Second
	defaultMaxBody     = 16 << 10
	defaultIdlePerHost = 8
	maxHeader          = 64 << 10 // bytes of response header
	// maxAnswer is how long a body may be: what is not kept is read and thrown
	// away, as only its end shows that the answer is whole, and the connection can
	// only be used again after it.
	maxAnswer = 1 << 20
	// idleTimeout stays below the 5 s after which common servers (Node) close an
	// idle connection, so that few requests meet one that is closing; see watch.stale.
	idleTimeout = 4 * time.Second
	// pingAfter makes HTTP/2 notice a dead connection, which otherwise takes
	// every request to that host down with it for minutes.
	pingAfter   = 10 * time.Second
	pingTimeout = 5 * time.Second
	// streamWindow keeps what one HTTP/2 server can make us buffer near what we
	// are going to read; the default is 4 MiB.
	streamWindow = 64 << 10
)

// Config sets up a Client. The zero value is the production setting: HTTPS to
// public addresses only; negative numbers count as zero.
type Config struct {
	// Allow lists address ranges that are permitted although they are private
	// or reserved. IPv4 ranges also cover the IPv4-mapped form and, through
	// NAT64, the embedded address; ::1 needs ::1/128.
	Allow []netip.Prefix
	// AllowHTTP permits http URLs besides https.
	AllowHTTP bool
	// Timeout spans a whole request, from name resolution to the end of the
	// body; 0 means 15 s.
	Timeout time.Duration
	// MaxResponseBody is how many bytes of a response body are kept; 0 means 16
	// KiB, and 1 MiB, where an answer becomes an error, is the most.
	MaxResponseBody int64
	// MaxIdlePerHost is how many idle connections are kept per host; 0 means 8.
	MaxIdlePerHost int
	// Resolver resolves host names; nil means net.DefaultResolver.
	Resolver *net.Resolver
	// Roots are the authorities that servers' certificates are checked against; nil means the system's.
	Roots *x509.CertPool
	// Proxy is what all requests go through; nil means that they go straight to their addresses.
	Proxy *Proxy
}

// Request is one HTTP request.
type Request struct {
	Method string      // "" means POST
	URL    string      // must pass CheckURL
	Header http.Header // sent as it is, but for what HTTP itself sets (Host, Content-Length); not modified
	Body   []byte      // sent as it is
	// Timeout replaces Config.Timeout unless it is 0.
	Timeout time.Duration
	// Certificate is shown to servers that ask for one. Such a request has a connection of its own, so that nobody
	// else's goes out under its name.
	Certificate *tls.Certificate
}

// Response is the response, whatever its status: a redirect is a response.
type Response struct {
	Status    int           // such as 204
	Proto     string        // such as "HTTP/2.0"
	Header    http.Header   // at most 64 KiB
	Body      []byte        // as sent, still compressed; cut at Config.MaxResponseBody
	Truncated bool          // whether Body was cut
	Duration  time.Duration // from the call of Do to the end of the body
	Timings   Timings       // where it went
}

// Client sends requests and reuses connections. It is safe for concurrent use.
type Client struct {
	guard     guard
	allowHTTP bool
	timeout   time.Duration
	maxBody   int64
	transport *http.Transport
	single    func(*tls.Certificate) *http.Transport // for one request, on a connection of its own
	tunnels   *tunnels                               // nil without a proxy
}

// New makes a Client.
func New(cfg Config) *Client {
	c := &Client{
		guard:     newGuard(cfg.Allow),
		allowHTTP: cfg.AllowHTTP,
		timeout:   cmp.Or(max(cfg.Timeout, 0), defaultTimeout),
		maxBody:   min(cmp.Or(max(cfg.MaxResponseBody, 0), defaultMaxBody), maxAnswer),
	}
	// A dial outlives the request it was started for, hence limits of its own.
	dial := (&net.Dialer{Control: c.guard.control, Timeout: c.timeout, Resolver: cfg.Resolver}).DialContext
	if cfg.Proxy != nil {
		c.tunnels = newTunnels(cfg, c.guard, c.timeout)
		dial = c.tunnels.dial
	}
	c.transport = c.newTransport(cfg, dial)
	c.single = func(certificate *tls.Certificate) *http.Transport {
		t := c.newTransport(cfg, dial)
		t.DisableKeepAlives = true
		if certificate != nil {
			t.TLSClientConfig.Certificates = []tls.Certificate{*certificate}
		}
		return t
	}
	return c
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

func (c *Client) newTransport(cfg Config, dial dialFunc) *http.Transport {
	return &http.Transport{
		TLSClientConfig:        &tls.Config{RootCAs: cfg.Roots, MinVersion: tls.VersionTLS12},
		DialContext:            dial,
		TLSHandshakeTimeout:    c.timeout,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConnsPerHost:    cmp.Or(max(cfg.MaxIdlePerHost, 0), defaultIdlePerHost),
		IdleConnTimeout:        idleTimeout,
		HTTP2: &http.HTTP2Config{
			SendPingTimeout:           pingAfter,
			PingTimeout:               pingTimeout,
			MaxReceiveBufferPerStream: streamWindow,
		},
	}
}

// Do sends one request and reads the answer. The error is always an *Error.
// Where the header of an answer arrived but its body did not within the limits,
// both are returned: the response with what was read, and the error.
//
// A request that failed because the server closed a kept-alive connection is sent
// once more, on a new connection and within the same time.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	if err := c.CheckURL(r.URL); err != nil {
		return nil, err
	}
	clock := newWatch(time.Now())
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(max(r.Timeout, 0), c.timeout))
	defer cancel()
	req, err := newRequest(ctx, r)
	if err != nil {
		return nil, classify(err, "")
	}
	transport := c.transport
	if r.Certificate != nil {
		transport = c.single(r.Certificate)
		defer transport.CloseIdleConnections()
	}
	answer, err := clock.roundTrip(transport, req)
	if err != nil && ctx.Err() == nil && clock.stale(err) {
		transport = c.single(nil)
		defer transport.CloseIdleConnections()
		if req, err = newRequest(ctx, r); err != nil {
			return nil, classify(err, "")
		}
		clock = newWatch(clock.start)
		answer, err = clock.roundTrip(transport, req)
	}
	if err != nil {
		failed := classify(c.cause(ctx, err, req, clock), req.URL.Hostname())
		failed.Timings = clock.read("")
		return nil, failed
	}
	defer answer.Body.Close()
	resp := &Response{Status: answer.StatusCode, Proto: answer.Proto, Header: answer.Header}
	err = c.readBody(resp, answer)
	resp.Timings = clock.read(answer.Proto)
	resp.Duration = resp.Timings.Total
	if err != nil {
		return resp, classify(errors.Join(ctx.Err(), err), req.URL.Hostname())
	}
	return resp, nil
}

// cause is why a request got no answer. A failure of the proxy shows in the request as a time that ran out, or as a
// connection that ended.
func (c *Client) cause(ctx context.Context, err error, req *http.Request, w *watch) error {
	if c.tunnels == nil || errors.Is(ctx.Err(), context.Canceled) {
		return errors.Join(ctx.Err(), err)
	}
	since := w.proxy.at()
	switch {
	case ctx.Err() != nil && !since.IsZero():
		return c.tunnels.late(dialled(req.URL), since)
	case ctx.Err() == nil && w.connected() && closedByPeer(err):
		return c.tunnels.ended(ctx, err)
	}
	return errors.Join(ctx.Err(), err)
}

// Close closes the idle connections. Requests under way are not touched.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

var (
	errSwitched = errors.New("unrequested switch of protocols")
	errTooLarge = errors.New("answer too large")
)

// readBody reads the body to its end, and keeps at most maxBody bytes.
func (c *Client) readBody(resp *Response, answer *http.Response) (err error) {
	// After a 101 the body is the bare connection, which no context ends.
	if answer.StatusCode == http.StatusSwitchingProtocols {
		return errSwitched
	}
	if resp.Body, err = io.ReadAll(io.LimitReader(answer.Body, c.maxBody)); err != nil {
		return err
	}
	rest, err := io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer-c.maxBody+1))
	if resp.Truncated = rest > 0; rest > maxAnswer-c.maxBody {
		return errTooLarge
	}
	return err
}
