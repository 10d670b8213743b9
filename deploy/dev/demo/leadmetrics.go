package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

var leadmetrics = product{
	profile:     "leadmetrics",
	about:       "marketing for agencies",
	keyPrefix:   "lm_live_",
	keySettings: ofTenant,
	events: []string{
		"lead.created", "lead.updated", "blog.created", "blog.approved", "blog.published", "social.created", "social.approved", "social.published",
		"agent.completed", "agent.failed", "invoice.paid", "subscription.changed",
	},
	documented: "X-Leadmetrics-Signature: hex HMAC-SHA256 of the body",
	verify:     hexHMAC("X-Leadmetrics-Signature"),
	read:       named,
	shows:      []string{"name", "email", "changes", "agent", "title", "platform", "status", "reason", "number", "amount", "currency", "old_plan", "new_plan"},
	script: func(d *day) {
		d.subscribe("/hooks", object{"name": "Slack"})
		d.consumer.plan(500)
		lead := d.do("POST /api/v1/leads", object{"name": "Ada Lovelace", "email": "ada@example.com", "company": "Analytical Engines", "source": "website"})
		d.arrives("lead.created", 1)
		d.say("Its consumer answers 500 to the first request, and gets the same webhook again a second later.")
		d.do("PATCH /api/v1/leads/"+text(lead, "id"), object{"status": "contacted"})

		before := d.credits()
		blog := d.twice("POST /api/v1/blog-posts/generate", object{"topic": "How agencies win back lost leads", "keywords": []string{"lead nurturing"}, "audience": "agencies"})
		d.say("The same POST /blog-posts/generate twice, with one Idempotency-Key: one post, paid for once.")
		social := d.do("POST /api/v1/social-posts/generate", object{"topic": "How agencies win back lost leads", "platform": "linkedin"})
		d.arrives("agent.completed", 2)
		for _, post := range []string{"/api/v1/blog-posts/" + text(blog, "post_id"), "/api/v1/social-posts/" + text(social, "post_id")} {
			d.do("POST "+post+"/approve", nil)
			d.do("POST "+post+"/publish", nil)
		}
		d.changesItsMind()
		d.say("A run is cancelled before it began: agent.failed, and its credits come back.")
		d.say("Credits: %s in the morning, %s after two posts; approving, publishing and reading cost none.", before, d.credits())

		invoice := d.do("POST "+d.admin("/invoices"), object{"number": "2026-117", "amount": 9900, "currency": "eur", "description": "Business in November"})
		d.do("POST "+d.admin("/invoices/"+text(invoice, "id")+"/pay"), object{})
		d.upgrades()
		d.do("GET /api/v1/analytics/overview", nil)
	},
}

// changesItsMind cancels a run that has not begun. The queue is paused for that: writing takes no time here.
func (d *day) changesItsMind() {
	d.do("POST /admin/v1/queues/agents/pause", nil)
	run := d.do("POST /api/v1/blog-posts/generate", object{"topic": "Why we are the best"})
	d.do("POST /api/v1/agent-runs/"+text(run, "id")+"/cancel", nil)
	headers := []string{"Authorization", "Bearer " + d.operatorKey}
	// Whatever happened before: others wait for the queue.
	if _, _, err := send(context.WithoutCancel(d.ctx), d.url, "POST /admin/v1/queues/agents/unpause", nil, headers...); err != nil {
		d.fail("%w", err)
	}
}

// upgrades pays by card and moves to another plan, both by way of Stripe.
func (d *day) upgrades() {
	if d.stripeSecret == "" {
		d.do("PATCH /admin/v1/tenants/"+d.tenantID, object{"plan": "enterprise"})
		d.say("The operator moves it to another plan. (Stripe is left out: --stripe-secret is not given.)")
		return
	}
	customer, of := "cus_"+d.tenantID, object{"tenant_id": d.tenantID}
	d.stripe("invoice.paid", object{
		"id": "in_" + d.tenantID, "number": "2026-118", "customer": customer, "amount_paid": 49900, "currency": "eur", "metadata": of,
	})
	price := object{"id": "price_enterprise", "metadata": object{"plan": "enterprise"}}
	d.stripe("customer.subscription.updated", object{
		"id": "sub_" + d.tenantID, "customer": customer, "status": "active", "items": object{"data": []object{{"price": price}}},
	})
	d.say("Stripe tells, signed, of another invoice that was paid and of a larger plan.")
}

// stripe sends an event as Stripe does.
func (d *day) stripe(kind string, about object) {
	if d.err != nil {
		return
	}
	now := time.Now().Unix()
	body, err := json.Marshal(object{"id": "evt_" + kind + "_" + d.tenantID, "object": "event", "type": kind, "created": now, "data": object{"object": about}})
	if err != nil {
		d.fail("%w", err)
		return
	}
	mac := hmac.New(sha256.New, []byte(d.stripeSecret))
	fmt.Fprintf(mac, "%d.%s", now, body)
	_, receipt, err := send(d.ctx, d.url, "POST /admin/v1/integrations/stripe", body, "Stripe-Signature", fmt.Sprintf("t=%d,v1=%s", now, hex.EncodeToString(mac.Sum(nil))))
	if err != nil {
		d.fail("%w", err)
	} else if text(receipt, "effect") != "applied" {
		d.fail("Stripe's %s was %s: %s", kind, text(receipt, "effect"), text(receipt, "reason"))
	}
}
