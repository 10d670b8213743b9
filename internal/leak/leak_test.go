package leak

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"unicode/utf8"
)

func generate(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func pemOf(t testing.TB, public any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func listOf(t testing.TB, keys map[string]string) []byte {
	t.Helper()
	var list struct {
		PublicKeys []map[string]any `json:"public_keys"`
	}
	for id, text := range keys {
		list.PublicKeys = append(list.PublicKeys, map[string]any{"key_identifier": id, "key": text,
			"is_current": false})
	}
	raw, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func sign(t testing.TB, key *ecdsa.PrivateKey, body []byte) string {
	t.Helper()
	digest := sha256.Sum256(body)
	raw, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// TestGitHubsOwnExampleIsSigned checks the verification with the example in GitHub's documentation; the key is the
// one that GitHub's list has under the identifier bcb53661c06b….
func TestGitHubsOwnExampleIsSigned(t *testing.T) {
	t.Parallel()
	const (
		identifier = "bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c"
		public     = "-----BEGIN PUBLIC " +
			"KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\nAjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==\n-----END PUBLIC KEY-----\n"
		signature = "MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg=="
		body      = `[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]`
	)
	keys, err := parseKeys(listOf(t, map[string]string{identifier: public}))
	if err != nil || !signed(keys[identifier], signature, []byte(body)) {
		t.Errorf("GitHub's example: got it invalid (%v), want it signed", err)
	}
	if signed(keys[identifier], signature, []byte(body+"\n")) {
		t.Error("GitHub's example with a byte more: got it signed, want it invalid")
	}
}

func TestOnlyECDSAKeysOnP256AreTaken(t *testing.T) {
	t.Parallel()
	good := generate(t, elliptic.P256())
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	edKey, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	others := map[string]string{
		"rsa": pemOf(t, &rsaKey.PublicKey), "ed25519": pemOf(t, edKey),
		"p384": pemOf(t, &generate(t, elliptic.P384()).PublicKey),
		"p521": pemOf(t, &generate(t, elliptic.P521()).PublicKey), "no pem": "hello",
		"no der": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
		"":       pemOf(t, &good.PublicKey),
	}
	if keys, err := parseKeys(listOf(t, others)); err == nil {
		t.Errorf("keys of another kind: got %v, want an error", keys)
	}
	others["good"] = pemOf(t, &good.PublicKey)
	keys, err := parseKeys(listOf(t, others))
	if err != nil || len(keys) != 1 || !keys["good"].Equal(&good.PublicKey) {
		t.Errorf("keys: got %v, %v, want the good one", keys, err)
	}
}

func TestPlacesAreCutBetweenCharactersAndHideAllTokens(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, token, want string }{
		"short":       {"https://example.com", "secret", "https://example.com"},
		"empty token": {"abc", "", "abc"},
		"the token":   {"/secret/x/secret", "secret", "/…/x/…"},
		"nothing":     {"", "secret", ""},
	} {
		got := clean([]Find{{Token: "other"}, {Token: c.token, URL: c.text, Source: c.text + "?other"}})
		if got[1].Token != c.token || got[1].URL != c.want || got[1].Source != c.want+"?…" {
			t.Errorf("%s: got %+v, want the place %q without the token", name, got[1], c.want)
		}
	}
	for extra := range 3 {
		long := strings.Repeat("x", extra) + strings.Repeat("€", maxURL)
		found := clean([]Find{{Token: "t", URL: long, Source: long}})[0]
		url, source := found.URL, found.Source
		if len(url) > maxURL || len(url) < maxURL-2 || !utf8.ValidString(url) || len(source) > maxSource ||
			!utf8.ValidString(source) {
			t.Errorf("place: got %d and %d bytes, %q, want them cut to valid UTF-8", len(url), len(source), source)
		}
	}
}

func FuzzSigned(f *testing.F) {
	key := generate(f, elliptic.P256())
	body := []byte(`[{"token":"x","type":"t"}]`)
	good := sign(f, key, body)
	f.Add(good, body)
	f.Add("", body)
	f.Add("MAA=", body)
	f.Add("MAYCAQACAQA=", []byte{})
	f.Add(good[:40], body)
	f.Fuzz(func(t *testing.T, signature string, other []byte) {
		// Nobody but the key's holder makes a signature, so only the one that was made may be good.
		if signed(&key.PublicKey, signature, other) != (signature == good && string(other) == string(body)) {
			t.Errorf("signature %q over %q: got another verdict, want good for the signed body only", signature,
				other)
		}
	})
}

func FuzzParseKeys(f *testing.F) {
	key := generate(f, elliptic.P256())
	f.Add(listOf(f, map[string]string{"a": pemOf(f, &key.PublicKey)}))
	f.Add([]byte(`{"public_keys":[{"key_identifier":"a","key":null}]}`))
	f.Add([]byte(`{"public_keys":{}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, list []byte) {
		keys, err := parseKeys(list)
		if (err == nil) != (len(keys) > 0) {
			t.Errorf("got %v, %v, want keys or an error", keys, err)
		}
		for id, k := range keys {
			if id == "" || k.Curve != elliptic.P256() {
				t.Errorf("key %q: got %v, want a name and P-256", id, k)
			}
		}
	})
}
