// Package sender signs and makes one request to an endpoint, and says what became of it. It knows no SQL and no queue.
//
// What goes wrong is of two kinds. An error of ours comes before the request is tried, such as headers that can't be
// decrypted: Result.Sent is false and Result.Code is CodeInternal. Everything else is between the endpoint and the
// network, and makes an attempt.
package sender

import (
	"context"
	"errors"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/listener"
	"github.com/hookline/hookline/internal/tracing"
)

// CodeInternal is the Code of a Result without a request: the error is ours.
const CodeInternal = egress.CodeInternal

// internalMessage is shown to tenants for an internal error; its cause is for operators.
const internalMessage = "Internal error before the request was sent; Hookline will retry."

// client makes one HTTP request; *egress.Client is one. Its errors are *egress.Error.
type client interface {
	Do(ctx context.Context, r egress.Request) (*egress.Response, error)
}

// opener decrypts what a request to an endpoint at a moment needs; *endpoint.Store is one.
type opener interface {
	Open(e endpoint.Endpoint, at time.Time) (endpoint.Opened, error)
}

// listeners make requests to listeners, which have no URL; *listener.Relay does. Errors that are no *egress.Error are
// ours.
type listeners interface {
	Forward(ctx context.Context, e endpoint.Endpoint, q listener.Request) (*egress.Response, error)
}

// Config sets up a Sender.
type Config struct {
	UserAgent string // unless the endpoint has one of its own
	// Timeout is how long a request may take at an endpoint that sets no timeout, and MaxTimeout at one that does.
	Timeout, MaxTimeout time.Duration
}

// Sender builds, signs, authenticates and sends requests, those of attempts and of tests alike. It is safe for
// concurrent use.
type Sender struct {
	opener    opener
	client    client
	listeners listeners
	tokens    *tokens
	now       clock.Clock
	config    Config
}

// New makes a Sender.
func New(o opener, c client, l listeners, now clock.Clock, cfg Config) *Sender {
	return &Sender{opener: o, client: c, listeners: l, tokens: newTokens(c), now: now, config: cfg}
}

// Message is a request to an endpoint: ID and Body are the same on every attempt, At is the attempt's time.
type Message struct {
	ID          string    // of the event; sent as webhook-id
	At          time.Time // the timestamp that is signed
	Body        []byte    // sent byte for byte; left out of a GET
	ContentType string    // of Body
	// Delivery, EventType and Attempt, its number, are told to listeners.
	Delivery, EventType string
	Attempt             int
}

// Result is the result of one request.
type Result struct {
	// Sent says whether the request was tried, so that it is an attempt, also when it failed on the way. It is false
	// after an error of ours and when this process stopped before it sent anything.
	Sent bool

	Method, URL    string
	RequestHeaders map[string]string // as they are kept: values of the consumer's own headers are masked
	Body           []byte            // as it was sent; nil for a GET

	// Response is nil without an answer, and incomplete when Code is set too. What it repeats of the endpoint's secrets
	// is masked.
	Response *egress.Response
	// Code and Message say why there is no complete answer, and are safe to show to the tenant: one of egress's codes,
	// of which CodeInternal is an error of ours. Both are empty after a complete answer, whatever its status.
	Code, Message string
	Err           error     // what Code stands for; its causes are for operators' logs only
	Cancelled     bool      // this process stopped the request, not the endpoint
	Timings       *Timings  // nil when no connection was tried
	RetryAfter    time.Time // before when an overloaded endpoint wants no request; zero when it did not say
}

// Internal reports whether an error of ours came before the request, so that there is no attempt.
func (r Result) Internal() bool { return !r.Sent && r.Code == CodeInternal }

// Succeeded reports whether the whole answer came and its status is 2xx.
func (r Result) Succeeded() bool {
	return r.Code == "" && r.Response != nil && r.Response.Status >= 200 && r.Response.Status <= 299
}

// Send prepares, signs, authenticates and sends a message to an endpoint.
func (s *Sender) Send(ctx context.Context, e endpoint.Endpoint, m Message) Result {
	p, err := s.prepare(e, m)
	if err != nil {
		return InternalError(e, err)
	}
	ctx, span := tracing.Request(ctx, p.request.Method)
	defer span.End()
	if parent := tracing.Parent(ctx); e.TraceContext && parent != "" {
		p.request.Header.Set(tracing.Header, parent)
	}
	out := Result{Method: p.request.Method, URL: p.request.URL, Body: p.request.Body}
	if e.Listener() {
		out.Response, out.Sent, err = s.forward(ctx, p, m)
	} else {
		out.Response, out.Sent, err = s.exchange(ctx, &p)
	}
	out.RequestHeaders = masked(e.Profile, p.request.Header)
	out.RetryAfter = RetryAfter(out.Response, s.now())
	if out.Response != nil {
		out.Timings = TimingsOf(out.Response.Timings)
		secretsOf(p).hide(out.Response)
	}
	if err != nil {
		out.failed(err)
	}
	describe(span, out)
	return out
}

// describe adds to the span of a request what became of it. Of its URL only the host is shown: the rest may be secret.
func describe(span tracing.Span, r Result) {
	if !span.Recorded() {
		return
	}
	span.Set(attribute.String("http.request.method", r.Method))
	if u, err := url.Parse(r.URL); err == nil {
		span.Set(attribute.String("server.address", u.Hostname()))
	}
	if r.Response != nil {
		span.Set(attribute.Int("http.response.status_code", r.Response.Status))
	}
	if r.Code != "" {
		span.Set(attribute.String("error.type", r.Code))
	}
	if !r.Succeeded() {
		span.Fail(r.Message)
	}
}

// failed records why there is no complete answer.
func (r *Result) failed(err error) {
	r.Code, r.Message, r.Err = CodeInternal, internalMessage, err
	refused := (*egress.Error)(nil)
	if errors.As(err, &refused) {
		r.Code, r.Message = refused.Code, refused.Message
		if r.Timings == nil {
			r.Timings = TimingsOf(refused.Timings)
		}
	}
	r.Cancelled = r.Code == egress.CodeCanceled
	r.Sent = r.Sent && r.Code != CodeInternal
}

// InternalError is the Result of an error of ours that came before a request to an endpoint. It is for callers whose
// message could not be made; Send returns one by itself.
func InternalError(e endpoint.Endpoint, err error) Result {
	return Result{Method: e.Method, URL: e.URL, RequestHeaders: map[string]string{}, Code: CodeInternal,
		Message: internalMessage, Err: err}
}
