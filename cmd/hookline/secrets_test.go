package main_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// plant creates and uses a secret of every kind, causes failures, and returns the texts that must not be stored.
func plant(t *testing.T, base, operatorKey, key string, scanner *fake.Scanner) []string {
	t.Helper()
	operator, tenant := testkit.NewClient(base, operatorKey), testkit.NewClient(base, key)
	receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) { w.WriteHeader(500) })
	const header = "planted-header-token"
	hook := testkit.Into[api.WebhookCreated](t, tenant.Call(t, http.MethodPost, "/api/v1/webhooks", map[string]any{
		"url": receiver.URL, "events": []string{"*"}, "headers": map[string]string{"Authorization": header},
		"retry_policy": map[string]any{"initial": "1s", "max_attempts": 1},
	}, "Idempotency-Key", "hook").Want(t, http.StatusCreated))
	made := testkit.Into[api.KeyCreated](t, tenant.Call(t, http.MethodPost, "/api/v1/keys", map[string]any{"name": "k",
		"role": "admin"}, "Idempotency-Key", "key").Want(t, http.StatusCreated))
	rotated := testkit.Post[api.KeyCreated](t, tenant, "/api/v1/keys/"+made.ID+"/rotate", map[string]any{"grace": "0s"},
		http.StatusCreated)
	op := testkit.Post[api.OperatorKeyCreated](t, operator, "/admin/v1/operator-keys",
		map[string]any{"name": "o", "role": "admin"}, http.StatusCreated)
	tenant.Call(t, http.MethodGet, "/api/v1/leads?api_key="+rotated.Key, nil).Want(t, http.StatusBadRequest)
	testkit.NewClient(base, made.Key).Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusUnauthorized)
	leaked := testkit.Post[api.KeyCreated](t, tenant, "/api/v1/keys", map[string]any{"name": "l", "role": "developer"},
		http.StatusCreated).Key
	where := "https://example.com/?key=" + leaked
	for range 2 { // the second time it is known already
		scanner.ReportTo(t, base, fake.Leak{"token": leaked, "type": leaked, "url": where, "source": leaked},
			fake.Leak{"token": leaked + "x", "type": "hookline_api_key", "url": where, "source": "commit"}).
			Want(t, http.StatusOK)
	}
	scanner.ReportTo(t, base, fake.Leak{"token": op.Key, "type": "hookline_api_key", "url": "https://example.com/" +
		op.Key}).Want(t, http.StatusOK)
	tenant.NewLead(t, "ada@example.com")
	testkit.Await(t, "a dead letter", func() bool {
		return len(tenant.Deliveries(t, "&status=dead&webhook_id="+hook.ID)) == 1
	})
	return []string{key, operatorKey, header, strings.TrimPrefix(hook.Secret, "whsec_"), made.Key, rotated.Key, op.Key,
		leaked}
}

func search(t *testing.T, where, text string, planted []string) {
	t.Helper()
	if text == "" {
		t.Errorf("%s: got nothing to search, want text", where)
	}
	for _, secret := range planted {
		for _, form := range []string{secret, hex.EncodeToString([]byte(secret))} {
			if strings.Contains(text, form) {
				t.Errorf("%s contains the secret %s…, want none", where, secret[:12])
			}
		}
	}
}

func TestNoSecretIsInTheLogOrTheFilesOfDevelopment(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	scanner := fake.NewScanner(t, nil)
	d := runDevWith(t, []string{"HOOKLINE_SECRET_SCANNING_KEYS_URL=" + scanner.URL}, dir)
	planted := plant(t, strings.TrimSuffix(d.APIURL, "/api/v1"), *d.OperatorKey, *d.APIKey, scanner)
	for _, name := range []string{"hookline.db", "hookline.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		search(t, name, string(raw), planted)
	}
	search(t, "the log", d.Stderr(), planted)
}

func TestNoSecretIsInTheLogsTheDatabaseOrRedis(t *testing.T) {
	t.Parallel()
	services := testkit.NewServices(t, testkit.Servers)
	settings, scanner := testkit.Production(services), fake.NewScanner(t, nil)
	env := settings.With("HOOKLINE_SECRET_SCANNING_KEYS_URL", scanner.URL, "HOOKLINE_LOG_LEVEL", "debug")
	server, base := testkit.Serve(t, env)
	worker := testkit.Run(t, env.List(), "worker")
	operator := testkit.NewClient(base, settings["HOOKLINE_OPERATOR_KEY"])
	key := operator.NewTenant(t, "business", map[string]any{"role": "admin"}).Key()
	planted := append(plant(t, base, settings["HOOKLINE_OPERATOR_KEY"], key, scanner),
		settings["HOOKLINE_ENCRYPTION_KEYS"])

	search(t, "the database", dumpDatabase(t, services.DatabaseURL), planted)
	search(t, "Redis", dumpRedis(t, services.RedisURL), planted)
	search(t, "the log of serve", server.Stderr(), planted)
	search(t, "the log of worker", worker.Stderr(), planted)
}

func dumpDatabase(t *testing.T, databaseURL string) string {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 10 {
		t.Fatalf("tables: got %d, %v, want at least 10", len(tables), err)
	}
	var dump strings.Builder
	for _, table := range tables {
		rows, err := conn.Query(ctx, fmt.Sprintf("SELECT to_json(t)::text FROM %s t", pgx.Identifier{table}.Sanitize()))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		dump.WriteString(strings.Join(lines, "\n"))
	}
	return dump.String()
}

func dumpRedis(t *testing.T, redisURL string) string {
	t.Helper()
	o, err := redis.ParseURL(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(o)
	defer func() { _ = client.Close() }()
	var dump strings.Builder
	for keys := client.Scan(t.Context(), 0, "*", 100).Iterator(); keys.Next(t.Context()); {
		dump.WriteString(keys.Val())
		dump.WriteString(client.Dump(t.Context(), keys.Val()).Val())
	}
	return dump.String()
}
