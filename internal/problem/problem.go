// Package problem is the one error type of handlers. It separates the public part (code, message, details) from the
// internal cause, which is for the log. Only internal/api renders it.
package problem

import (
	"fmt"
	"net/http"
	"strings"
)

// Code is the stable error code for programs; the contract lists them all.
type Code string

// The codes of the contract.
const (
	ValidationFailed     Code = "validation_failed"
	Unauthorized         Code = "unauthorized"
	Forbidden            Code = "forbidden"
	EntitlementRequired  Code = "entitlement_required"
	InsufficientCredits  Code = "insufficient_credits"
	QuotaExceeded        Code = "quota_exceeded"
	NotFound             Code = "not_found"
	MethodNotAllowed     Code = "method_not_allowed"
	Conflict             Code = "conflict"
	PayloadTooLarge      Code = "payload_too_large"
	UnsupportedMediaType Code = "unsupported_media_type"
	SchemaMismatch       Code = "schema_mismatch"
	IdempotencyMismatch  Code = "idempotency_mismatch"
	Unprocessable        Code = "unprocessable"
	RateLimited          Code = "rate_limited"
	Unavailable          Code = "unavailable"
	Internal             Code = "internal"
)

var statuses = map[Code]int{
	ValidationFailed: http.StatusBadRequest, Unauthorized: http.StatusUnauthorized, Forbidden: http.StatusForbidden,
	EntitlementRequired: http.StatusForbidden, InsufficientCredits: http.StatusForbidden, NotFound: http.StatusNotFound,
	MethodNotAllowed: http.StatusMethodNotAllowed, QuotaExceeded: http.StatusForbidden,
	Conflict: http.StatusConflict, PayloadTooLarge: http.StatusRequestEntityTooLarge,
	UnsupportedMediaType: http.StatusUnsupportedMediaType, SchemaMismatch: http.StatusUnprocessableEntity,
	IdempotencyMismatch: http.StatusUnprocessableEntity, Unprocessable: http.StatusUnprocessableEntity,
	RateLimited: http.StatusTooManyRequests,
	Unavailable: http.StatusServiceUnavailable, Internal: http.StatusInternalServerError,
}

// Detail is one violation: where (a path in the body such as events[0], or a parameter's name) and what.
type Detail struct{ Field, Message string }

// Error is a problem.
type Error struct {
	Code    Code
	Message string
	Details []Detail
	// RetryAfter is how many seconds to wait; only with RateLimited.
	RetryAfter int
	Credits    *Credits // only with InsufficientCredits
	Quota      *Quota   // only with QuotaExceeded
	cause      error
}

// Error is for logs: it includes the cause.
func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %v", e.Message, e.cause)
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Status is the HTTP status that goes with the code.
func (e *Error) Status() int { return statuses[e.Code] }

// New makes a problem.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// MaxDetails is how many violations an answer names at most. Code that lists violations stops there, so
// that the cost of a request does not grow with the number of its errors.
const MaxDetails = 100

// Limited returns the details that an answer can name.
func Limited(details []Detail) []Detail { return details[:min(len(details), MaxDetails)] }

// Room is what is left of MaxDetails for an answer that names violations in several places, such as the results of a
// bulk request.
type Room struct{ taken int }

// Take returns the details there is room for. The first is always named: a result without one explains nothing.
func (r *Room) Take(details []Detail) []Detail {
	details = details[:min(len(details), max(1, MaxDetails-r.taken))]
	r.taken += len(details)
	return details
}

// Invalid is a 400 that names every violation, up to MaxDetails.
func Invalid(details ...Detail) *Error {
	return &Error{Code: ValidationFailed, Message: "The request is not valid: " + count(len(details)) + ".",
		Details: Limited(details)}
}

// Mismatch is a 422: data that does not fit the schema of an event type.
func Mismatch(eventType string, details ...Detail) *Error {
	return &Error{Code: SchemaMismatch, Message: "The data does not match the schema of " + eventType + ": " +
		count(len(details)) + ".", Details: Limited(details)}
}

// Refused is a 422: a well-formed request that names an unknown resource or asks for an impossible change. Another
// tenant's resource counts as unknown.
func Refused(details ...Detail) *Error {
	return &Error{Code: Unprocessable, Message: "The request can't be carried out: " + count(len(details)) + ".",
		Details: Limited(details)}
}

// Missing is a 404 for a noun. It is the same for what never existed and for what belongs to another tenant.
func Missing(noun string) *Error { return New(NotFound, "There is no such %s.", noun) }

// TooMany is a 429: more requests than the limit, which is given in words, allows.
func TooMany(limit string, retryAfter int) *Error {
	e := New(RateLimited, "Too many requests: the limit is %s. Try again in %d s.", limit, retryAfter)
	e.RetryAfter = retryAfter
	return e
}

// Credits is the balance and the price.
type Credits struct{ Balance, Price int64 }

// Insufficient is a 403: the balance does not cover the price.
func Insufficient(balance, price int64) *Error {
	e := New(InsufficientCredits,
		"This costs %d credits and %d are left. The plan brings more on the first of the month (UTC); a higher plan "+
			"does at once.", price, balance)
	e.Credits = &Credits{Balance: balance, Price: price}
	return e
}

// Quota is a quota of the tenant's plan, what it allows and how much of it is used.
type Quota struct {
	Name        string
	Limit, Used int64
}

// OverQuota is a 403: the plan does not allow more. The message tells both figures and what to do.
func OverQuota(q Quota, message string) *Error {
	e := New(QuotaExceeded, "%s", message)
	e.Quota = &q
	return e
}

// WithDetails returns the error with other details, whose number its message says.
func (e Error) WithDetails(details []Detail) *Error {
	e.Message = strings.Replace(e.Message, ": "+count(len(e.Details))+".", ": "+count(len(details))+".", 1)
	e.Details = details
	return &e
}

// Wrap is a 500 that keeps its cause for the log.
func Wrap(err error) *Error {
	return &Error{Code: Internal,
		Message: "An internal error occurred. Try again; quote the request id if it persists.", cause: err}
}

func count(n int) string {
	switch {
	case n == 1:
		return "1 problem"
	case n >= MaxDetails:
		return fmt.Sprintf("%d problems or more", MaxDetails)
	}
	return fmt.Sprintf("%d problems", n)
}
