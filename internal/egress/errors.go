package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
)

// Codes of an Error.
const (
	CodeBlockedAddress = "blocked_address"  // the host is an address that is not permitted
	CodeInvalidURL     = "invalid_url"      // the URL can never be sent to
	CodeInvalidRequest = "invalid_request"  // the method or a header is not legal HTTP; nothing was sent
	CodeTimeout        = "timeout"          // connecting, answering and reading together took too long
	CodeDNS            = "dns"              // the host name does not resolve to an address that is permitted
	CodeConnect        = "connect"          // no TCP connection
	CodeTLS            = "tls"              // no TLS session, or a certificate that cannot be trusted
	CodeProtocol       = "protocol"         // connected, but no complete HTTP answer came
	CodeTooLarge       = "answer_too_large" // the body of the answer is longer than anybody would read
	CodeCanceled       = "canceled"         // the caller canceled, not the consumer
	CodeAuthFailed     = "auth_failed"      // no access token was to be had; nothing was sent
	CodeInternal       = "internal"         // our failure: no resources for a connection, or the proxy failed
)

// Error is why a request got no complete response.
type Error struct {
	Code    string  // one of the Code constants
	Message string  // plain sentences, safe to show to the tenant
	Timings Timings // how far it came, where no header of an answer arrived; zero when nothing was tried

	cause error
}

// Error returns the Message, so that printing the error shows nothing internal.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause, for operators' logs: it may contain internal
// addresses. It is nil for what CheckURL finds.
func (e *Error) Unwrap() error { return e.cause }

func blocked(host string, cause error) *Error {
	return &Error{Code: CodeBlockedAddress,
		Message: fmt.Sprintf("The address of %s is private or reserved, and requests are only sent to public "+
			"addresses. Use a host that is reachable from the internet.", host), cause: cause}
}

const noConnection = "No connection to HOST could be made. Check that the server is running and that its firewall lets " +
	"the port through."

// noAddress is the error for a name without a permitted address. It is the same for a name that does not exist: who
// chooses the name must not learn which ones a private network has.
func noAddress(host string, cause error) *Error {
	return &Error{Code: CodeDNS, Message: "The host name " + host + " does not exist, or none of its addresses is " +
		"public. Check the spelling and the DNS records.", cause: cause}
}

// classify turns the transport's error for a host into an Error. The order
// matters: a failed look-up and a failed handshake can both also be time-outs,
// and a refusal by the guard is also a failed dial.
func classify(err error, host string) *Error {
	var dns *net.DNSError
	var op *net.OpError
	var netErr net.Error
	var proxy *proxyError
	explain := func(code, format string) *Error {
		return &Error{Code: code, Message: strings.ReplaceAll(format, "HOST", host), cause: err}
	}
	switch {
	case errors.Is(err, errBlocked):
		if _, notAddress := netip.ParseAddr(host); notAddress == nil {
			return blocked(host, err)
		}
		return noAddress(host, err)
	case errors.Is(err, errTooLarge):
		return explain(CodeTooLarge,
			"The answer of HOST is longer than 1 MiB. A status such as 204 is all that is needed; leave the body out.")
	case errors.Is(err, context.Canceled):
		return explain(CodeCanceled, "The request was stopped before HOST answered. It can be sent again.")
	case errors.As(err, &proxy), exhausted(err):
		return explain(CodeInternal, "Internal error before the request was sent; Hookline will retry.")
	case errors.Is(err, errUnreachable):
		return explain(CodeConnect, noConnection)
	case errors.As(err, &dns):
		if dns.IsNotFound {
			return noAddress(host, err)
		}
		return explain(CodeDNS, "The host name HOST could not be looked up. Check that its DNS servers answer.")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return explain(CodeTimeout, "HOST did not answer completely in time. Answer first and do the work afterwards.")
	case errors.Is(err, http.ErrSchemeMismatch):
		return explain(CodeTLS,
			"HOST answered with plain HTTP where HTTPS was expected. Check the port, or enable HTTPS there.")
	case strings.Contains(err.Error(), "tls: "):
		return explain(CodeTLS, tlsMessage(err))
	case errors.As(err, &op) && op.Op == "dial":
		return explain(CodeConnect, noConnection)
	case strings.HasPrefix(err.Error(), "net/http: invalid "):
		return explain(CodeInvalidRequest,
			"The request could not be built, as its method or a header contains a character that HTTP does not "+
				"allow. Correct the endpoint's settings.")
	case closedByPeer(err):
		return explain(CodeProtocol,
			"HOST closed the connection before its answer was complete. Check the server's log for a crash.")
	default:
		return explain(CodeProtocol,
			"HOST did not answer with valid HTTP. Check that a web server listens on this port.")
	}
}

// exhausted reports whether this process or its machine lacked what a new connection needs. It looks only at what the
// local system says while it resolves or dials, which no server can imitate.
func exhausted(err error) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) { // keeps the text of its cause alone
		return strings.Contains(dns.Err, syscall.EMFILE.Error())
	}
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "dial" {
		return false
	}
	for _, lack := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		if errors.Is(op, lack) {
			return true
		}
	}
	return false
}

// tlsMessage names the usual faults of a certificate; their own texts would quote
// the certificate.
func tlsMessage(err error) string {
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	switch {
	case errors.As(err, &host):
		return "The certificate of HOST is for another name. Install one that covers this host."
	case errors.As(err, &authority):
		return "The certificate of HOST is self-signed or its chain is incomplete. Install one from a public " +
			"authority, with its intermediate certificates."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "The certificate of HOST has expired or is not valid yet. Renew it."
	case errors.As(err, &verification):
		return "The certificate of HOST cannot be trusted. Install one from a public authority."
	case strings.Contains(err.Error(), "remote error: tls: ") && strings.Contains(err.Error(), "certificate"):
		return "HOST wants a client certificate that it accepts. Give the endpoint one, with auth of the type mtls."
	default:
		return "No secure connection to HOST could be made. Check that the server offers TLS 1.2 or newer on this port."
	}
}
