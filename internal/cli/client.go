// Package cli is what the commands for integrators share: where they keep keys, how they call the API, how they print,
// and the loop of hookline listen. It calls a server over HTTP alone, so it works with any server.
package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/gen/api"
)

// The API's answers, as the contract has them.
type (
	Me              = api.Me
	Webhook         = api.Webhook
	WebhookCreated  = api.WebhookCreated
	WebhookList     = api.WebhookList
	TestResult      = api.WebhookTestResult
	Delivery        = api.Delivery
	DeliveryDetail  = api.DeliveryDetail
	DeliveryList    = api.DeliveryList
	DeliveryChange  = api.DeliveryChange
	Event           = api.Event
	EventList       = api.EventList
	EventType       = api.EventType
	Listener        = api.Listener
	ListenerRequest = api.ListenerRequest
	ListenerAnswer  = api.ListenerResponse
	AnswerError     = api.ListenerResponseError
	problem         = api.Error
)

// Why a server that a listener forwards to did not answer.
const (
	AnswerConnect  = api.ListenerResponseErrorConnect
	AnswerTimeout  = api.ListenerResponseErrorTimeout
	AnswerDNS      = api.ListenerResponseErrorDNS
	AnswerTLS      = api.ListenerResponseErrorTLS
	AnswerProtocol = api.ListenerResponseErrorProtocol
)

const (
	base = "/api/v1"
	// callLimit is how long a call may take that is no stream.
	callLimit = 30 * time.Second
	// answerMost is how much of an answer is read.
	answerMost = 64 << 20
	// skewMost is how far this machine's clock may be from the server's: signatures are valid for five minutes.
	skewMost = 5 * time.Minute
)

// Client calls the API with a key.
type Client struct {
	Settings

	agent string
	http  *http.Client
	// Skew is called when this machine's clock is wrong by more than consumers tolerate; nil for nothing.
	Skew func(behind time.Duration)
}

// NewClient makes a client; version is this program's.
func NewClient(s Settings, version string) *Client {
	return &Client{Settings: s, agent: "hookline-cli/" + version, http: &http.Client{
		// A redirect would take the key elsewhere, or to a page that is no API.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Answer is a response of the API.
type Answer struct {
	Status int
	Body   []byte // JSON, or nothing
}

// Path makes a path of the API from parts, such as "deliveries", id, "replay"; each is escaped.
func Path(parts ...string) string {
	out := base
	for _, part := range parts {
		out += "/" + url.PathEscape(part)
	}
	return out
}

// Call calls an operation and returns its answer; one that is no success is an *APIError. body is marshalled, unless it
// is nil.
func (c *Client) Call(ctx context.Context, method, path string, query url.Values, body any) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	response, err := c.send(ctx, method, path, query, body)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(response.Body, answerMost))
	if err != nil {
		return Answer{}, c.unreachable(err)
	}
	if response.StatusCode > 299 {
		return Answer{Status: response.StatusCode, Body: raw}, c.refused(response, raw)
	}
	return Answer{Status: response.StatusCode, Body: raw}, nil
}

// Get, and the like, calls an operation and reads the answer.
func Get[T any](ctx context.Context, c *Client, method, path string, query url.Values, body any) (T, Answer, error) {
	var out T
	a, err := c.Call(ctx, method, path, query, body)
	if err == nil {
		if err = json.Unmarshal(a.Body, &out); err != nil {
			err = c.notHookline("an answer that is not the API's")
		}
	}
	return out, a, err
}

// send sends a request, and returns the response with its body open. headers are names and values in turn.
func (c *Client) send(ctx context.Context, method, path string, query url.Values, body any,
	headers ...string) (*http.Response, error) {
	var payload io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		payload = bytes.NewReader(raw)
	}
	target := c.URL + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, target, payload)
	if err != nil {
		return nil, &Error{Text: "The request can't be built: " + err.Error() + "."}
	}
	r.Header.Set("Authorization", "Bearer "+c.Key)
	r.Header.Set("User-Agent", c.agent)
	r.Header.Set("Accept", "application/json, text/event-stream")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.http.Do(r)
	if err != nil {
		return nil, c.unreachable(err)
	}
	c.checkClock(response)
	return response, nil
}

// checkClock compares this machine's clock with the server's, once.
func (c *Client) checkClock(response *http.Response) {
	at, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil || c.Skew == nil {
		return
	}
	if behind := time.Until(at); behind.Abs() > skewMost {
		c.Skew(behind)
		c.Skew = nil
	}
}

// refused is the error of a response that is no success.
func (c *Client) refused(response *http.Response, raw []byte) error {
	var p problem
	if json.Unmarshal(raw, &p) != nil || p.Error.Code == "" {
		return c.notHookline(strconv.Itoa(response.StatusCode) + " without an error of the API")
	}
	e := &APIError{Status: response.StatusCode, Code: string(p.Error.Code), Message: p.Error.Message,
		RequestID: p.Error.RequestID, host: c.URL, unknown: response.StatusCode == http.StatusMethodNotAllowed}
	if e.Missing() {
		e.unknown = c.lacksPath(response.Request)
	}
	for _, d := range p.Error.Details {
		e.Details = append(e.Details, d.Field+" "+d.Message)
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil {
		e.RetryAfter = time.Duration(seconds) * time.Second
	}
	return e
}

// lacksPath says whether the API lacks the path of a request that was answered 404. The code is the same for an id that
// does not exist, and texts differ between versions; OPTIONS is answered 404 for unknown paths alone, whatever the ids.
func (c *Client) lacksPath(r *http.Request) bool {
	probe, err := http.NewRequestWithContext(r.Context(), http.MethodOptions, r.URL.String(), nil)
	if err != nil {
		return false
	}
	probe.Header.Set("User-Agent", c.agent)
	response, err := c.http.Do(probe)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusNotFound
}

// IsStatus says whether an error is the API's with a status.
func IsStatus(err error, status int) bool {
	var e *APIError
	return errors.As(err, &e) && e.Status == status
}

// FullPath completes a path of the API that a user typed, such as leads?per_page=5.
func FullPath(typed string) (path string, query url.Values, err error) {
	u, err := url.Parse(typed)
	if err != nil || u.Host != "" {
		return "", nil, &Error{Usage: true, Text: fmt.Sprintf("The path %q can't be read. Write it like /leads or "+
			"/api/v1/leads?per_page=5.", typed)}
	}
	path = "/" + strings.TrimPrefix(u.EscapedPath(), "/")
	if !strings.HasPrefix(path, base+"/") && !strings.HasPrefix(path, "/admin/") {
		path = base + path
	}
	return path, u.Query(), nil
}
