package generator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/background"
)

// maxAnswer is how many bytes of a response are read, far more than a model writes.
const maxAnswer = 4 << 20

// firstBackoff is the delay before the first retry when the API names none; each further one is twice as long.
const firstBackoff = 500 * time.Millisecond

// question is the body of a request for a chat completion.
type question struct {
	Model     string    `json:"model"`
	Messages  []message `json:"messages"`
	MaxTokens int       `json:"max_completion_tokens"`
	Format    format    `json:"response_format"`
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
	Refusal string `json:"refusal,omitempty"` // only of answers
}

type format struct {
	Type   string     `json:"type"`
	Schema formSchema `json:"json_schema"`
}

type formSchema struct {
	Name   string         `json:"name"`
	Schema map[string]any `json:"schema"`
	Strict bool           `json:"strict"`
}

// completion is the part of a response that is read.
type completion struct {
	Choices []struct {
		Message      message `json:"message"`
		FinishReason string  `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		PromptTokens     int64 `json:"prompt_tokens"`
		CompletionTokens int64 `json:"completion_tokens"`
	} `json:"usage"`
}

// statusError is a response with a status of 400 or more. It contains only the status.
type statusError struct {
	status int
	code   string // as the API names it; may be empty
}

// Error implements error.
func (e *statusError) Error() string { return fmt.Sprintf("HTTP %d, %s", e.status, e.code) }

// chat is a client of chat completions, the API of OpenAI that many others implement.
type chat struct {
	config OpenAIConfig
	client *http.Client
}

func newChat(c OpenAIConfig) chat {
	return chat{c, &http.Client{
		Transport:     http.DefaultTransport.(*http.Transport).Clone(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// complete requests a completion. It retries while the API is rate limited, fails or is unreachable, unless the API
// asks for a delay that is longer than maxWait. A request that timed out is not retried. The error is a *statusError,
// that of the client, or says that the response is invalid.
func (c chat) complete(ctx context.Context, q question) (completion, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return completion{}, err
	}
	for retry := 0; ; retry++ {
		answer, wait, err := c.attempt(ctx, body, retry)
		if wait < 0 {
			return answer, err
		}
		if !background.Pause(ctx, wait) {
			return completion{}, ctx.Err()
		}
	}
}

// attempt makes one request; retry is the number of the retry. wait is the delay before the next one, negative when
// there must be none.
func (c chat) attempt(ctx context.Context, body []byte, retry int) (answer completion, wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	address := strings.TrimRight(c.config.URL, "/") + "/chat/completions"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return answer, -1, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "Hookline")
	if c.config.Key != "" {
		request.Header.Set("Authorization", "Bearer "+c.config.Key)
	}
	response, err := c.client.Do(request)
	if err == nil {
		defer func() { _ = response.Body.Close() }()
	}
	if retry < c.config.Retries && ctx.Err() == nil && retryable(response) {
		if wait := delay(response, retry); wait <= maxWait {
			return answer, wait, err
		}
	}
	if err != nil {
		return answer, -1, err
	}
	answer, err = read(response)
	return answer, -1, err
}

// read reads at most maxAnswer bytes of a response.
func read(response *http.Response) (completion, error) {
	var answer completion
	text, err := io.ReadAll(http.MaxBytesReader(nil, response.Body, maxAnswer))
	switch {
	case err != nil:
		return answer, fmt.Errorf("reading the answer: %w", err)
	case response.StatusCode >= http.StatusBadRequest:
		var said struct {
			Error struct {
				Code string `json:"code"`
			} `json:"error"`
		}
		_ = json.Unmarshal(text, &said) // the status says enough
		return answer, &statusError{response.StatusCode, said.Error.Code}
	case json.Unmarshal(text, &answer) != nil: // the error may hold parts of the answer
		return answer, errors.New("the answer is not JSON of the form that the API promises")
	}
	return answer, nil
}

// retryable says whether a retry may succeed; response is nil when there was none.
func retryable(response *http.Response) bool {
	if response == nil {
		return true
	}
	switch response.Header.Get("X-Should-Retry") {
	case "true":
		return true
	case "false":
		return false
	}
	switch response.StatusCode {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests:
		return true
	}
	return response.StatusCode >= http.StatusInternalServerError
}

// delay is the delay before the next request: the one that the API asks for, which may exceed maxWait, or a backoff
// that doubles with each retry, up to maxWait, and is up to a quarter shorter.
func delay(response *http.Response, retry int) time.Duration {
	if response != nil {
		if wait, ok := retryAfter(response.Header, time.Now()); ok {
			return wait
		}
	}
	backoff := maxWait
	if retry < 16 {
		backoff = min(firstBackoff<<retry, maxWait)
	}
	return backoff - rand.N(backoff/4)
}

// retryAfter reads how long the API asks to wait, in milliseconds, in seconds, or until a date.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	for _, name := range []string{"Retry-After-Ms", "Retry-After"} {
		unit := time.Second
		if name == "Retry-After-Ms" {
			unit = time.Millisecond
		}
		said := h.Get(name)
		n, err := strconv.ParseFloat(said, 64)
		if (err == nil || errors.Is(err, strconv.ErrRange)) && n >= 0 {
			return time.Duration(min(n*float64(unit), float64(2*maxWait))), true // far more is no duration
		}
		if at, err := http.ParseTime(said); err == nil {
			return max(at.Sub(now), 0), true
		}
	}
	return 0, false
}
