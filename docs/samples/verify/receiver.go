//go:build ignore

// region receiver
package main

import (
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	secret := os.Getenv("HOOKLINE_WEBHOOK_SECRET")
	http.HandleFunc("POST /hooks", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil || !Verify(secret, r.Header, body) {
			http.Error(w, "not genuine", http.StatusUnauthorized)
			return
		}
		log.Printf("received %s", r.Header.Get("webhook-id")) // put the body in a queue here
		w.WriteHeader(http.StatusNoContent)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:3000", nil))
}

// endregion
