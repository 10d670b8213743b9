package delivery

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
)

// StatsQuery is the query behind Stats, for tests of how it is read.
func StatsQuery(q *gorm.DB, scope principal.Scope, endpointID string, from time.Time, step time.Duration) *gorm.DB {
	return statsQuery(q, scope, endpointID, from, step)
}

func TestQuantilesAreTheStepThatSoManyAreNotBeyond(t *testing.T) {
	t.Parallel()
	if (Histogram{}).Quantile(.5) != nil {
		t.Errorf("quantile of nothing: got one, want none")
	}
	h := Histogram{0: 50, 1: 45, 4: 5}
	for q, want := range map[float64]int{.5: 10, .51: 25, .95: 25, .96: 100, .99: 100, 1: 100} {
		if got := *h.Quantile(q); got != want {
			t.Errorf("quantile %v: got %d, want %d", q, got, want)
		}
	}
	if got := *(Histogram{len(latencySteps): 1}).Quantile(.5); got != latencySteps[len(latencySteps)-1] {
		t.Errorf("quantile beyond every step: got %d, want the last step", got)
	}
}

func TestStatsThatAreNotCompleteSaySinceWhen(t *testing.T) {
	t.Parallel()
	to := time.Date(2026, 11, 21, 12, 30, 0, 0, time.UTC)
	from, bucket := to.Add(-23*time.Hour).Truncate(time.Hour), to.UnixMicro()/time.Hour.Microseconds()
	rows := []statsRow{
		{Bucket: bucket, EndpointID: "whe_1", EventType: "lead.created", Status: Succeeded, Count: statsMost - 10,
			Last: db.At(to), Latency: 2, Tried: true, Class: 2},
		{Bucket: bucket - 1, EndpointID: "whe_2", EventType: "lead.created", Status: Retrying, Count: 10,
			Last: db.At(to), Latency: -1, Tried: true},
	}
	s := summarize(rows, from, to, time.Hour)
	if s.Complete || !s.From.Equal(to.Truncate(time.Hour).Add(-time.Hour)) || len(s.Series) != 2 ||
		s.Total.All() != statsMost || s.Endpoints[0].EndpointID != "whe_2" {
		t.Errorf("too many rows: got %+v, want the last full hour on, incomplete", s)
	}
	if s = summarize(rows[1:], from, to, time.Hour); !s.Complete || !s.From.Equal(from) || len(s.Series) != 24 ||
		s.Total.Failed != 10 || s.Total.Rate() == nil || *s.Total.Rate() != 0 {
		t.Errorf("failures only: got %+v, want all 24 hours, with a rate of 0", s)
	}
	if s = summarize(nil, from, to, time.Hour); s.Total.Rate() != nil || len(s.Series) != 24 {
		t.Errorf("nothing: got %+v, want 24 hours without a rate", s)
	}
}
