package signin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	providerTimeout  = 10 * time.Second
	providerMaxBytes = 1 << 20
	providerPause    = 5 * time.Second // so that a provider that hangs delays one visitor and not all in turn
)

// provider is the OpenID provider. Its configuration is discovered at the first sign-in and not at the start: an
// unavailable provider must not block links or the start of a process.
type provider struct {
	config Config
	client *http.Client

	mu     sync.Mutex
	known  *oidc.Provider
	failed error // why the last attempt to discover it came to nothing, and when
	at     time.Time
}

// newProvider makes the provider. It uses a client of its own and not egress: like the database, the operator chooses
// it, often in a private network, which endpoints must not get access to. The client limits responses and follows no
// redirects all the same.
func newProvider(c Config) *provider {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	return &provider{config: c, client: &http.Client{
		Timeout: providerTimeout, Transport: limited{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// limited is a transport that limits the size of responses.
type limited struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := l.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(response.Body, providerMaxBytes), response.Body}
	return response, nil
}

// discover reads the provider's configuration, until it succeeds once.
func (p *provider) discover() (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known != nil {
		return p.known, nil
	}
	if p.failed != nil && time.Since(p.at) < providerPause {
		return nil, p.failed
	}
	// The provider keeps the context for fetching keys later, so it is not the request's; the client has the timeout.
	known, err := oidc.NewProvider(oidc.ClientContext(context.Background(), p.client), p.config.Issuer)
	p.known, p.failed, p.at = known, err, time.Now()
	return known, err
}

func (p *provider) oauth(known *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, Endpoint: known.Endpoint(),
		RedirectURL: p.config.PublicURL + oidcPath + callback, Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}
}

// address is the URL that the browser is redirected to.
func (p *provider) address(a away) (string, error) {
	known, err := p.discover()
	if err != nil {
		return "", err
	}
	return p.oauth(known).AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), nil
}

// errUnverified means that the provider does not vouch for the email address.
var errUnverified = errors.New("signin: the email address is not verified")

// identity is the claims that sign-in needs from the provider.
type identity struct {
	Email    string `json:"email"`
	Verified any    `json:"email_verified"` // a boolean; some providers send it as text
}

func (i identity) verified() bool {
	return i.Email != "" && (i.Verified == true || i.Verified == "true")
}

// email exchanges the code for the verified email address.
func (p *provider) email(ctx context.Context, a away, code string) (string, error) {
	known, err := p.discover()
	if err != nil {
		return "", err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.oauth(known).Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return "", fmt.Errorf("signin: the code was refused: %w", stripped(err))
	}
	raw, _ := token.Extra("id_token").(string)
	idToken, err := known.Verifier(&oidc.Config{ClientID: p.config.ClientID}).Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("signin: the id token was refused: %w", err)
	}
	if a.Nonce == "" || idToken.Nonce != a.Nonce {
		return "", errors.New("signin: the id token is not for this sign-in: its nonce differs")
	}
	var who identity
	if err := idToken.Claims(&who); err != nil {
		return "", fmt.Errorf("signin: %w", err)
	}
	if who.Email == "" { // allowed: with a code, claims may be had from userinfo only
		info, err := known.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return "", fmt.Errorf("signin: userinfo: %w", err)
		}
		if info.Subject != idToken.Subject {
			return "", errors.New("signin: userinfo has another subject than the id token")
		}
		who = identity{} // the two must not be mixed: the one would vouch for what the other says
		if err := info.Claims(&who); err != nil {
			return "", fmt.Errorf("signin: %w", err)
		}
	}
	if !who.verified() {
		return "", errUnverified
	}
	return who.Email, nil
}

// stripped is an error of the token endpoint without its body, which may contain anything and must not be logged.
func stripped(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		return fmt.Errorf("%d %s", refused.Response.StatusCode, refused.ErrorCode)
	}
	return err
}
