package profile

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/pkg/webhook"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

var (
	happened = time.Date(2026, 1, 28, 12, 0, 0, 250_000_000, time.UTC)
	tried    = time.Date(2026, 1, 28, 12, 0, 3, 999_000_000, time.UTC)
)

func textSecret(key string) string {
	return webhook.SecretPrefix + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(key, 32)))
}

// rotating are the secrets of an endpoint whose secret was rotated twice and that also has a key pair.
var rotating = Secrets{
	Current: textSecret("c"), Previous: []string{textSecret("b"), textSecret("a")},
	Ed25519: ed25519.NewKeyFromSeed([]byte(strings.Repeat("e", ed25519.SeedSize))),
}

// golden are events as the catalogue describes them; which profiles get a type is for TestSubscriptions to say.
var golden = map[string]event.Event{
	"lead_created": {
		Type: "lead.created",
		Data: `{"company":null,"created_at":"2026-01-28T12:00:00Z","email":"ada@example.com","first_name":"Ada","id":"lead_1","last_name":null,"linkedin":null,"name":"Ada <Lövelace> & 😀","notes":"a \"quote\"","phone":"+1234567890","position":null,"score":42,"source":"website","status":"new","twitter":null,"updated_at":"2026-01-28T12:00:00Z","website":null}`,
	},
	"lead_updated": {
		Type: "lead.updated",
		Data: `{"changes":{"status":{"old":"new","new":"contacted"},"notes":{"old":"a","new":null},"score":{"old":1,"new":42}},"company":"Acme","created_at":"2026-01-28T12:00:00Z","email":null,"first_name":"Ada","id":"lead_1","last_name":"Lovelace","linkedin":null,"name":"Ada","notes":null,"phone":"+1234567890","position":null,"score":42,"source":"website","status":"contacted","twitter":null,"updated_at":"2026-01-28T12:00:00Z","website":"https://example.com/?a=1&b=2"}`,
	},
	"stats_updated": {
		Type: "stats.updated",
		Data: `{"platform":"instagram","account_id":"1234567890","tracked_user_id":42,"username":"my_brand","follower_count":10234,"following_count":321,"posts_count":456,"tracked_at":"2026-01-28T11:59:23Z"}`,
	},
}

// TestRequestsOfEachProfileMatchTheirGoldenFiles because consumers rely on these bytes, and so do the signatures of
// deliveries that are being retried while a new version starts. Run it with -update after an intended change.
func TestRequestsOfEachProfileMatchTheirGoldenFiles(t *testing.T) {
	t.Parallel()
	for _, name := range All() {
		p, _ := Find(name)
		for what, e := range golden {
			e.ID, e.TenantID, e.Environment, e.UserNumber = "evt_1", "tnt_1", "live", 123
			e.OccurredAt, e.CreatedAt = db.At(happened), db.At(happened.Add(time.Second))
			if !p.Wants("*", e.Type) {
				continue
			}
			compare(t, p, name+"."+what, Standard, p.Signing[0].Use(Secrets{Current: rotating.Current}), e)
			if what == "lead_created" {
				strongest := p.Signing[len(p.Signing)-1]
				compare(t, p, name+".rotating", Standard, strongest.Use(rotating), e)
			}
			if what == "lead_created" && p.CloudEvents {
				compare(t, p, name+".cloudevents", CloudEvents, p.Signing[0].Use(Secrets{Current: rotating.Current}), e)
			}
		}
	}
}

// compare compares one request, headers by name and then the body, with a golden file.
func compare(t *testing.T, p Profile, file, envelope string, s Secrets, e event.Event) {
	t.Helper()
	body, contentType, err := p.Encode(envelope, e)
	if err != nil {
		t.Fatalf("%s: got %v, want no error", file, err)
	}
	h, err := p.Sign(s, e.ID, tried, body)
	if err != nil {
		t.Fatalf("%s: got %v, want no error", file, err)
	}
	var got bytes.Buffer
	fmt.Fprintf(&got, "Content-Type: %s\n", contentType)
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if !p.Sets(name) {
			t.Errorf("%s: got the header %s, want it among those that consumers can't set", file, name)
		}
		for _, value := range h[name] {
			fmt.Fprintf(&got, "%s: %s\n", name, value)
		}
	}
	fmt.Fprintf(&got, "\n%s", body)
	path := filepath.Join("testdata", "golden", file+".http")
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s: this is sent:\n%s\n\ninstead of:\n%s", file, got.Bytes(), want)
	}
}
