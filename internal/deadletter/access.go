package deadletter

import (
	"context"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/principal"
)

// AccessScope is whose deliveries a caller may touch: those of one scope, or of one owner in it, or, for operators, all
// or one tenant's. The zero AccessScope covers nothing: every use of it fails with principal.ErrNoScope.
type AccessScope struct {
	scope    principal.Scope
	owner    principal.Owner
	operator bool
	own      endpoint.Own // the owner's, once the scope is opened
}

// Within is the access scope of a tenant, or of an owner in it.
func Within(s principal.Scope, o principal.Owner) AccessScope { return AccessScope{scope: s, owner: o} }

// accessOfCaller is the access scope of the tenant's caller.
func accessOfCaller(ctx context.Context) AccessScope {
	p := principal.From(ctx)
	return Within(p.Scope, p.Owner)
}

// Everywhere is the access scope of an operator; what is empty in s does not narrow it.
func Everywhere(s principal.Scope) AccessScope { return AccessScope{scope: s, operator: true} }

func (a AccessScope) check() error {
	if a.operator {
		return nil
	}
	return a.scope.Check()
}

// open returns the access scope with the endpoints of its owner. It refuses one that is incomplete.
func (s *Store) open(q *gorm.DB, a AccessScope) (AccessScope, error) {
	err := a.check()
	if err == nil && !a.operator {
		a.own, err = s.endpoints.OwnedBy(q, a.scope, a.owner)
	}
	return a, err
}

func (a AccessScope) narrow(q *gorm.DB) *gorm.DB {
	if !a.operator {
		return a.own.Narrow(db.Scope(q, a.scope))
	}
	if a.scope.TenantID != "" {
		q = db.WhereID(q, "tenant_id", a.scope.TenantID)
	}
	return db.WhereOptional(q, map[string]string{"environment": string(a.scope.Environment)})
}

// ofEnvironment says whether it is that of an operator on one environment of all tenants.
func (a AccessScope) ofEnvironment() bool {
	return a.operator && a.scope.TenantID == "" && a.scope.Environment != ""
}

// environments splits the scope of an operator on one tenant into those of the tenant's environments: the index of each
// is in the order of ids, and that of both together is not.
func (a AccessScope) environments() (live, test AccessScope, split bool) {
	if !a.operator || a.scope.TenantID == "" || a.scope.Environment != "" {
		return a, a, false
	}
	live, test = a, a
	live.scope.Environment, test.scope.Environment = principal.Live, principal.Test
	return live, test, true
}
