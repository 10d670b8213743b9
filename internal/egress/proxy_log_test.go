package egress

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit/connect"
)

// TestOperatorsReadWhichHostsAProxyRefusesAtMostOnceASecond sets the default log, so it does not run in parallel.
func TestOperatorsReadWhichHostsAProxyRefusesAtMostOnceASecond(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	p := connect.New(t, nil)
	c, seen := through(t, p)
	p.Answer(connect.Status(http.StatusForbidden))
	const requests = 20 // within a second, but for a machine that hangs; then there are a few lines
	for range requests {
		if _, err := c.Do(t.Context(), Request{URL: "http://127.0.0.1:9"}); code(err) != CodeBlockedAddress {
			t.Fatalf("a host that the proxy refuses: got %v, want %s", err, CodeBlockedAddress)
		}
	}
	if n := len(seen.all); n != requests {
		t.Errorf("outcomes: got %d, want %d", n, requests)
	}
	text := log.String()
	lines := strings.Count(text, "the egress proxy refuses a host")
	if lines == 0 || lines > requests/2 {
		t.Errorf("log after %d refusals: got %d lines, want one a second:\n%s", requests, lines, text)
	}
	if !strings.Contains(text, "host=127.0.0.1:9") || !strings.Contains(text, "403 Forbidden") ||
		strings.Contains(text, "hidden") {
		t.Errorf("log: got %s, want the host and the answer, and no password", text)
	}
}
