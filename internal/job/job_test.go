package job

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
)

var noon = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)

func TestAJobAddsUpWhatItsStepsDo(t *testing.T) {
	t.Parallel()
	first := Job{Status: Queued, Failures: 3}.advance(Result{Done: 5, Skipped: map[string]int{"a": 1, "b": 2},
		Progress: "x", Pause: time.Second}, noon)
	if first.Status != Running || first.Done != 5 || first.Skipped != 3 || first.Progress != "x" ||
		first.Failures != 0 ||
		!first.StartedAt.Equal(noon) || !first.RunAt.Equal(noon.Add(time.Second)) || first.Over() {
		t.Errorf("job after the first step: got %+v, want it running, with its progress", first)
	}
	last := first.advance(Result{Done: 1, Skipped: map[string]int{"a": 1}, Progress: "y", End: true},
		noon.Add(time.Minute))
	if last.Status != Done || last.Done != 6 || last.Skipped != 4 || last.SkipReasons.V["a"] != 2 ||
		!last.RunAt.IsZero() ||
		!last.StartedAt.Equal(noon) || !last.FinishedAt.Equal(noon.Add(time.Minute)) || !last.Over() {
		t.Errorf("job after the last step: got %+v, want it done, with the sums", last)
	}
	if first.SkipReasons.V["a"] != 1 {
		t.Error("job before the step: got it changed, want it as it was")
	}
}

func TestAStepThatKeepsFailingIsTriedEverLaterAndGivenUp(t *testing.T) {
	t.Parallel()
	j := Job{Status: Running, Progress: "x"}
	var waits []time.Duration
	for !j.Over() {
		if j = j.failStep(noon); !j.Over() {
			waits = append(waits, j.RunAt.Sub(noon))
		}
	}
	if len(waits) != maxFailures-1 || waits[0] != time.Second || waits[len(waits)-1] != maxBackoff ||
		j.Status != Failed || j.Error == "" || j.Progress != "x" {
		t.Errorf("failing steps: got the waits %v and %+v, want them to grow and the job to fail", waits, j)
	}
}

func open(t *testing.T) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), "sqlite://"+t.TempDir()+"/hookline.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.MigrateUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAStepThatFailsOrPanicsLeavesNothingBehindAndIsDoneAgain(t *testing.T) {
	t.Parallel()
	d := open(t)
	store := NewStore(d, clock.System)
	var tries int
	r := NewRunner(store, map[string]Step{"k": func(ctx context.Context, j Job) (Result, error) {
		err := d.Tx(ctx, func(tx *gorm.DB) error {
			return tx.Exec("INSERT INTO settings (name, value) VALUES (?, ?)", "effect", []byte{1}).Error
		})
		if err != nil {
			return Result{}, err
		}
		switch tries++; tries {
		case 1:
			return Result{}, errors.New("no")
		case 2:
			panic("no")
		}
		return Result{Done: 1, End: true}, nil
	}})
	j, err := store.Create(t.Context(), New{Operator: true, Kind: "k", Filter: "{}", CreatedAt: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := r.step(t.Context(), j.ID, true); err == nil {
			t.Fatal("step: got no error, want one")
		}
	}
	if got, _ := store.GetAny(t.Context(), j.ID); got.Status != Queued || got.Failures != 2 || got.Done != 0 {
		t.Errorf("job after a failed step: got %+v, want it queued with 2 failures", got)
	}
	if ok, err := r.step(t.Context(), j.ID, true); err != nil || !ok {
		t.Fatalf("step: got %t, %v, want true", ok, err)
	}
	if got, _ := store.GetAny(t.Context(), j.ID); got.Status != Done || got.Done != 1 {
		t.Errorf("job after the last step: got %+v, want it done", got)
	}
	if ok, err := r.step(t.Context(), j.ID, true); err != nil || ok {
		t.Errorf("a step of a job that ended: %v, want none", err)
	}
}

func TestManyRunnersTakeEachStepOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	store := NewStore(d, clock.System)
	const steps = 20
	seen := map[string]int{}
	var mu sync.Mutex
	r := NewRunner(store, map[string]Step{"k": func(_ context.Context, j Job) (Result, error) {
		mu.Lock()
		defer mu.Unlock()
		seen[j.Progress]++
		return Result{Done: 1, Progress: j.Progress + ".", End: len(j.Progress) == steps-1}, nil
	}})
	j, err := store.Create(t.Context(), New{Operator: true, Kind: "k", Filter: "{}", CreatedAt: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := r.Run(t.Context(), j.ID, func(Job) {}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := store.GetAny(t.Context(), j.ID)
	if err != nil || got.Done != steps || len(seen) != steps {
		t.Errorf("job: got %+v with the steps %v, %v, want %d, each once", got, seen, err, steps)
	}
	for progress, n := range seen {
		if n != 1 {
			t.Errorf("step %d ran %d times, want once", len(progress), n)
		}
	}
}
