package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"testing"

	"github.com/hookline/hookline/internal/secret"
)

func TestASealedValueIsFoundInEveryForm(t *testing.T) {
	t.Parallel()
	ring, err := secret.ParseRing(secret.GenerateKey() + "," + secret.GenerateKey())
	if err != nil {
		t.Fatal(err)
	}
	ids := ring.IDs()
	s := search{keys: map[secret.KeyID]bool{ids[0]: true}}
	sealed := ring.Seal(secret.EndpointSecret, []byte("plain"))
	for name, v := range map[string][]byte{
		"as it is": sealed, "in hex": []byte(hex.EncodeToString(sealed)),
		"in base64":             []byte(base64.StdEncoding.EncodeToString(sealed)),
		"in base64 for URLs":    []byte(base64.RawURLEncoding.EncodeToString(sealed)),
		"only as far as its id": secret.Prefix(ids[0]),
	} {
		if !s.sealed(v) {
			t.Errorf("sealed value %s: got it not found, want it found", name)
		}
	}
	for _, v := range [][]byte{nil, {}, sealed[:4], sealed[1:], []byte("whe_01jd4x2m9qe4fv0w3n7q1x5z8k"), {1},
		secret.Prefix(ids[1])} {
		if s.sealed(v) {
			t.Errorf("%q: got it taken for a sealed value, want not", v)
		}
	}
}

func TestASecretIsFoundInEveryForm(t *testing.T) {
	t.Parallel()
	const key, signing = "hk_live_0123456789abcdef", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	raw, err := base64.StdEncoding.DecodeString(signing)
	if err != nil {
		t.Fatal(err)
	}
	n := newNeedles([]string{key, signing, "a short one"})
	for name, text := range map[string]string{
		"alone": key, "at the end": "x " + key, "at the beginning": key + " x", "in the middle": "{\"key\":\"" + key +
			"\"}",
		"in hex": hex.EncodeToString([]byte(key)), "in base64": base64.StdEncoding.EncodeToString([]byte(key)),
		"in a URL": "https://x.test/?k=" + key + "&a=b", "another": "whsec_" + signing, "what it stands for": "x" +
			string(raw) + "y",
		"that in hex": hex.EncodeToString(raw),
	} {
		if n.in([]byte(text)) == nil {
			t.Errorf("secret %s: got it not found, want it found", name)
		}
	}
	for _, text := range []string{"", "x", key[:23], key[1:], "a short one", "hk_live_0123456789abcdeg", signing[1:]} {
		if found := n.in([]byte(text)); found != nil {
			t.Errorf("secret: got %q found in %q, want none", found, text)
		}
	}
}
