package hookline_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	hookline "github.com/hookline/hookline/pkg/client"
)

// The code of README.md is the code of these functions; TestTheREADMEIsCompiled compares them.

func newClient() *hookline.Client {
	client := hookline.New(os.Getenv("HOOKLINE_API_KEY"), hookline.WithURL("https://api.example.com"))
	return client
}

func firstCall(ctx context.Context, client *hookline.Client) {
	lead, err := client.CreateLead(ctx, hookline.LeadCreate{
		Name:  hookline.Ptr("Ada Lovelace"),
		Email: hookline.Ptr("ada@example.com"),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(lead.ID, lead.CreatedAt)
}

func changes(ctx context.Context, client *hookline.Client, id string) error {
	_, err := client.UpdateLead(ctx, id, hookline.LeadUpdate{
		Status:  hookline.Ptr("contacted"),
		Company: hookline.Value("Analytical Engines"),
		Notes:   hookline.Null[string](), // removes the notes; all other fields stay
	})
	return err
}

func anything(ctx context.Context, client *hookline.Client) error {
	var leads struct {
		Data []struct{ ID string }
	}
	err := client.Call(ctx, http.MethodGet, "/api/v1/leads?per_page=5", nil, &leads)
	return err
}

func failures(ctx context.Context, client *hookline.Client) {
	_, err := client.GetLead(ctx, "lead_01jd4x2m9qe4fv0w3n7q1x5z8k")
	var answer *hookline.Error
	switch {
	case errors.Is(err, hookline.ErrNotFound):
		fmt.Println("There is no such lead.")
	case errors.As(err, &answer):
		fmt.Println(answer.Status, answer.Code, answer.Message, answer.Details, answer.RequestID)
	case err != nil:
		fmt.Println(err) // no answer, or not of Hookline
	}
}

func lists(ctx context.Context, client *hookline.Client) error {
	for delivery, err := range client.ListDeliveriesAll(ctx, hookline.ListDeliveriesParams{Status: "dead"}) {
		if err != nil {
			return err
		}
		fmt.Println(delivery.ID)
	}

	page, err := client.ListLeads(ctx, hookline.ListLeadsParams{PerPage: 20})
	if err == nil {
		fmt.Println(len(page.Data), "of", page.Meta.Total)
	}
	return err
}

func idempotency(ctx context.Context, client *hookline.Client, lead hookline.LeadCreate) error {
	_, err := client.CreateLead(ctx, lead, hookline.IdempotencyKey("signup-4711"))
	return err
}

func timeouts(ctx context.Context) {
	client := hookline.New("", hookline.WithTimeout(10*time.Second), hookline.WithRetries(5))
	ctx, cancel := context.WithTimeout(ctx, time.Minute) // for all attempts together
	defer cancel()
	me, err := client.GetMe(ctx)
	fmt.Println(me, err)
}

func TestTheREADMEIsCompiled(t *testing.T) {
	t.Parallel()
	_ = []any{newClient, firstCall, changes, anything, failures, lists, idempotency, timeouts}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(readme), "```go\n")[1:]
	if len(blocks) < 7 {
		t.Errorf("blocks of Go: got %d, want at least 7", len(blocks))
	}
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		if !strings.Contains(unindented(string(code)), unindented(block)) {
			t.Errorf("README.md: got a block that is not in example_test.go:\n%s", block)
		}
	}
}

func unindented(code string) string {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimLeft(line, "\t ")
	}
	return strings.Join(lines, "\n")
}
