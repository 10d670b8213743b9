// Command quickstart creates a webhook endpoint and a lead, receives the event about the lead, and verifies it.
//
//	export HOOKLINE_URL=http://127.0.0.1:8080 HOOKLINE_API_KEY=hk_live_…
//	go run ./docs/samples/quickstart/go
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	hookline "github.com/hookline/hookline/pkg/client"
	"github.com/hookline/hookline/pkg/webhook"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	err := run(ctx)
	cancel()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	// region client
	client := hookline.New(os.Getenv("HOOKLINE_API_KEY"), hookline.WithURL(os.Getenv("HOOKLINE_URL")))
	// endregion

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	// region endpoint
	endpoint, err := client.CreateWebhook(ctx, hookline.WebhookCreate{
		Name:   hookline.Ptr("Quickstart"),
		URL:    "http://" + listener.Addr().String() + "/hooks",
		Events: []string{"lead.created"},
	})
	if err != nil {
		return err
	}
	// endregion
	defer func() { _ = client.DeleteWebhook(context.WithoutCancel(ctx), endpoint.ID) }()

	received := make(chan webhook.Event, 1)
	receiver := &http.Server{Handler: receive(*endpoint.Secret, received), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = receiver.Serve(listener) }()
	defer func() { _ = receiver.Close() }()

	// region lead
	lead, err := client.CreateLead(ctx, hookline.LeadCreate{
		Name:  hookline.Ptr("Ada Lovelace"),
		Email: hookline.Ptr("ada@example.com"),
	})
	if err != nil {
		return err
	}
	// endregion

	for {
		select {
		case event := <-received:
			// region event
			created, ok := event.(*webhook.LeadCreatedEvent)
			if !ok || created.Data.ID != lead.ID {
				continue // about another lead
			}
			fmt.Printf("received and verified %s of %s\n", created.Type, created.Data.ID)
			// endregion
			return nil
		case <-ctx.Done():
			return errors.New("no webhook arrived within 30 seconds")
		}
	}
}

// region receive

// receive accepts requests that the secret signed, and refuses all others.
func receive(secret string, events chan<- webhook.Event) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, "The body is too large.", http.StatusRequestEntityTooLarge)
			return
		}
		event, err := webhook.Parse(r.Header, body, time.Now(), secret)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent) // answer first, work afterwards
		events <- event
	}
}

// endregion
