// Command notify posts a line to a chat for each new lead: CHAT_URL is an incoming webhook of Slack, Mattermost or the
// like. It answers Hookline first and calls the chat afterwards, and it mentions no event twice.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/hookline/hookline/pkg/webhook"
)

// mostBytes of a body are read; events are smaller.
const mostBytes = 1 << 20

func main() {
	queue := make(chan []byte, 100)
	go func() {
		for body := range queue {
			if err := tell(os.Getenv("CHAT_URL"), body); err != nil {
				log.Print(err)
			}
		}
	}()
	var mu sync.Mutex
	seen := map[string]bool{} // by webhook id; a program with several processes keeps this in its database
	http.HandleFunc("POST /hooks", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBytes))
		if err == nil {
			err = webhook.Verify(r.Header, body, time.Now(), os.Getenv("HOOKLINE_WEBHOOK_SECRET"))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		id := r.Header.Get("webhook-id")
		if !seen[id] {
			select {
			case queue <- body:
				seen[id] = true
			default: // Hookline sends it again
				http.Error(w, "busy", http.StatusServiceUnavailable)
				return
			}
		}
		w.WriteHeader(http.StatusNoContent)
	})
	server := &http.Server{Addr: "127.0.0.1:" + cmp.Or(os.Getenv("PORT"), "3000"), ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// tell posts an event to the chat.
func tell(chat string, body []byte) error {
	var event struct {
		Type string
		Data struct{ Name, Email string }
	}
	if err := json.Unmarshal(body, &event); err != nil || event.Type != "lead.created" {
		return err
	}
	text, err := json.Marshal(map[string]string{"text": "New lead: " + cmp.Or(event.Data.Name, event.Data.Email)})
	if err != nil {
		return err
	}
	response, err := http.Post(chat, "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode > 299 {
		return fmt.Errorf("the chat answered %s", response.Status)
	}
	return nil
}
