package dashboard

import (
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/contract"
)

func TestPagesAskForTheEntitlementThatTheContractAsksFor(t *testing.T) {
	t.Parallel()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, rule := range c.Rules {
		if rule.Entitlement == "" || !strings.Contains(rule.Permission, ":") {
			continue
		}
		tried++
		if got := entitlementFor(rule.Permission); got != rule.Entitlement {
			t.Errorf("entitlement for %s of %s: got %s, want %s", rule.Permission, rule.OperationID, got,
				rule.Entitlement)
		}
	}
	if tried < 50 {
		t.Errorf("operations: got %d, want at least 50", tried)
	}
}
