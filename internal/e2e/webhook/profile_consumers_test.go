package webhook_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

// lead has what tempts encoders to change it.
var lead = object{
	"name": "Ada <Lövelace> & 😀", "email": "ada@example.com", "company": "Acme", "first_name": "Ada",
	"last_name": "Lövelace",
	"phone":     "+1234567890", "website": "https://example.com/?a=1&b=2", "position": nil,
	"notes": "a \"quote\"\u2028", "score": 42, "source": "website",
}

// consumer has the promises of a product's document to receivers of its webhooks.
type consumer struct {
	events    []string // as they subscribe
	signature string   // the header that holds a hex signature; empty when there is none
	keys      string   // of the body
	name      string   // of the key that holds the event's name
	created   string   // what that is for a new lead
	updated   string   // and for a changed one
	changes   string   // of data when the status changed
	time      string   // of the key that holds a time
	attempts  int
}

// fraction is a time with a fraction of a second.
var fraction = regexp.MustCompile(`\d\.\d+Z"`)

const ownChanges = `{"status":{"new":"contacted","old":"new"}}`

var consumers = map[string]consumer{
	"hookline": {[]string{"lead.*"}, "", "data timestamp type", "type", "lead.created", "lead.updated", ownChanges,
		"timestamp", 10},
	"leadmetrics": {[]string{"lead.created", "lead.updated"}, "X-Leadmetrics-Signature", "created_at data event id",
		"event", "lead.created", "lead.updated", ownChanges, "created_at", 4},
	"inboxops": {[]string{"*"}, "X-InboxOps-Signature", "created_at data event event_id tenant_id", "event",
		"lead.created", "lead.updated", ownChanges, "created_at", 10},
	"leadhooks": {[]string{"new_lead", "lead_update"}, "X-Webhook-Signature", "data event timestamp", "event",
		"new_lead", "lead_update", `{"status":"contacted"}`, "timestamp", 6},
	"leadie": {[]string{"lead.*"}, "X-Leadie-Signature", "data event sent_at user_id", "event", "lead.created",
		"lead.updated", ownChanges, "sent_at", 6},
	"savelead": {[]string{"save_lead"}, "", "data", "", "", "", "", "", 10},
}

func TestTheConsumersOfEveryProductUnderstandAndVerifyWhatArrives(t *testing.T) {
	t.Parallel()
	if got := slices.Sorted(maps.Keys(consumers)); !slices.Equal(got, profile.All()) {
		t.Fatalf("profiles in this test: got %v, want all: %v", got, profile.All())
	}
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		for name, c := range consumers {
			t.Run(name, func(t *testing.T) {
				tenant := p.NewOwner(t, sellerOfLeads(name))
				receiver := testkit.NewReceiver(t, nil)
				hook := tenant.NewEndpoint(t, receiver.URL, object{"name": name, "events": c.events, "profile": name,
					"headers": object{"Authorization": "Bearer s3cret"}})
				if string(hook.Profile) != name || len(hook.RetryPreview) != c.attempts {
					t.Errorf("endpoint: got the profile %s and %v, want %s and %d attempts", hook.Profile,
						hook.RetryPreview, name, c.attempts)
				}
				made := testkit.Post[api.Lead](t, tenant, "/api/v1/leads", lead, http.StatusCreated)
				first := receiver.Next(t)
				tenantID := testkit.TenantOf(t, tenant)
				c.understands(t, first, tenantID, made.ID, c.created)
				tenant.Call(t, http.MethodPatch, "/api/v1/leads/"+made.ID, object{"status": "contacted"}).
					Want(t, http.StatusOK)
				second := receiver.Next(t)
				c.understands(t, second, tenantID, made.ID, c.updated)
				c.verifies(t, hook.Secret, first, second)
				if first.Header.Get("webhook-id") == second.Header.Get("webhook-id") ||
					first.Header.Get("webhook-id") == "" {
					t.Errorf("webhook-id: got %q and %q, want two", first.Header.Get("webhook-id"),
						second.Header.Get("webhook-id"))
				}
				isRecorded(t, p, tenant, first)
			})
		}
	})
}

