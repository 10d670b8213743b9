package problem

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestEveryCodeHasItsStatus(t *testing.T) {
	t.Parallel()
	want := map[Code]int{
		ValidationFailed: 400, Unauthorized: 401, Forbidden: 403, EntitlementRequired: 403, NotFound: 404,
		MethodNotAllowed: 405,
		Conflict:         409, PayloadTooLarge: 413, UnsupportedMediaType: 415, SchemaMismatch: 422,
		IdempotencyMismatch: 422, Unprocessable: 422, RateLimited: 429, InsufficientCredits: 403,
		QuotaExceeded: 403, Unavailable: 503,
		Internal: 500,
	}
	for code, status := range want {
		if got := New(code, "x").Status(); got != status {
			t.Errorf("status of %s: got %d, want %d", code, got, status)
		}
	}
	for code, status := range statuses {
		if http.StatusText(status) == "" || status < 400 || want[code] == 0 {
			t.Errorf("status of %s: got %d, want one of HTTP, and the code in this test", code, status)
		}
	}
}

func TestACauseIsForTheLogAndNotForTheCaller(t *testing.T) {
	t.Parallel()
	cause := errors.New("pq: password hunter2 refused")
	err := error(Wrap(fmt.Errorf("store: %w", cause)))
	var p *Error
	if !errors.As(err, &p) || !errors.Is(err, cause) || p.Status() != 500 || p.Code != Internal {
		t.Fatalf("Wrap: got %v, want an internal error with its cause", err)
	}
	if strings.Contains(p.Message, "hunter2") || p.Details != nil {
		t.Errorf("message: got %q %v, want it without the cause", p.Message, p.Details)
	}
	if !strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error for the log: got %q, want the cause", err)
	}
	if got := Missing("lead"); got.Unwrap() != nil || got.Error() != got.Message {
		t.Errorf("error without a cause: got %q, want the message", got.Error())
	}
}

func TestEveryViolationIsNamedAndCounted(t *testing.T) {
	t.Parallel()
	one, two := Detail{"email", "is not an address"}, Detail{"events[0]", "is listed twice"}
	for _, c := range []struct {
		got     *Error
		status  int
		details int
		message string
	}{
		{Invalid(one), 400, 1, "The request is not valid: 1 problem."},
		{Invalid(one, two), 400, 2, "The request is not valid: 2 problems."},
		{Invalid(), 400, 0, "The request is not valid: 0 problems."},
		{Mismatch("lead.created", one, two), 422, 2, "The data does not match the schema of lead.created: 2 problems."},
		{Missing("webhook endpoint"), 404, 0, "There is no such webhook endpoint."},
		{New(Conflict, "%d of %s", 3, "x"), 409, 0, "3 of x"},
	} {
		if c.got.Status() != c.status || len(c.got.Details) != c.details || c.got.Message != c.message {
			t.Errorf("got %d %q %v, want %+v", c.got.Status(), c.got.Message, c.got.Details, c)
		}
	}
}
