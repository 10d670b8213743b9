// Package inhouse is shared by the pages of tenants and of operators: they call the contract's operations in the
// process, as the signed-in user, without a network between, and report errors uniformly.
package inhouse

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/api"
)

// Caller hands calls to the API. The visitor's address, and nothing else that the browser sent, goes along. It
// implements the generated client's HttpRequestDoer.
type Caller struct {
	API   http.Handler // answers the contract's operations
	Visit echo.Context
	Once  string // names what a form does, so that sending it twice does it once; may be empty
	sent  []byte // the last body
}

// Do implements the generated client's HttpRequestDoer.
func (c *Caller) Do(r *http.Request) (*http.Response, error) {
	c.Dress(r)
	if err := c.name(r); err != nil {
		return nil, err
	}
	w := &memory{header: http.Header{}, status: http.StatusOK}
	c.API.ServeHTTP(w, r)
	return &http.Response{StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), Request: r}, nil
}

// Dress gives a request what the API wants to know of the visitor.
func (c *Caller) Dress(r *http.Request) {
	outer := c.Visit.Request()
	r.RemoteAddr, r.Host, r.TLS = outer.RemoteAddr, outer.Host, outer.TLS
	for _, name := range []string{echo.HeaderXForwardedFor, echo.HeaderXForwardedProto} {
		for _, value := range outer.Header.Values(name) {
			r.Header.Add(name, value)
		}
	}
	r.Header.Set(echo.HeaderXRequestID, c.Visit.Response().Header().Get(echo.HeaderXRequestID))
	if r.Body == nil {
		r.Body = http.NoBody
	}
}

// name gives what a form does a name that follows from the form and what it sends: the same form with other values,
// after something was wrong with it, is something else.
func (c *Caller) name(r *http.Request) error {
	if r.Method == http.MethodGet {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	c.sent = body
	r.Body = io.NopCloser(bytes.NewReader(body))
	if c.Once == "" {
		return nil
	}
	sum := sha256.Sum256(append([]byte(c.Once+"\n"), body...))
	r.Header.Set("Idempotency-Key", "app-"+base64.RawURLEncoding.EncodeToString(sum[:18]))
	return nil
}

// memory is an answer that is not sent anywhere.
type memory struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (m *memory) Header() http.Header { return m.header }

// WriteHeader implements http.ResponseWriter.
func (m *memory) WriteHeader(status int) { m.status = status }

// Write implements http.ResponseWriter.
func (m *memory) Write(b []byte) (int, error) { return m.body.Write(b) }

// Refusal is an answer of the API that is not the wanted one, for people.
type Refusal struct {
	Status    int
	Code      string
	Message   string
	Fields    map[string]string // what is wrong with a field, by its name in the contract
	RequestID string
}

// Error implements error.
func (r *Refusal) Error() string {
	return fmt.Sprintf("the API answered %d %s: %s", r.Status, r.Code, r.Message)
}

// Details are the faults of fields as sentences, for where there is no form to show them in.
func (r *Refusal) Details() string {
	var b strings.Builder
	for _, field := range slices.Sorted(maps.Keys(r.Fields)) {
		b.WriteString(" " + field + " " + r.Fields[field] + ".")
	}
	return b.String()
}

// ErrMissing means that the page or its subject does not exist.
var ErrMissing = &Refusal{Status: http.StatusNotFound}

// Read takes an answer of the API as a T, or as the *Refusal it is.
func Read[T any](r *http.Response, err error) (T, error) {
	var v T
	if err != nil {
		return v, err
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return v, err
	}
	if r.StatusCode >= http.StatusBadRequest {
		return v, refused(r.StatusCode, raw)
	}
	if len(raw) == 0 {
		return v, nil
	}
	return v, json.Unmarshal(raw, &v)
}

func refused(status int, raw []byte) error {
	out := &Refusal{Status: status, Fields: map[string]string{}}
	var e api.Error
	if err := json.Unmarshal(raw, &e); err != nil {
		return out
	}
	out.Code, out.Message, out.RequestID = string(e.Error.Code), e.Error.Message, e.Error.RequestID
	for _, d := range e.Error.Details {
		if out.Fields[d.Field] == "" {
			out.Fields[d.Field] = d.Message
		}
	}
	return out
}

// Invalid reports whether an error is a validation error, which the form then shows.
func Invalid(err error) (*Refusal, bool) {
	var r *Refusal
	if !errors.As(err, &r) {
		return nil, false
	}
	switch r.Status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity:
		return r, true
	}
	return nil, false
}

// Or is a value, or its zero when it is null.
func Or[T any](n nullable.Nullable[T]) T {
	v, _ := n.Get()
	return v
}

// Opt is a parameter that is left out when it is empty.
func Opt[T ~string](s string) *T {
	if s == "" {
		return nil
	}
	t := T(s)
	return &t
}

// Moment reads a time of a form: what <input type="datetime-local"> sends is taken as UTC, as the field says. It is nil
// for an empty text.
func Moment(text string) (*time.Time, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no time is no fault
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, time.UTC); err == nil {
			return &t, nil
		}
	}
	return nil, &Refusal{Status: http.StatusBadRequest, Message: "“" + text +
		"” is not a time. Write it as 2026-11-21T09:00."}
}
