// Package hookline is the Go client of Hookline's API. It has a method for each operation of the published document,
// retries what may be retried, and reports typed errors. It has no dependencies.
//
//	client := hookline.New(os.Getenv("HOOKLINE_API_KEY"), hookline.WithURL("https://api.example.com"))
//	lead, err := client.CreateLead(ctx, hookline.LeadCreate{Email: hookline.Ptr("ada@example.com")})
//
// Webhooks are verified with github.com/hookline/hookline/pkg/webhook.
package hookline

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"
)

// Version is the version of this package.
const Version = "0.1.0"

const (
	defaultTimeout = 30 * time.Second
	defaultRetries = 3
)

// Client calls Hookline. It is safe for concurrent use. Make it with New.
type Client struct {
	key, base, agent string
	http             *http.Client
	timeout          time.Duration
	retries          int
	wrong            error // what New was given; each call returns it

	// Replaced in tests.
	wait   waiter
	random func() float64
}

// New makes a client with an API key. An empty key is that of the environment variable HOOKLINE_API_KEY, and without
// WithURL the address is that of HOOKLINE_URL. What is missing or wrong is reported by the first call, as ErrConfig.
func New(key string, options ...Option) *Client {
	c := &Client{key: strings.TrimSpace(cmp.Or(key, os.Getenv("HOOKLINE_API_KEY"))), base: os.Getenv("HOOKLINE_URL"),
		agent: fmt.Sprintf("hookline-go/%s (%s; %s/%s)", Version, runtime.Version(), runtime.GOOS, runtime.GOARCH),
		http:  &http.Client{}, timeout: defaultTimeout, retries: defaultRetries, wait: sleep, random: random}
	for _, o := range options {
		o(c)
	}
	// A redirect would carry the key to another address.
	own := *c.http
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.http = &own
	c.base, c.wrong = checked(c.key, c.base)
	return c
}

// Option is a setting of a client.
type Option func(*Client)

// WithURL sets the address of the server, such as https://api.example.com, without /api/v1.
func WithURL(base string) Option { return func(c *Client) { c.base = base } }

// WithHTTPClient replaces the HTTP client. Redirects are never followed.
func WithHTTPClient(h *http.Client) Option { return func(c *Client) { c.http = h } }

// WithTimeout limits each attempt, with the reading of its response; 30 s by default. The context of a call limits all
// attempts together.
func WithTimeout(d time.Duration) Option { return func(c *Client) { c.timeout = d } }

// WithRetries sets how often a call is retried; 3 by default, 0 never.
func WithRetries(n int) Option { return func(c *Client) { c.retries = n } }

// WithUserAgent names your program in front of the client's own name, such as "shop/1.2".
func WithUserAgent(name string) Option {
	return func(c *Client) { c.agent = strings.TrimSpace(name + " " + c.agent) }
}

// CallOption is a setting of one call.
type CallOption func(*request)

// IdempotencyKey names a call, so that calling again with the same name and body changes nothing more, also from
// another
// process. Without it, each call of a method that takes one has a random key, which its retries share.
func IdempotencyKey(key string) CallOption { return func(r *request) { r.key = key } }

// checked is the address as the client uses it.
func checked(key, base string) (string, error) {
	if key == "" {
		return "", fmt.Errorf("%w: there is no API key; pass one to New or set HOOKLINE_API_KEY", ErrConfig)
	}
	if strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "", fmt.Errorf("%w: the API key has a character that no key has, such as a space", ErrConfig)
	}
	if base == "" {
		return "", fmt.Errorf("%w: there is no address; use WithURL or set HOOKLINE_URL", ErrConfig)
	}
	at, err := url.Parse(base)
	if err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" || at.User != nil ||
		at.RawQuery != "" {
		return "", fmt.Errorf("%w: the address must be like https://api.example.com", ErrConfig)
	}
	return strings.TrimSuffix(strings.TrimRight(base, "/"), "/api/v1"), nil
}

// Ptr returns a pointer to a value, for optional fields.
func Ptr[T any](v T) *T { return &v }
