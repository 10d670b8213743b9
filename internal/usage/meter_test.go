package usage

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/problem"
)

// bytesTable is stored_bytes in memory; it can be away.
type bytesTable struct {
	mu   sync.Mutex
	away bool
	sums map[Bytes]int64 // by rows without bytes
}

func (b *bytesTable) AddBytes(_ context.Context, rows []Bytes) ([]Bytes, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away {
		return nil, errors.New("away")
	}
	var out []Bytes
	for _, row := range rows {
		name := Bytes{TenantID: row.TenantID, Day: row.Day}
		b.sums[name] += row.Bytes
		name.Bytes = b.sums[name]
		out = append(out, name)
	}
	return out, nil
}

func (b *bytesTable) BytesOf(_ context.Context, day string, _ int) ([]Bytes, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Bytes
	for name, n := range b.sums {
		if name.Day == day {
			name.Bytes = n
			out = append(out, name)
		}
	}
	return out, nil
}

// fixture has meters of several processes on one table, and the time.
func fixture(n int) (meters []*Meter, table *bytesTable, now *time.Time) {
	table, now = &bytesTable{sums: map[Bytes]int64{}}, new(time.Time)
	*now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for range n {
		meters = append(meters, NewMeter(table, func() time.Time { return *now }))
	}
	return meters, table, now
}

func used(t *testing.T, m *Meter, want int64) {
	t.Helper()
	if got, err := m.Used(t.Context(), "t"); got != want || err != nil {
		t.Errorf("used: got %d, %v, want %d", got, err, want)
	}
}

func reserve(t *testing.T, m *Meter, n int64) (release func()) {
	t.Helper()
	release, err := m.Reserve("t", n, 100)
	if err != nil {
		t.Fatalf("%d bytes: got %v, want them allowed", n, err)
	}
	return release
}

func flush(t *testing.T, meters ...*Meter) {
	t.Helper()
	for _, m := range meters {
		if err := m.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBytesAreRefusedAboveTheQuotaAndGivenBack(t *testing.T) {
	t.Parallel()
	meters, _, now := fixture(1)
	m := meters[0]
	release := reserve(t, m, 60)
	_, err := m.Reserve("t", 41, 100)
	var p *problem.Error
	if !errors.As(err, &p) || p.Code != problem.QuotaExceeded || p.Quota.Used != 60 || p.Quota.Limit != 100 {
		t.Fatalf("41 bytes after 60 of 100: got %v, want quota_exceeded with the figures", err)
	}
	if _, err := m.Reserve("another", 100, 100); err != nil {
		t.Errorf("another tenant: got %v, want it allowed", err)
	}
	flush(t, m)
	release() // after the flush, which stored them
	used(t, m, 0)
	flush(t, m)
	used(t, m, 0)
	late := reserve(t, m, 100)
	*now = now.Add(24 * time.Hour)
	reserve(t, m, 90)
	late() // of yesterday
	used(t, m, 90)
}

func TestProcessesLearnOfEachOthersBytes(t *testing.T) {
	t.Parallel()
	meters, table, _ := fixture(2)
	one, two := meters[0], meters[1]
	reserve(t, one, 60)
	flush(t, one)
	reserve(t, two, 30) // which does not know of the others yet
	flush(t, two)
	used(t, two, 90)
	if _, err := two.Reserve("t", 11, 100); err == nil {
		t.Error("11 bytes after 90 of 100: got no error, want quota_exceeded")
	}
	fresh := NewMeter(table, one.now)
	if err := fresh.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	used(t, fresh, 90)
}

func TestBytesThatCouldNotBeStoredAreStoredLater(t *testing.T) {
	t.Parallel()
	meters, table, _ := fixture(1)
	table.away = true
	reserve(t, meters[0], 60)
	if meters[0].Flush(t.Context()) == nil {
		t.Fatal("flush without a database: got no error, want one")
	}
	used(t, meters[0], 60)
	reserve(t, meters[0], 40)
	table.away = false
	flush(t, meters[0], meters[0])
	used(t, meters[0], 100)
	if got := table.sums[Bytes{TenantID: "t", Day: "2026-11-21"}]; got != 100 {
		t.Errorf("stored: got %d, want 100", got)
	}
}

func TestConcurrentBytesDoNotExceedTheQuota(t *testing.T) {
	t.Parallel()
	meters, _, _ := fixture(1)
	var allowed atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 50 {
				if _, err := meters[0].Reserve("t", 1, 100); err == nil {
					allowed.Add(1)
				}
				if i%10 == 0 {
					flush(t, meters[0])
				}
			}
		})
	}
	all.Wait()
	if n := allowed.Load(); n != 100 {
		t.Errorf("bytes allowed of 400: got %d, want 100", n)
	}
}
