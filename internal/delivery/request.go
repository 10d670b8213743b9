package delivery

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/profile"
)

// message is what is sent to an endpoint: id and bytes are the same on every attempt, the time is the attempt's.
type message struct {
	id          string
	at          time.Time
	body        []byte
	contentType string
}

// Caller makes the requests of attempts, real ones and tests alike: it builds, signs, authenticates and sends them.
type Caller struct {
	endpoints *endpoint.Store
	sender    sender
	tokens    *tokens
	agent     string
	limit     time.Duration
	longest   time.Duration
}

// NewCaller makes a Caller. agent is the User-Agent; limit is how long an attempt may take at an endpoint that says
// nothing, longest at one that does.
func NewCaller(endpoints *endpoint.Store, s sender, agent string, limit, longest time.Duration) *Caller {
	return &Caller{endpoints: endpoints, sender: s, tokens: newTokens(s), agent: agent, limit: limit, longest: longest}
}

// prepared is a request that is ready but for its token.
type prepared struct {
	request egress.Request
	auth    endpoint.Auth
	owner   endpoint.Endpoint
}

// prepare builds and signs what is sent. The consumer's own headers never replace ours: endpoint refuses their names.
func (c *Caller) prepare(e endpoint.Endpoint, m message) (prepared, error) {
	p, ok := profile.Find(e.Profile)
	if !ok {
		return prepared{}, errors.New("delivery: unknown profile " + e.Profile)
	}
	opened, err := c.endpoints.Open(e, m.at)
	if err != nil {
		return prepared{}, err
	}
	header := http.Header{}
	for name, value := range opened.Headers {
		header.Set(name, value)
	}
	body := m.body
	if e.Method == http.MethodGet {
		body = nil // what is signed is what is sent
	}
	signed, err := p.Sign(opened.Secrets, m.id, m.at, body)
	if err != nil {
		return prepared{}, err
	}
	for name, values := range signed {
		header[name] = values
	}
	if body != nil {
		header.Set("Content-Type", m.contentType)
	}
	if header.Get("User-Agent") == "" {
		header.Set("User-Agent", c.agent)
	}
	out := prepared{
		request: egress.Request{Method: e.Method, URL: e.URL, Header: header, Body: body, Timeout: min(e.Limit(),
			c.longest)},
		auth: opened.Auth, owner: e,
	}
	return out, out.authenticate()
}

// authenticate adds what needs no request of its own.
func (p *prepared) authenticate() error {
	switch p.auth.Type {
	case endpoint.AuthBasic:
		p.request.Header.Set("Authorization", p.auth.BasicHeader())
	case endpoint.AuthMTLS:
		pair, err := p.auth.KeyPair()
		if err != nil {
			return err
		}
		p.request.Certificate = &pair
	}
	return nil
}

// send makes the request. With OAuth2, the token and a second try after a 401 are part of the same attempt and of its
// time.
func (c *Caller) send(ctx context.Context, p prepared) (*egress.Response, error) {
	if p.auth.Type != endpoint.AuthOAuth2 {
		return c.sender.Do(ctx, p.request)
	}
	limit := p.request.Timeout
	if limit == 0 {
		limit = c.limit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	token, kept, err := c.tokens.get(ctx, p.owner, p.auth)
	if err != nil {
		return nil, err
	}
	p.request.Header.Set("Authorization", token)
	r, err := c.sender.Do(ctx, p.request)
	if err != nil || r.Status != http.StatusUnauthorized || !kept {
		return r, err
	}
	c.tokens.forget(p.owner, p.auth, token)
	if token, _, err = c.tokens.get(ctx, p.owner, p.auth); err != nil {
		return nil, err
	}
	p.request.Header.Set("Authorization", token)
	return c.sender.Do(ctx, p.request)
}
