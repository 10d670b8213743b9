package secrets

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/rotation"
	"github.com/hookline/hookline/internal/secret"
)

// Every column of every table and every key of Redis is searched for every known secret before a program's data is
// removed. A secret in either fails the test.

// anchor is how many bytes of a secret's end are looked up first; its beginning is often the same for all.
const anchor = 8

// needles are secrets in all the forms in which somebody might store them, by the last bytes of the form.
type needles struct {
	byEnd map[uint64][][]byte
	some  [1 << 16 / 64]uint64 // which hashes of ends there are, so that most places cost one look
}

func (n *needles) add(form []byte) {
	if len(form) < 2*anchor {
		return
	}
	end := binary.LittleEndian.Uint64(form[len(form)-anchor:])
	n.byEnd[end] = append(n.byEnd[end], form)
	h := hash(end)
	n.some[h/64] |= 1 << (h % 64)
}

func hash(end uint64) uint64 { return end * 0x9e3779b97f4a7c15 >> 48 }

// newNeedles takes each secret as it is, in hex, in base64, and as what it is the base64 of.
func newNeedles(secrets []string) *needles {
	n := &needles{byEnd: map[uint64][][]byte{}}
	for _, s := range secrets {
		n.add([]byte(s))
		n.add([]byte(hex.EncodeToString([]byte(s))))
		n.add([]byte(strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(s)), "=")))
		if raw, err := base64.StdEncoding.DecodeString(s); err == nil {
			n.add(raw)
			n.add([]byte(hex.EncodeToString(raw)))
		}
	}
	return n
}

// in returns a form that the text holds, nil when it holds none.
func (n *needles) in(text []byte) []byte {
	for i := anchor; i <= len(text); i++ {
		end := binary.LittleEndian.Uint64(text[i-anchor:])
		if h := hash(end); n.some[h/64]&(1<<(h%64)) == 0 {
			continue
		}
		for _, form := range n.byEnd[end] {
			if bytes.HasSuffix(text[:i], form) {
				return form
			}
		}
	}
	return nil
}

// known returns the secrets that are known by now.
func (w *watcher) known() *needles {
	w.mu.Lock()
	secrets := slices.Clone(w.secrets)
	w.mu.Unlock()
	return newNeedles(secrets)
}

const searchTime = 2 * time.Minute

// SearchDatabase fails the test when a row of a database holds a known secret.
func SearchDatabase(t testing.TB, databaseURL string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), searchTime)
	defer cancel()
	d, err := db.Open(ctx, databaseURL)
	if err != nil {
		t.Errorf("search of the database for secrets: got %v, want no error", err)
		return
	}
	defer func() { _ = d.Close() }()
	list := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if d.Postgres() { // what is in a partition is in what it is a partition of
		list = "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND " +
			"c.relkind IN ('r', 'p') AND NOT c.relispartition"
	}
	var tables []string
	if err := d.Read(ctx).Raw(list).Scan(&tables).Error; err != nil || len(tables) < 10 {
		t.Errorf("search of the database for secrets: got %d tables, %v, want at least 10", len(tables), err)
		return
	}
	look := newSearch()
	for _, table := range tables {
		if err := look.table(ctx, d, table); err != nil {
			t.Error(err)
		}
	}
}

// search is what a database is searched for: secrets, and sealed values in columns where the rotation of encryption
// keys would not find them.
type search struct {
	secrets *needles
	keys    map[secret.KeyID]bool // that sealed values are under
	rotated map[string]bool       // the columns with sealed values, as table.column
}

func newSearch() search {
	s := search{secrets: log.known(), keys: map[secret.KeyID]bool{}, rotated: map[string]bool{}}
	log.mu.Lock()
	defer log.mu.Unlock()
	for _, id := range log.keys {
		s.keys[id] = true
	}
	for _, c := range rotation.Columns() {
		s.rotated[c.String()] = true
	}
	return s
}

