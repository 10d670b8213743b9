// Package engine gives tests the services of the two engines: migrated databases and empty Redis servers of their own.
package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/queue"
)

// Engine is a pair of services.
type Engine string

// The two engines that every promise is tested on.
const (
	Embedded Engine = "embedded" // SQLite and miniredis
	Servers  Engine = "servers"  // PostgreSQL and Redis
)

// Each runs a test on both engines, in parallel.
func Each(t *testing.T, test func(t *testing.T, e Engine)) {
	t.Helper()
	for _, e := range []Engine{Embedded, Servers} {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			test(t, e)
		})
	}
}

// Services are the URLs of services that are migrated, empty, and one test's own.
type Services struct{ DatabaseURL, RedisURL string }

// New prepares services and removes them when the test ends.
func New(t testing.TB, e Engine) Services {
	t.Helper()
	if e == Embedded {
		return Services{DatabaseURL: newFile(t), RedisURL: queue.EmbeddedURL}
	}
	return Services{DatabaseURL: newDatabase(t), RedisURL: leaseRedis(t)}
}

func required(t testing.TB, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set. Run the tests with `make test`, which brings the services, or start them with "+
			"`make services`.", name)
	}
	return v
}

// Migrate brings a database up to date.
func Migrate(ctx context.Context, databaseURL string) error {
	d, err := db.Open(ctx, databaseURL)
	if err != nil {
		return err
	}
	_, err = d.MigrateUp(ctx)
	return errors.Join(err, d.Close())
}

// leaseRedis takes one of the numbered databases of the test Redis, empty. Number 0 keeps the leases, so that test
// processes that run at the same time don't take the same.
func leaseRedis(t testing.TB) string {
	t.Helper()
	base := required(t, "HOOKLINE_TEST_REDIS_URL")
	o, err := redis.ParseURL(base)
	if err != nil {
		t.Fatal(err)
	}
	o.DB = 0
	leases := redis.NewClient(o)
	t.Cleanup(func() { _ = leases.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	count, err := leases.ConfigGet(ctx, "databases").Result()
	if err != nil {
		t.Fatalf("test Redis: got %v, want an answer", err)
	}
	var databases int
	if _, err := fmt.Sscan(count["databases"], &databases); err != nil || databases < 2 {
		t.Fatalf("test Redis: got %s databases, want at least 2", count["databases"])
	}
	for n := int64(0); ; {
		n, err = leases.Incr(ctx, "testkit:next").Result()
		if err != nil {
			t.Fatalf("database of the test Redis: got %v, want a free one", err)
		}
		number := 1 + int(n)%(databases-1)
		key := fmt.Sprintf("testkit:lease:%d", number)
		taken, err := leases.SetNX(ctx, key, t.Name(), 10*time.Minute).Result()
		if err != nil {
			t.Fatal(err)
		}
		if !taken {
			continue
		}
		t.Cleanup(func() { leases.Del(context.Background(), key) })
		return emptyRedis(t, o, number)
	}
}

func emptyRedis(t testing.TB, o *redis.Options, number int) string {
	t.Helper()
	own := *o
	own.DB = number
	client := redis.NewClient(&own)
	defer func() { _ = client.Close() }()
	if err := client.FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	u := url.URL{Scheme: "redis", Host: o.Addr, Path: fmt.Sprintf("/%d", number)}
	if o.Password != "" {
		u.User = url.UserPassword(o.Username, o.Password)
	}
	return u.String()
}

func randomName() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
