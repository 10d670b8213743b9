package sender

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/listener"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/pkg/webhook"
)

var noon = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)

const signingSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

// opened is an opener that gives every endpoint the same.
type opened struct {
	endpoint.Opened
	err error
}

func (o opened) Open(endpoint.Endpoint, time.Time) (endpoint.Opened, error) { return o.Opened, o.err }

// recorder is a client that keeps requests and lets a function answer them.
type recorder struct {
	requests []egress.Request
	answer   func(r egress.Request) (*egress.Response, error)
}

func (c *recorder) Do(_ context.Context, r egress.Request) (*egress.Response, error) {
	r.Header = r.Header.Clone()
	c.requests = append(c.requests, r)
	if c.answer == nil {
		return &egress.Response{Status: http.StatusNoContent}, nil
	}
	return c.answer(r)
}

func newSender(o opened, c client) *Sender {
	if o.Secrets.Current == "" {
		o.Secrets.Current = signingSecret
	}
	return New(o, c, nil, func() time.Time { return noon }, Config{UserAgent: "Hookline/test", Timeout: time.Second,
		MaxTimeout: 20 * time.Second})
}

func target() endpoint.Endpoint {
	return endpoint.Endpoint{ID: "whe_1", TenantID: "tnt_1", Method: http.MethodPost, URL: "https://example.com/in",
		Profile: profile.Default}
}

func message() Message {
	return Message{ID: "evt_1", At: noon, Body: []byte(`{"a":1}`), ContentType: "application/json"}
}

