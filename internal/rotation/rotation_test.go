package rotation_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/rotation"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/testkit/engine"
)

const size = 3 // values a step

// ground is a database with endpoints whose values are under one key.
type ground struct {
	db      *db.DB
	jobs    *job.Store
	scope   principal.Scope
	ids     []string
	secrets map[string]string // by endpoint
}

func parse(t *testing.T, keys string) *secret.Ring {
	t.Helper()
	ring, err := secret.ParseRing(keys)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func newGround(t *testing.T, e engine.Engine, keys string, n int) *ground {
	t.Helper()
	d := engine.Database(t, e)
	row, err := engine.Tenants(d, time.Now).Create(t.Context(), t.Name(), "business", "hookline")
	if err != nil {
		t.Fatal(err)
	}
	g := &ground{db: d, jobs: job.NewStore(d, clock.System), secrets: map[string]string{},
		scope: principal.Scope{TenantID: row.ID, Environment: principal.Live}}
	if err := rotation.Check(t.Context(), d, parse(t, keys)); err != nil {
		t.Fatal(err)
	}
	for range n {
		hook, signing, err := g.store(t, keys).Create(t.Context(), g.scope, endpoint.Settings{
			URL: "https://example.com/hook", Events: []string{"*"}, Method: http.MethodPost, Profile: profile.Default,
			Envelope: profile.Standard, Enabled: true, Policy: profile.Policy{MaxAttempts: 7},
			Auth: endpoint.Auth{Type: endpoint.AuthNone}})
		if err != nil {
			t.Fatal(err)
		}
		g.ids, g.secrets[hook.ID] = append(g.ids, hook.ID), signing
	}
	return g
}

func (g *ground) store(t *testing.T, keys string) *endpoint.Store {
	t.Helper()
	return endpoint.NewStore(g.db, parse(t, keys), clock.System)
}

func (g *ground) rotator(t *testing.T, keys string) *rotation.Rotator {
	t.Helper()
	return rotation.New(g.db, parse(t, keys), g.jobs, audit.New(g.db, clock.System), clock.System, size)
}

// start starts a job that must be there to do.
func (g *ground) start(t *testing.T, r *rotation.Rotator) job.Job {
	t.Helper()
	j, started, err := r.Start(operator(t))
	if err != nil || !started {
		t.Fatalf("start: got %v, %v, want a job", started, err)
	}
	return j
}

func operator(t *testing.T) context.Context {
	t.Helper()
	return audit.WithAction(principal.With(t.Context(), principal.Principal{Operator: true, KeyName: "Test"}),
		"encryption.rotated")
}

func (g *ground) runner(step job.Step) *job.Runner {
	return job.NewRunner(g.jobs, map[string]job.Step{rotation.Kind: step})
}

// opens checks that every secret opens with keys.
func (g *ground) opens(t *testing.T, keys string) {
	t.Helper()
	for _, id := range g.ids {
		got, err := g.store(t, keys).Reveal(t.Context(), g.scope, id)
		if err != nil || got.Current != g.secrets[id] {
			t.Errorf("secret of %s: got %v, %v, want it as before", id, got, err)
		}
	}
}

func TestARotationThatWasKilledContinuesWhereItWas(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		a, b := secret.GenerateKey(), secret.GenerateKey()
		g := newGround(t, e, a, 8)
		total := 2*len(g.ids) + 1 // secret and headers, and the key check
		j := g.start(t, g.rotator(t, b+","+a))

		// The third step is killed before its commit.
		ctx, kill := context.WithCancel(t.Context())
		steps := 0
		_, err := g.runner(func(ctx context.Context, j job.Job) (job.Result, error) {
			result, err := g.rotator(t, b+","+a).Step(ctx, j)
			if steps++; steps == 3 {
				kill()
				return result, errors.New("killed")
			}
			return result, err
		}).Run(ctx, j.ID, func(job.Job) {})
		half, readErr := g.jobs.GetAny(t.Context(), j.ID)
		if err == nil || readErr != nil || half.Done != 2*size || half.Over() {
			t.Fatalf("job of a killed process: got %+v, %v, %v, want it unfinished after %d", half, err, readErr, 2*size)
		}
		g.opens(t, b+","+a)
		if err := rotation.Check(t.Context(), g.db, parse(t, b)); !errors.Is(err, secret.ErrOpen) {
			t.Errorf("check of the new key alone: got %v, want it refused before the end", err)
		}

		again := g.start(t, g.rotator(t, b+","+a))
		if again.ID != j.ID {
			t.Errorf("second start: got %s, want the unfinished %s", again.ID, j.ID)
		}
		done, err := g.runner(g.rotator(t, b+","+a).Step).Run(t.Context(), again.ID, func(job.Job) {})
		if err != nil || done.Status != job.Done || done.Done != total || done.Total != total || done.Skipped != 0 {
			t.Errorf("job: got %+v, %v, want %d done, each once", done, err, total)
		}
		g.opens(t, b)
		if err := rotation.Check(t.Context(), g.db, parse(t, b)); err != nil {
			t.Errorf("check of the new key alone: got %v, want none after the end", err)
		}
		var unknown *secret.UnknownKeyError
		if err := rotation.Check(t.Context(), g.db, parse(t, a)); !errors.As(err, &unknown) ||
			unknown.ID != parse(t, b).IDs()[0] {
			t.Errorf("check of the old key alone: got %v, want it refused with the id of the new one", err)
		}
		if j, started, err := g.rotator(t, b+","+a).Start(operator(t)); err != nil || started {
			t.Errorf("start when all is done: got %+v, %v, %v, want nothing to do", j, started, err)
		}
	})
}

