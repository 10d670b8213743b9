package generator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// transport answers requests without a network, so that time can be that of a synctest bubble.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func answers(status int, header http.Header, body string) (*http.Response, error) {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// asks makes a client of t with three retries.
func asks(t transport) chat {
	c := newChat(OpenAIConfig{URL: "http://model.test/v1/", Key: "sk-chat-test", Timeout: time.Minute, Retries: 3})
	c.client.Transport = t
	return c
}

func TestAnAPIIsAskedAgainAfterTheWaitThatItNames(t *testing.T) {
	t.Parallel()
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // of each bubble
	for _, c := range []struct {
		name   string
		status int
		header http.Header
		wait   time.Duration // before the only retry; -1 when there is none, 0 for a backoff
	}{
		{"a request time-out", 408, nil, 0},
		{"a conflict", 409, nil, 0},
		{"a limit", 429, nil, 0},
		{"a fault", 500, nil, 0},
		{"an overload", 529, nil, 0},
		{"a bad request", 400, nil, -1},
		{"a wrong key", 401, nil, -1},
		{"an absent model", 404, nil, -1},
		{"seconds", 429, http.Header{"Retry-After": {"7"}}, 7 * time.Second},
		{"parts of seconds", 429, http.Header{"Retry-After": {"1.5"}}, 1500 * time.Millisecond},
		{"milliseconds", 429, http.Header{"Retry-After-Ms": {"20"}, "Retry-After": {"7"}}, 20 * time.Millisecond},
		{"a date", 503, http.Header{"Retry-After": {start.Add(9 * time.Second).Format(http.TimeFormat)}},
			9 * time.Second},
		{"the longest wait", 429, http.Header{"Retry-After": {"30"}}, 30 * time.Second},
		{"a longer wait", 429, http.Header{"Retry-After": {"31"}}, -1},
		{"a later date", 429, http.Header{"Retry-After": {start.Add(time.Hour).Format(http.TimeFormat)}}, -1},
		{"a wait beyond numbers", 429, http.Header{"Retry-After": {"1e999"}}, -1},
		{"a negative wait", 429, http.Header{"Retry-After": {"-5"}}, 0},
		{"no number", 429, http.Header{"Retry-After": {"NaN"}}, 0},
		{"words", 429, http.Header{"Retry-After": {"soon"}}, 0},
		{"the server asks for it", 400, http.Header{"X-Should-Retry": {"true"}}, 0},
		{"the server forbids it", 503, http.Header{"X-Should-Retry": {"false"}}, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				client := asks(func(*http.Request) (*http.Response, error) {
					if asked++; asked == 1 {
						return answers(c.status, c.header, `{}`)
					}
					return answers(200, nil, `{"choices":[{"finish_reason":"stop"}]}`)
				})
				begun := time.Now()
				_, err := client.complete(t.Context(), question{})
				took := time.Since(begun)
				var failed *statusError
				switch {
				case c.wait < 0:
					if asked != 1 || !errors.As(err, &failed) || failed.status != c.status {
						t.Errorf("asked %d times, error %v; want once and HTTP %d", asked, err, c.status)
					}
				case asked != 2 || err != nil:
					t.Errorf("asked %d times, error %v; want twice and none", asked, err)
				case c.wait > 0 && took != c.wait:
					t.Errorf("waited %s, want %s", took, c.wait)
				case c.wait == 0 && (took <= firstBackoff*3/4-time.Millisecond || took > firstBackoff):
					t.Errorf("waited %s, want up to a quarter less than %s", took, firstBackoff)
				}
			})
		})
	}
}

func TestTheWaitsDoubleAndRetriesEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		client := asks(func(*http.Request) (*http.Response, error) {
			at = append(at, time.Now())
			return nil, errors.New("connection refused")
		})
		_, err := client.complete(t.Context(), question{})
		var network *url.Error
		if len(at) != 4 || !errors.As(err, &network) || strings.Contains(err.Error(), "sk-chat-test") {
			t.Fatalf("asked %d times, error %v; want 4 times and the network's error without the key", len(at), err)
		}
		for i, most := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
			if wait := at[i+1].Sub(at[i]); wait > most || wait < most*3/4 {
				t.Errorf("wait %d is %s, want %s to %s", i, wait, most*3/4, most)
			}
		}
	})
	for _, retry := range []int{6, 16, 64, 1 << 20} {
		if wait := delay(nil, retry); wait > maxWait || wait < maxWait*3/4 {
			t.Errorf("retry %d waits %s, want at most %s", retry, wait, maxWait)
		}
	}
}

func TestACancelledCallerReturnsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		client := asks(func(*http.Request) (*http.Response, error) {
			return answers(429, http.Header{"Retry-After": {"20"}}, "")
		})
		begun := time.Now()
		if _, err := client.complete(ctx, question{}); !errors.Is(err, context.DeadlineExceeded) ||
			time.Since(begun) != 2*time.Second {
			t.Errorf("%v after %s, want the context's error after 2s", err, time.Since(begun))
		}
	})
}

func TestARequestThatTimesOutIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		client := asks(func(r *http.Request) (*http.Response, error) {
			asked++
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		begun := time.Now()
		if _, err := client.complete(t.Context(), question{}); !errors.Is(err, context.DeadlineExceeded) ||
			asked != 1 || time.Since(begun) != time.Minute {
			t.Errorf("%v after %d requests and %s, want a time-out of one request after 1m", err, asked,
				time.Since(begun))
		}
	})
}

func TestTheRequestIsThatOfTheAPI(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "sk-chat-test"} {
		var got string
		client := asks(func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			got = fmt.Sprintf("%s %s %q %s", r.Method, r.URL, r.Header["Authorization"], body)
			return answers(200, nil, `{"choices":[]}`)
		})
		client.config.Key = key
		_, err := client.complete(t.Context(), question{
			Model: "m", Messages: []message{{Role: "system", Content: "s"}, {Role: "user", Content: "u"}}, MaxTokens: 7,
			Format: format{"json_schema", formSchema{"f", map[string]any{"type": "object"}, true}},
		})
		authorization := `[]`
		if key != "" {
			authorization = `["Bearer sk-chat-test"]`
		}
		want := `POST http://model.test/v1/chat/completions ` + authorization +
			` {"model":"m","messages":[{"role":"system","content":"s"},` +
			`{"role":"user","content":"u"}],"max_completion_tokens":7,"response_format":{"type":"json_schema",` +
			`"json_schema":{"name":"f","schema":{"type":"object"},"strict":true}}}`
		if err != nil || got != want {
			t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
		}
	}
}
