package sender

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/singleflight"

	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
)

const (
	keptTokens = 10_000
	// fetchLimit ends a fetch that nobody waits for any more.
	fetchLimit = 30 * time.Second
	// fetchMargin is how long before its caller a fetch ends, so that the caller learns why there is no token.
	fetchMargin = 100 * time.Millisecond
)

// tokens gets access tokens by client credentials and keeps them until they expire. Deliveries that need the same one
// at the same time share a fetch.
type tokens struct {
	client client
	kept   *lru.Cache[string, *oauth2.Token]
	// configs remember how a client authenticates at a token endpoint, once the library has found it out.
	configs *lru.Cache[string, *clientcredentials.Config]
	flight  singleflight.Group
}

func newTokens(c client) *tokens {
	kept, err := lru.New[string, *oauth2.Token](keptTokens)
	if err != nil {
		panic(err) // the size is not positive
	}
	configs, err := lru.New[string, *clientcredentials.Config](keptTokens)
	if err != nil {
		panic(err)
	}
	return &tokens{client: c, kept: kept, configs: configs}
}

// tokenKey names a token: it changes with everything that the token depends on.
func tokenKey(e endpoint.Endpoint, a endpoint.Auth) string {
	raw, err := json.Marshal([]string{e.TenantID, e.ID, a.TokenURL, a.ClientID, a.ClientSecret, a.Scope,
		a.TokenAuth})
	if err != nil {
		panic(err) // texts always have a JSON form
	}
	sum := sha256.Sum256(raw)
	return string(sum[:])
}

// get returns the value of the Authorization header, and whether it was kept from earlier. The error is an
// *egress.Error.
func (t *tokens) get(ctx context.Context, e endpoint.Endpoint, a endpoint.Auth) (header string, kept bool, err error) {
	key := tokenKey(e, a)
	if token, ok := t.kept.Get(key); ok && token.Valid() {
		return authorization(token), true, nil
	}
	limit := fetchLimit
	if deadline, bounded := ctx.Deadline(); bounded {
		limit = min(limit, time.Until(deadline)-fetchMargin)
	}
	fetched := t.flight.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
		defer cancel()
		token, err := t.fetch(ctx, key, a)
		if err == nil {
			t.kept.Add(key, token)
		}
		return token, err
	})
	select {
	case result := <-fetched:
		if result.Err != nil {
			return "", false, authFailed(result.Err)
		}
		return authorization(result.Val.(*oauth2.Token)), false, nil //nolint:forcetypeassert // the function above returns it
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return "", false, &egress.Error{Code: egress.CodeCanceled,
				Message: "The request was stopped before the token endpoint responded. It can be sent again."}
		}
		return "", false, &egress.Error{Code: egress.CodeAuthFailed,
			Message: "No access token: the token endpoint did not respond in time."}
	}
}

// forget drops a token that the endpoint refused, unless it was replaced meanwhile.
func (t *tokens) forget(e endpoint.Endpoint, a endpoint.Auth, header string) {
	key := tokenKey(e, a)
	if token, ok := t.kept.Peek(key); ok && authorization(token) == header {
		t.kept.Remove(key)
	}
}

func authorization(token *oauth2.Token) string { return token.Type() + " " + token.AccessToken }

func (t *tokens) config(key string, a endpoint.Auth) *clientcredentials.Config {
	if c, known := t.configs.Get(key); known {
		return c
	}
	c := &clientcredentials.Config{TokenURL: a.TokenURL, ClientID: a.ClientID, ClientSecret: a.ClientSecret,
		Scopes: strings.Fields(a.Scope)}
	switch a.TokenAuth {
	case endpoint.TokenAuthBasic:
		c.AuthStyle = oauth2.AuthStyleInHeader
	case endpoint.TokenAuthPost:
		c.AuthStyle = oauth2.AuthStyleInParams
	}
	t.configs.Add(key, c)
	return c
}

func (t *tokens) fetch(ctx context.Context, key string, a endpoint.Auth) (*oauth2.Token, error) {
	through := &guarded{client: t.client}
	client := &http.Client{
		Transport:     through,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	token, err := t.config(key, a).Token(context.WithValue(ctx, oauth2.HTTPClient, client))
	if err != nil && through.ours != nil {
		return nil, through.ours
	}
	return token, err
}

// guarded lets a library that speaks http.Client send through egress.
type guarded struct {
	client client
	// ours is the last error of ours. The library tries again in another way, and returns only the error of that.
	ours error
}

// RoundTrip implements http.RoundTripper.
func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	answer, err := g.client.Do(r.Context(), egress.Request{Method: r.Method, URL: r.URL.String(), Header: r.Header,
		Body: body})
	if err != nil {
		if unsent := (*egress.Error)(nil); errors.As(err, &unsent) && unsent.Code == egress.CodeInternal {
			g.ours = err
		}
		return nil, err
	}
	return &http.Response{
		StatusCode: answer.Status, Status: http.StatusText(answer.Status), Proto: answer.Proto, Header: answer.Header,
		Body: io.NopCloser(bytes.NewReader(answer.Body)), ContentLength: int64(len(answer.Body)), Request: r,
	}, nil
}

// errorWord matches the error codes of RFC 6749; other text of a token endpoint is untrusted and not shown.
var errorWord = regexp.MustCompile(`^[a-z_]{1,40}$`)

// authFailed says why there is no token, without what the token endpoint wrote.
func authFailed(err error) error {
	message := "No access token: the token endpoint's answer is not that of RFC 6749."
	var refused *oauth2.RetrieveError
	var unsent *egress.Error
	switch {
	case errors.As(err, &refused) && refused.Response != nil:
		message = fmt.Sprintf("No access token: the token endpoint answered %d", refused.Response.StatusCode)
		if errorWord.MatchString(refused.ErrorCode) {
			message += " " + refused.ErrorCode
		}
		message += ". Check the client's id and secret and the scope."
	case errors.As(err, &unsent) && unsent.Code == egress.CodeInternal:
		return unsent
	case errors.As(err, &unsent):
		message = "No access token: " + unsent.Message
	}
	return &egress.Error{Code: egress.CodeAuthFailed, Message: message}
}
