package egress

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
)

// newRequest builds what is sent. Its header is a copy, since the transport may still read that of a request that it
// has abandoned.
func newRequest(ctx context.Context, r Request) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, cmp.Or(r.Method, http.MethodPost), r.URL, bytes.NewReader(r.Body))
	if err == nil && r.Header != nil {
		req.Header = r.Header.Clone()
	}
	return req, err
}

// roundTrip sends a request and reports to the watch. Not through http.Client, which follows redirects and keeps
// cookies.
func (w *watch) roundTrip(t *http.Transport, req *http.Request) (*http.Response, error) {
	return t.RoundTrip(req.WithContext(w.trace(req.Context())))
}

// stale reports whether a request that failed with err was sent on a reused connection that the server closed before
// any byte of an answer. Servers close idle connections when they like, so a request can be on its way at that moment:
// it says nothing about the server, unlike the end of a connection that was made for the request.
//
// The transport itself repeats what did not leave at all, and GET requests and those with an Idempotency-Key; it
// repeats nothing on a new connection either.
func (w *watch) stale(err error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reused && !w.answered && closedByPeer(err)
}

// serverClosedIdle is the text of an error that net/http doesn't export.
const serverClosedIdle = "http: server closed idle connection"

// closedByPeer reports whether the server ended the connection. net.ErrClosed is among its forms: the transport closes
// a connection as soon as it reads its end, while the request may still be being written.
func closedByPeer(err error) bool {
	for _, form := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, net.ErrClosed} {
		if errors.Is(err, form) {
			return true
		}
	}
	return err.Error() == serverClosedIdle
}
