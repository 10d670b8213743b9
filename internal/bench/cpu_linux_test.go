package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/testkit"
)

// ticks is how many units of /proc's times make a second; Linux has fixed it for user space.
const ticks = 100

// meter reads, from the operating system, how much CPU time processes have used.
type meter struct {
	own      []int // the processes of Hookline
	postgres int   // of which all children count
	redis    int
}

func newMeter(b *testing.B, s testkit.Services, own ...*testkit.Process) meter {
	b.Helper()
	m := meter{}
	for _, p := range own {
		m.own = append(m.own, p.ID())
	}
	conn, err := pgx.Connect(b.Context(), s.DatabaseURL)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var backend int
	if err := conn.QueryRow(b.Context(), "SELECT pg_backend_pid()").Scan(&backend); err != nil {
		b.Fatal(err)
	}
	m.postgres = stat(backend).parent
	o, err := redis.ParseURL(s.RedisURL)
	if err != nil {
		b.Fatal(err)
	}
	client := redis.NewClient(o)
	defer func() { _ = client.Close() }()
	for line := range strings.Lines(client.Info(b.Context(), "server").Val()) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "process_id:"); ok {
			m.redis, _ = strconv.Atoi(id)
		}
	}
	return m
}

// read returns what was used so far.
func (m meter) read() usage {
	u := usage{bench: stat(os.Getpid()).used, redis: stat(m.redis).used}
	for _, id := range m.own {
		u.own += stat(id).used
	}
	postmaster := stat(m.postgres)
	u.postgres = postmaster.used + postmaster.children // of children that are gone
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range all {
		if id, err := strconv.Atoi(filepath.Base(dir)); err == nil {
			if s := stat(id); s.parent == m.postgres {
				u.postgres += s.used
			}
		}
	}
	return u
}

type process struct {
	parent         int
	used, children float64
}

// stat reads /proc/<id>/stat; what is gone has used nothing.
func stat(id int) process {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
	if err != nil {
		return process{}
	}
	_, rest, _ := strings.Cut(string(raw), ") ") // the name before may hold spaces
	fields := strings.Fields(rest)
	number := func(i int) float64 { n, _ := strconv.ParseFloat(fields[i], 64); return n }
	return process{parent: int(number(1)), used: (number(11) + number(12)) / ticks, children: (number(13) +
		number(14)) / ticks}
}
