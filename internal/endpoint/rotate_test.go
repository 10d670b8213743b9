package endpoint

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hookline/hookline/internal/problem"
)

// TestEachReplacedSecretIsValidUntilItsOwnEnd rotates at random moments with random graces, and compares which secrets
// sign against a plain list of when each was valid.
func TestEachReplacedSecretIsValidUntilItsOwnEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)
		secrets := Secrets{Current: "s0"}
		ends := map[string]time.Time{} // of every secret that was replaced
		for i := range rapid.IntRange(1, 12).Draw(t, "rotations") {
			now = now.Add(time.Duration(rapid.IntRange(0, 48).Draw(t, "hours later")) * time.Hour)
			grace := time.Duration(rapid.IntRange(0, 168).Draw(t, "grace")) * time.Hour
			next := fmt.Sprint("s", i+1)
			if len(ends) > 0 && rapid.IntRange(0, 4).Draw(t, "again") == 0 {
				next = "s0" // one that was used before
			}
			rotated, err := secrets.Rotate(next, grace, now)
			if refused := (*problem.Error)(nil); errors.As(err, &refused) {
				full := refused.Code == problem.Conflict && len(secrets.ValidAt(now)) >= maxPrevious
				if same := refused.Code == problem.ValidationFailed && next == secrets.Current; !same && !full {
					t.Fatalf("rotation: got %v with %d valid, want it refused for the current secret or at the "+
						"limit only", err, len(secrets.ValidAt(now)))
				}
				continue
			}
			if grace == 0 {
				clear(ends)
			} else {
				ends[secrets.Current] = now.Add(grace)
			}
			delete(ends, next)
			secrets = rotated
			if secrets.Current != next {
				t.Fatalf("current secret: got %s, want %s", secrets.Current, next)
			}
			at := now.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "look later")) * time.Hour)
			var want []string
			for text, end := range ends {
				if at.Before(end) {
					want = append(want, text)
				}
			}
			got := secrets.signing(at).Previous
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Fatalf("%v sign at %s instead of %v", got, at, want)
			}
		}
	})
}

func TestAReplacedSecretEndsAtTheVeryMoment(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)
	s, err := Secrets{Current: "a"}.Rotate("b", time.Hour, now)
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]int{0: 1, time.Hour - time.Microsecond: 1, time.Hour: 0,
		2 * time.Hour: 0} {
		if got := s.ValidAt(now.Add(after)); len(got) != want {
			t.Errorf("valid after %s: got %v, want %d", after, got, want)
		}
	}
}

func TestAnOwnSecretHasTheFormOfItsProfile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		profile, text string
		good          bool
	}{
		{"hookline", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", true},
		{"hookline", "whsec_c2hvcnQ=", false}, {"hookline", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD", false},
		{"hookline", "whsec_" + strings.Repeat("A", 200), false}, {"hookline", "a perfectly fine secret", false},
		{"hookline", "", false},
		{"leadie", "0123456789abcdef", true}, {"leadie", "0123456789abcde", false},
		{"leadie", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", true},
		{"leadie", strings.Repeat("a", 256), true}, {"leadie", strings.Repeat("a", 257), false},
		{"leadie", "0123456789abcde\n", false}, {"leadie", "0123456789abcdé!", false}, {"leadie", "0123456789 abcdef",
			false},
	} {
		message := checkSecret(c.profile, c.text)
		if (message == "") != c.good || (c.text != "" && strings.Contains(message, c.text)) {
			t.Errorf("%s %q: got %q, want good: %t, without the secret", c.profile, c.text, message, c.good)
		}
	}
}
