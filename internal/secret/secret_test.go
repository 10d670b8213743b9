package secret

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func newBox(t interface{ Fatal(...any) }) *Box {
	key, err := ParseKey(GenerateKey())
	if err != nil {
		t.Fatal(err)
	}
	box, err := NewBox(key)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func TestNewBoxKeySize(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 16, 24, 31, 33, 64} {
		if box, err := NewBox(make([]byte, size)); err == nil || box != nil {
			t.Errorf("NewBox accepts %d bytes", size)
		}
	}
	if _, err := NewBox(make([]byte, 32)); err != nil {
		t.Errorf("NewBox refuses 32 bytes: %v", err)
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte{0xfb, 0xff}, 16) // gives + and / in std, - and _ in URL
	tests := map[string]struct {
		in string
		ok bool
	}{
		"std":           {base64.StdEncoding.EncodeToString(key), true},
		"raw std":       {base64.RawStdEncoding.EncodeToString(key), true},
		"url":           {base64.URLEncoding.EncodeToString(key), true},
		"raw url":       {base64.RawURLEncoding.EncodeToString(key), true},
		"with line end": {base64.StdEncoding.EncodeToString(key) + "\n", true},
		"empty":         {"", false},
		"31 bytes":      {base64.StdEncoding.EncodeToString(key[:31]), false},
		"33 bytes":      {base64.StdEncoding.EncodeToString(append(key[:32:32], 1)), false},
		"hex":           {strings.Repeat("ab", 32), false},
		"passphrase":    {"correct horse battery staple", false},
		"stray bits at end": {strings.TrimRight(base64.StdEncoding.EncodeToString(make([]byte, 32)), "A=") +
			strings.Repeat("A", 42) + "B", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseKey(tt.in)
			if tt.ok {
				if err != nil || !bytes.Equal(got, key) {
					t.Errorf("ParseKey = %x, %v; want %x", got, err, key)
				}
				return
			}
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), "openssl rand -base64 32") {
				t.Errorf("error %q does not say how to make a key", err)
			}
			if tt.in != "" && strings.Contains(err.Error(), tt.in) {
				t.Errorf("error %q contains the key", err)
			}
		})
	}
}

func TestGenerateKeyIsFresh(t *testing.T) {
	t.Parallel()
	if a, b := GenerateKey(), GenerateKey(); a == b {
		t.Error("two keys are equal")
	}
}

// What is sealed opens to the same bytes, under its own context and key only,
// and not after any single byte was changed or any tail cut off.
func TestSealOpen(t *testing.T) {
	t.Parallel()
	box, other := newBox(t), newBox(t)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "plain")
		context := rapid.String().Draw(t, "context")
		sealed := box.Seal(plain, context)

		if got, err := box.Open(sealed, context); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("Open = %x, %v; want %x", got, err, plain)
		}
		refused := func(what string, b *Box, sealed []byte, context string) {
			t.Helper()
			if got, err := b.Open(sealed, context); got != nil || !errors.Is(err, ErrOpen) {
				t.Fatalf("%s: Open = %x, %v; want ErrOpen", what, got, err)
			}
		}
		refused("another key", other, sealed, context)
		refused("another context", box, sealed, context+"x")
		changed := bytes.Clone(sealed)
		changed[rapid.IntRange(0, len(sealed)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		refused("changed", box, changed, context)
		refused("cut", box, sealed[:rapid.IntRange(0, len(sealed)-1).Draw(t, "length")], context)
		refused("extended", box, append(bytes.Clone(sealed), 0), context)
	})
}

func TestSealIsRandomizedAndOpaque(t *testing.T) {
	t.Parallel()
	box, plain := newBox(t), []byte("whsec_plaintext-plaintext")
	a, b := box.Seal(plain, "c"), box.Seal(plain, "c")
	if bytes.Equal(a, b) {
		t.Error("sealing twice gives the same bytes")
	}
	if bytes.Contains(a, plain[:8]) {
		t.Error("the sealed value shows the plain one")
	}
	if want := 1 + 12 + len(plain) + 16; len(a) != want || a[0] != sealedV1 {
		t.Errorf("sealed value has %d bytes and version %d, want %d and %d", len(a), a[0], want, sealedV1)
	}
}

func FuzzOpen(f *testing.F) {
	box := newBox(f)
	f.Add([]byte{}, "")
	f.Add([]byte{sealedV1}, "c")
	f.Add(bytes.Repeat([]byte{sealedV1}, 29), "c")
	f.Fuzz(func(t *testing.T, sealed []byte, context string) {
		if plain, err := box.Open(sealed, context); plain != nil || !errors.Is(err, ErrOpen) {
			t.Errorf("Open = %x, %v for a value nobody sealed", plain, err)
		}
	})
}
