package main_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/testkit"
)

// dlq runs the command and insists on its exit code.
func dlq(t *testing.T, env []string, code int, args ...string) *testkit.Process {
	t.Helper()
	p := testkit.Run(t, env, append([]string{"dlq"}, args...)...)
	if got := p.Exit(t); got != code {
		t.Fatalf("exit code of dlq %v: got %d, want %d:\n%s%s", args, got, code, p.Stdout(), p.Stderr())
	}
	return p
}

func TestDeadLettersOfARunningDevelopmentAreWorkedOnAtTheCommandLine(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	d := runDev(t, dir)
	tenant := d.client(*d.APIKey)
	receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
		if n <= 3 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	tenant.NewEndpoint(t, receiver.URL, map[string]any{"retry_policy": map[string]any{"initial": "1s",
		"max_attempts": 1}})
	for _, email := range []string{"a@example.com", "b@example.com", "c@example.com"} {
		tenant.NewLead(t, email)
	}
	testkit.Await(t, "the dead letters", func() bool { return len(tenant.Deliveries(t, "&status=dead")) == 3 })

	var rows []api.TenantDeadLetter
	if err := json.Unmarshal([]byte(dlq(t, nil, 0, "list", "--json", "--data-dir", dir, "--since", "1h").Stdout()),
		&rows); err != nil || len(rows) != 3 || rows[0].TenantID != d.TenantID {
		t.Fatalf("list: got %+v, %v, want 3 dead letters of %s", rows, err, d.TenantID)
	}
	if text := dlq(t, nil, 0, "list", "--data-dir", dir, "--tenant", "other").Stdout(); strings.Contains(text, "dlv_") {
		t.Errorf("dlq list of another tenant: got %s, want no delivery", text)
	}
	if text := dlq(t, nil, 0, "show", rows[0].ID, "--data-dir", dir).Stdout(); !strings.Contains(text, `"attempts"`) ||
		!strings.Contains(text, "lead.created") {
		t.Errorf("dlq show: got %s, want the event and its attempts", text)
	}
	if text := dlq(t, nil, 0, "replay", "--dry-run", "--data-dir", dir).Stdout(); text != "3 would be replayed\n" {
		t.Errorf("dlq replay --dry-run: got %s, want 3 to be replayed", text)
	}
	if asked := dlq(t, nil, 2, "replay", "--data-dir", dir).Stderr(); !strings.Contains(asked,
		"Send 3 dead letters of all tenants again? Type yes: ") || len(tenant.Deliveries(t, "&status=dead")) != 3 {
		t.Errorf("dlq replay of everything: got %s, want a question and no replay", asked)
	}
	dlq(t, nil, 0, "replay", rows[0].ID, "--data-dir", dir)
	testkit.Await(t, "the replay", func() bool {
		return len(tenant.Deliveries(t, "&status=succeeded&event_id="+rows[0].EventID)) >= 1 &&
			len(tenant.Deliveries(t, "&status=dead")) == 2
	})
	dlq(t, nil, 2, "purge", rows[1].ID, "--data-dir", dir) // nobody says yes
	dlq(t, nil, 0, "purge", rows[1].ID, "--yes", "--data-dir", dir)
	if text := dlq(t, nil, 0, "replay", "--data-dir", dir, "--http-class", "5xx").Stdout(); !strings.HasPrefix(text,
		"1 replayed, 0 skipped (job_") {
		t.Errorf("dlq replay: got %s, want 1 replayed", text)
	}
	testkit.Await(t, "no dead letter to be left", func() bool { return len(tenant.Deliveries(t, "&status=dead")) == 0 })
	dlq(t, nil, 1, "replay", rows[1].ID, "--data-dir", dir)
	dlq(t, nil, 2, "list", "--since", "yesterday", "--data-dir", dir)
	operator := d.client(*d.OperatorKey)
	audited := testkit.Get[api.AuditEntryList](t, operator, "/admin/v1/audit-log?action=dead_letters.purged").Data
	if len(audited) != 1 || audited[0].Actor.Name != "Command line" {
		t.Errorf("audit entries: got %+v, want one of the command line", audited)
	}
}

