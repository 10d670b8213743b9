package testkit

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/hookline/hookline/gen/api"
)

// httpHeaders are those of HTTP itself, and everyHeaders those that the contract's introduction says every response
// has. No response documents them.
var (
	httpHeaders  = []string{"Date", "Content-Length", "Content-Type", "Connection", "Transfer-Encoding"}
	everyHeaders = []string{"X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options",
		"Cross-Origin-Opener-Policy", "Permissions-Policy", "Cache-Control", "Strict-Transport-Security"}
)

// validate validates a response against the contract: its status, its body, and that it has the headers which the
// contract requires, and no others than documented ones.
func validate(t testing.TB, r *http.Request, a Answer) {
	t.Helper()
	if a.Header.Get("X-Request-Id") == "" {
		t.Errorf("%s %s: got no X-Request-Id, want one", r.Method, r.URL.Path)
	}
	route, params, err := router().FindRoute(r)
	if err != nil {
		unmatched(t, r, a)
		return
	}
	if a.Header.Get("Content-Encoding") == "gzip" {
		a.Body = unzipped(t, a.Body)
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 a.Status, Header: a.Header, Body: io.NopCloser(bytes.NewReader(a.Body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	if err := openapi3filter.ValidateResponse(context.Background(), input); err != nil {
		t.Errorf("%s %s: got %d, want a response that the contract allows: %v\n%s", r.Method, r.URL.Path, a.Status,
			err, a.Body)
	}
	for _, name := range undocumented(route, a) {
		t.Errorf("%s %s: got a response %d with the header %s, want only what the contract documents", r.Method,
			r.URL.Path, a.Status, name)
	}
}

func unzipped(t testing.TB, body []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("body with Content-Encoding: got %v, want gzip", err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatalf("body with Content-Encoding: got %v, want gzip", err)
	}
	return out
}

// undocumented lists the headers of a response that neither it nor the introduction documents.
func undocumented(route *routers.Route, a Answer) (names []string) {
	response := route.Operation.Responses.Status(a.Status)
	if response == nil || response.Value.Content.Get("text/event-stream") != nil { // the contract says why
		return nil
	}
	known := slices.Concat(httpHeaders, everyHeaders)
	for name := range response.Value.Headers {
		known = append(known, http.CanonicalHeaderKey(name))
	}
	for name := range a.Header {
		if !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	return names
}

// unmatched validates the response of the API to what is no operation: an error with the headers of every response.
// HEAD is answered as GET, and pages are not the contract's.
func unmatched(t testing.TB, r *http.Request, a Answer) {
	t.Helper()
	api := strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/admin/v1/")
	if !api || r.Method == http.MethodHead || r.Method == http.MethodOptions {
		return
	}
	if a.Status == http.StatusMethodNotAllowed && a.Header.Get("Allow") == "" {
		t.Errorf("%s %s: got no Allow, want it with a 405", r.Method, r.URL.Path)
	}
	if a.Header.Get("RateLimit") == "" || a.Header.Get("RateLimit-Policy") == "" {
		t.Errorf("%s %s: got %d with the headers %v, want RateLimit and RateLimit-Policy on every response",
			r.Method, r.URL.Path, a.Status, a.Header)
	}
	if !isError(a) {
		t.Errorf("%s %s: got %d %.200s, want a 404 or 405 in the form of every error", r.Method, r.URL.Path, a.Status,
			a.Body)
	}
}

func isError(a Answer) bool {
	var e api.Error
	return (a.Status == http.StatusNotFound || a.Status == http.StatusMethodNotAllowed) &&
		json.Unmarshal(a.Body, &e) == nil && e.Error.Code != "" && e.Error.RequestID == a.Header.Get("X-Request-Id")
}
