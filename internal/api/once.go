package api

import (
	"bytes"
	"context"
	"net/http"
	"unicode"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/idempotency"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

const (
	idempotencyKey      = "Idempotency-Key"
	idempotencyReplayed = "Idempotency-Replayed"
)

// once makes a mutation with an Idempotency-Key take effect once, however often it is sent. A stored response that is
// sent again may contain a secret, so it is recorded where the mutation was.
func once(rule contract.Rule, answers *idempotency.Store, log *audit.Log) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if rule.Public || rule.Method == "get" || rule.Immediate {
			return next
		}
		return func(c echo.Context) error {
			name := c.Request().Header.Get(idempotencyKey)
			if name == "" {
				return next(c)
			}
			if !printable(name) {
				return problem.Invalid(problem.Detail{Field: idempotencyKey, Message: "must be printable ASCII"})
			}
			effect := func(ctx context.Context) (idempotency.Answer, error) { return capture(ctx, c, next) }
			a, replayed, err := answers.Do(c.Request().Context(), fingerprint(c, name), effect)
			if err == nil && replayed && rule.Audit != "" {
				err = recordReplay(c, rule, log, name)
			}
			if err != nil {
				return err
			}
			return replay(c, a, replayed)
		}
	}
}

func recordReplay(c echo.Context, rule contract.Rule, log *audit.Log, name string) error {
	return log.Record(c.Request().Context(), contract.AnswerReplayed, audit.Change{
		TenantID: c.Param("tenant_id"), // of what an operator does to a tenant
		After:    map[string]string{"action": rule.Audit, "path": c.Request().URL.Path, "idempotency_key": name},
	})
}

func fingerprint(c echo.Context, name string) idempotency.Request {
	p := principal.From(c.Request().Context())
	return idempotency.Request{
		TenantID: p.TenantID, Environment: p.Environment, Caller: p.Caller(), Method: c.Request().Method,
		Path: c.Request().URL.Path, Name: name, Body: sent(c),
	}
}

func printable(s string) bool {
	for _, r := range s {
		if r > unicode.MaxASCII || !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// capture runs the handler in ctx's transaction and buffers its response until the commit: a "created" must not be
// sent before.
func capture(ctx context.Context, c echo.Context, next echo.HandlerFunc) (idempotency.Answer, error) {
	request, response := c.Request(), c.Response()
	defer func() { c.SetRequest(request); c.SetResponse(response) }()
	buffered := &bufferedWriter{header: http.Header{}}
	c.SetRequest(request.WithContext(ctx))
	c.SetResponse(echo.NewResponse(buffered, c.Echo()))
	if err := next(c); err != nil {
		return idempotency.Answer{}, err
	}
	a := idempotency.Answer{Status: c.Response().Status, ContentType: buffered.header.Get(echo.HeaderContentType),
		Body: buffered.body.Bytes()}
	if a.Status >= http.StatusBadRequest {
		return a, writtenError{a}
	}
	return a, nil
}

// writtenError is an error response that a handler wrote itself instead of returning an error. The transaction is
// rolled back as for any other error, and the response is sent unchanged.
type writtenError struct{ answer idempotency.Answer }

// Error implements error.
func (e writtenError) Error() string {
	return "the handler answered " + http.StatusText(e.answer.Status)
}

// replay writes a response, new or stored.
func replay(c echo.Context, a idempotency.Answer, replayed bool) error {
	if replayed {
		c.Response().Header().Set(idempotencyReplayed, "true")
	}
	if a.ContentType == "" {
		return c.NoContent(a.Status)
	}
	return c.Blob(a.Status, a.ContentType, a.Body)
}

// bufferedWriter buffers a response in memory.
type bufferedWriter struct {
	header http.Header
	body   bytes.Buffer
}

func (w *bufferedWriter) Header() http.Header         { return w.header }
func (w *bufferedWriter) Write(b []byte) (int, error) { return w.body.Write(b) }
func (w *bufferedWriter) WriteHeader(int)             {}
