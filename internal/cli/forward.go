package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	// bodyMost and headerMost are how much of a response the API takes.
	bodyMost   = 16 << 10
	valueMost  = 8 << 10
	headerMost = 60 << 10
	namesMost  = 100
	// margin is what is left of a request's time for its answer to arrive.
	margin = 500 * time.Millisecond
)

// Forwarder makes the requests of a listener at a server of the developer's.
type Forwarder struct {
	target string
	http   *http.Client
}

// NewForwarder makes a Forwarder to a URL.
func NewForwarder(target string) *Forwarder {
	transport := &http.Transport{
		DisableCompression: true, MaxResponseHeaderBytes: 64 << 10, IdleConnTimeout: 4 * time.Second,
		DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
	}
	return &Forwarder{target: target, http: &http.Client{Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Forward makes a request, and returns the answer for the API. It never fails: that the server did not answer is an
// answer, too.
func (f *Forwarder) Forward(ctx context.Context, q ListenerRequest) ListenerAnswer {
	begun := time.Now()
	ctx, cancel := context.WithDeadline(ctx, q.Deadline.Add(-margin))
	defer cancel()
	out, err := f.do(ctx, q)
	took := float64(time.Since(begun)) / float64(time.Millisecond)
	if err != nil {
		code := codeOf(err)
		out = ListenerAnswer{Error: &code}
	}
	out.RequestID, out.DurationMs = q.RequestID, &took
	return out
}

func (f *Forwarder) do(ctx context.Context, q ListenerRequest) (ListenerAnswer, error) {
	raw, err := base64.StdEncoding.DecodeString(q.Body)
	if err != nil {
		return ListenerAnswer{}, err
	}
	var body io.Reader
	if len(raw) > 0 {
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, q.Method, f.target, body)
	if err != nil {
		return ListenerAnswer{}, err
	}
	for name, value := range q.Headers {
		r.Header[name] = []string{value} // as it is written
	}
	response, err := f.http.Do(r)
	if err != nil {
		return ListenerAnswer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	kept, err := io.ReadAll(io.LimitReader(response.Body, bodyMost+1))
	if err != nil {
		return ListenerAnswer{}, err
	}
	truncated := len(kept) > bodyMost
	text := base64.StdEncoding.EncodeToString(kept[:min(len(kept), bodyMost)])
	headers := headersOf(response.Header)
	return ListenerAnswer{Status: &response.StatusCode, Headers: &headers, Body: &text, Truncated: &truncated}, nil
}

// headersOf are the headers of a response, as many as the API takes.
func headersOf(h http.Header) map[string]string {
	out, size := map[string]string{}, 0
	for name, values := range h {
		value := strings.Join(values, ", ")
		size += len(name) + len(value)
		if len(value) <= valueMost && size <= headerMost && len(out) < namesMost {
			out[name] = value
		}
	}
	return out
}

// codeOf is the API's code for a server that did not answer.
func codeOf(err error) AnswerError {
	var dns *net.DNSError
	var op *net.OpError
	var timeout net.Error
	var verify *tls.CertificateVerificationError
	switch {
	case errors.As(err, &dns):
		return AnswerDNS
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return AnswerTimeout
	case errors.As(err, &verify), errors.Is(err, http.ErrSchemeMismatch), strings.Contains(err.Error(), "tls: "):
		return AnswerTLS
	case errors.As(err, &op) && op.Op == "dial":
		return AnswerConnect
	}
	return AnswerProtocol
}
