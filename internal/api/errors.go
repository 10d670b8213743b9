package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// renderError is the only place that writes error responses.
func renderError(err error, c echo.Context) {
	var written writtenError
	if errors.As(err, &written) && !c.Response().Committed {
		if err := replay(c, written.answer, false); err != nil {
			slog.Debug("an error could not be sent", "request_id", c.Response().Header().Get(requestIDHeader), "error",
				err)
		}
		return
	}
	requested := c.Response().Header().Get(requestIDHeader)
	if op := (*net.OpError)(nil); c.Response().Committed && errors.As(err, &op) && op.Op == "write" {
		slog.Debug("a client stopped reading its response", "request_id", requested, "error", err)
		return
	}
	p := classify(err)
	if errors.Is(err, echo.ErrNotFound) {
		p = noPath(c)
	}
	if p.Status() >= http.StatusInternalServerError {
		slog.ErrorContext(c.Request().Context(), "request failed", "request_id", requested, "method",
			c.Request().Method, "path", c.Path(), "error", p)
	}
	if c.Response().Committed {
		return
	}
	if p.Code == problem.Unauthorized {
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Bearer realm="hookline"`)
	}
	if p.Code == problem.RateLimited {
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(p.RetryAfter))
	}
	if c.Request().Method == http.MethodHead {
		_ = c.NoContent(p.Status())
		return
	}
	var body gen.Error
	body.Error.Code = gen.ErrorErrorCode(p.Code)
	body.Error.Message, body.Error.RequestID = p.Message, requested
	if p.RetryAfter > 0 {
		body.Error.RetryAfterSeconds, body.RetryAfterSeconds = &p.RetryAfter, &p.RetryAfter
	}
	body.Error.Details = wire.Map(problem.Limited(p.Details), func(d problem.Detail) gen.ErrorDetail {
		return gen.ErrorDetail{Field: d.Field, Message: d.Message}
	})
	if p.Credits != nil {
		body.Error.Balance, body.Error.Price = &p.Credits.Balance, &p.Credits.Price
	}
	if allowed := c.Response().Header().Get(echo.HeaderAllow); strings.Contains(allowed, http.MethodGet) {
		c.Response().Header().Set(echo.HeaderAllow, allowed+", "+http.MethodHead)
	}
	if q := p.Quota; q != nil {
		body.Error.Quota, body.Error.Limit, body.Error.Used = &q.Name, &q.Limit, &q.Used
	}
	if err := c.JSON(p.Status(), body); err != nil {
		slog.Debug("an error could not be sent", "request_id", requested, "error", err)
	}
}

func classify(err error) *problem.Error {
	var p *problem.Error
	if errors.As(err, &p) {
		return p
	}
	var h *echo.HTTPError
	if errors.As(err, &h) {
		switch h.Code {
		case http.StatusNotFound:
			return problem.New(problem.NotFound, "This path does not exist.")
		case http.StatusMethodNotAllowed:
			return problem.New(problem.MethodNotAllowed,
				"This path does not support the method; the Allow header lists those it supports.")
		case http.StatusRequestEntityTooLarge:
			return problem.New(problem.PayloadTooLarge, "The request is too large.")
		case http.StatusUnsupportedMediaType:
			return problem.New(problem.UnsupportedMediaType, "Send the body as 'Content-Type: application/json'.")
		case http.StatusBadRequest:
			var wrong *json.UnmarshalTypeError
			if errors.As(err, &wrong) {
				return problem.Invalid(problem.Detail{Field: wrong.Field,
					Message: "must be a whole number"})
			}
			return problem.Invalid(problem.Detail{Message: "the request does not match the contract"})
		}
	}
	if errors.Is(err, context.Canceled) {
		return problem.New(problem.Unavailable, "The request was cancelled before it was complete.")
	}
	return problem.Wrap(err)
}
