package api

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
)

// named lets a tenant use its profile's names for event types: requests are translated to ours, and responses to the
// profile's. Everything below this step, and everything that is stored, has our names.
func named(rule contract.Rule) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			p := profile.Of(principal.From(c.Request().Context()).Profile)
			if len(p.Names) == 0 {
				return next(c)
			}
			body := sent(c)
			origins, err := hear(c, rule.Names, p)
			if err != nil {
				return err
			}
			defer setBody(c, body) // errors name its fields as the caller sent them
			answer := next
			switch place := rule.Names.Answer; {
			case place == nil:
			case rule.Stream:
				answer = streamed(place, p, next)
			default:
				answer = spoken(place, p, next)
			}
			return explained(answer(c), p, origins)
		}
	}
}

// hear translates the parameters and the body of a request, and returns where the names in the body came from.
func hear(c echo.Context, n contract.Names, p profile.Profile) (contract.Origins, error) {
	values := slices.Clone(c.ParamValues())
	for i, name := range c.ParamNames() {
		if place := n.Path[name]; place != nil {
			values[i] = place.Text(values[i], p.Canonical)
		}
	}
	c.SetParamValues(values...)
	query, changed := c.QueryParams(), false
	for name, place := range n.Query {
		for i, value := range query[name] {
			query[name][i] = place.Text(value, p.Canonical)
			changed = changed || query[name][i] != value
		}
	}
	if changed {
		u := *c.Request().URL
		u.RawQuery = query.Encode()
		c.Request().URL = &u
	}
	if n.Body == nil {
		return nil, nil
	}
	body, origins, err := n.Body.Rewrite(sent(c), p.Canonical)
	if err != nil {
		return nil, err
	}
	setBody(c, body)
	return origins, nil
}

// eventTypes checks names of event types.
type eventTypes interface {
	// CheckNarrowings returns what is wrong with the names in filters.
	CheckNarrowings(ctx context.Context, all []contract.Narrowing) ([]problem.Detail, error)
}

// checkNames returns what is wrong with the names of event types in the filters of a request, which has them as the
// caller sent them.
func checkNames(c echo.Context, n contract.Names, types eventTypes) ([]problem.Detail, error) {
	if types == nil {
		return nil, nil
	}
	all := n.Narrowings(c.QueryParams(), sent(c))
	if len(all) == 0 {
		return nil, nil
	}
	p := profile.Of(principal.From(c.Request().Context()).Profile)
	for i := range all {
		var ours []string
		for _, name := range all[i].Names {
			ours = append(ours, p.Canonical(name)...)
		}
		all[i].Names = ours
	}
	return types.CheckNarrowings(c.Request().Context(), all)
}

func names(p profile.Profile) contract.Translate {
	return func(name string) []string { return []string{p.EventName(name)} }
}

// spoken translates a response.
func spoken(place *contract.Place, p profile.Profile, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		response := c.Response()
		buffered := &bufferedWriter{header: response.Header()}
		c.SetResponse(echo.NewResponse(buffered, c.Echo()))
		defer c.SetResponse(response)
		if err := next(c); err != nil {
			return err
		}
		status, body := c.Response().Status, buffered.body.Bytes()
		if len(body) > 0 && status < http.StatusBadRequest {
			var err error
			if body, err = place.JSON(body, names(p)); err != nil {
				return err
			}
		}
		response.WriteHeader(status)
		_, err := response.Write(body)
		return err
	}
}

// streamed translates the messages of a stream.
func streamed(place *contract.Place, p profile.Profile, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		response := c.Response()
		written := response.Writer
		response.Writer = &messageWriter{written, place, p}
		defer func() { response.Writer = written }()
		return next(c)
	}
}

// messageWriter translates the data of server-sent events, of which each write has whole lines.
type messageWriter struct {
	http.ResponseWriter
	place   *contract.Place
	profile profile.Profile
}

// Unwrap returns the connection's writer, for http.ResponseController.
func (w *messageWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Write implements io.Writer.
func (w *messageWriter) Write(text []byte) (int, error) {
	lines := bytes.Split(text, []byte("\n"))
	for i, line := range lines {
		data, ok := bytes.CutPrefix(line, []byte("data: "))
		if !ok {
			continue
		}
		translated, err := w.place.JSON(data, names(w.profile))
		if err != nil {
			slog.Error("a message of a stream was sent as it was", "error", err)
			continue
		}
		lines[i] = append([]byte("data: "), translated...)
	}
	if _, err := w.ResponseWriter.Write(bytes.Join(lines, []byte("\n"))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// explained translates the texts of an error, and its fields to those that the caller sent. What is wrong with several
// of our names that one of the profile's stands for is said once.
func explained(err error, p profile.Profile, origins contract.Origins) error {
	var found *problem.Error
	if !errors.As(err, &found) {
		return err
	}
	var details []problem.Detail
	for _, d := range found.Details {
		d = problem.Detail{Field: p.InText(origins.Field(d.Field)), Message: p.InText(d.Message)}
		if !slices.Contains(details, d) {
			details = append(details, d)
		}
	}
	told := found.WithDetails(details)
	told.Message = p.InText(told.Message)
	return told
}
