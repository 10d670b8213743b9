package db

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// ReplicaState is what a read replica does at present.
type ReplicaState string

// The states of a read replica. Lists and statistics are read from one that serves, and else from the primary.
const (
	ReplicaServes    ReplicaState = "serves"
	ReplicaBehind    ReplicaState = "behind"     // further than it may be
	ReplicaAway      ReplicaState = "away"       // it does not answer, or was not asked yet
	ReplicaRefuses   ReplicaState = "refuses"    // it refuses the user, the password or the database
	ReplicaNoStandby ReplicaState = "no_standby" // another server, which does not replay the primary's log
)

// ReplicaStates lists all of them.
var ReplicaStates = []ReplicaState{ReplicaServes, ReplicaBehind, ReplicaAway, ReplicaRefuses, ReplicaNoStandby}

var errNoStandby = errors.New("db: the server of the read replica is not a standby")

// State is what the replica does at present.
func (r *Replica) State() ReplicaState {
	r.mu.Lock()
	failure := r.failure
	r.mu.Unlock()
	_, known := r.Lag()
	switch {
	case r.serves():
		return ReplicaServes
	case Refusal(failure) != "":
		return ReplicaRefuses
	case errors.Is(failure, errNoStandby):
		return ReplicaNoStandby
	case failure == nil && known:
		return ReplicaBehind
	}
	return ReplicaAway
}

// Refused connects once, before Start, and fails with what can't go away by waiting: the replica refuses the user, the
// password or the database of its URL, which Refusal tells, or the URL leads to a connection pooler and does not say
// so, which is ErrPooled. It is nil when the replica can be used, and when it does not answer.
func (r *Replica) Refused(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lagLimit)
	defer cancel()
	if err := r.findPooler(ctx); Refusal(err) != "" || errors.Is(err, ErrPooled) {
		return err
	}
	return nil
}

// findPooler fails with ErrPooled as Open does; a replica that is away at the start is asked when it answers.
func (r *Replica) findPooler(ctx context.Context) error {
	if r.known {
		return nil
	}
	err := refusePooler(ctx, r.pool, r.config)
	r.known = err == nil
	return err
}

// What PostgreSQL answers to a connection that it will never take (SQLSTATE).
const (
	invalidAuthorization = "28" // the class: the user, the password, or pg_hba.conf
	unknownDatabase      = "3D000"
)

// Refusal is PostgreSQL's message when err says that it refuses the user, the password or the database; else empty.
func Refusal(err error) string {
	var answered *pgconn.PgError
	if errors.As(err, &answered) && (strings.HasPrefix(answered.Code, invalidAuthorization) ||
		answered.Code == unknownDatabase) {
		return answered.Message
	}
	return ""
}

// tell logs when the state changes.
func (r *Replica) tell() {
	state := r.State()
	if state == r.told {
		return
	}
	r.told = state
	if state == ReplicaServes {
		slog.Info("lists and statistics are read from the read replica")
		return
	}
	r.mu.Lock()
	failure := r.failure
	r.mu.Unlock()
	why := []any{"state", string(state), "limit_seconds", r.maxLag.Seconds()}
	if lag, known := r.Lag(); known {
		why = append(why, "lag_seconds", lag.Seconds())
	}
	if failure != nil {
		why = append(why, "error", strings.Join(strings.Fields(failure.Error()), " "))
	}
	slog.Warn("the read replica at HOOKLINE_DATABASE_READ_URL can't be used; lists and statistics are read from the "+
		"primary", why...)
}
