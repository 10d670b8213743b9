package testkit

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"testing"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
)

func TestASecretIsFoundInEveryForm(t *testing.T) {
	t.Parallel()
	const key, signing = "hk_live_0123456789abcdef", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	raw, err := base64.StdEncoding.DecodeString(signing)
	if err != nil {
		t.Fatal(err)
	}
	n := newNeedles([]string{key, signing, "a short one"})
	for name, text := range map[string]string{
		"alone": key, "at the end": "x " + key, "at the beginning": key + " x", "in the middle": "{\"key\":\"" + key + "\"}",
		"in hex": hex.EncodeToString([]byte(key)), "in base64": base64.StdEncoding.EncodeToString([]byte(key)),
		"in a URL": "https://x.test/?k=" + key + "&a=b", "another": "whsec_" + signing, "what it stands for": "x" + string(raw) + "y",
		"that in hex": hex.EncodeToString(raw),
	} {
		if n.in([]byte(text)) == nil {
			t.Errorf("%s it is not found", name)
		}
	}
	for _, text := range []string{"", "x", key[:23], key[1:], "a short one", "hk_live_0123456789abcdeg", signing[1:]} {
		if found := n.in([]byte(text)); found != nil {
			t.Errorf("%q is found in %q", found, text)
		}
	}
}

// TestASecretInADatabaseOrRedisFailsTheTest plants one in each kind of column and each kind of key.
func TestASecretInADatabaseOrRedisFailsTheTest(t *testing.T) {
	t.Parallel()
	Engines(t, func(t *testing.T, e Engine) {
		p := Start(t, e, func(_ *config.Config, o *app.Options) { o.Worker = false })
		planted := "planted-" + randomName()
		check := func(where string, search func(testing.TB), clean func()) {
			t.Helper()
			r := &recorder{TB: t}
			search(r)
			clean()
			if r.failed != 1 {
				t.Errorf("in %s it fails the test %d times", where, r.failed)
			}
			r = &recorder{TB: t}
			if search(r); r.failed != 0 {
				t.Errorf("without it in %s the test fails", where)
			}
		}
		watch.remember(planted)
		execute := func(sql string, values ...any) {
			t.Helper()
			if err := p.App.Database().Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec(sql, values...).Error }); err != nil {
				t.Fatal(err)
			}
		}
		p.NewTenant(t, "business")
		database := func(r testing.TB) { searchDatabase(r, p.Config.DatabaseURL) }
		execute("UPDATE tenants SET name = ?", "of "+planted)
		check("a text", database, func() { execute("UPDATE tenants SET name = 'x'") })
		execute("UPDATE api_keys SET hash = ?", []byte(planted))
		check("bytes", database, func() { execute("UPDATE api_keys SET hash = ?", []byte("x")) })

		client := p.App.Redis()
		for kind, plant := range map[string][]any{
			"string": {"SET", "k", "x" + planted}, "list": {"RPUSH", "k", "a", planted}, "hash": {"HSET", "k", planted, "x"}, "set": {"SADD", "k", planted},
			"zset": {"ZADD", "k", 1, planted}, "stream": {"XADD", "k", "*", "f", planted}, "key": {"SET", "k" + planted, "x"},
		} {
			if err := client.Do(t.Context(), plant...).Err(); err != nil {
				t.Fatal(err)
			}
			check(fmt.Sprintf("a %s in Redis", kind), func(r testing.TB) { searchRedis(r, client) }, func() { client.Del(t.Context(), "k", "k"+planted) })
		}
	})
}
