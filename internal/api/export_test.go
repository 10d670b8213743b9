package api

// For tests of the edge with handlers of their own.
var (
	Paid         = paid
	Once         = once
	RecoverPanic = recoverPanic
	RenderError  = renderError
)
