package testkit_test

import (
	"crypto/rand"
	"fmt"
	"testing"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/secrets"
)

// TestASecretInADatabaseOrRedisFailsTheTest plants one in each kind of column and each kind of key.
func TestASecretInADatabaseOrRedisFailsTheTest(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, testkit.WithoutWorker())
		planted := "planted-" + rand.Text()
		check := func(where string, search func(testing.TB), clean func()) {
			t.Helper()
			r := &recorder{TB: t}
			search(r)
			clean()
			if r.failed != 1 {
				t.Errorf("failures with a secret in %s: got %d, want 1", where, r.failed)
			}
			r = &recorder{TB: t}
			if search(r); r.failed != 0 {
				t.Errorf("failures without a secret in %s: got %d, want 0", where, r.failed)
			}
		}
		secrets.Remember(planted)
		execute := func(sql string, values ...any) {
			t.Helper()
			if err := p.App.Database().Tx(t.Context(), func(tx *gorm.DB) error {
				return tx.Exec(sql, values...).Error
			}); err != nil {
				t.Fatal(err)
			}
		}
		p.NewTenant(t, "business")
		database := func(r testing.TB) { secrets.SearchDatabase(r, p.Config.DatabaseURL) }
		execute("UPDATE tenants SET name = ?", "of "+planted)
		check("a text", database, func() { execute("UPDATE tenants SET name = 'x'") })
		execute("UPDATE api_keys SET hash = ?", []byte(planted))
		check("bytes", database, func() { execute("UPDATE api_keys SET hash = ?", []byte("x")) })

		client := p.App.Redis()
		for kind, plant := range map[string][]any{
			"string": {"SET", "k", "x" + planted}, "list": {"RPUSH", "k", "a", planted}, "hash": {"HSET", "k", planted,
				"x"}, "set": {"SADD", "k", planted},
			"zset": {"ZADD", "k", 1, planted}, "stream": {"XADD", "k", "*", "f", planted}, "key": {"SET", "k" + planted,
				"x"},
		} {
			if err := client.Do(t.Context(), plant...).Err(); err != nil {
				t.Fatal(err)
			}
			check(fmt.Sprintf("a %s in Redis", kind), func(r testing.TB) { secrets.SearchRedis(r, client) }, func() {
				client.Del(t.Context(), "k", "k"+planted)
			})
		}
	})
}

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	failed int
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed++ }
func (r *recorder) Error(...any)          { r.failed++ }
