// Package queue schedules deliveries and agent runs with Asynq on Redis. SQL is authoritative: it knows every delivery
// and when it is due, and the reconciler enqueues again what Redis forgot. A task carries the id of its delivery and
// nothing else.
package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// EmbeddedURL is the URL of a Redis inside the process, for development.
const EmbeddedURL = "embedded:"

// topologyEvery is how often a client asks a Cluster which server has which slots. It does not ask when a server is
// gone: after a failover it would call the old master for the minute that is the library's default.
const topologyEvery = 3 * time.Second

// Redis is an open connection pool, or the whole server when it is embedded.
type Redis struct {
	redis.UniversalClient
	url      string
	seeds    seeds
	embedded *miniredis.Miniredis
	password string // of the embedded server
	stop     chan struct{}
	wakeUps  *wakeUps
	onTime   *onTime
}

// Open connects to one of the forms of HOOKLINE_REDIS_URL, or starts a server in the process. It does not wait for
// Redis to answer: see Ping and CheckServer.
func Open(url string) (*Redis, error) {
	if url == EmbeddedURL {
		return openEmbedded()
	}
	client, named, err := parse(url, false)
	if err != nil {
		return nil, err
	}
	r := &Redis{UniversalClient: client, url: url, seeds: named, wakeUps: newWakeUps(client)}
	r.onTime = newOnTime(r)
	return r, nil
}

// Impatient makes a second connection pool, for callers that would rather do without Redis than wait: it keeps the
// deadline of a context and retries nothing. The caller closes it.
func (r *Redis) Impatient() (redis.UniversalClient, error) {
	client, _, err := parse(r.url, true)
	return client, err
}

func parse(raw string, impatient bool) (redis.UniversalClient, seeds, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return nil, seeds{}, fmt.Errorf("queue: not a Redis URL; it starts with redis://, rediss://, redis-sentinel:// or " +
			"redis-cluster://")
	}
	plain, kind, dashed := strings.Cut(scheme, "-")
	raw = plain + "://" + rest
	if plain == "redis" || plain == "rediss" {
		switch {
		case !dashed:
			return parseSingle(raw, impatient)
		case kind == "sentinel":
			return parseSentinel(raw, impatient)
		case kind == "cluster":
			return parseCluster(raw, impatient)
		}
	}
	return nil, seeds{}, fmt.Errorf("queue: %s:// is not a Redis URL; it starts with redis://, rediss://, "+
		"redis-sentinel:// or redis-cluster://", scheme)
}

func parseSingle(raw string, impatient bool) (redis.UniversalClient, seeds, error) {
	o, err := redis.ParseURL(raw)
	if err != nil {
		return nil, seeds{}, withoutURL(err)
	}
	if impatient {
		o.ContextTimeoutEnabled, o.MaxRetries, o.DialerRetries = true, -1, 1
	}
	return redis.NewClient(o), seeds{addrs: []string{o.Addr}}, nil
}

func parseSentinel(raw string, impatient bool) (redis.UniversalClient, seeds, error) {
	o, err := redis.ParseFailoverURL(raw)
	if err != nil {
		return nil, seeds{}, withoutURL(err)
	}
	if o.MasterName == "" {
		return nil, seeds{}, fmt.Errorf("queue: a redis-sentinel:// URL needs ?master_name=NAME")
	}
	if impatient {
		o.ContextTimeoutEnabled, o.MaxRetries, o.DialerRetries = true, -1, 1
	}
	return redis.NewFailoverClient(o), seeds{master: o.MasterName, addrs: o.SentinelAddrs}, nil
}

func parseCluster(raw string, impatient bool) (redis.UniversalClient, seeds, error) {
	o, err := redis.ParseClusterURL(raw)
	if err != nil {
		return nil, seeds{}, withoutURL(err)
	}
	if u, err := url.Parse(raw); err == nil { // the library ignores the path
		if number := strings.Trim(u.Path, "/"); number != "" && number != "0" {
			return nil, seeds{}, fmt.Errorf("queue: a Redis Cluster has database 0 only, and the URL names database %q; "+
				"remove it from the URL, or use a Redis without Cluster", number)
		}
	}
	o.ClusterStateReloadInterval = topologyEvery
	if impatient {
		o.ContextTimeoutEnabled, o.MaxRetries, o.DialerRetries = true, -1, 1
	}
	return redis.NewClusterClient(o), seeds{cluster: true, addrs: o.Addrs}, nil
}