// TestSecretsRepeatedInAResponseAreMasked in every form in which it may be written.
func TestSecretsRepeatedInAResponseAreMasked(t *testing.T) {
	t.Parallel()
	const own, password = `Token a/b+c="<é>"`, "p/w\"x&y"
	for name, c := range map[string]struct {
		opened endpoint.Opened
		body   string
		want   string
	}{
		"a header": {endpoint.Opened{Headers: map[string]string{"X-Key": own}}, own + `|a/b+c="<é>"|` +
			`a/b+c=\"<é>\"|a\/b+c=\"\u003cé\u003e\"|a%2Fb%2Bc%3D%22%3C%C3%A9%3E%22|a/b+c=&#34;&lt;é&gt;&#34;|abc`,
			"M|M|M|M|M|M|abc"},
		"a password": {endpoint.Opened{Auth: endpoint.Auth{Type: endpoint.AuthBasic, Username: "ada",
			Password: password}}, password + `|ada:p/w\"x&y|Basic YWRhOnAvdyJ4Jnk=|YWRhOnAvdyJ4Jnk=|p%2Fw%22x%26y|ada`,
			"M|M|M|M|M|ada"},
		"signing secrets": {endpoint.Opened{Secrets: profile.Secrets{Current: signingSecret,
			Previous: []string{"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}},
			signingSecret + "|C2FVsBQIhrscChlQIMV+b5sSYspob7oD|AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA|whsec_",
			"M|M|M|whsec_"},
		"nothing of what is in every response": {endpoint.Opened{Headers: map[string]string{
			"Accept": "application/json", "X-On": "on"}}, "application/json on 1", "application/json on 1"},
		"a short one": {endpoint.Opened{Headers: map[string]string{"X-Pin": "123"}}, "123", "123"},
	} {
		recorded := &recorder{answer: func(egress.Request) (*egress.Response, error) {
			return &egress.Response{Status: 200, Body: []byte(c.body),
				Header: http.Header{"X-Echo": {c.body, "ok"}}}, nil
		}}
		got := newSender(opened{Opened: c.opened}, recorded).Send(t.Context(), target(), message())
		want := strings.ReplaceAll(c.want, "M", endpoint.Mask)
		if string(got.Response.Body) != want || got.Response.Header["X-Echo"][0] != want ||
			got.Response.Header["X-Echo"][1] != "ok" {
			t.Errorf("%s: got %q and %q, want %q", name, got.Response.Body, got.Response.Header, want)
		}
	}
}

func TestASecretThatABodyCutsOffAndWhatIsCompressedAreNotKept(t *testing.T) {
	t.Parallel()
	own := endpoint.Opened{Headers: map[string]string{"X-Key": "s3cret-of-the-consumer"}}
	for name, c := range map[string]struct {
		response egress.Response
		want     string
		cut      bool
	}{
		"cut off": {egress.Response{Body: []byte("you sent s3cret-of-the"), Truncated: true}, "you sent ********",
			true},
		"not cut off": {egress.Response{Body: []byte("you sent s3cret-of-the")}, "you sent s3cret-of-the", false},
		"cut elsewhere": {egress.Response{Body: []byte("s3cret-of-the end"), Truncated: true}, "s3cret-of-the end",
			true},
		"compressed": {egress.Response{Body: []byte("zzz"), Header: http.Header{"Content-Encoding": {"gzip"}}}, "",
			true},
		"as it is": {egress.Response{Body: []byte("zzz"), Header: http.Header{"Content-Encoding": {"identity"}}}, "zzz",
			false},
	} {
		recorded := &recorder{answer: func(egress.Request) (*egress.Response, error) { return &c.response, nil }}
		got := newSender(opened{Opened: own}, recorded).Send(t.Context(), target(), message()).Response
		if string(got.Body) != c.want || got.Truncated != c.cut {
			t.Errorf("%s: got %q, truncated %t, want %q, %t", name, got.Body, got.Truncated, c.want, c.cut)
		}
	}
}

func TestSendSignsWhatItSendsAndMasksWhatIsKept(t *testing.T) {
	t.Parallel()
	c := &recorder{}
	e := target()
	e.Timeout = "1m"
	got := newSender(opened{Opened: endpoint.Opened{Headers: map[string]string{"X-Team": "s3cret"}, Auth: endpoint.Auth{
		Type: endpoint.AuthBasic, Username: "ada", Password: "s3cret"}}}, c).Send(t.Context(), e, message())
	if !got.Sent || !got.Succeeded() || got.Internal() || got.Cancelled || got.Code != "" || got.Message != "" ||
		got.Err != nil || got.Response == nil {
		t.Errorf("result: got %+v, want a success", got)
	}
	if got.Method != e.Method || got.URL != e.URL || string(got.Body) != `{"a":1}` {
		t.Errorf("result: got %s %s %q, want what was sent", got.Method, got.URL, got.Body)
	}
	if len(c.requests) != 1 {
		t.Fatalf("requests: got %d, want 1", len(c.requests))
	}
	sent := c.requests[0]
	if sent.Timeout != 20*time.Second || string(sent.Body) != `{"a":1}` || sent.Header.Get("X-Team") != "s3cret" ||
		sent.Header.Get("Authorization") != "Basic YWRhOnMzY3JldA==" {
		t.Errorf("request: got %+v, want the longest timeout, its own header and its password", sent)
	}
	want := map[string]string{
		"Content-Type": "application/json", "User-Agent": "Hookline/test", "X-Team": "********",
		"Authorization": "********",
	}
	for _, name := range []string{webhook.HeaderID, webhook.HeaderTimestamp, webhook.HeaderSignature} {
		if len(sent.Header[name]) != 1 {
			t.Fatalf("request: got %v, want one %s", sent.Header, name)
		}
		want[name] = sent.Header[name][0]
	}
	if !maps.Equal(got.RequestHeaders, want) {
		t.Errorf("kept headers: got %v, want %v", got.RequestHeaders, want)
	}
}

func TestAGetHasNoBodyAndKeepsItsOwnUserAgent(t *testing.T) {
	t.Parallel()
	c := &recorder{}
	e := target()
	e.Method = http.MethodGet
	got := newSender(opened{Opened: endpoint.Opened{Headers: map[string]string{"user-agent": "theirs"}}}, c).
		Send(t.Context(), e, message())
	if got.Body != nil || len(c.requests) != 1 || c.requests[0].Body != nil ||
		c.requests[0].Header.Get("Content-Type") != "" || got.RequestHeaders["User-Agent"] != "theirs" {
		t.Errorf("got %+v by %+v, want no body and their agent", got, c.requests)
	}
}

func TestAnInternalErrorIsNoAttempt(t *testing.T) {
	t.Parallel()
	unknown := target()
	unknown.Profile = "no such"
	for name, tt := range map[string]struct {
		endpoint endpoint.Endpoint
		opened   opened
		says     string
	}{
		"unknown profile": {unknown, opened{}, "unknown profile"},
		"another key":     {target(), opened{err: errors.New("secret: wrong key")}, "wrong key"},
		"bad certificate": {target(), opened{Opened: endpoint.Opened{Auth: endpoint.Auth{Type: endpoint.AuthMTLS,
			Certificate: "x", PrivateKey: "y"}}}, "client certificate"},
		"bad secret": {target(), opened{Opened: endpoint.Opened{Secrets: profile.Secrets{Current: "whsec_%"}}}, ""},
	} {
		c := &recorder{}
		got := newSender(tt.opened, c).Send(t.Context(), tt.endpoint, message())
		if !got.Internal() || got.Sent || got.Cancelled || got.Response != nil || got.Timings != nil ||
			got.Succeeded() || len(c.requests) != 0 {
			t.Errorf("%s: got %+v, %d requests, want an internal error and no request", name, got, len(c.requests))
		}
		if got.Err == nil || !strings.Contains(got.Err.Error(), tt.says) || got.Message != internalMessage {
			t.Errorf("%s: got %v, %q, want %q for operators and nothing for the tenant", name, got.Err, got.Message,
				tt.says)
		}
		if got.Method != tt.endpoint.Method || got.URL != tt.endpoint.URL || got.RequestHeaders == nil {
			t.Errorf("%s: got %+v, want the endpoint's method and URL", name, got)
		}
	}
}

func TestATransportErrorTellsWhoCausedIt(t *testing.T) {
	t.Parallel()
	took := 3 * time.Millisecond
	timings := egress.Timings{Total: time.Second, Connect: &took}
	late := &egress.Response{Status: http.StatusOK, Timings: egress.Timings{Total: 2 * time.Second}}
	for name, tt := range map[string]struct {
		response  *egress.Response
		err       error
		code      string
		sent      bool
		cancelled bool
		total     float64 // milliseconds; 0 for no timings
	}{
		"timeout": {nil, &egress.Error{Code: egress.CodeTimeout, Timings: timings}, egress.CodeTimeout, true, false,
			1000},
		"half an answer": {late, &egress.Error{Code: egress.CodeTimeout}, egress.CodeTimeout, true, false, 2000},
		"blocked":        {nil, &egress.Error{Code: egress.CodeBlockedAddress}, egress.CodeBlockedAddress, true, false, 0},
		"stopped":        {nil, &egress.Error{Code: egress.CodeCanceled}, egress.CodeCanceled, true, true, 0},
		"no descriptors": {nil, &egress.Error{Code: egress.CodeInternal}, CodeInternal, false, false, 0},
	} {
		c := &recorder{answer: func(egress.Request) (*egress.Response, error) { return tt.response, tt.err }}
		got := newSender(opened{}, c).Send(t.Context(), target(), message())
		if got.Code != tt.code || got.Sent != tt.sent || got.Cancelled != tt.cancelled || got.Response != tt.response ||
			!errors.Is(got.Err, tt.err) || got.Succeeded() || got.Internal() != (tt.code == CodeInternal) {
			t.Errorf("%s: got %+v, want code %s, sent %t, cancelled %t", name, got, tt.code, tt.sent, tt.cancelled)
		}
		if total := got.Timings; (total == nil) != (tt.total == 0) || (total != nil && total.Total != tt.total) {
			t.Errorf("timings of %s: got %+v, want %g ms", name, total, tt.total)
		}
	}
}

func TestNothingIsSentAfterAStop(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), 0)
	defer stop()
	for _, auth := range []endpoint.Auth{{}, {Type: endpoint.AuthOAuth2, TokenURL: "https://example.com/token"}} {
		c := &recorder{}
		got := newSender(opened{Opened: endpoint.Opened{Auth: auth}}, c).Send(ctx, target(), message())
		if got.Sent || !got.Cancelled || got.Internal() || got.Code != egress.CodeCanceled || len(c.requests) != 0 {
			t.Errorf("%s: got %+v, %d requests, want it stopped before any", auth.Type, got, len(c.requests))
		}
	}
}

// relay is what listeners answer.
type relay struct {
	requests []listener.Request
	err      error
}

func (r *relay) Forward(_ context.Context, _ endpoint.Endpoint, q listener.Request) (*egress.Response, error) {
	r.requests = append(r.requests, q)
	return &egress.Response{Status: http.StatusOK, Body: []byte(signingSecret)}, r.err
}

func TestARequestToAListenerIsForwardedAndAnErrorOfTheRelayIsOurs(t *testing.T) {
	t.Parallel()
	c, r := &recorder{}, &relay{}
	s := newSender(opened{}, c)
	s.listeners = r
	e := target()
	e.URL, e.ListenerUntil = "listener:whe_1", db.At(noon)
	m := message()
	m.Delivery, m.EventType, m.Attempt = "dlv_1", "lead.created", 2
	got := s.Send(t.Context(), e, m)
	if len(c.requests) != 0 || len(r.requests) != 1 || !got.Succeeded() || string(got.Response.Body) != endpoint.Mask {
		t.Fatalf("result: got %+v, want the relay's answer with its secrets masked", got)
	}
	q := r.requests[0]
	if q.Delivery != "dlv_1" || q.Attempt != 2 || q.Method != http.MethodPost || string(q.Body) != string(m.Body) ||
		q.Headers[webhook.HeaderSignature] == "" || time.Until(q.Deadline) > time.Second {
		t.Errorf("request: got %+v, want the signed request and its deadline", q)
	}
	r.err = errors.New("redis is away")
	if got := s.Send(t.Context(), e, m); !got.Internal() {
		t.Errorf("result without Redis: got %+v, want an internal error", got)
	}
	r.err = &egress.Error{Code: listener.CodeNoListener}
	if got := s.Send(t.Context(), e, m); got.Internal() || !got.Sent || got.Code != listener.CodeNoListener {
		t.Errorf("result without a listener: got %+v, want a failed attempt", got)
	}
}

func TestARetryAfterIsOfTheAnswer(t *testing.T) {
	t.Parallel()
	c := &recorder{answer: func(egress.Request) (*egress.Response, error) {
		return &egress.Response{Status: 503, Header: http.Header{"Retry-After": {"7"}}}, nil
	}}
	got := newSender(opened{}, c).Send(t.Context(), target(), message())
	want := noon.Add(7 * time.Second)
	if !got.RetryAfter.Equal(want) || got.Succeeded() || got.Code != "" || !got.Sent {
		t.Errorf("got %+v, want no request before %s", got, want)
	}
}

func TestTimingsAreKeptInMillisecondsWithThreeDigits(t *testing.T) {
	t.Parallel()
	connect := 1234567 * time.Nanosecond
	got := TimingsOf(egress.Timings{Connect: &connect, Total: 2 * time.Second, Reused: true, Protocol: "HTTP/2.0"})
	if got == nil || got.Connect == nil || *got.Connect != 1.234 || got.DNS != nil || got.Total != 2000 ||
		!got.Reused || got.HTTPVersion != "HTTP/2.0" {
		t.Errorf("timings: got %+v, want 1.234 of 2000 ms", got)
	}
	if got := TimingsOf(egress.Timings{}); got != nil {
		t.Errorf("timings of nothing: got %+v, want none", got)
	}
}
