package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/usage"
)

// stored holds a tenant to its quota of stored bytes a day. The body of a call that fails does not count. It is inside
// once: what a replayed response is about was stored before.
func stored(rule contract.Rule, meter *usage.Meter) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if meter == nil || !rule.Stored {
			return next
		}
		return func(c echo.Context) error {
			p := principal.From(c.Request().Context())
			release, err := meter.Reserve(p.TenantID, int64(len(sent(c))), p.StoredBytes)
			if err != nil {
				return err
			}
			err = next(c)
			if err != nil || c.Response().Status >= http.StatusBadRequest {
				release()
			}
			return err
		}
	}
}
