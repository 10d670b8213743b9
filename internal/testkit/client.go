package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/testkit/secrets"
)

// Contract is the contract that every answer is held against.
var Contract = sync.OnceValue(func() *contract.Contract {
	c, err := contract.Load()
	if err != nil {
		panic(err)
	}
	return c
})

// Whole is the contract with its answers and examples.
var Whole = sync.OnceValue(func() *openapi3.T {
	doc, err := contract.Whole()
	if err != nil {
		panic(err)
	}
	return doc
})

var router = sync.OnceValue(func() routers.Router {
	openapi3filter.RegisterBodyDecoder("application/yaml", openapi3filter.PlainBodyDecoder)
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", openapi3filter.PlainBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/csv", openapi3filter.PlainBodyDecoder)
	openapi3filter.RegisterBodyDecoder(eventStream, decodeEvent)
	r, err := gorillamux.NewRouter(Whole())
	if err != nil {
		panic(err)
	}
	return r
})

// Client calls the API with a key. Every answer is validated against the contract.
type Client struct {
	base, key string
	tenantID  string // if it is known; see TenantOf
	http      *http.Client
	outside   bool // what it calls is not in the contract
}

// NewClient makes a client; key may be empty.
func NewClient(base, key string) *Client {
	return &Client{base: base, key: key, http: &http.Client{CheckRedirect: NoRedirects}}
}

// Key returns the key that the client calls with.
func (c *Client) Key() string { return c.key }

// Answer is a response.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Call calls the API. body is marshalled to JSON unless it is nil, a string or bytes, which are sent as they are.
func (c *Client) Call(t testing.TB, method, path string, body any, headers ...string) Answer {
	t.Helper()
	r := c.Request(t, method, path, body, headers...)
	return c.Send(t, r)
}

// Request builds a request; headers are names and values in turn.
func (c *Client) Request(t testing.TB, method, path string, body any, headers ...string) *http.Request {
	t.Helper()
	var payload io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		payload = strings.NewReader(b)
	case []byte:
		payload = bytes.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		payload = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(context.Background(), method, c.base+path, payload)
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Del(headers[i])
		if headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	return r
}

// Send sends a request and validates the answer.
func (c *Client) Send(t testing.TB, r *http.Request) Answer {
	t.Helper()
	secrets.RememberRequest(r)
	response, err := c.http.Do(r)
	if err != nil {
		t.Fatalf("%s %s: got %v, want a response", r.Method, r.URL.Path, err)
	}
	defer func() { _ = response.Body.Close() }()
	read := io.ReadAll
	if response.Header.Get("Content-Type") == eventStream {
		read = firstEvent // the rest never ends; Stream reads it
	}
	body, err := read(response.Body)
	if err != nil {
		t.Fatalf("%s %s: got %v, want a response", r.Method, r.URL.Path, err)
	}
	a := Answer{Status: response.StatusCode, Header: response.Header, Body: body}
	if !strings.HasPrefix(r.URL.Path, "/docs/") { // whose collection calls names keys
		secrets.RememberAnswer(body)
	}
	for _, cookie := range response.Cookies() {
		secrets.Remember(cookie.Value)
	}
	if !c.outside {
		validate(t, r, a)
	}
	return a
}

// Want fails the test unless the status is the wanted one, and returns the answer.
func (a Answer) Want(t testing.TB, status int) Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status: got %d, want %d: %s", a.Status, status, a.Body)
	}
	return a
}

// Into unmarshals the body.
func Into[T any](t testing.TB, a Answer) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(a.Body, &v); err != nil {
		t.Fatalf("body: got %s (%v), want JSON", a.Body, err)
	}
	return v
}

// Problem reads an error.
func (a Answer) Problem(t testing.TB) api.Error {
	t.Helper()
	return Into[api.Error](t, a)
}

// Get, Post and the others call the API and insist on a status.
func Get[T any](t testing.TB, c *Client, path string) T {
	t.Helper()
	return Into[T](t, c.Call(t, http.MethodGet, path, nil).Want(t, http.StatusOK))
}

// Post posts and insists on a status.
func Post[T any](t testing.TB, c *Client, path string, body any, status int) T {
	t.Helper()
	return Into[T](t, c.Call(t, http.MethodPost, path, body).Want(t, status))
}
