package config

import (
	"maps"
	"slices"

	"github.com/hookline/hookline/internal/plan"
)

// checkStripe refuses prices without a plan.
func (c Config) checkStripe() error {
	for _, price := range slices.Sorted(maps.Keys(c.StripePrices)) {
		if !slices.Contains([]string{plan.Free, plan.Pro, plan.Business, plan.Enterprise}, c.StripePrices[price]) {
			return bad("HOOKLINE_STRIPE_PRICES says %q for %s; it must be free, pro, business or enterprise.",
				c.StripePrices[price], price)
		}
	}
	return nil
}
