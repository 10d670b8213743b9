package profile

import (
	"strings"
	"testing"
	"time"
)

func TestEachProfileHasAnExampleThatLooksLikeItsRequests(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for _, name := range All() {
		p := Of(name)
		headers, body, err := p.Example("lead.created", []byte(`{"id":"lead_1","email":"ada@example.com","score":1}`),
			at)
		if err != nil {
			t.Errorf("%s: got %v, want no error", name, err)
			continue
		}
		if !strings.Contains(string(body), "ada@example.com") || headers.Get("Content-Type") == "" {
			t.Errorf("%s: got %v %s, want a content type and the lead", name, headers, body)
		}
		signed := len(headers) > 1
		if signed != (p.Signing[0] != SignNone) {
			t.Errorf("%s: got %v, want a signature: %t", name, headers, p.Signing[0] != SignNone)
		}
	}
}
