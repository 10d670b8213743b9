package config

import (
	"strings"
	"testing"
)

func TestPricesOfStripeMustStandForPlans(t *testing.T) {
	t.Setenv("HOOKLINE_STRIPE_PRICES", "price_1:pro,price_2:business")
	c, err := FromEnvironment()
	if err != nil || c.StripePrices["price_1"] != "pro" || c.StripePrices["price_2"] != "business" ||
		c.checkStripe() != nil {
		t.Errorf("prices: got %v, %v, want pro and business", c.StripePrices, err)
	}
	c.StripePrices["price_2"] = "gold"
	if err := c.checkStripe(); err == nil || !strings.Contains(err.Error(), "HOOKLINE_STRIPE_PRICES") ||
		!strings.Contains(err.Error(), "price_2") {
		t.Errorf("unknown plan: got %v, want the setting and price_2 named", err)
	}
}