func TestAProcessWithoutTheKeysOfAJobLeavesItToOthers(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		a, b, c := secret.GenerateKey(), secret.GenerateKey(), secret.GenerateKey()
		g := newGround(t, e, a, 2)
		j := g.start(t, g.rotator(t, b+","+a))
		for _, keys := range []string{a, b, c + "," + b} {
			result, err := g.rotator(t, keys).Step(t.Context(), j)
			if err != nil || result.Done != 0 || result.End || result.Pause == 0 || result.Progress != j.Progress {
				t.Errorf("step with %d other keys: got %+v, %v, want a pause and nothing done", len(keys), result, err)
			}
		}
		// A process that has the new key second seals with it all the same.
		done, err := g.runner(g.rotator(t, a+","+b).Step).Run(t.Context(), j.ID, func(job.Job) {})
		if err != nil || done.Done != done.Total {
			t.Errorf("job in a process with the keys in another order: got %+v, %v, want it done", done, err)
		}
		g.opens(t, b)

		// A job for other keys takes its place.
		j = g.start(t, g.rotator(t, c+","+b))
		back := g.start(t, g.rotator(t, a+","+b))
		if old, err := g.jobs.GetAny(t.Context(), j.ID); err != nil || old.Status != job.Cancelled || back.ID == j.ID {
			t.Errorf("job for other keys: got %+v, %v, want it cancelled", old, err)
		}
	})
}

func TestValuesThatCannotBeOpenedAreCountedAndLeftAlone(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		a, b, lost := secret.GenerateKey(), secret.GenerateKey(), secret.GenerateKey()
		g := newGround(t, e, a, 7)
		unknown, copied, damaged := g.ids[0], g.ids[1], g.ids[2]
		elsewhere := parse(t, lost).Seal(secret.EndpointSecret, []byte("plain"), g.scope.TenantID, unknown)
		g.set(t, unknown, elsewhere)
		g.set(t, copied, g.secret(t, g.ids[3]))
		g.set(t, damaged, []byte("in the clear"))
		before := [][]byte{g.secret(t, unknown), g.secret(t, copied), g.secret(t, damaged)}

		r := g.rotator(t, b+","+a)
		done, err := g.runner(r.Step).Run(t.Context(), g.start(t, r).ID, func(job.Job) {})
		if err != nil || done.Status != job.Done || done.Done != 2*7+1-3 || done.SkipReasons.V["unreadable"] != 1 {
			t.Errorf("job: got %+v, %v, want all done but 3, of which 1 was unreadable", done, err)
		}
		counts, err := r.Count(t.Context())
		ids := parse(t, b+","+a+","+lost).IDs()
		if err != nil || counts.Damaged != 1 || counts.ByKey[ids[0]] != 2*7+1-3 || counts.ByKey[ids[1]] != 1 ||
			counts.ByKey[ids[2]] != 1 {
			t.Errorf("counts: got %+v, %v, want 1 damaged, 1 under the old key and 1 under the lost one", counts, err)
		}
		after := [][]byte{g.secret(t, unknown), g.secret(t, copied), g.secret(t, damaged)}
		if !slices.EqualFunc(before, after, slices.Equal) {
			t.Errorf("values that can't be opened: got %x, want them unchanged, %x", after, before)
		}
	})
}

func (g *ground) secret(t *testing.T, endpointID string) []byte {
	t.Helper()
	var sealed []byte
	err := g.db.Read(t.Context()).Raw("SELECT secret FROM endpoints WHERE id = ?", endpointID).Row().Scan(&sealed)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func (g *ground) set(t *testing.T, endpointID string, sealed []byte) {
	t.Helper()
	err := g.db.Unit(t.Context(), func(ctx context.Context) error {
		return g.db.Read(ctx).Exec("UPDATE endpoints SET secret = ? WHERE id = ?", sealed, endpointID).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}
