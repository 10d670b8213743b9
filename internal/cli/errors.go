package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// Error is an error for people: what failed, and the next command.
type Error struct {
	Text  string
	Usage bool // a mistake in how the command was called

	away bool // the server did not answer, and may later
}

// Error implements error.
func (e *Error) Error() string { return e.Text }

// APIError is an error that the API answered.
type APIError struct {
	Status     int
	Code       string
	Message    string
	Details    []string
	RequestID  string
	RetryAfter time.Duration

	host    string
	unknown bool // the API has no such operation
}

// Error is a sentence with the next command.
func (e *APIError) Error() string {
	switch {
	case e.Status == http.StatusUnauthorized:
		return fmt.Sprintf("%s does not accept the key: it is wrong, expired or revoked, or of another server. Sign in "+
			"with a valid one: hookline login --url %s", e.host, e.host)
	case e.Code == "forbidden":
		return e.Message + " Make a key that may do this, and sign in with it: hookline login --url " + e.host
	case e.unknown:
		return fmt.Sprintf("%s does not know this operation, so it has another version of Hookline or another product. "+
			"Compare: hookline --version, and %s/docs", e.host, e.host)
	case len(e.Details) > 0:
		return e.Message + " " + strings.Join(e.Details, "; ") + "."
	case e.Status >= http.StatusInternalServerError:
		return fmt.Sprintf("%s Its request id is %s.", e.Message, e.RequestID)
	}
	return e.Message
}

// Missing says that the API has no such thing, though it knows the operation.
func (e *APIError) Missing() bool {
	return e.Status == http.StatusNotFound && e.Code == "not_found" && !e.unknown
}

// notHookline is the error of a server that answers something else.
func (c *Client) notHookline(answered string) error {
	return &Error{Text: fmt.Sprintf("%s is not a Hookline server: it answered %s. Sign in with the right URL: hookline "+
		"login --url https://…", c.URL, answered)}
}

// unreachable is the error of a server that does not answer. It is ctx's error when that ended.
func (c *Client) unreachable(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &Error{away: true, Text: fmt.Sprintf("%s can't be reached: %s. Check the URL, or start a server for development: hookline "+
		"dev", c.URL, why(err))}
}

// why says in few words why a request got no response.
func why(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	var verify *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &dns):
		return "the host name " + dns.Name + " can't be looked up"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "it did not answer in time"
	case errors.As(err, &verify), errors.As(err, &authority):
		return "its certificate can't be trusted"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "it answers with plain HTTP, so the URL begins with http"
	case errors.As(err, &op) && op.Op == "dial":
		return "nothing listens there"
	}
	return "the connection ended"
}

// SkewWarning says that this machine's clock is wrong.
func SkewWarning(behind time.Duration) string {
	word := "behind"
	if behind < 0 {
		word = "ahead of"
	}
	return fmt.Sprintf("This machine's clock is %s %s the server's, so signatures with a timestamp will not verify. "+
		"Set it: sudo timedatectl set-ntp true", behind.Abs().Round(time.Minute), word)
}
