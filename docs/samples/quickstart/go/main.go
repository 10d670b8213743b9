//go:build ignore

// Creates a lead and prints its id.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"

	hookline "github.com/hookline/hookline/pkg/client"
)

func main() {
	// region client
	client := hookline.New(os.Getenv("HOOKLINE_API_KEY"), hookline.WithURL(os.Getenv("HOOKLINE_URL")))
	// endregion
	// region lead
	body := json.RawMessage(`{"name":"Ada Lovelace","email":"ada@example.com"}`)
	var lead struct{ ID string }
	if err := client.Call(context.Background(), http.MethodPost, "/api/v1/leads", body, &lead); err != nil {
		log.Fatal(err)
	}
	// endregion
	fmt.Println(lead.ID)
}
