package profile_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

// proof is a request and whether it is genuine.
type proof struct {
	Secret  string            `json:"secret"`
	Headers map[string]string `json:"headers"` // names in lower case
	Body    string            `json:"body"`
	Genuine bool              `json:"genuine"`
}

func proofOf(secret string, h http.Header, body []byte, genuine bool) proof {
	headers := map[string]string{}
	for name := range h {
		headers[strings.ToLower(name)] = h.Get(name)
	}
	return proof{secret, headers, string(body), genuine}
}

// proofs are requests that were really sent, before and while a rotation overlaps, and what must not pass for them.
func proofs(t *testing.T, p *testkit.Program, name string) []proof {
	t.Helper()
	tenant, _ := tenantOf(t, p, name)
	receiver := testkit.NewReceiver(t, nil)
	hook := tenant.NewEndpoint(t, receiver.URL, object{"events": consumers[name].events})
	testkit.Post[api.Lead](t, tenant, "/api/v1/leads", lead, http.StatusCreated)
	first := receiver.Next(t)
	rotated := testkit.Post[api.WebhookSecret](t, tenant, "/api/v1/webhooks/"+hook.ID+"/rotate-secret", object{"grace": "1h"}, http.StatusOK)
	tenant.NewLead(t, "grace@example.com")
	second := receiver.Next(t)
	bare := first.Header.Clone()
	for header := range bare {
		if strings.Contains(header, "Signature") {
			bare.Del(header)
		}
	}
	out := []proof{
		proofOf(hook.Secret, first.Header, first.Body, true),
		proofOf(hook.Secret, second.Header, second.Body, true),
		proofOf(rotated.Secret, second.Header, second.Body, true),
		proofOf(rotated.Secret, first.Header, first.Body, false),
		proofOf(hook.Secret, first.Header, bytes.Replace(first.Body, []byte("Acme"), []byte("Evil"), 1), false),
		proofOf(hook.Secret, bare, first.Body, false),
		proofOf(hook.Secret, http.Header{}, first.Body, false),
	}
	if name == profile.Default {
		conventions, _ := profile.Find(name)
		old, err := conventions.Sign(profile.Secrets{Current: hook.Secret}, "evt_1", time.Now().Add(-time.Hour), first.Body)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, proofOf(hook.Secret, old, first.Body, false))
	}
	return out
}

// harness runs a snippet on proofs, which come as JSON on standard input, and prints what it says of each.
type harness struct {
	command []string
	file    string
	rest    string            // follows the snippet in its file
	files   map[string]string // beside it
}

var harnesses = map[string]harness{
	"Node": {command: []string{"node", "check.js"}, file: "check.js", rest: `
const proofs = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
console.log(proofs.map((p) => verify(p.secret, p.headers, Buffer.from(p.body))).join(' '));
`},
	"Python": {command: []string{"python3", "check.py"}, file: "check.py", rest: `

class AnyCase(dict):
    def get(self, name, default=None):
        return super().get(name.lower(), default)


import json
import sys

print(*("true" if verify(p["secret"], AnyCase(p["headers"]), p["body"].encode()) else "false" for p in json.loads(sys.stdin.buffer.read())))
`},
	"Go": {command: []string{"go", "run", "."}, file: "verify.go", files: map[string]string{"go.mod": "module check\n\ngo 1.26\n", "main.go": `package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	var proofs []struct {
		Secret, Body string
		Headers map[string]string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&proofs); err != nil {
		panic(err)
	}
	for i, p := range proofs {
		h := http.Header{}
		for name, value := range p.Headers {
			h.Set(name, value)
		}
		if i > 0 {
			fmt.Print(" ")
		}
		fmt.Print(Verify(p.Secret, h, []byte(p.Body)))
	}
}
`}},
}

func (h harness) run(t *testing.T, code string, all []proof) {
	t.Helper()
	path, err := exec.LookPath(h.command[0])
	if err != nil {
		t.Fatalf("%s is missing: what the catalogue shows is run with it. Install it; as root, `make test` does that by itself.", h.command[0])
	}
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(h.file, strings.Replace(code, "package webhooks", "package main", 1)+h.rest)
	for name, text := range h.files {
		write(name, text)
	}
	var want []string
	for _, p := range all {
		want = append(want, map[bool]string{true: "true", false: "false"}[p.Genuine])
	}
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, h.command[1:]...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(raw)
	out, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != strings.Join(want, " ") {
		t.Errorf("%v: says %s, and true is %s", err, out, strings.Join(want, " "))
	}
}

func TestTheCodeForVerifyingTellsGenuineRequestsFromOthers(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded)
	for name := range consumers {
		conventions, _ := profile.Find(name)
		if !conventions.SignedByDefault() {
			continue
		}
		t.Run(name, func(t *testing.T) {
			all := proofs(t, p, name)
			for _, s := range conventions.Snippets() {
				// Building Go costs seconds; its code differs between these two, and elsewhere in the header's name.
				if h, ok := harnesses[s.Language]; ok && (s.Language != "Go" || name == profile.Default || name == "leadie") {
					h.run(t, s.Code, all)
				}
			}
		})
	}
}

func TestTheCodeForVerifyingNamesWhatItNeedsInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, name := range profile.All() {
		p, _ := profile.Find(name)
		var languages []string
		for _, s := range p.Snippets() {
			languages = append(languages, s.Language)
			code := strings.ToLower(s.Code)
			headers := []string{"webhook-id", "webhook-timestamp", "webhook-signature", "whsec_", "v1,", "300", "base64"}
			if s.Language == "Go" {
				headers[5] = "5*time.minute"
			}
			if len(p.Headers) > 0 {
				headers = []string{strings.ToLower(p.Headers[0]), strings.ToLower(p.Headers[1])}
			}
			constantTime := map[string]string{"Go": "hmac.equal", "Node": "timingsafeequal", "Python": "compare_digest", "PHP": "hash_equals", "Ruby": "secure_compare", "Java": "messagedigest.isequal"}
			for _, want := range append(headers, constantTime[s.Language], "sha", "verify(") {
				if !strings.Contains(code, want) {
					t.Errorf("%s, %s: lacks %s", name, s.Language, want)
				}
			}
			if strings.Contains(code, "{{") || strings.Contains(code, "<no value>") {
				t.Errorf("%s, %s:\n%s", name, s.Language, s.Code)
			}
		}
		if want := []string{"Go", "Node", "Python", "PHP", "Ruby", "Java"}; !slices.Equal(languages, want) {
			t.Errorf("%s has %v", name, languages)
		}
		for _, h := range p.SignatureHeaders() {
			if !p.Sets(h.Name) {
				t.Errorf("%s does not send %s", name, h.Name)
			}
		}
	}
}
