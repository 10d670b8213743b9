package api_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/testkit"
)

// TestEveryOperatorsOperationAdmitsItsRolesAndNoOthers tries each of them with each role. It has a program of its own:
// some of them affect all tenants.
func TestEveryOperatorsOperationAdmitsItsRolesAndNoOthers(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded)
	for _, role := range principal.OperatorRoles() {
		client := p.NewOperator(t, string(role), nil)
		tried := map[bool]int{}
		for _, o := range operations(t) {
			if o.Permission != contract.Operator {
				continue
			}
			allowed := o.Admits(role)
			tried[allowed]++
			a := client.Call(t, o.methods, o.at("x"), o.body)
			if a.Status == http.StatusUnauthorized || a.Status >= http.StatusInternalServerError ||
				(a.Status == http.StatusForbidden) == allowed {
				t.Errorf("%s as %s: got %d %s, want allowed: %t", o.OperationID, role, a.Status, a.Body, allowed)
				continue
			}
			if allowed {
				continue
			}
			refused := a.Problem(t).Error
			for _, other := range o.Roles {
				if refused.Code != gen.ErrorErrorCodeForbidden ||
					!strings.Contains(refused.Message, strconv.Quote(string(other))) {
					t.Errorf("%s as %s: got %s, want forbidden that names %q", o.OperationID, role, a.Body, other)
				}
			}
		}
		if tried[true] == 0 || (tried[false] == 0) != (role == principal.OperatorAdmin) {
			t.Errorf("operations of %s: got %v by whether it may call them, want both, for admins only allowed ones",
				role, tried)
		}
	}
}

// TestNoRoleCanDoMoreThanItIsFor compares with the roles' purposes what a mistake in the contract would change.
func TestNoRoleCanDoMoreThanItIsFor(t *testing.T) {
	t.Parallel()
	var only []string // what only admins may do
	support := map[string]bool{"replayAllDeadLetters": true, "cancelAnyJob": true, "pauseTenant": true,
		"unpauseTenant": true, "pauseQueue": true, "unpauseQueue": true}
	for id, rule := range testkit.Contract().Rules {
		if rule.Permission != contract.Operator {
			continue
		}
		reads := rule.Method == "get"
		if rule.Admits(principal.OperatorSupport) && !reads && !support[id] {
			t.Errorf("%s: got it allowed for support, want only reading, replaying and pausing", id)
		}
		if rule.Admits(principal.OperatorBackend) && !strings.HasPrefix(rule.Path, "/admin/v1/tenants") &&
			!strings.HasPrefix(rule.Path, "/admin/v1/direct-messages") &&
			!strings.HasPrefix(rule.Path, "/admin/v1/tracker/") &&
			!strings.HasPrefix(rule.Path, "/admin/v1/integrations/") {
			t.Errorf("%s: got it allowed for backend, want only what belongs to tenants", id)
		}
		if strings.HasPrefix(rule.Path, "/admin/v1/operator-keys") && len(rule.Roles) != 1 {
			t.Errorf("%s: got it allowed for %v, want admins only", id, rule.Roles)
		}
		if len(rule.Roles) == 1 {
			only = append(only, id)
		}
	}
	if len(only) == 0 {
		t.Error("operations for admins only: got none, want some")
	}
}
