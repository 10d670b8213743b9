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
			t.Fatalf("it remembers %d", len(f.young)+len(f.old))
		}
	}
	if f.has("1") || !f.has("999") || !f.has("901") {
		t.Error("it forgot the wrong ones")
	}
	f.remove("999")
	f.remove("850")
	if f.has("999") || f.has("850") || f.has("") {
		t.Error("it knows keys that don't work any more")
	}
}

func TestPeriodsAreWrittenAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{time.Minute: "1m", time.Hour: "1h", 90 * time.Minute: "1h30m",
		1500 * time.Millisecond: "1.5s", 10 * time.Second: "10s"} {
		if got := words(d); got != want {
			t.Errorf("%s is written as %s", d, got)
		}
	}
}
