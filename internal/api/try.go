package api

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/problem"
)

// triedKey marks, in an echo context, a request that is only tried.
const triedKey = "tried"

// errTried rolls a trial back.
var errTried = errors.New("api: the request was only tried")

// unlessTried leaves a middleware out when the request is only tried.
func unlessTried(m echo.MiddlewareFunc) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		with := m(next)
		return func(c echo.Context) error {
			if c.Get(triedKey) != nil {
				return next(c)
			}
			return with(c)
		}
	}
}

// try returns what an operation says against the fields of a body that fit the contract, so that a client learns of
// every violation at once. The operation runs without the other fields, in a transaction that is rolled back; one that
// calls somebody else's server is not tried.
func try(c echo.Context, rule contract.Rule, units *db.DB, wrong []problem.Detail,
	next echo.HandlerFunc) []problem.Detail {
	if rule.Immediate || rule.Public || len(wrong) >= problem.MaxDetails {
		return nil
	}
	rest, left := without(sent(c), wrong)
	if rest == nil {
		return nil
	}
	body := sent(c)
	c.Set(triedKey, true)
	setBody(c, rest)
	defer func() {
		c.Set(triedKey, nil)
		setBody(c, body)
	}()
	err := units.Unit(c.Request().Context(), func(ctx context.Context) error {
		if _, err := capture(ctx, c, next); err != nil {
			return err
		}
		return errTried
	})
	var p *problem.Error
	if !errors.As(err, &p) || p.Code != problem.ValidationFailed {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(p.Details), func(d problem.Detail) bool { return left[topOf(d.Field)] })
}

// without returns an object, JSON, without the fields that details are about, and those fields; nil when it is no
// object.
func without(object []byte, details []problem.Detail) ([]byte, map[string]bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(object, &fields) != nil || fields == nil {
		return nil, nil
	}
	left := map[string]bool{}
	for _, d := range details {
		left[topOf(d.Field)] = true
		delete(fields, topOf(d.Field))
	}
	rest, err := json.Marshal(fields)
	if err != nil {
		return nil, nil
	}
	return rest, left
}

// topOf is the field of the body that a detail is about, itself or a part of it.
func topOf(field string) string {
	if end := strings.IndexAny(field, ".["); end >= 0 {
		return field[:end]
	}
	return field
}