// sellerOfLeads is a profile whose tenants have leads: the one with the name if its product has them.
func sellerOfLeads(name string) string {
	if p, _ := profile.Find(name); p.Sells("leads") {
		return name
	}
	return profile.Default
}

// understands reads a body as a consumer does.
func (c consumer) understands(t *testing.T, got testkit.Received, tenantID, leadID, event string) {
	t.Helper()
	var body map[string]json.RawMessage
	var data object
	if err := json.Unmarshal(got.Body, &body); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body["data"], &data); err != nil {
		t.Fatal(err)
	}
	text := func(key string) string {
		var s string
		_ = json.Unmarshal(body[key], &s)
		return s
	}
	if keys := strings.Join(slices.Sorted(maps.Keys(body)), " "); keys != c.keys {
		t.Errorf("keys of the body: got %s, want %s", keys, c.keys)
	}
	if got.Header.Get("Content-Type") != "application/json" || got.Method != http.MethodPost ||
		got.Header.Get("Authorization") != "Bearer s3cret" {
		t.Errorf("request: got %s %v, want a POST of JSON with the endpoint's header", got.Method, got.Header)
	}
	if c.name != "type" && fraction.Match(got.Body) {
		t.Errorf("times: got %s, want whole seconds, as the product's document has them", got.Body)
	}
	for field, want := range lead {
		switch field {
		case "name", "source":
			continue // not known to all
		case "score":
			want = float64(42)
		}
		if data[field] != want {
			t.Errorf("%s is %v instead of %v", field, data[field], want)
		}
	}
	if c.name == "" {
		if keys := strings.Join(slices.Sorted(maps.Keys(data)),
			" "); keys != "company email first_name last_name linkedin notes phone position score twitter website" {
			t.Errorf("keys of data: got %s, want those of the product", keys)
		}
		return
	}
	if text(c.name) != event || data["id"] != leadID || data["name"] != lead["name"] ||
		data["source"] != lead["source"] {
		t.Errorf("body: got %s, want %s of the lead", got.Body, event)
	}
	if at, err := time.Parse(time.RFC3339, text(c.time)); err != nil || time.Since(at).Abs() > time.Minute ||
		!strings.HasSuffix(text(c.time), "Z") {
		t.Errorf("%s: got %q, want the present in UTC", c.time, text(c.time))
	}
	for key, want := range map[string]string{"id": got.Header.Get("webhook-id"),
		"event_id": got.Header.Get("webhook-id"), "tenant_id": tenantID} {
		if _, there := body[key]; there && text(key) != want {
			t.Errorf("%s is %s instead of %s", key, body[key], want)
		}
	}
	if raw, there := body["user_id"]; there && string(raw) != "0" {
		t.Errorf("user_id: got %s, want 0, for a lead belongs to no user", raw)
	}
	if changes, there := data["changes"]; there != (event == c.updated) || there && asJSON(t, changes) != c.changes {
		t.Errorf("changes of %s: got %v, want %s", event, data["changes"], c.changes)
	}
}

// verifies checks the signatures of requests as the product's consumers do.
func (c consumer) verifies(t *testing.T, secret string, requests ...testkit.Received) {
	t.Helper()
	var all []signed
	for _, got := range requests {
		switch {
		case c.name == "": // savelead
			if got.Header.Get("webhook-signature") != "" || got.Header.Get("webhook-timestamp") != "" {
				t.Errorf("headers without signing: got %v, want no signature and no timestamp", got.Header)
			}
		case c.signature == "":
			official, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			if err := official.Verify(got.Body, got.Header); err != nil {
				t.Errorf("Verify of the official library: got %v, want no error", err)
			}
		default:
			all = append(all, signed{secret, c.signatureOf(t, got), got.Body})
		}
	}
	if len(all) == 0 {
		return
	}
	want := strings.Repeat("valid ", len(all)) + "invalid invalid"
	all = append(all, signed{secret, all[0].Signature, bytes.Replace(all[0].Body, []byte("Acme"), []byte("Evil"), 1)},
		signed{secret + "x", all[0].Signature, all[0].Body})
	for _, s := range []script{{"python3", "python3", "verify.py"}, {"node", "nodejs", "verify.js"}} {
		if got := s.run(t, all); got != want {
			t.Errorf("%s of %s in %s: got %q, want %q (the last two are forged)", c.signature, t.Name(), s.file, got,
				want)
		}
	}
}

