package hookline

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Families of errors, for errors.Is. Those of the first group are of an *Error, which errors.As finds.
var (
	ErrAuthentication = errors.New("hookline: the API key is not accepted")                 // 401
	ErrPermission     = errors.New("hookline: the API key or the plan does not allow this") // 403
	ErrNotFound       = errors.New("hookline: not found")                                   // 404
	ErrConflict       = errors.New("hookline: conflict")                                    // 409
	ErrValidation     = errors.New("hookline: the request is not valid")                    // any other 4xx
	ErrRateLimit      = errors.New("hookline: too many requests")                           // 429
	ErrServer         = errors.New("hookline: the server failed")                           // 5xx

	ErrConfig     = errors.New("hookline: the client is not configured") // key or address is missing or malformed
	ErrConnection = errors.New("hookline: no response")                  // nothing listens, a timeout, a cut connection
	ErrHost       = errors.New("hookline: this is not Hookline")         // something else answers at the address
	ErrVersion    = errors.New("hookline: the server lacks this")        // an older version, or another product
)

// Error is an answer of the server that is no success.
type Error struct {
	Status     int
	Code       string        // such as not_found; for programs
	Message    string        // for people
	Details    []ErrorDetail // every violation of the request
	RequestID  string        // name it when you report a problem
	RetryAfter time.Duration // when to try again; 0 if the server does not say

	family, cause error
	hint          string
}

// Error implements error: one sentence of the server, what is wrong in the request, and a next step.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "hookline: %d %s: %s", e.Status, e.Code, e.Message)
	for _, d := range e.Details {
		fmt.Fprintf(&b, " %s: %s.", d.Field, strings.TrimSuffix(d.Message, "."))
	}
	if e.hint != "" {
		b.WriteString(" " + e.hint)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	return b.String()
}

// Is reports whether the error is of a family.
func (e *Error) Is(family error) bool {
	return family == e.family || e.cause != nil && family == e.cause
}

// family is that of a status.
func family(status int) error {
	switch status {
	case http.StatusUnauthorized:
		return ErrAuthentication
	case http.StatusForbidden:
		return ErrPermission
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusConflict:
		return ErrConflict
	case http.StatusTooManyRequests:
		return ErrRateLimit
	}
	if status >= http.StatusInternalServerError {
		return ErrServer
	}
	return ErrValidation
}

// noSuchPath begins the message of a path that the server does not have. A missing object has another.
const noSuchPath = "This path does not exist."

// failure is the error of a response that is no success.
func (c *Client) failure(r *request, response *http.Response, raw []byte) error {
	var body struct {
		Error *struct {
			Code, Message string
			Details       []ErrorDetail
			RequestID     string `json:"request_id"`
		}
	}
	e := &Error{Status: response.StatusCode, RetryAfter: retryAfter(response.Header, time.Now()),
		RequestID: response.Header.Get("X-Request-Id"), family: family(response.StatusCode)}
	if json.Unmarshal(raw, &body) != nil || body.Error == nil || body.Error.Code == "" {
		if !temporary(response.StatusCode) && response.StatusCode < http.StatusInternalServerError {
			return c.stranger(r, response)
		}
		// Something between here and Hookline answered, such as a load balancer.
		e.Code, e.Message = "no_answer", http.StatusText(response.StatusCode)+", without an answer of Hookline."
		return e
	}
	e.Code, e.Message, e.Details = body.Error.Code, body.Error.Message, body.Error.Details
	if body.Error.RequestID != "" {
		e.RequestID = body.Error.RequestID
	}
	switch {
	case e.Status == http.StatusUnauthorized:
		e.hint = "Check the API key, and that it is one of " + c.base + "."
	case e.Status == http.StatusMethodNotAllowed, e.Status == http.StatusNotFound &&
		strings.HasPrefix(e.Message, noSuchPath):
		e.cause = ErrVersion
		e.hint = fmt.Sprintf("%s has no %s %s: it is older than this client (%s), or its product has no such operation.",
			c.base, r.method, r.path, Version)
	}
	return e
}

// stranger is the error of a response that Hookline does not give.
func (c *Client) stranger(r *request, response *http.Response) error {
	if to := response.Header.Get("Location"); to != "" {
		return fmt.Errorf("%w: %s redirects to %s; use the address that it redirects to", ErrHost, c.base, to)
	}
	kind := response.Header.Get("Content-Type")
	if kind == "" {
		kind = "no content type"
	}
	return fmt.Errorf("%w: %s answered %s %s with %s (%s); check the address, which has no /api/v1", ErrHost, c.base,
		r.method, r.path, response.Status, kind)
}

// isJSON reports whether a response says that it is JSON.
func isJSON(response *http.Response) bool {
	kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

// retryAfter reads the header: seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