// sealed reports whether a value is a sealed one: as it is, or in hex or base64.
func (s search) sealed(v []byte) bool {
	const size = 9 // bytes; more than enough to see which key a value is under
	forms := [][]byte{v}
	head := v[:min(len(v), 4*size/3)]
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if raw, err := encoding.DecodeString(string(head)); err == nil {
			forms = append(forms, raw)
		}
	}
	if raw, err := hex.DecodeString(string(head)); err == nil {
		forms = append(forms, raw)
	}
	return slices.ContainsFunc(forms, func(form []byte) bool {
		id, ok := secret.KeyOf(form)
		return ok && s.keys[id]
	})
}

// table fails when a row holds a secret, or a sealed value where none belongs, and says which column and how the row
// begins.
func (s search) table(ctx context.Context, d *db.DB, table string) error {
	rows, err := d.Read(ctx).Raw("SELECT * FROM " + table).Rows()
	if err != nil {
		return fmt.Errorf("%s can't be searched for secrets: %w", table, err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("%s can't be searched for secrets: %w", table, err)
		}
		for i, v := range values {
			if found := s.secrets.in(v); found != nil {
				return fmt.Errorf("a secret (%.12q…) is in %s.%s, in the row that begins with %.40q", found, table,
					columns[i], values[0])
			}
			if column := table + "." + columns[i]; s.sealed(v) && !s.rotated[column] {
				return fmt.Errorf("an encrypted value is in %s, in the row that begins with %.40q: add the column to "+
					"rotation.Columns", column, values[0])
			}
		}
	}
	return rows.Err()
}

// SearchRedis fails the test when a key of a Redis or its value holds a known secret.
func SearchRedis(t testing.TB, client redis.UniversalClient) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), searchTime)
	defer cancel()
	secrets := log.known()
	for cursor := uint64(0); ; {
		keys, next, err := client.Scan(ctx, cursor, "*", 1000).Result()
		if err != nil {
			t.Errorf("search of Redis for secrets: got %v, want no error", err)
			return
		}
		if err := searchKeys(ctx, client, keys, secrets); err != nil {
			t.Error(err)
		}
		if cursor = next; cursor == 0 {
			return
		}
	}
}

// searchKeys fails when a key or what is stored under it holds a secret. DUMP would be simpler, but it compresses.
func searchKeys(ctx context.Context, client redis.UniversalClient, keys []string, secrets *needles) error {
	if len(keys) == 0 {
		return nil
	}
	types := make([]*redis.StatusCmd, len(keys))
	if _, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, key := range keys {
			types[i] = p.Type(ctx, key)
		}
		return nil
	}); err != nil {
		return fmt.Errorf("searching Redis for secrets: %w", err)
	}
	contents := make([]redis.Cmder, len(keys))
	_, _ = client.Pipelined(ctx, func(p redis.Pipeliner) error { // each command keeps its own error
		for i, key := range keys {
			contents[i] = p.Do(ctx, reading(types[i].Val(), key)...)
		}
		return nil
	})
	for i, key := range keys {
		if err := contents[i].Err(); err != nil && err != redis.Nil && !strings.HasPrefix(err.Error(), "WRONGTYPE") { //nolint:errorlint // as the client says it
			return fmt.Errorf("%q in Redis can't be searched for secrets: %w", key, err)
		}
		// A command writes what came back behind what was asked.
		if found := secrets.in([]byte(contents[i].String())); found != nil {
			return fmt.Errorf("a secret (%.12q…) is in Redis, in the %s %.60q", found, types[i].Val(), key)
		}
	}
	return nil
}

// reading is the command that reads all of a key.
func reading(kind, key string) []any {
	switch kind {
	case "list":
		return []any{"LRANGE", key, 0, -1}
	case "hash":
		return []any{"HGETALL", key}
	case "set":
		return []any{"SMEMBERS", key}
	case "zset":
		return []any{"ZRANGE", key, 0, -1}
	case "stream":
		return []any{"XRANGE", key, "-", "+"}
	}
	return []any{"GET", key}
}
