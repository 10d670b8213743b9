package testkit

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/deploy/dev/instance"
)

// Replicated is several Redis servers of a test's own, of which replicas take over when their master is gone.
type Replicated struct {
	URL   string // a HOOKLINE_REDIS_URL
	nodes map[string]*instance.Server
	// killed are the addresses of those that Fail killed.
	killed []string
	// master is the address of the server that has a key now.
	master func(ctx context.Context, key string) (string, error)
}

const (
	replicaTimeout = "1000" // milliseconds until a master that does not answer counts as gone
	sentinels      = 3
)

// newNode makes and starts a server in a folder of its own.
func (r *Replicated) newNode(t testing.TB, dir string, arguments ...string) (address string) {
	t.Helper()
	dir = filepath.Join(dir, strconv.Itoa(len(r.nodes)))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := instance.Redis(t.Context(), dir, "", arguments...)
	if err == nil {
		err = s.Start(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	address = addressOf(s)
	r.nodes[address] = s
	return address
}

// addressOf is the host and port of a Redis or a Sentinel.
func addressOf(s *instance.Server) string {
	return strings.TrimSuffix(strings.TrimPrefix(s.URL, "redis://"), "/0")
}

func newReplicated(t testing.TB) (*Replicated, string) {
	t.Helper()
	dir, err := instance.NewDir(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return &Replicated{nodes: map[string]*instance.Server{}}, dir
}

// NewCluster starts a Redis Cluster of three masters with a replica each.
func NewCluster(t testing.TB) *Replicated {
	t.Helper()
	r, dir := newReplicated(t)
	var addresses, arguments []string
	for range 6 {
		bus, err := instance.FreePort()
		if err != nil {
			t.Fatal(err)
		}
		// A replica whose data is old, as on a machine that was busy, takes over, too.
		address := r.newNode(t, dir, "--cluster-enabled", "yes", "--cluster-node-timeout", replicaTimeout,
			"--cluster-replica-validity-factor", "0",
			"--cluster-port", strconv.Itoa(bus), "--cluster-config-file", "nodes.conf")
		addresses, arguments = append(addresses, address), append(arguments, address+"@"+strconv.Itoa(bus))
	}
	arguments = slices.Concat([]string{"--cluster", "create"}, arguments,
		[]string{"--cluster-replicas", "1", "--cluster-yes"})
	if out, err := exec.CommandContext(t.Context(), "redis-cli", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("redis-cli --cluster create: got %v\n%s", err, out)
	}
	r.URL = "redis-cluster://" + addresses[0] + "?addr=" + strings.Join(addresses[1:], "&addr=")
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addresses})
	t.Cleanup(func() { _ = client.Close() })
	r.master = func(ctx context.Context, key string) (string, error) {
		client.ReloadState(ctx)
		c, err := client.MasterForKey(ctx, key)
		if err != nil {
			return "", err
		}
		return c.Options().Addr, c.Ping(ctx).Err()
	}
	return r
}

// NewSentinels starts a master with a replica, and three Sentinels that watch them.
func NewSentinels(t testing.TB) *Replicated {
	t.Helper()
	r, dir := newReplicated(t)
	master := r.newNode(t, dir)
	host, port, _ := strings.Cut(master, ":")
	r.newNode(t, dir, "--replicaof", host+" "+port)
	var addresses []string
	for i := range sentinels {
		file := filepath.Join(dir, fmt.Sprintf("sentinel-%d.conf", i))
		config := fmt.Sprintf("sentinel monitor hookline %s %s 2\nsentinel down-after-milliseconds hookline %s\n"+
			"sentinel failover-timeout hookline 3000\n", host, port, replicaTimeout)
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := instance.Sentinel(t.Context(), filepath.Join(dir, fmt.Sprintf("sentinel-%d.log", i)), file)
		if err == nil {
			err = s.Start(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Stop)
		addresses = append(addresses, addressOf(s))
	}
	r.URL = "redis-sentinel://" + addresses[0] + "?master_name=hookline&addr=" + strings.Join(addresses[1:], "&addr=")
	client := redis.NewSentinelClient(&redis.Options{Addr: addresses[0]})
	t.Cleanup(func() { _ = client.Close() })
	r.master = func(ctx context.Context, _ string) (string, error) {
		at, err := client.GetMasterAddrByName(ctx, "hookline").Result()
		return strings.Join(at, ":"), err
	}
	AwaitWithin(t, time.Minute, "Sentinels that know each other and the replica", func() bool {
		known, err := client.Master(t.Context(), "hookline").Result()
		return err == nil && known["num-slaves"] == "1" && known["num-other-sentinels"] == strconv.Itoa(sentinels-1)
	})
	return r
}

// Fail kills the master that has a key, waits until a replica has taken over, and returns when that was.
func (r *Replicated) Fail(t testing.TB, key string) time.Time {
	t.Helper()
	old, err := r.master(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	r.nodes[old].Kill()
	r.killed = append(r.killed, old)
	AwaitWithin(t, time.Minute, "a replica that takes over", func() bool {
		now, err := r.master(t.Context(), key)
		return err == nil && now != old && now != ""
	})
	return time.Now()
}

// Empty deletes everything from the master that has a key, or from all masters when the key is empty.
func (r *Replicated) Empty(t testing.TB, key string) {
	t.Helper()
	only := ""
	if key != "" {
		var err error
		if only, err = r.master(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	emptied := 0
	for address := range r.nodes {
		if only != "" && address != only {
			continue
		}
		client := redis.NewClient(&redis.Options{Addr: address})
		err := client.FlushAll(t.Context()).Err()
		_ = client.Close()
		if err == nil {
			emptied++
		} else if !strings.Contains(err.Error(), "READONLY") { // a replica, which follows its master
			t.Fatal(err)
		}
	}
	if emptied == 0 {
		t.Fatal("masters that were emptied: got none, want one or all")
	}
}

// Configure sets a setting of the master that has a key.
func (r *Replicated) Configure(t testing.TB, key, name, value string) {
	t.Helper()
	address, err := r.master(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Addr: address})
	defer func() { _ = client.Close() }()
	if err := client.ConfigSet(t.Context(), name, value).Err(); err != nil {
		t.Fatal(err)
	}
}

// Restart starts the servers that Fail killed, and waits until they follow those that took over.
func (r *Replicated) Restart(t testing.TB) {
	t.Helper()
	for _, address := range r.killed {
		if err := r.nodes[address].Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		client := redis.NewClient(&redis.Options{Addr: address})
		AwaitWithin(t, time.Minute, "a replica of the server that took over", func() bool {
			info := client.Info(t.Context(), "replication").Val()
			return strings.Contains(info, "role:slave") && strings.Contains(info, "master_link_status:up")
		})
		_ = client.Close()
	}
	r.killed = nil
}
