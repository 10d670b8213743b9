package dashboard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/session"
)

// inside hands the calls of a visit to the API without a network between. The visitor's address, and nothing else that
// the browser sent, goes along.
type inside struct{ visit *visit }

// Do implements the generated client's HttpRequestDoer.
func (i *inside) Do(r *http.Request) (*http.Response, error) {
	i.dress(r)
	if err := i.name(r); err != nil {
		return nil, err
	}
	w := &memory{header: http.Header{}, status: http.StatusOK}
	i.visit.dashboard.options.API.ServeHTTP(w, r)
	return &http.Response{StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), Request: r}, nil
}

func (i *inside) dress(r *http.Request) {
	outer := i.visit.Request()
	r.RemoteAddr, r.Host, r.TLS = outer.RemoteAddr, outer.Host, outer.TLS
	for _, name := range []string{echo.HeaderXForwardedFor, echo.HeaderXForwardedProto} {
		for _, value := range outer.Header.Values(name) {
			r.Header.Add(name, value)
		}
	}
	r.Header.Set(echo.HeaderXRequestID, i.visit.Response().Header().Get(echo.HeaderXRequestID))
	if r.Body == nil {
		r.Body = http.NoBody
	}
}

// name gives what a form does a name that follows from the form and what it sends: the same form with other values, after
// something was wrong with it, is something else.
func (i *inside) name(r *http.Request) error {
	if i.visit.once == "" || r.Method == http.MethodGet {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256(append([]byte(i.visit.once+"\n"), body...))
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

// refusal is an answer of the API that is not the wanted one, for people.
type refusal struct {
	Status    int
	Code      string
	Message   string
	Fields    map[string]string // what is wrong with a field, by its name in the contract
	RequestID string
}

// Error implements error.
func (r *refusal) Error() string {
	return fmt.Sprintf("the API answered %d %s: %s", r.Status, r.Code, r.Message)
}

// details are the faults of fields as sentences, for where there is no form to show them in.
func (r *refusal) details() string {
	var b strings.Builder
	for field, message := range r.Fields {
		b.WriteString(" " + field + " " + message + ".")
	}
	return b.String()
}

var (
	errForbidden = &refusal{Status: http.StatusForbidden, Message: "Your session does not allow this. Ask an owner or admin of your organisation."}
	errMissing   = &refusal{Status: http.StatusNotFound}
)

// read takes an answer of the API as a T, or as the *refusal it is.
func read[T any](r *http.Response, err error) (T, error) {
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
	out := &refusal{Status: status, Fields: map[string]string{}}
	var e client.Error
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

// invalid says whether an error is about what a form holds, which is then shown in it.
func invalid(err error) (*refusal, bool) {
	var r *refusal
	if !errors.As(err, &r) {
		return nil, false
	}
	switch r.Status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity:
		return r, true
	}
	return nil, false
}

// again finds out who a session is now, for answers that stay open.
func (d *Dashboard) again(token string) principal.Again {
	return func(ctx context.Context) (principal.Principal, error) {
		s, err := d.options.Doors.Find(ctx, token)
		if errors.Is(err, session.ErrNone) {
			return principal.Principal{}, problem.New(problem.Unauthorized, "The session has ended.")
		}
		return s.Principal(), err
	}
}

// opt is a parameter that is left out when it is empty.
func opt[T ~string](s string) *T {
	if s == "" {
		return nil
	}
	t := T(s)
	return &t
}
