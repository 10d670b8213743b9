// Package idempotency makes a repeated request take effect once. The response is stored in the transaction of the
// effect: either both exist or neither does, also after a crash.
package idempotency

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/secret"
)

// Lifetime is how long a response is stored.
const Lifetime = 24 * time.Hour

// Request is a request with an Idempotency-Key. TenantID is empty for operators. Caller is the id of the key or session
// that sent it: an answer may contain what only its caller may see, so nobody else gets it.
type Request struct {
	TenantID    string
	Environment principal.Environment
	Caller      string
	Method      string
	Path        string
	Name        string
	Body        []byte
}

// Answer is a stored response.
type Answer struct {
	Status      int    `json:"status"`
	ContentType string `json:"content_type"`
	Body        []byte `json:"body"`
}

// row of idempotency_keys. Answer is encrypted, since it may contain secrets that are shown only once.
type row struct {
	TenantID    string `tenant:"optional"` // empty for operators
	Environment principal.Environment
	Caller      string
	Method      string
	Path        string
	Name        string
	Fingerprint []byte
	Status      int
	Answer      []byte
	CreatedAt   db.Time
}

// TableName implements GORM's Tabler.
func (row) TableName() string { return "idempotency_keys" }

// Store stores responses.
type Store struct {
	db   *db.DB
	ring *secret.Ring
	now  clock.Clock

	mu      sync.Mutex
	running map[string]bool
}

// NewStore makes a Store; ring encrypts the responses.
func NewStore(database *db.DB, ring *secret.Ring, now clock.Clock) *Store {
	return &Store{db: database, ring: ring, now: now, running: map[string]bool{}}
}

// Do runs effect in a transaction and stores its response. For a repeated request it returns the stored response
// instead, and replayed is true. It fails with a problem when the body differs from the first request's, and when that
// is still running. When effect fails nothing is stored, and the request may be sent again.
func (s *Store) Do(ctx context.Context, r Request, effect func(ctx context.Context) (Answer, error)) (a Answer,
	replayed bool, err error) {
	if r.Caller == "" {
		return a, false, errors.New("idempotency: a request without a caller")
	}
	name := r.key()
	if !s.begin(name) {
		return a, false, inFlight()
	}
	defer s.complete(name)
	err = s.db.Unit(ctx, func(ctx context.Context) error {
		kept, err := s.find(ctx, r)
		if err != nil {
			return err
		}
		if kept != nil {
			a, replayed = *kept, true
			return nil
		}
		if a, err = effect(ctx); err != nil {
			return err
		}
		return s.keep(ctx, r, a)
	})
	return a, replayed, err
}

func inFlight() error {
	return problem.New(problem.Conflict,
		"The request with this Idempotency-Key is still in progress. Send it again in a moment.")
}

// begin and complete exclude concurrent equal requests within this process; the advisory lock does so between
// processes.
func (s *Store) begin(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[name] {
		return false
	}
	s.running[name] = true
	return true
}

func (s *Store) complete(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, name)
}

// parts are the primary key of the request's row.
func (r Request) parts() []string {
	return []string{r.TenantID, string(r.Environment), r.Caller, r.Method, r.Path, r.Name}
}

func (r Request) key() string {
	raw, _ := json.Marshal(r.parts()) // strings always marshal
	return string(raw)
}

func (r Request) fingerprint() []byte {
	sum := sha256.Sum256(r.Body)
	return sum[:]
}

func (s *Store) find(ctx context.Context, r Request) (*Answer, error) {
	if s.db.Postgres() {
		sum := sha256.Sum256([]byte(r.key()))
		var free bool
		err := s.db.Read(ctx).Raw("SELECT pg_try_advisory_xact_lock(?)", int64(binary.BigEndian.Uint64(sum[:8]))).Scan(&free).Error //nolint:gosec // any 64 bits will do
		if err != nil {
			return nil, fmt.Errorf("idempotency: %w", err)
		}
		if !free {
			return nil, inFlight()
		}
	}
	var k row
	err := s.mine(s.db.Read(ctx), r).Take(&k).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || (err == nil && s.now().Sub(k.CreatedAt.Time) >= Lifetime) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("idempotency: %w", err)
	}
	if string(k.Fingerprint) != string(r.fingerprint()) {
		return nil, problem.New(problem.IdempotencyMismatch,
			"This Idempotency-Key was used for a request with another body. Use a new key for a new request.")
	}
	return s.open(k, r)
}

func (s *Store) mine(q *gorm.DB, r Request) *gorm.DB {
	return q.Where("tenant_id = ? AND environment = ? AND caller = ? AND method = ? AND path = ? AND name = ?",
		r.TenantID, r.Environment, r.Caller, r.Method, r.Path, r.Name)
}

func (s *Store) open(k row, r Request) (*Answer, error) {
	raw, err := s.ring.Open(secret.IdempotentAnswer, k.Answer, r.parts()...)
	if err != nil {
		return nil, fmt.Errorf("idempotency: %w", err)
	}
	var a Answer
	return &a, json.Unmarshal(raw, &a)
}

func (s *Store) keep(ctx context.Context, r Request, a Answer) error {
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	k := row{
		TenantID: r.TenantID, Environment: r.Environment, Caller: r.Caller, Method: r.Method, Path: r.Path,
		Name: r.Name, Fingerprint: r.fingerprint(), Status: a.Status,
		Answer:    s.ring.Seal(secret.IdempotentAnswer, raw, r.parts()...),
		CreatedAt: db.At(s.now()),
	}
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		if err := s.mine(tx, r).Delete(&row{}).Error; err != nil { // an expired one
			return err
		}
		return tx.Create(&k).Error
	})
}

// DeleteOlder deletes at most limit expired responses and returns how many.
func (s *Store) DeleteOlder(ctx context.Context, limit int) (int64, error) {
	return s.db.Affected(ctx, func(tx *gorm.DB) *gorm.DB {
		return tx.Exec(`DELETE FROM idempotency_keys WHERE (tenant_id, environment, caller, method, path, name) IN (
			SELECT tenant_id, environment, caller, method, path, name FROM idempotency_keys
			WHERE created_at < ? ORDER BY created_at LIMIT ?)`,
			db.At(s.now().Add(-Lifetime)), limit)
	})
}
