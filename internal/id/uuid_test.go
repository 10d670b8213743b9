package id_test

import (
	"testing"
	"time"

	"go.jetify.com/typeid"

	"github.com/hookline/hookline/internal/id"
)

func TestAUUIDIsThatOfItsTypeID(t *testing.T) {
	t.Parallel()
	for range 1000 {
		text := id.New(id.Event)
		u, err := id.Parse(text)
		if err != nil {
			t.Fatalf("%s: got error %v, want none", text, err)
		}
		known := typeid.Must(typeid.FromString(text))
		if u.String() != known.UUID() || u.TypeID(id.Event) != text {
			t.Fatalf("%s: got %s and %s, want %s and the same", text, u, u.TypeID(id.Event), known.UUID())
		}
		var read id.UUID
		if err := read.Scan(u.String()); err != nil || read != u {
			t.Fatalf("%s: read back: got %s, %v, want the same", u, read, err)
		}
		if since := time.Since(u.Time()); since < 0 || since > time.Minute {
			t.Fatalf("the time of a fresh id: got %s ago, want now", since)
		}
	}
}

func TestAnInvalidTypeIDHasNoUUID(t *testing.T) {
	t.Parallel()
	good := id.New(id.Event)
	for _, text := range []string{"", "evt_", "evt", good[:len(good)-1], good + "0", "evt_8" + good[5:],
		good[:len(good)-1] + "u", good[:len(good)-1] + "A", good[:10] + "é" + good[12:]} {
		if u, err := id.Parse(text); err == nil {
			t.Errorf("%q: got %s, want an error", text, u)
		}
	}
	if _, err := id.ParseAs(id.Delivery, good); err == nil {
		t.Errorf("%s as a delivery's: got no error, want one", good)
	}
}

func TestADerivedIDIsStableAndSortsWithItsEvent(t *testing.T) {
	t.Parallel()
	event, other, endpoint := id.NewUUID(), id.NewUUID(), id.NewUUID()
	a, b := id.Derive(event, endpoint), id.Derive(event, endpoint)
	if a != b {
		t.Errorf("derived twice: got %s and %s, want the same", a, b)
	}
	if c := id.Derive(other, endpoint); c == a {
		t.Errorf("derived from another event: got %s again, want another", c)
	}
	if !a.Time().Equal(event.Time()) {
		t.Errorf("time of the derived id: got %s, want %s", a.Time(), event.Time())
	}
	from, to := id.From(event.Time()), id.From(event.Time().Add(time.Millisecond))
	if from.String() > a.String() || to.String() <= a.String() {
		t.Errorf("bounds of %s: got %s, want it within its millisecond", a, from)
	}
	if a[6]>>4 != 7 || a[8]>>6 != 2 {
		t.Errorf("version and variant of %s: got %x and %x, want 7 and 2", a, a[6]>>4, a[8]>>6)
	}
}
