package apikey

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// keys draws any well-formed key, from the generator of the property and not from the machine's, so that a failure
// can be repeated.
func keys() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		body := rapid.SampledFrom(prefixes).Draw(t, "prefix") + rapid.StringMatching(`[0-9A-Za-z]{30}`).
			Draw(t, "random")
		return body + checksum(body)
	})
}

func TestGeneratedKeysAreWellFormedAndUnique(t *testing.T) {
	t.Parallel()
	seen, used := map[string]bool{}, map[rune]bool{}
	for range 2000 {
		for _, prefix := range []string{"hk_live_", "hk_test_", "ixk_"} {
			key := Generate(prefix)
			if !WellFormed(key) || seen[key] || len(key) != len(prefix)+30+6 || !strings.HasPrefix(key, prefix) {
				t.Fatalf("%q", key)
			}
			seen[key] = true
			for _, c := range key[len(prefix):] {
				used[c] = true
			}
		}
	}
	if len(used) != 62 {
		t.Errorf("%d different characters in 6000 keys instead of 62", len(used))
	}
}

func TestRandomTextHasTheLengthAskedForAndFavoursNoCharacter(t *testing.T) {
	t.Parallel()
	const each = 1000
	counts := map[rune]int{}
	for _, n := range []int{0, 1, 30, 63, 64, 65, 62 * each} {
		text := randomText(n)
		if len(text) != n || strings.Trim(text, alphabet) != "" {
			t.Fatalf("%d characters asked for, %d drawn", n, len(text))
		}
		if n == 62*each {
			for _, c := range text {
				counts[c]++
			}
		}
	}
	// ±25 % is 8 standard deviations; taking bytes modulo 62 would put the first ones at +21 … +25 %
	for c, n := range counts {
		if n < each*3/4 || n > each*5/4 {
			t.Errorf("%q was drawn %d times instead of about %d", c, n, each)
		}
	}
}

// TestTheChecksumIsThis because keys that were handed out must pass in every later version.
func TestTheChecksumIsThis(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"hk_live_0000000000000000000000000000000g079H",
		"hk_test_0123456789ABCDEFGHIJabcdefghij1SjUfk"} {
		if !WellFormed(key) {
			t.Errorf("%q is refused", key)
		}
	}
}

func TestAKeyWithOneWrongCharacterIsRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := keys().Draw(t, "key")
		if !WellFormed(key) {
			t.Fatalf("%q is refused", key)
		}
		at, to := rapid.IntRange(0, len(key)-1).Draw(t, "position"), rapid.Byte().Draw(t, "character")
		if changed := key[:at] + string([]byte{to}) + key[at+1:]; changed != key && WellFormed(changed) {
			t.Errorf("%q passes for %q", changed, key)
		}
	})
}

func TestAKeyWithTwoNeighboursSwappedIsRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := keys().Draw(t, "key")
		at := rapid.IntRange(0, len(key)-2).Draw(t, "position")
		if swapped := key[:at] + key[at+1:at+2] + key[at:at+1] + key[at+2:]; swapped != key && WellFormed(swapped) {
			t.Errorf("%q passes for %q", swapped, key)
		}
	})
}

func TestAKeyOfAnotherLengthOrPrefixIsRefused(t *testing.T) {
	t.Parallel()
	withChecksum := func(body string) string { return body + checksum(body) }
	random := strings.Repeat("a", 30)
	if !WellFormed(withChecksum("hk_live_"+random)) || !WellFormed(withChecksum("hk_test_"+random)) {
		t.Fatal("the cases stand on keys that are refused")
	}
	for _, text := range []string{
		"", "hk_", "hk_live_", "hk_test_", checksum(""),
		withChecksum("hk_live_"), withChecksum("hk_live_" + random[1:]), withChecksum("hk_live_" + random + "a"),
		withChecksum("hk_live_" + random)[1:], withChecksum("hk_live_"+random) + "a", withChecksum("hk_live_"+random) +
			"\n",
		withChecksum("hk_prod_" + random), withChecksum("HK_LIVE_" + random), withChecksum("xx_live_" + random),
		withChecksum("hk_op___" + random), withChecksum(" hk_live" + random), withChecksum("hk__" + random),
	} {
		if WellFormed(text) {
			t.Errorf("%q passes", text)
		}
	}
}

func FuzzWellFormed(f *testing.F) {
	f.Add(Generate("hk_live_"))
	f.Add("hk_test_")
	f.Add("hk_live_" + strings.Repeat("\xff", 36))
	f.Fuzz(func(t *testing.T, text string) {
		if !WellFormed(text) {
			return
		}
		body := text[:len(text)-6]
		prefix := text[:strings.LastIndex(text[:len(text)-36], "_")+1]
		if len(text) != len(prefix)+36 || checksum(body) != text[len(body):] || !slices.Contains(prefixes, prefix) {
			t.Errorf("%q passes", text)
		}
	})
}

func TestTheHintShowsTheFirstCharacters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := keys().Draw(t, "key")
		if hint := Hint(key, 12); hint != key[:12] {
			t.Errorf("%q is hinted at as %q", key, hint)
		}
		text, shown := rapid.String().Draw(t, "text"), rapid.IntRange(0, 20).Draw(t, "shown")
		if hint := Hint(text, shown); len(hint) > shown || !strings.HasPrefix(text, hint) {
			t.Errorf("%q is hinted at as %q", text, hint)
		}
	})
}

func TestKeysAreFoundInTextsAlsoInPart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := keys().Draw(t, "key")
		cut := key[:rapid.IntRange(len(key)-28, len(key)).Draw(t, "length")]
		for _, text := range []string{key, "Bearer " + key, "key=" + cut + "&x=1", cut} {
			if !Carried(text) {
				t.Errorf("%q is not seen in %q", key, text)
			}
		}
	})
	for _, text := range []string{"", "hk_live_", "ixk_a1B2", "the matrixk_abcdefghijk", "hk_live_a1B2…",
		"key_01jd4x2m9qe4fv0w3n7q1x5z8k"} {
		if Carried(text) {
			t.Errorf("%q carries no key", text)
		}
	}
}

func TestTheHashOfAKeyIsItsSHA256(t *testing.T) {
	t.Parallel()
	want := sha256.Sum256([]byte("hk_live_x"))
	if got := Hash("hk_live_x"); !bytes.Equal(got, want[:]) || bytes.Equal(got, Hash("hk_live_y")) {
		t.Errorf("%x", got)
	}
}
