package webhook_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
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

// Parse gives an event the type that its data have. The README has this code.
func ExampleParse() {
	secret := webhook.NewSecret()

	consumer := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, "body too large", http.StatusRequestEntityTooLarge)
			return
		}
		event, err := webhook.Parse(r.Header, body, time.Now(), secret)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		switch event := event.(type) {
		case *webhook.LeadCreatedEvent:
			fmt.Println("new lead", event.Data.ID)
		case *webhook.OtherEvent:
			fmt.Println("one of your own types", event.Type)
		}
	}

	for _, body := range []string{
		`{"type":"lead.created","timestamp":"2026-11-21T09:00:00Z","data":{"id":"lead_1"}}`,
		`{"type":"order.paid","timestamp":"2026-11-21T09:00:00Z","data":{"total":7}}`,
	} {
		key, err := webhook.ParseSecret(secret)
		if err != nil {
			panic(err)
		}
		now, request := time.Now(), httptest.NewRequest(http.MethodPost, "/hooks", strings.NewReader(body))
		request.Header.Set(webhook.HeaderID, "evt_1")
		request.Header.Set(webhook.HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
		request.Header.Set(webhook.HeaderSignature, webhook.Sign(key, "evt_1", now, []byte(body)))
		consumer(httptest.NewRecorder(), request)
	}
	// Output:
	// new lead lead_1
	// one of your own types order.paid
}

func TestTheREADMEIsCompiled(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(readme), "```go\n")
	block, _, found := strings.Cut(block, "```")
	if tabs := strings.NewReplacer("\t", ""); !found || !strings.Contains(tabs.Replace(string(code)),
		tabs.Replace(block)) {
		t.Errorf("README.md: got a block that is not in example_test.go:\n%s", block)
	}
}
