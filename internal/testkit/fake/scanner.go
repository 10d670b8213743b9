package fake

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"testing"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

// Scanner finds leaked keys and reports them as GitHub does, with a list of public keys of its own.
type Scanner struct {
	*testkit.Receiver // of requests for the list
	key               *ecdsa.PrivateKey
}

// Leak is one match of a Scanner, in the form in which it is reported.
type Leak map[string]string

const (
	reports   = "/api/v1/secret-scanning"
	scannerID = "bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c"
)

// NewScanner starts a scanner. answer writes the answer to the n-th request for the list, from 1, given the list; nil
// answers with the list.
func NewScanner(t testing.TB, answer func(w http.ResponseWriter, list []byte, n int)) *Scanner {
	t.Helper()
	s := &Scanner{key: SigningKey(t)}
	list := PublicKeys(t, map[string]any{scannerID: &s.key.PublicKey})
	if answer == nil {
		answer = func(w http.ResponseWriter, list []byte, _ int) { _, _ = w.Write(list) }
	}
	s.Receiver = testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) { answer(w, list, n) })
	return s
}

// SigningKey makes a key to sign reports with.
func SigningKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// PublicKeys writes a list of public keys as GitHub does.
func PublicKeys(t testing.TB, keys map[string]any) []byte {
	t.Helper()
	var list struct {
		PublicKeys []map[string]any `json:"public_keys"`
	}
	for id, key := range keys {
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		list.PublicKeys = append(list.PublicKeys, map[string]any{"key_identifier": id, "key": string(text),
			"is_current": true})
	}
	raw, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// WithScanner starts a program that believes a scanner.
func WithScanner(s *Scanner) testkit.Option {
	return func(c *config.Config, _ *app.Options) { c.SecretScanningKeysURL = s.URL }
}

// Report signs a report, sends it to a program, and returns the answer.
func (s *Scanner) Report(t testing.TB, p *testkit.Program, found ...Leak) testkit.Answer {
	t.Helper()
	return s.ReportTo(t, p.URL, found...)
}

// ReportTo is Report to a program that runs in a process of its own.
func (s *Scanner) ReportTo(t testing.TB, base string, found ...Leak) testkit.Answer {
	t.Helper()
	body, err := json.Marshal(found)
	if err != nil {
		t.Fatal(err)
	}
	return s.send(t, base, body, "Github-Public-Key-Signature", s.Sign(t, body))
}

// Send sends a report that need not be one; headers are names and values in turn.
func (s *Scanner) Send(t testing.TB, p *testkit.Program, body []byte, headers ...string) testkit.Answer {
	t.Helper()
	return s.send(t, p.URL, body, headers...)
}

func (s *Scanner) send(t testing.TB, base string, body []byte, headers ...string) testkit.Answer {
	t.Helper()
	headers = append([]string{"Github-Public-Key-Identifier", scannerID}, headers...)
	return testkit.NewClient(base, "").Call(t, http.MethodPost, reports, body, headers...)
}

// Sign signs the bytes of a body.
func (s *Scanner) Sign(t testing.TB, body []byte) string {
	t.Helper()
	digest := sha256.Sum256(body)
	raw, err := ecdsa.SignASN1(rand.Reader, s.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}