// signatureOf returns the signature of a request of a product with one of its own.
func (c consumer) signatureOf(t *testing.T, got testkit.Received) string {
	t.Helper()
	if s := got.Header.Get("webhook-signature"); s != "" {
		t.Errorf("webhook-signature beside %s: got %q, want none", c.signature, s)
	}
	if at := got.Header.Get("X-Leadie-Timestamp"); (c.signature == "X-Leadie-Signature") != (at != "") {
		t.Errorf("X-Leadie-Timestamp beside %s: got %q, want it in leadie only", c.signature, at)
	} else if n, err := strconv.ParseInt(at, 10, 64); at != "" && (err != nil || time.Since(time.Unix(n, 0)).
		Abs() > time.Minute) {
		t.Errorf("X-Leadie-Timestamp: got %q, want the time of the attempt in Unix seconds", at)
	}
	signatures := got.Header.Values(c.signature)
	if len(signatures) != 1 || len(signatures[0]) != 2*sha256.Size {
		t.Errorf("%s: got %q, want one HMAC-SHA256 in hex", c.signature, signatures)
	}
	return got.Header.Get(c.signature)
}

// signed is a request as a verification reads it.
type signed struct {
	Secret    string `json:"secret"`
	Signature string `json:"signature"`
	Body      []byte `json:"body"`
}

// script is a consumers' verification, in a language their document has it in, and the package with its interpreter.
type script struct{ interpreter, pkg, file string }

// run returns the script's verdict on each request.
func (s script) run(t *testing.T, all []signed) string {
	t.Helper()
	path, err := exec.LookPath(s.interpreter)
	if err != nil {
		t.Fatalf("%s is missing: consumers verify with it, so the test does too. Install it (Debian, Ubuntu: "+
			"apt-get install %s); as root, `make test` does that by itself.", s.interpreter, s.pkg)
	}
	in, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, filepath.Join("testdata", s.file))
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: got %v, want no error\n%s", s.interpreter, s.file, err, out)
	}
	return strings.TrimSpace(string(out))
}

// isRecorded finds in the delivery log what was sent: our headers in the clear, the consumer's own masked.
func isRecorded(t *testing.T, p *testkit.Program, tenant *testkit.Client, got testkit.Received) {
	t.Helper()
	var id string
	p.Await(t, "the delivery to be recorded", func() bool {
		all := tenant.Deliveries(t, "&status=succeeded&event_id="+got.Header.Get("webhook-id"))
		if len(all) == 1 {
			id = all[0].ID
		}
		return id != ""
	})
	d := tenant.Delivery(t, id)
	if d.Body != string(got.Body) || len(d.Attempts) != 1 {
		t.Fatalf("delivery: got %+v, want the bytes that arrived and one attempt", d)
	}
	shown := d.Attempts[0].RequestHeaders
	if shown["Authorization"] != "********" {
		t.Errorf("recorded headers: got %v, want Authorization masked", shown)
	}
	for name, value := range shown {
		if name != "Authorization" && value != got.Header.Get(name) {
			t.Errorf("recorded header %s: got %q, want %q as sent", name, value, got.Header.Get(name))
		}
	}
	for name := range got.Header {
		sets := func(recorded string) bool { return strings.EqualFold(recorded, name) }
		if (strings.Contains(name, "Signature") || strings.HasPrefix(name, "Webhook-")) &&
			!slices.ContainsFunc(slices.Collect(maps.Keys(shown)), sets) {
			t.Errorf("recorded headers: got %v, want %s among them", shown, name)
		}
	}
}
