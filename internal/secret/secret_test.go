package secret

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func newRing(t interface {
	Helper()
	Fatal(...any)
}, keys ...string) *Ring {
	t.Helper()
	if len(keys) == 0 {
		keys = []string{GenerateKey()}
	}
	var text string
	for _, k := range keys {
		text += k + ","
	}
	r, err := ParseRing(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What is sealed opens to the same bytes, for its own purpose, names and key only, and not after any single byte was
// changed or any tail cut off.
func TestSealOpen(t *testing.T) {
	t.Parallel()
	ring, other := newRing(t), newRing(t)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "plain")
		purpose := Purpose(rapid.IntRange(0, int(purposes)-1).Draw(t, "purpose"))
		bound := rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "bound")
		sealed := ring.Seal(purpose, plain, bound...)

		if got, err := ring.Open(purpose, sealed, bound...); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("Open: got %x, %v, want %x", got, err, plain)
		}
		refused := func(what string, r *Ring, p Purpose, sealed []byte, bound []string) {
			t.Helper()
			if got, err := r.Open(p, sealed, bound...); got != nil || !errors.Is(err, ErrOpen) {
				t.Fatalf("Open with %s: got %x, %v, want ErrOpen", what, got, err)
			}
		}
		refused("another key", other, purpose, sealed, bound)
		refused("another purpose", ring, (purpose+1)%purposes, sealed, bound)
		refused("one more name", ring, purpose, sealed, append(slices.Clone(bound), ""))
		if len(bound) > 1 {
			joined := append([]string{bound[0] + bound[1]}, bound[2:]...)
			refused("two names joined", ring, purpose, sealed, joined)
		}
		changed := bytes.Clone(sealed)
		changed[rapid.IntRange(0, len(sealed)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		refused("a changed byte", ring, purpose, changed, bound)
		cut := sealed[:rapid.IntRange(0, len(sealed)-1).Draw(t, "length")]
		refused("bytes missing", ring, purpose, cut, bound)
		refused("one more byte", ring, purpose, append(bytes.Clone(sealed), 0), bound)
	})
}

func TestEachPurposeHasANameAndASubKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	seen := map[string]bool{}
	for p := range purposes {
		if name := p.String(); name == "" || seen[name] {
			t.Errorf("name of purpose %d: got %q, want one of its own", p, name)
		}
		seen[p.String()] = true
		sealed := ring.Seal(p, []byte("plain"), "tnt_1", "whe_1")
		for q := range purposes {
			// The additional data alone would refuse it, too: this is about the sub-key.
			ad := additional(ring.keys[0].id, p, []string{"tnt_1", "whe_1"})
			_, err := ring.keys[0].aeads[q].Open(nil, sealed[prefixSize:prefixSize+24], sealed[prefixSize+24:], ad)
			if (err == nil) != (p == q) {
				t.Errorf("value for %q under the sub-key for %q: got %v, want it to open only for its own", p, q, err)
			}
		}
	}
}

func TestSealIsRandomizedAndOpaque(t *testing.T) {
	t.Parallel()
	ring, plain := newRing(t), []byte("whsec_plaintext-plaintext")
	a, b := ring.Seal(AlertTarget, plain, "c"), ring.Seal(AlertTarget, plain, "c")
	if bytes.Equal(a[prefixSize:prefixSize+24], b[prefixSize:prefixSize+24]) {
		t.Error("sealing twice: got the same nonce, want another one")
	}
	if bytes.Contains(a, plain[:8]) {
		t.Error("the sealed value contains the plain one")
	}
	if want := 1 + 4 + 24 + len(plain) + 16; len(a) != want || !bytes.HasPrefix(a, Prefix(ring.IDs()[0])) {
		t.Errorf("sealed value: got %d bytes that begin with %x, want %d that begin with %x", len(a), a[:5], want,
			Prefix(ring.IDs()[0]))
	}
}

func TestResealChangesTheKeyAndNothingElse(t *testing.T) {
	t.Parallel()
	a, b := GenerateKey(), GenerateKey()
	onlyA, both, onlyB := newRing(t, a), newRing(t, a, b), newRing(t, b)
	idA, idB := both.IDs()[0], both.IDs()[1]
	sealed := onlyA.Seal(EndpointAuth, []byte("plain"), "tnt_1")

	resealed, err := both.Reseal(idB, EndpointAuth, sealed, "tnt_1") // also when the key is not the first
	if err != nil {
		t.Fatal(err)
	}
	if id, ok := KeyOf(resealed); !ok || id != idB {
		t.Errorf("key of the resealed value: got %s, %v, want %s", id, ok, idB)
	}
	if got, err := onlyB.Open(EndpointAuth, resealed, "tnt_1"); err != nil || string(got) != "plain" {
		t.Errorf("resealed value under the new key: got %q, %v, want it to open", got, err)
	}
	var unknown *UnknownKeyError
	if _, err := onlyA.Open(EndpointAuth, resealed, "tnt_1"); !errors.As(err, &unknown) || unknown.ID != idB {
		t.Errorf("resealed value under the old key: got %v, want an error that names the key %s", err, idB)
	}
	if _, err := onlyB.Reseal(idB, EndpointAuth, sealed, "tnt_1"); !errors.As(err, &unknown) || unknown.ID != idA {
		t.Errorf("resealing without the old key: got %v, want an error that names the key %s", err, idA)
	}
	if _, err := onlyA.Reseal(idB, EndpointAuth, sealed, "tnt_1"); !errors.As(err, &unknown) || unknown.ID != idB {
		t.Errorf("resealing without the new key: got %v, want an error that names the key %s", err, idB)
	}
	if _, err := both.Reseal(idB, EndpointAuth, sealed, "tnt_2"); !errors.Is(err, ErrOpen) || errors.As(err, &unknown) {
		t.Errorf("resealing for another tenant: got %v, want ErrOpen", err)
	}
}

func FuzzOpen(f *testing.F) {
	ring := newRing(f)
	good := ring.Seal(EndpointSecret, []byte("plain"), GenerateKey()) // bound to what nobody guesses
	f.Add([]byte{}, uint8(0), "")
	f.Add([]byte{version}, uint8(0), "c")
	f.Add(Prefix(ring.IDs()[0]), uint8(1), "c")
	f.Add(bytes.Repeat([]byte{version}, minSize), uint8(2), "c")
	f.Add(good[:len(good)-1], uint8(0), "tnt_1")
	f.Add(good, uint8(1), "tnt_1")
	f.Fuzz(func(t *testing.T, sealed []byte, purpose uint8, bound string) {
		plain, err := ring.Open(Purpose(purpose)%purposes, sealed, bound)
		if plain != nil || !errors.Is(err, ErrOpen) {
			t.Errorf("Open of a value nobody sealed: got %x, %v, want ErrOpen", plain, err)
		}
	})
}
