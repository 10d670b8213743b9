package api

import (
	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/contract"
)

// For tests of the edge with handlers of their own.
var (
	Paid         = paid
	Once         = once
	RecoverPanic = recoverPanic
	RenderError  = renderError
)

// KeepOpen keeps one operation's answers open.
func KeepOpen(rule contract.Rule, keys authenticator) echo.MiddlewareFunc {
	return newStreams(keys, keys, nil).keep(rule)
}
