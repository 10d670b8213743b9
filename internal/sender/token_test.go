package sender

import (
	"net/http"
	"slices"
	"testing"

	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
)

const tokenURL = "https://auth.example.com/token"

// authorized is a consumer with a token endpoint, which answers what fetch says, and an endpoint, which answers with
// statuses in turn.
func authorized(fetch func() (*egress.Response, error), statuses ...int) (*Sender, *recorder) {
	c := &recorder{}
	c.answer = func(r egress.Request) (*egress.Response, error) {
		if r.URL == tokenURL {
			return fetch()
		}
		status := statuses[0]
		if len(statuses) > 1 {
			statuses = statuses[1:]
		}
		return &egress.Response{Status: status}, nil
	}
	return newSender(opened{Opened: endpoint.Opened{Auth: endpoint.Auth{Type: endpoint.AuthOAuth2, TokenURL: tokenURL,
		ClientID: "ada", ClientSecret: "s3cret"}}}, c), c
}

func token() (*egress.Response, error) {
	return &egress.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: []byte(`{"access_token":"t0ken","token_type":"Bearer","expires_in":3600}`)}, nil
}

func (c *recorder) urls() []string {
	var out []string
	for _, r := range c.requests {
		out = append(out, r.URL)
	}
	return out
}

func TestATokenIsFetchedOnceAndAgainAfterARefusal(t *testing.T) {
	t.Parallel()
	s, c := authorized(token, 200, 401, 200)
	for i := range 2 {
		if got := s.Send(t.Context(), target(), message()); !got.Succeeded() ||
			got.RequestHeaders["Authorization"] != endpoint.Mask {
			t.Errorf("request %d: got %+v, want a success with its token masked", i+1, got)
		}
	}
	in := target().URL
	if got, want := c.urls(), []string{tokenURL, in, in, tokenURL, in}; !slices.Equal(got, want) {
		t.Errorf("requests: got %v, want %v", got, want)
	}
	if got := c.requests[4].Header.Get("Authorization"); got != "Bearer t0ken" {
		t.Errorf("Authorization: got %q, want the token", got)
	}
}

func TestATokenEndpointThatFailsMakesAnAttemptUnlessTheErrorIsOurs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		response *egress.Response
		err      error
		code     string
	}{
		"refused":    {&egress.Response{Status: http.StatusUnauthorized}, nil, egress.CodeAuthFailed},
		"no answer":  {nil, &egress.Error{Code: egress.CodeTimeout, Message: "Late."}, egress.CodeAuthFailed},
		"no address": {nil, &egress.Error{Code: egress.CodeBlockedAddress, Message: "Private."}, egress.CodeAuthFailed},
		"ours":       {nil, &egress.Error{Code: egress.CodeInternal, Message: "Ours."}, CodeInternal},
	} {
		s, c := authorized(func() (*egress.Response, error) { return tt.response, tt.err }, 200)
		got := s.Send(t.Context(), target(), message())
		if got.Code != tt.code || got.Sent == (tt.code == CodeInternal) || got.Response != nil || got.Cancelled {
			t.Errorf("%s: got %+v, want code %s", name, got, tt.code)
		}
		if slices.Contains(c.urls(), target().URL) {
			t.Errorf("%s: got %v, want no request to the endpoint", name, c.urls())
		}
	}
}
