package egress

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Proxy is an HTTP CONNECT proxy that all requests go through. Addresses are checked before it is asked, since it may
// permit more than we do.
type Proxy struct {
	URL *url.URL    // http or https; user and password are sent as Proxy-Authorization
	TLS *tls.Config // for an https proxy; not modified; nil has the system's authorities and no client certificate
	// ByName asks the proxy for the name of the host, for proxies whose rules are about names. Otherwise it is asked
	// for the address that was checked, so that a name which resolves to another address a moment later gains nothing.
	ByName bool
	// Observe is told what became of each CONNECT, unless it is nil. It must not block.
	Observe func(Outcome)
}

// Outcome is what became of asking the proxy for a connection.
type Outcome string

// The outcomes. Only Failed is the proxy's failure, and so ours.
const (
	Opened      Outcome = "opened"
	Refused     Outcome = "refused"     // the proxy does not permit the host
	Unreachable Outcome = "unreachable" // the proxy permits the host and does not reach it
	Failed      Outcome = "failed"      // the proxy is away, refuses us, or does not answer
)

// proxyError is a failure of the proxy. It is ours: no consumer chose the proxy. Its text is for operators.
type proxyError struct {
	proxy  string // host and port
	reason string
	cause  error
}

func (e *proxyError) Error() string {
	text := fmt.Sprintf("the egress proxy %s %s", e.proxy, e.reason)
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

func (e *proxyError) Unwrap() error { return e.cause }

// errUnreachable marks a host that the proxy does not reach.
var errUnreachable = errors.New("the egress proxy does not reach the host")

const (
	smokescreenError = "X-Smokescreen-Error"
	squidError       = "X-Squid-Error"
)

// proxyStatus matches the error in a Proxy-Status field (RFC 9209).
var proxyStatus = regexp.MustCompile(`;\s*error="?([a-z_]+)`)

// outcomeOf reads a proxy's answer to CONNECT. sure is false for a status that proxies use for their own trouble and
// for a host that is down alike.
func outcomeOf(answer *http.Response) (o Outcome, sure bool) {
	refusedBy := answer.Header.Get(smokescreenError) != ""
	switch status := answer.StatusCode; {
	case status >= 200 && status <= 299:
		return Opened, true
	case status == http.StatusForbidden:
		return Refused, true
	case status == http.StatusProxyAuthRequired && refusedBy: // what smokescreen answers for a host it denies
		return Refused, true
	case status < 500:
		return Failed, true
	case refusedBy && (status == http.StatusBadGateway || status == http.StatusGatewayTimeout):
		return Unreachable, true
	}
	reasons := proxyStatus.FindAllStringSubmatch(strings.Join(answer.Header.Values("Proxy-Status"), ","), -1)
	for _, reason := range reasons {
		switch name := reason[1]; {
		case name == "destination_ip_prohibited" || name == "http_request_denied":
			return Refused, true
		case strings.HasPrefix(name, "proxy_"):
			return Failed, true
		case strings.HasPrefix(name, "destination_"), strings.HasPrefix(name, "dns_"),
			strings.HasPrefix(name, "connection_") && name != "connection_limit_reached":
			return Unreachable, true
		}
	}
	name, _, _ := strings.Cut(answer.Header.Get(squidError), " ")
	if name == "ERR_CONNECT_FAIL" || name == "ERR_DNS_FAIL" {
		return Unreachable, true
	}
	return Failed, false
}

// evidence remembers for which hosts the proxy opened connections lately: what fails for one host alone is that host's
// failure. It keeps the latest host, and the latest of another one.
type evidence struct {
	mu            sync.Mutex
	latest, other opening
}

type opening struct {
	target string // host:port
	at     time.Time
}

func (e *evidence) opened(target string, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.latest.target != target {
		e.other = e.latest
	}
	e.latest = opening{target, now}
}

// elsewhere reports whether the proxy opened a connection to another host since a moment.
func (e *evidence) elsewhere(target string, since time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	found := e.latest
	if found.target == target {
		found = e.other
	}
	return found.target != "" && !found.at.Before(since)
}

// credentials is the value of Proxy-Authorization; empty without a user.
func (p *Proxy) credentials() string {
	if p.URL.User == nil {
		return ""
	}
	password, _ := p.URL.User.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(p.URL.User.Username()+":"+password))
}

// address is where the proxy listens.
func (p *Proxy) address() string {
	if p.URL.Port() != "" {
		return p.URL.Host
	}
	if p.URL.Scheme == "https" {
		return p.URL.Host + ":443"
	}
	return p.URL.Host + ":80"
}
