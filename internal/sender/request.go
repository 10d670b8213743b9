package sender

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/listener"
	"github.com/hookline/hookline/internal/profile"
)

// prepared is a request that is ready but for its token.
type prepared struct {
	request egress.Request
	auth    endpoint.Auth
	signing profile.Secrets
	tokens  []string // the values of Authorization that it was sent with
	owner   endpoint.Endpoint
}

// prepare builds and signs what is sent. The consumer's own headers never replace ours: endpoint refuses their names.
// Every error is ours.
func (s *Sender) prepare(e endpoint.Endpoint, m Message) (prepared, error) {
	p, ok := profile.Find(e.Profile)
	if !ok {
		return prepared{}, fmt.Errorf("sender: endpoint %s: unknown profile %q", e.ID, e.Profile)
	}
	opened, err := s.opener.Open(e, m.At)
	if err != nil {
		return prepared{}, err
	}
	header := http.Header{}
	for name, value := range opened.Headers {
		header.Set(name, value)
	}
	body := m.Body
	if e.Method == http.MethodGet {
		body = nil // the signature is over the bytes that are sent
	}
	signed, err := p.Sign(opened.Secrets, m.ID, m.At, body)
	if err != nil {
		return prepared{}, err
	}
	for name, values := range signed {
		header[name] = values
	}
	if body != nil {
		header.Set("Content-Type", m.ContentType)
	}
	if header.Get("User-Agent") == "" {
		header.Set("User-Agent", s.config.UserAgent)
	}
	out := prepared{
		request: egress.Request{Method: e.Method, URL: e.URL, Header: header, Body: body,
			Timeout: min(e.Limit(), s.config.MaxTimeout)},
		auth: opened.Auth, signing: opened.Secrets, owner: e,
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
			return fmt.Errorf("sender: endpoint %s: client certificate: %w", p.owner.ID, err)
		}
		p.request.Certificate = &pair
	}
	return nil
}

// exchange makes the request. With OAuth2, the token and a second try after a 401 are part of the same attempt and of
// its time. sent is true from the first request on, be it the one to the token endpoint, which the consumer chose too.
// Only a stop while the token is awaited counts as before it: the endpoint has seen nothing.
func (s *Sender) exchange(ctx context.Context, p *prepared) (response *egress.Response, sent bool, err error) {
	if ctx.Err() != nil {
		return nil, false, stopped()
	}
	if p.auth.Type != endpoint.AuthOAuth2 {
		response, err = s.client.Do(ctx, p.request)
		return response, true, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.limit(*p))
	defer cancel()
	token, kept, err := s.tokens.get(ctx, p.owner, p.auth)
	if err != nil {
		return nil, !isCancelled(err), err
	}
	p.bear(token)
	response, err = s.client.Do(ctx, p.request)
	if err != nil || response.Status != http.StatusUnauthorized || !kept {
		return response, true, err
	}
	s.tokens.forget(p.owner, p.auth, token)
	if token, _, err = s.tokens.get(ctx, p.owner, p.auth); err != nil {
		return nil, true, err
	}
	p.bear(token)
	response, err = s.client.Do(ctx, p.request)
	return response, true, err
}

// forward passes the request to a listener, which makes it.
func (s *Sender) forward(ctx context.Context, p prepared, m Message) (*egress.Response, bool, error) {
	if ctx.Err() != nil {
		return nil, false, stopped()
	}
	headers := make(map[string]string, len(p.request.Header))
	for name, values := range p.request.Header {
		headers[name] = values[0]
	}
	response, err := s.listeners.Forward(ctx, p.owner, listener.Request{
		Delivery: m.Delivery, EventType: m.EventType, Attempt: m.Attempt, Method: p.request.Method, Headers: headers,
		Body: p.request.Body, Deadline: time.Now().Add(s.limit(p)).UTC(),
	})
	return response, true, err
}

// limit is how long the request may take.
func (s *Sender) limit(p prepared) time.Duration { return cmp.Or(p.request.Timeout, s.config.Timeout) }

// bear sends the request with a token.
func (p *prepared) bear(token string) {
	p.request.Header.Set("Authorization", token)
	p.tokens = append(p.tokens, token)
}

// stopped is the error of a request that this process stopped before it was sent.
func stopped() *egress.Error {
	return &egress.Error{Code: egress.CodeCanceled,
		Message: "The request was stopped before it was sent. It can be sent again."}
}

func isCancelled(err error) bool {
	var e *egress.Error
	return errors.As(err, &e) && e.Code == egress.CodeCanceled
}
