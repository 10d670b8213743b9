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
			t.Errorf("%s needs %s; its permission %s is taken to need %s", rule.OperationID, rule.Entitlement,
				rule.Permission, got)
		}
	}
	if tried < 50 {
		t.Errorf("only %d operations were looked at", tried)
	}
}
