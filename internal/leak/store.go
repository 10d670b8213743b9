package leak

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/principal"
)

// Leaked is the name of the audit action and of the event.
const Leaked = "key.leaked"

// actor is the actor of revocations in the audit log.
const actor = "secret scanning"

type tenantKeys interface {
	// WithHashes returns the keys of all tenants that have one of the hashes, valid or not.
	WithHashes(ctx context.Context, hashes [][]byte) ([]apikey.Key, error)
	// RevokeLeaked revokes a key and returns it; ended is false when it was revoked or expired before.
	RevokeLeaked(ctx context.Context, scope principal.Scope, keyID string) (k apikey.Key, ended bool, err error)
}

type operatorKeys interface {
	// WithHashes and RevokeLeaked are the same for operator keys.
	WithHashes(ctx context.Context, hashes [][]byte) ([]operator.Key, error)
	RevokeLeaked(ctx context.Context, keyID string) (k operator.Key, ended bool, err error)
}

// Store revokes leaked keys.
type Store struct {
	db        *db.DB
	tenants   tenantKeys
	operators operatorKeys
	outbox    *event.Outbox
	log       *audit.Log
}

// NewStore makes a Store.
func NewStore(database *db.DB, tenants tenantKeys, operators operatorKeys, outbox *event.Outbox,
	log *audit.Log) *Store {
	return &Store{db: database, tenants: tenants, operators: operators, outbox: outbox, log: log}
}

// End revokes every valid key among the finds, records it and notifies its tenant by an event, each key in its own
// transaction. It returns for each find whether it is or was a key. A key that can't be revoked does not stop the
// others; the error then names all that failed, and the same report can be sent again.
func (s *Store) End(ctx context.Context, finds []Find) ([]bool, error) {
	finds = clean(finds)
	hashes := make([][]byte, len(finds))
	possible, found := [][]byte{}, map[string][]Find{}
	for i, f := range finds {
		hashes[i] = apikey.Hash(f.Token)
		if !looksLikeAKey(f.Token) {
			continue
		}
		name := string(hashes[i])
		if found[name] == nil {
			possible = append(possible, hashes[i])
		}
		found[name] = append(found[name], f)
	}
	tenants, err := s.tenants.WithHashes(ctx, possible)
	if err != nil {
		return nil, err
	}
	operators, err := s.operators.WithHashes(ctx, possible)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, k := range tenants {
		known[string(k.Hash)] = true
		err = errors.Join(err, s.endTenants(ctx, k, found[string(k.Hash)]))
	}
	for _, k := range operators {
		known[string(k.Hash)] = true
		err = errors.Join(err, s.endOperators(ctx, k, found[string(k.Hash)]))
	}
	out := make([]bool, len(finds))
	for i, hash := range hashes {
		out[i] = known[string(hash)]
	}
	return out, err
}

// looksLikeAKey reports whether a token needs a database query.
func looksLikeAKey(token string) bool {
	return apikey.WellFormed(token) || strings.HasPrefix(token, operator.Prefix)
}

func (s *Store) endTenants(ctx context.Context, found apikey.Key, finds []Find) error {
	scope := principal.Scope{TenantID: found.TenantID, Environment: found.Environment}
	all := places(finds)
	return s.db.Unit(as(ctx, scope), func(ctx context.Context) error {
		k, ended, err := s.tenants.RevokeLeaked(ctx, scope, found.ID)
		if err != nil || !ended {
			return err
		}
		data := api.KeyLeakedData{KeyID: k.ID, Name: k.Name, Hint: k.Hint, URL: all[0].URL, Source: all[0].Source,
			Places: all, RevokedAt: k.RevokedAt.Time}
		if err := s.log.Record(ctx, Leaked, change(data)); err != nil {
			return err
		}
		db.AfterCommit(ctx, func() {
			slog.Warn("an API key was found in public and revoked", "tenant", scope.TenantID, "key", k.ID, "url",
				all[0].URL, "source", all[0].Source, "places", len(all))
		})
		return s.outbox.Tx(ctx, func(tx *event.Tx) error {
			number, err := member.OwnerNumber(tx.DB, k.TenantID, k.UserID)
			if err != nil {
				return err
			}
			return tx.EmitOf(number, scope, Leaked, data)
		})
	})
}

func (s *Store) endOperators(ctx context.Context, found operator.Key, finds []Find) error {
	all := places(finds)
	return s.db.Unit(as(ctx, principal.Scope{}), func(ctx context.Context) error {
		k, ended, err := s.operators.RevokeLeaked(ctx, found.ID)
		if err != nil || !ended {
			return err
		}
		data := api.KeyLeakedData{KeyID: k.ID, Name: k.Name, Hint: k.Hint, URL: all[0].URL, Source: all[0].Source,
			Places: all, RevokedAt: k.RevokedAt.Time}
		db.AfterCommit(ctx, func() {
			slog.Error("an operator key was found in public and revoked; check the audit log for what was done "+
				"with it. If it was the last one, set HOOKLINE_OPERATOR_KEY to a new one and restart",
				"key", k.ID, "name", k.Name, "hint", k.Hint, "url", all[0].URL, "source", all[0].Source, "places",
				len(all))
		})
		return s.log.Record(ctx, Leaked, change(data))
	})
}

// as returns a context in which secret scanning is the actor, within a scope.
func as(ctx context.Context, scope principal.Scope) context.Context {
	p := principal.From(ctx)
	return principal.With(ctx, principal.Principal{Scope: scope, System: actor, Address: p.Address,
		RequestID: p.RequestID})
}

func change(after api.KeyLeakedData) audit.Change {
	before := map[string]any{"key_id": after.KeyID, "name": after.Name, "hint": after.Hint, "revoked_at": nil}
	return audit.Change{Target: after.KeyID, Before: before, After: after}
}
