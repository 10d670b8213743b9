package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/background"
)

const (
	// silence is how long a stream may say nothing; the server sends a comment every 15 seconds.
	silence = 40 * time.Second
	// lineMost is the longest line of a stream: a body of the largest event in base64.
	lineMost = 16 << 20
	// backoffLeast and backoffMost are the waits before a try.
	backoffLeast = 200 * time.Millisecond
	backoffMost  = 10 * time.Second
)

// Message is an event of a stream.
type Message struct{ ID, Name, Data string }

// errCut is the error of a stream that ended without saying why.
var errCut = errors.New("the stream was cut")

// Retryable says whether a stream that ended with an error is worth another try.
func Retryable(err error) bool {
	var refused *APIError
	if errors.As(err, &refused) {
		return refused.Status == http.StatusTooManyRequests || refused.Status >= http.StatusInternalServerError
	}
	var e *Error
	return errors.Is(err, errCut) || errors.As(err, &e) && e.away
}

// backoff is how long to wait before the next try, after n that failed in a row.
func backoff(n int) time.Duration {
	longest := min(backoffMost, backoffLeast<<min(n, 10))
	return longest/2 + rand.N(longest/2)
}

// Follow keeps a stream open and calls do with its messages, until ctx ends, do fails, or another try is pointless.
// note is called with what people should know about the connection.
func (c *Client) Follow(ctx context.Context, path string, query url.Values, note func(string),
	do func(Message) error) error {
	last, failed, begun := "", 0, false
	for {
		err := c.Stream(ctx, path, query, last, func(m Message) error {
			if m.ID != "" {
				last = m.ID
			}
			if failed > 0 {
				note("Connected again. What was missed is sent again.")
			}
			failed, begun = 0, true
			return do(m)
		})
		switch {
		case ctx.Err() != nil:
			return nil
		case !begun, !Retryable(err):
			return err
		case failed == 0:
			note("The connection was cut; connecting again.")
		}
		if !background.Pause(ctx, waitAfter(err, failed)) {
			return nil
		}
		failed++
	}
}

// waitAfter is how long to wait before the next try, after an error and n that failed in a row.
func waitAfter(err error, n int) time.Duration {
	wait := backoff(n)
	if refused := (*APIError)(nil); errors.As(err, &refused) {
		wait = max(wait, refused.RetryAfter)
	}
	return wait
}

// Stream reads a stream and calls do with each of its messages, until the stream ends or do fails. A stream that is cut
// is errCut.
func (c *Client) Stream(ctx context.Context, path string, query url.Values, last string, do func(Message) error) error {
	parent := ctx
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	quiet := time.AfterFunc(silence, cancel)
	defer quiet.Stop()
	var headers []string
	if last != "" {
		headers = []string{"Last-Event-ID", last}
	}
	response, err := c.send(ctx, http.MethodGet, path, query, nil, headers...)
	switch {
	case errors.Is(err, context.Canceled) && parent.Err() == nil:
		return errCut // it said nothing
	case err != nil:
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		raw, _ := io.ReadAll(io.LimitReader(response.Body, 1<<20))
		return c.refused(response, raw)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(make([]byte, 64<<10), lineMost)
	var m Message
	for lines.Scan() {
		quiet.Reset(silence)
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			m.ID = value
		case "event":
			m.Name = value
		case "data":
			m.Data = value
		case "":
			if lines.Text() != "" || m.Name == "" {
				continue
			}
			if err := do(m); err != nil {
				return err
			}
			m = Message{}
		}
	}
	return errCut
}
