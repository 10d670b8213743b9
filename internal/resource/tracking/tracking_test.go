package tracking

import (
	"errors"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/problem"
)

var noon = db.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))

func code(err error) problem.Code {
	if p := (*problem.Error)(nil); errors.As(err, &p) {
		return p.Code
	}
	return ""
}

func TestAJobGoesOnlyForward(t *testing.T) {
	t.Parallel()
	many := int64(7)
	later := db.At(noon.Add(time.Hour))
	for name, c := range map[string]struct {
		from   Job
		report Report
		want   Job
		code   problem.Code
	}{
		"begins": {Job{Status: Queued}, Report{Status: Running, At: noon}, Job{Status: Running,
			StartedAt: noon}, ""},
		"reports progress": {Job{Status: Running, StartedAt: noon}, Report{Status: Running, At: later,
			TotalLeadsStored: &many}, Job{Status: Running, StartedAt: noon, TotalLeadsStored: 7}, ""},
		"ends": {Job{Status: Running, StartedAt: noon, TotalLeadsStored: 3},
			Report{Status: Finished, At: later}, Job{Status: Finished, StartedAt: noon, FinishedAt: later,
				TotalLeadsStored: 3}, ""},
		"fails before it began": {Job{Status: Queued}, Report{Status: Failed, Error: "x", At: noon},
			Job{Status: Failed, Error: "x", StartedAt: noon, FinishedAt: noon}, ""},
		"ends before it began": {Job{Status: Running, StartedAt: later}, Report{Status: Finished, At: noon}, Job{},
			problem.ValidationFailed},
		"goes on after its end": {Job{Status: Finished}, Report{Status: Running, At: noon}, Job{}, problem.Conflict},
		"fails after its end": {Job{Status: Finished}, Report{Status: Failed, Error: "x", At: noon}, Job{},
			problem.Conflict},
		"ends after it has failed": {Job{Status: Failed}, Report{Status: Finished, At: noon}, Job{}, problem.Conflict},
	} {
		got, err := c.from.advance(c.report)
		if code(err) != c.code || (err == nil && got != c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestAMessageHasOneOutcome(t *testing.T) {
	t.Parallel()
	m, err := Message{Status: Queued, DeviceID: "A"}.complete(Report{Status: Sent, At: noon})
	if err != nil || m.Status != Sent || m.DeviceID != "A" || m.OccurredAt != noon {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := m.complete(Report{Status: Failed, Error: "x"}); code(err) != problem.Conflict {
		t.Errorf("%v", err)
	}
	if m, _ := (Message{Status: Queued, DeviceID: "A"}).complete(Report{Status: Failed, Error: "x",
		DeviceID: "B"}); m.DeviceID != "B" || m.Error != "x" {
		t.Errorf("%+v", m)
	}
}

func TestANumberIsToldFromAnID(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int64{"42": 42, "0": 0, "-1": 0, "tac_01": 0, "": 0, "99999999999999999999": 0} {
		if n, ok := numberOf(name); ok != (want > 0) || (ok && n != want) {
			t.Errorf("%q is %d, %t", name, n, ok)
		}
	}
}