func TestAJobWhoseWorkerIsKilledIsFinishedByAnotherWithoutRepeatingAStep(t *testing.T) {
	t.Parallel()
	services := testkit.NewServices(t, testkit.Servers)
	env := testkit.Production(services)
	quick := env.With("HOOKLINE_DELIVERY_TIMEOUT", "1s", "HOOKLINE_TASK_TIMEOUT", "2s", "HOOKLINE_SHUTDOWN_TIMEOUT",
		"3s")
	_, base := testkit.Serve(t, env)
	worker := testkit.Work(t, quick)
	operator := testkit.NewClient(base, testkit.OperatorKey)
	tenant := operator.NewTenant(t, "enterprise", nil)
	receiver := testkit.NewReceiver(t, nil)
	const n = 1000
	d := fill(t, services.DatabaseURL, testkit.TenantOf(t, tenant), tenant.NewEndpoint(t, receiver.URL, nil).ID, n)

	j := testkit.Post[api.Job](t, tenant, "/api/v1/dead-letters/replay",
		map[string]any{"filter": map[string]any{}}, http.StatusAccepted)
	testkit.Await(t, "its first steps", func() bool {
		j = testkit.Get[api.Job](t, tenant, "/api/v1/jobs/"+j.ID)
		return j.Done > 0
	})
	worker.Kill()
	if j = testkit.Get[api.Job](t, tenant, "/api/v1/jobs/"+j.ID); j.Done >= n {
		t.Fatalf("job before the worker is killed: got %+v, want it unfinished", j)
	}
	testkit.Work(t, quick)
	for j.Status != api.JobStatusDone { // however long it takes in all
		before := j.Done
		testkit.Await(t, "its next step", func() bool {
			j = testkit.Get[api.Job](t, tenant, "/api/v1/jobs/"+j.ID)
			return j.Status == api.JobStatusDone || j.Done > before
		})
	}
	if j.Done != n || j.Skipped != 0 {
		t.Errorf("job: got %+v, want %d done and none skipped", j, n)
	}
	// A replay starts the count of failures again, and nothing else does; a lost attempt is no replay.
	for left := int64(n); left > 0; {
		before := left
		testkit.Await(t, "another to succeed", func() bool {
			err := d.Read(t.Context()).Table("deliveries").Where("status <> 'succeeded'").Count(&left).Error
			return err == nil && left < before
		})
	}
	var lost, attempts int64
	if err := d.Read(t.Context()).Table("attempts").Where("status = 'lease_expired'").Count(&lost).Error; err != nil {
		t.Fatal(err)
	}
	if err := d.Read(t.Context()).Table("attempts").Count(&attempts).Error; err != nil || attempts != n+lost {
		t.Errorf("attempts: got %d, %v, want one for each of %d dead letters and the %d that were lost with the worker",
			attempts, err, n, lost)
	}
}

// fill writes n dead letters without attempts and returns the database.
func fill(t *testing.T, databaseURL, tenantID, endpointID string, n int) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	at := db.At(time.Now().Add(-time.Hour))
	target, err := id.ParseAs(id.Endpoint, endpointID)
	if err != nil {
		t.Fatal(err)
	}
	var events []event.Event
	var dead []delivery.Delivery
	for range n {
		of := id.NewUUID()
		e := event.Event{TenantID: tenantID, Environment: "live", ID: of.TypeID(id.Event), Type: "lead.created",
			Data: "{}", OccurredAt: at, CreatedAt: at, DispatchedAt: at, Endpoints: event.Endpoints{target}}
		events = append(events, e)
		dead = append(dead, delivery.Delivery{
			ID: delivery.ID(of, target).TypeID(id.Delivery), TenantID: tenantID, Environment: "live", EventID: e.ID,
			EventType: e.Type, EndpointID: endpointID, Status: delivery.Dead, Reason: delivery.ReasonExhausted,
			MaxAttempts: 1, CreatedAt: at, FinishedAt: at, ChangedAt: at,
		})
	}
	err = d.Tx(t.Context(), func(tx *gorm.DB) error {
		if err := db.InsertAll(tx, events); err != nil {
			return err
		}
		return db.InsertAll(tx, dead)
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}
