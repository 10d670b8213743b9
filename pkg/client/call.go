package hookline

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	maxBody = 64 << 20 // bytes of a response
	// A retry waits twice as long as the one before it, from firstWait to lastWait, less up to half of it. A server
	// that
	// asks to wait longer than maxRetryAfter gets no retry: the caller decides.
	firstWait     = 500 * time.Millisecond
	lastWait      = 8 * time.Second
	maxRetryAfter = time.Minute
)

// request is a call before it is made.
type request struct {
	method, path string
	in           []string // the values of the path's parameters
	query        url.Values
	body         any    // nil for none
	keyed        bool   // takes an Idempotency-Key
	key          string // that key
}

// Call makes a call that has no method here. The path is as in the document and may have a query:
// /api/v1/leads?per_page=5. A body and what out points to are JSON; either may be nil.
func (c *Client) Call(ctx context.Context, method, path string, body, out any, options ...CallOption) error {
	method = strings.ToUpper(method)
	if !strings.HasPrefix(path, "/") {
		return fmt.Errorf("%w: the path %q does not begin with /", ErrConfig, path)
	}
	r := request{method: method, path: path, body: body, keyed: method == http.MethodPost ||
		method == http.MethodPatch ||
		method == http.MethodPut || method == http.MethodDelete}
	var into func(int) any
	if out != nil {
		into = func(int) any { return out }
	}
	return c.do(ctx, r, into, options)
}

// get makes a call that returns a T.
func get[T any](ctx context.Context, c *Client, r request, options []CallOption) (*T, error) {
	out := new(T)
	if err := c.do(ctx, r, func(int) any { return out }, options); err != nil {
		return nil, err
	}
	return out, nil
}

// text makes a call that returns something else than JSON.
func text(ctx context.Context, c *Client, r request, options []CallOption) ([]byte, error) {
	var out []byte
	err := c.do(ctx, r, func(int) any { return &out }, options)
	return out, err
}

// optional is a body that may be missing.
func optional[T any](body *T) any {
	if body == nil {
		return nil
	}
	return body
}

// do makes a call, with retries. The result is decoded into what into returns for the status.
func (c *Client) do(ctx context.Context, r request, into func(status int) any, options []CallOption) error {
	if c.wrong != nil {
		return c.wrong
	}
	if r.keyed {
		r.key = newKey()
	}
	for _, o := range options {
		o(&r)
	}
	address, err := c.address(&r)
	if err != nil {
		return err
	}
	var body []byte
	if r.body != nil {
		if body, err = json.Marshal(r.body); err != nil {
			return fmt.Errorf("hookline: the body is not JSON: %w", err)
		}
	}
	for attempt := 0; ; attempt++ {
		err := c.attempt(ctx, &r, address, body, into)
		wait, again := c.again(&r, attempt, err)
		if !again || ctx.Err() != nil {
			return err
		}
		if stopped := c.wait(ctx, wait); stopped != nil {
			return errors.Join(err, stopped)
		}
	}
}

// address is the URL of a call.
func (c *Client) address(r *request) (string, error) {
	path := r.path
	for _, value := range r.in {
		begin, end := strings.IndexByte(path, '{'), strings.IndexByte(path, '}')
		if value == "" || value == "." || value == ".." {
			return "", fmt.Errorf("%w: %s of %s %s is %q", ErrValidation, path[begin+1:end], r.method, r.path, value)
		}
		path = path[:begin] + url.PathEscape(value) + path[end+1:]
	}
	if len(r.query) > 0 {
		path += "?" + r.query.Encode()
	}
	return c.base + path, nil
}

// attempt makes a request once.
func (c *Client) attempt(ctx context.Context, r *request, address string, body []byte, into func(int) any) error {
	if c.timeout > 0 {
		limited, cancel := context.WithTimeout(ctx, c.timeout)
		defer cancel()
		ctx = limited
	}
	q, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	q.Header.Set("Authorization", "Bearer "+c.key)
	q.Header.Set("User-Agent", c.agent)
	q.Header.Set("Accept", "application/json, */*;q=0.5")
	if body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	if r.key != "" {
		q.Header.Set("Idempotency-Key", r.key)
	}
	response, err := c.http.Do(q)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrConnection, err)
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		return fmt.Errorf("%w: the response of %s was cut off: %w", ErrConnection, c.base, err)
	}
	if len(raw) > maxBody {
		return fmt.Errorf("hookline: the response has more than %d bytes", maxBody)
	}
	return c.result(r, response, raw, into)
}

// result decodes a response.
func (c *Client) result(r *request, response *http.Response, raw []byte, into func(int) any) error {
	if response.StatusCode < http.StatusOK || response.StatusCode >= http.StatusMultipleChoices {
		return c.failure(r, response, raw)
	}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
		return c.stranger(r, response)
	}
	if into == nil || len(raw) == 0 {
		return nil
	}
	switch out := into(response.StatusCode).(type) {
	case nil:
		return c.stranger(r, response)
	case *[]byte:
		*out = raw
		return nil
	default:
		if !isJSON(response) {
			return c.stranger(r, response)
		}
		if err := json.Unmarshal(raw, out); err != nil {
			return fmt.Errorf("%w: the response of %s %s can't be read, which another version than %s may have sent: %w",
				ErrVersion, r.method, r.path, ContractVersion, err)
		}
		return nil
	}
}

// temporary reports whether a status says that the same request may succeed later.
func temporary(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// again decides whether a failed attempt is retried, and after what time. A call is retried when doing it twice is the
// same as doing it once.
func (c *Client) again(r *request, attempt int, err error) (time.Duration, bool) {
	var answer *Error
	switch {
	case err == nil, attempt >= c.retries, !r.repeatable():
		return 0, false
	case errors.As(err, &answer):
		if !temporary(answer.Status) || answer.RetryAfter > maxRetryAfter {
			return 0, false
		}
	case !errors.Is(err, ErrConnection):
		return 0, false
	}
	wait := min(firstWait<<min(attempt, 10), lastWait)
	wait -= time.Duration(c.random() * float64(wait) / 2)
	if answer != nil {
		wait = max(wait, answer.RetryAfter)
	}
	return wait, true
}

func (r *request) repeatable() bool {
	switch r.method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions:
		return true
	}
	return r.key != ""
}

// waiter waits, and returns the context's error if that ends first.
type waiter func(context.Context, time.Duration) error

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func random() float64 { return mathrand.Float64() } //nolint:gosec // jitter

func newKey() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails
	return "go-" + hex.EncodeToString(raw)
}
