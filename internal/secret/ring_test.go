package secret

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

func TestParseRingTakesAKeyInEachForm(t *testing.T) {
	t.Parallel()
	raw := bytes.Repeat([]byte{0xfb, 0xff}, 16) // gives + and / in std, - and _ in URL
	want := newRing(t, base64.StdEncoding.EncodeToString(raw)).IDs()[0]
	tests := map[string]struct {
		in string
		ok bool
	}{
		"std":           {base64.StdEncoding.EncodeToString(raw), true},
		"raw std":       {base64.RawStdEncoding.EncodeToString(raw), true},
		"url":           {base64.URLEncoding.EncodeToString(raw), true},
		"raw url":       {base64.RawURLEncoding.EncodeToString(raw), true},
		"with line end": {base64.StdEncoding.EncodeToString(raw) + "\r\n", true},
		"empty":         {"", false},
		"separators":    {" ,\n", false},
		"31 bytes":      {base64.StdEncoding.EncodeToString(raw[:31]), false},
		"33 bytes":      {base64.StdEncoding.EncodeToString(append(raw[:32:32], 1)), false},
		"hex":           {strings.Repeat("ab", 32), false},
		"passphrase":    {"correct-horse-battery-staple", false},
		"stray bits at end": {strings.TrimRight(base64.StdEncoding.EncodeToString(make([]byte, 32)), "A=") +
			strings.Repeat("A", 42) + "B", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseRing(tt.in)
			if tt.ok {
				if err != nil || len(got.IDs()) != 1 || got.IDs()[0] != want {
					t.Errorf("ParseRing: got %v, %v, want the key %s", got, err, want)
				}
				return
			}
			if err == nil {
				t.Fatal("ParseRing: got no error, want one")
			}
			if !strings.Contains(err.Error(), "openssl rand -base64 32") {
				t.Errorf("error: got %q, want it to say how to make a key", err)
			}
			if text := strings.Trim(tt.in, " ,\n"); text != "" && strings.Contains(err.Error(), text) {
				t.Errorf("error: got %q, which contains the key", err)
			}
		})
	}
}

func TestTheFirstKeyOfARingSealsAndAllOpen(t *testing.T) {
	t.Parallel()
	a, b, c := GenerateKey(), GenerateKey(), GenerateKey()
	idA, idB := newRing(t, a).IDs()[0], newRing(t, b).IDs()[0]
	for _, text := range []string{a + "," + b, a + " " + b, a + "\n" + b + "\n", " " + a + " ,\t" + b + ", "} {
		ring, err := ParseRing(text)
		if err != nil {
			t.Fatal(err)
		}
		if ids := ring.IDs(); len(ids) != 2 || ids[0] != idA || ids[1] != idB {
			t.Errorf("keys of the ring: got %v, want %s and %s", ids, idA, idB)
		}
		if id, _ := KeyOf(ring.Seal(SignIn, nil)); id != idA {
			t.Errorf("key that seals: got %s, want the first, %s", id, idA)
		}
		for _, k := range []string{a, b} {
			if _, err := ring.Open(SignIn, newRing(t, k).Seal(SignIn, nil)); err != nil {
				t.Errorf("value sealed under a key of the ring: got %v, want it to open", err)
			}
		}
		var unknown *UnknownKeyError
		_, err = ring.Open(SignIn, newRing(t, c).Seal(SignIn, nil))
		if want := newRing(t, c).IDs()[0]; !errors.As(err, &unknown) || unknown.ID != want ||
			!strings.Contains(err.Error(), want.String()) ||
			!strings.Contains(err.Error(), "HOOKLINE_ENCRYPTION_KEYS") {
			t.Errorf("value sealed under another key: got %v, want an error that names %s and the variable", err, want)
		}
	}
}

func TestARingNamesTheKeyThatIsWrong(t *testing.T) {
	t.Parallel()
	a, b := GenerateKey(), GenerateKey()
	for text, want := range map[string]string{
		a + ",short":       "key 2 ",
		a + "," + b + ",!": "key 3 is not base64",
		a + "\n" + b + "\n" + strings.TrimRight(a, "="): "keys 1 and 3 have the same id",
	} {
		if _, err := ParseRing(text); err == nil || !strings.HasPrefix(err.Error(), want) ||
			strings.Contains(err.Error(), a) || strings.Contains(err.Error(), b) {
			t.Errorf("ParseRing: got %v, want an error that begins with %q and contains no key", err, want)
		}
	}
}

func TestGenerateKeyIsFresh(t *testing.T) {
	t.Parallel()
	if a, b := GenerateKey(), GenerateKey(); a == b {
		t.Error("two generated keys: got the same, want different ones")
	}
}

// The format is fixed: values that were stored must open in every later version.
func TestAStoredValueOpens(t *testing.T) {
	t.Parallel()
	ring := newRing(t, base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)))
	const (
		id     = "1307fd50"
		stored = "ARMH/VBXFlm23LcxjN9t+Qio0oLZSLEGfL2SYNwdpx+PXhHIFQA+7ZCjGIlKhNr6s6J2kCkiue1y7A=="
	)
	sealed, err := base64.StdEncoding.DecodeString(stored)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ring.Open(EndpointSecret, sealed, "tnt_1", "whe_1")
	if err != nil || string(got) != "whsec_example" || ring.IDs()[0].String() != id {
		t.Errorf("stored value: got %q, %v under %s, want it to open under %s", got, err, ring.IDs()[0], id)
	}
}
