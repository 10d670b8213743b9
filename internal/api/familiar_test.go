package api

import (
	"fmt"
	"hash/maphash"
	"testing"
	"time"
)

func TestFamiliarKeysAreForgottenOldestFirstAndInTime(t *testing.T) {
	t.Parallel()
	f := familiar{seed: maphash.MakeSeed(), capacity: 100}
	for i := range 1000 {
		f.add(fmt.Sprint(i))
		f.add(fmt.Sprint(i))
		if len(f.young)+len(f.old) > 200 {
			t.Fatalf("remembered keys: got %d, want at most 200", len(f.young)+len(f.old))
		}
	}
	if f.has("1") || !f.has("999") || !f.has("901") {
		t.Errorf("remembered keys: got 1: %t, 999: %t, 901: %t, want the latest only", f.has("1"), f.has("999"),
			f.has("901"))
	}
	f.remove("999")
	f.remove("850")
	if f.has("999") || f.has("850") || f.has("") {
		t.Errorf("remembered keys: got 999: %t, 850: %t, empty: %t, want none of them", f.has("999"), f.has("850"),
			f.has(""))
	}
}

func TestPeriodsAreWrittenAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{time.Minute: "1m", time.Hour: "1h", 90 * time.Minute: "1h30m",
		1500 * time.Millisecond: "1.5s", 10 * time.Second: "10s"} {
		if got := words(d); got != want {
			t.Errorf("words(%s): got %q, want %q", d, got, want)
		}
	}
}
