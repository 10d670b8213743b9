package api

import (
	"context"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/idempotency"
	"github.com/hookline/hookline/internal/principal"
)

// paid charges an operation's price in the transaction of its effect. The charge comes first, so that nothing is done
// for a caller that can't pay; any later failure rolls it back. Inside once, the transaction is that of the stored
// response, and a replayed response never gets here.
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
