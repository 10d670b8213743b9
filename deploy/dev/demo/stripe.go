package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// stripe sends an event as Stripe does.
func (d *day) stripe(kind string, about object) {
	if d.err != nil {
		return
	}
	now := time.Now().Unix()
	body, err := json.Marshal(object{"id": "evt_" + kind + "_" + d.tenantID, "object": "event", "type": kind,
		"created": now, "data": object{"object": about}})
	if err != nil {
		d.fail("%w", err)
		return
	}
	mac := hmac.New(sha256.New, []byte(d.stripeSecret))
	fmt.Fprintf(mac, "%d.%s", now, body)
	_, receipt, err := send(d.ctx, d.url, "POST /admin/v1/integrations/stripe", body, "Stripe-Signature",
		fmt.Sprintf("t=%d,v1=%s", now, hex.EncodeToString(mac.Sum(nil))))
	if err != nil {
		d.fail("%w", err)
	} else if text(receipt, "effect") != "applied" {
		d.fail("Stripe's %s was %s: %s", kind, text(receipt, "effect"), text(receipt, "reason"))
	}
}