// withoutURL keeps the password, which is part of the URL, out of the error.
func withoutURL(err error) error {
	var parse *url.Error
	if errors.As(err, &parse) {
		return errors.New("queue: the URL can't be read; write the host and port, and escape special characters of " +
			"the password")
	}
	return fmt.Errorf("queue: %w", err)
}

func openEmbedded() (*Redis, error) {
	server := miniredis.NewMiniRedis()
	password := rand.Text() // every process of this machine can connect to its port
	server.RequireAuth(password)
	if err := server.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("queue: the embedded Redis does not start: %w", err)
	}
	r := &Redis{password: password, embedded: server, stop: make(chan struct{}),
		url: (&url.URL{Scheme: "redis", User: url.UserPassword("", password), Host: server.Addr()}).String()}
	r.UniversalClient = r.local()
	r.wakeUps = newWakeUps(nil) // all servers are in this process
	r.onTime = newOnTime(r)
	go r.passTime()
	return r, nil
}

// local makes a client of the embedded server.
func (r *Redis) local() redis.UniversalClient {
	return redis.NewClient(&redis.Options{Addr: r.embedded.Addr(), Password: r.password, MaxRetries: 1})
}

// another makes a client of its own of the same Redis.
func (r *Redis) another() redis.UniversalClient {
	if r.embedded != nil {
		return r.local()
	}
	client, _, err := parse(r.url, false)
	if err != nil {
		panic(err) // Open read the same URL
	}
	return client
}

// passTime lets keys expire: the embedded server's clock moves only with FastForward.
func (r *Redis) passTime() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.embedded.FastForward(time.Second)
		case <-r.stop:
			return
		}
	}
}

// Alive says whether Redis answers.
func (r *Redis) Alive(ctx context.Context) error { return r.Ping(ctx).Err() }

var redisVersion = regexp.MustCompile(`redis_version:(\d+)`)

// CheckServer refuses a Redis that is too old or that may evict tasks when its memory is full, and a Cluster with such
// a master.
func (r *Redis) CheckServer(ctx context.Context) error {
	if r.embedded != nil {
		return nil
	}
	if cluster, ok := r.UniversalClient.(*redis.ClusterClient); ok {
		return cluster.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
			return checkServer(ctx, master)
		})
	}
	return checkServer(ctx, r)
}

func checkServer(ctx context.Context, r redis.Cmdable) error {
	info, err := r.Info(ctx, "server").Result()
	if err != nil {
		return err
	}
	if m := redisVersion.FindStringSubmatch(info); m != nil {
		if major, _ := strconv.Atoi(m[1]); major < 7 {
			return fmt.Errorf("it is version %d; Hookline needs Redis 7 or newer", major)
		}
	}
	policy, err := r.ConfigGet(ctx, "maxmemory-policy").Result()
	if err != nil { // managed services forbid CONFIG
		slog.Warn("Redis does not report its maxmemory-policy; make sure that it is noeviction", "error", err)
		return nil
	}
	if p := policy["maxmemory-policy"]; p != "noeviction" {
		return fmt.Errorf("its maxmemory-policy is %s; set it to noeviction: redis-cli config set "+
			"maxmemory-policy noeviction", p)
	}
	return nil
}

// Close closes the connections and, when it is embedded, the server.
func (r *Redis) Close() error {
	r.wakeUps.close()
	err := r.UniversalClient.Close()
	if r.embedded != nil {
		close(r.stop)
		r.embedded.Close()
	}
	return err
}

// Embedded returns the server in the process; nil when Redis is elsewhere.
func (r *Redis) Embedded() *miniredis.Miniredis { return r.embedded }
