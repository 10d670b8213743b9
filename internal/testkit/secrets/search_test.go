package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"testing"
)

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
