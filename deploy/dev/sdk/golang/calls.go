// Package calls is what the five calls send and expect, whatever the client.
package calls

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// What is sent.
const (
	Name      = "SDK check"
	EventType = "job.completed"
	EventData = `{"job_id": 101, "job_type": "hashtag", "status": "finished", "started_at": "2026-11-21T08:00:00Z",
		"finished_at": "2026-11-21T08:30:00Z", "total_leads_stored": 250}`
)

// BaseURL, Key and InboxURL are where to call, with which API key, and a URL that receives webhooks.
func BaseURL() string  { return os.Getenv("HOOKLINE_URL") }
func Key() string      { return os.Getenv("HOOKLINE_API_KEY") }
func InboxURL() string { return os.Getenv("HOOKLINE_INBOX_URL") }

// Unexpected is the error of a call that got something else than it should.
func Unexpected(call string, got any, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}
	raw, err := json.Marshal(got)
	return errors.Join(fmt.Errorf("%s: got %T %s", call, got, raw), err)
}

// Succeeded asks until a list of deliveries is not empty, for ten seconds.
func Succeeded[T any](list func() ([]T, error)) (first T, err error) {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		found, err := list()
		if err != nil {
			return first, err
		}
		if len(found) > 0 {
			return found[0], nil
		}
	}
	return first, errors.New("listDeliveries: got no delivery with the status succeeded within 10 s")
}

// Exit ends the program: with 1 if there is an error.
func Exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
