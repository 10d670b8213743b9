package webhook_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/pkg/webhook"
)

// A consumer verifies the raw body before it looks inside.
func ExampleVerify() {
	secret := webhook.NewSecret() // shown once when the endpoint is made

	consumer := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, "body too large", http.StatusRequestEntityTooLarge)
			return
		}
		if err := webhook.Verify(r.Header, body, time.Now(), secret); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Printf("accepted %s: %s\n", r.Header.Get(webhook.HeaderID), body)
	}

	// What a sender does.
	key, err := webhook.ParseSecret(secret)
	if err != nil {
		panic(err)
	}
	now, body := time.Now(), `{"type":"lead.created"}`
	request := httptest.NewRequest(http.MethodPost, "/hooks", strings.NewReader(body))
	request.Header.Set(webhook.HeaderID, "evt_1")
	request.Header.Set(webhook.HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
	request.Header.Set(webhook.HeaderSignature, webhook.Sign(key, "evt_1", now, []byte(body)))

	consumer(httptest.NewRecorder(), request)
	// Output: accepted evt_1: {"type":"lead.created"}
}
