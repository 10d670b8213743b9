package instance

import (
	"slices"
	"strings"
	"testing"
)

func TestParseMajor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n":                     15,
		"postgres (PostgreSQL) 18beta2\n":                                            18,
		"postgres (PostgreSQL) 9.6.24\n":                                             9,
		"Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=1": 7,
		"Valkey server v=8.0.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=2": 8,
	} {
		if got, err := parseMajor(text); err != nil || got != want {
			t.Errorf("parseMajor(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "command not found", "psql 15"} {
		if got, err := parseMajor(text); err == nil {
			t.Errorf("parseMajor(%q) = %d; want an error", text, got)
		}
	}
}

func TestNewest(t *testing.T) {
	t.Parallel()
	// By number, not by name: as text "9" is newer than "15".
	got, ok := newest([]binary{{"path", 15}, {"nine", 9}, {"sixteen", 16}, {"again", 16}})
	if want := (binary{"sixteen", 16}); !ok || got != want {
		t.Errorf("newest = %v, %t; want %v", got, ok, want)
	}
	if _, ok := newest(nil); ok {
		t.Error("newest of nothing: got one, want none")
	}
}

func TestPostgresDurability(t *testing.T) {
	t.Parallel()
	if !slices.Contains(postgresArgs("/x", 1, false), "fsync=off") {
		t.Error("arguments of a PostgreSQL for tests: want fsync=off")
	}
	for _, arg := range postgresArgs("/x", 1, true) {
		if strings.Contains(arg, "fsync") || strings.Contains(arg, "synchronous_commit") {
			t.Errorf("arguments of a PostgreSQL for benchmarks: got %s, want fsync on", arg)
		}
	}
}
