package api

import (
	"context"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/idempotency"
	"github.com/hookline/hookline/internal/principal"
)

// paid takes an operation's price in the transaction of its effect. The charge comes first, so that who can't pay
// makes us do nothing; whatever goes wrong after it takes it back. Inside once the transaction is the one of the kept
// answer, and a replayed answer never gets here.
func paid(rule contract.Rule, credits *credit.Store) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if rule.Credits == 0 {
			return next
		}
		return func(c echo.Context) error {
			p := principal.From(c.Request().Context())
			var a idempotency.Answer
			pay := func(ctx context.Context) error {
				var err error
				a, err = capture(ctx, c, next)
				return err
			}
			err := credits.Pay(c.Request().Context(), credit.AccountOf(p), rule.Credits, rule.OperationID, p.RequestID,
				pay)
			if err != nil {
				return err
			}
			return replay(c, a, false)
		}
	}
}
