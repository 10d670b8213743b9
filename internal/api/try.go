package api

import (
	"context"
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

// mostTrials is how often a request is tried at most. Operations report all that they find, and few find it in more
// than two steps.
const mostTrials = 4

// tryAll adds to a problem with a body what its operation says against the other fields, so that a client learns of
// every violation at once.
func tryAll(c echo.Context, rule contract.Rule, units *db.DB, p *problem.Error, next echo.HandlerFunc) error {
	for range mostTrials {
		other := try(c, rule, units, p.Details, next)
		if other == nil {
			break
		}
		all := addFields(p.Details, other.Details)
		switch {
		case len(all) == len(p.Details):
			return p
		case p.Code == problem.ValidationFailed || other.Code == problem.ValidationFailed:
			p = problem.Invalid(all...)
		default:
			p = problem.Refused(all...)
		}
	}
	return p
}

// violations returns an error as a problem with fields of the request; nil for any other.
func violations(err error) *problem.Error {
	var p *problem.Error
	if !errors.As(err, &p) || len(p.Details) == 0 {
		return nil
	}
	switch p.Code {
	case problem.ValidationFailed, problem.Unprocessable, problem.SchemaMismatch:
		return p
	}
	return nil
}

// try returns what an operation says against the parts of a body that nothing is known to be wrong with; nil if it says
// nothing. It runs without the others, in a transaction that is rolled back; one whose effect is no row (x-immediate)
// ends before its effect, at db.EndTrial.
func try(c echo.Context, rule contract.Rule, units *db.DB, wrong []problem.Detail,
	next echo.HandlerFunc) *problem.Error {
	if rule.Public || len(wrong) >= problem.MaxDetails {
		return nil
	}
	fields, tops := fieldsOf(wrong), topsOf(wrong)
	p := tryWithout(c, units, newCut(sent(c), fields), next)
	if p != nil || slices.Equal(fields, tops) {
		return p
	}
	// What is left of a field without one of its parts may be what the operation stops at.
	return tryWithout(c, units, newCut(sent(c), tops), next)
}

// tryWithout runs an operation on what is left of the body, and returns what it says against that.
func tryWithout(c echo.Context, units *db.DB, taken *cut, next echo.HandlerFunc) *problem.Error {
	rest := taken.rest()
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
	p := violations(units.Trial(c.Request().Context(), func(ctx context.Context) error {
		_, err := capture(ctx, c, next)
		return err
	}))
	if p == nil {
		return nil
	}
	other := *p
	other.Details = nil
	for _, d := range p.Details {
		if d.Field = taken.original(d.Field); !taken.touches(d.Field) {
			other.Details = append(other.Details, d)
		}
	}
	if other.Details == nil {
		return nil
	}
	return &other
}

func fieldsOf(details []problem.Detail) []string {
	var out []string
	for _, d := range details {
		out = append(out, d.Field)
	}
	return out
}

// topsOf are the fields of the body that details are about, themselves or a part of them.
func topsOf(details []problem.Detail) []string {
	var out []string
	for _, d := range details {
		top := d.Field
		if end := strings.IndexAny(top, ".["); end >= 0 {
			top = top[:end]
		}
		out = append(out, top)
	}
	return out
}
