package main

import (
	"context"

	"github.com/hookline/hookline/deploy/dev/devserver"
)

// stripeSecret is the secret that the demo signs with in Stripe's place.
const stripeSecret = "whsec_of-a-demo-and-of-nothing-else"

// launch starts `hookline dev` as devserver.Start does, with the Stripe integration enabled.
func launch(ctx context.Context, program, folder string) (to target, wait func(), err error) {
	ready, wait, err := devserver.Start(ctx, program, folder, "HOOKLINE_STRIPE_WEBHOOK_SECRET="+stripeSecret)
	return target{url: ready.Origin(), operatorKey: ready.OperatorKey, stripeSecret: stripeSecret}, wait, err
}
