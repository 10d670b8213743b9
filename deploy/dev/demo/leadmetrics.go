package main

import "context"

var leadmetrics = product{
	profile:     "leadmetrics",
	about:       "marketing for agencies",
	keyPrefix:   "lm_live_",
	keySettings: ofTenant,
	events: []string{
		"lead.created", "lead.updated", "blog.created", "blog.approved", "blog.published", "social.created",
		"social.approved", "social.published",
		"agent.completed", "agent.failed", "invoice.paid", "subscription.changed",
	},
	documented: "X-Leadmetrics-Signature: hex HMAC-SHA256 of the body",
	verify:     hexHMAC("X-Leadmetrics-Signature"),
	read:       named,
	shows: []string{"name", "changes", "email", "agent", "title", "platform", "status", "reason", "number",
		"amount", "currency", "old_plan", "new_plan"},
	script: func(d *day) {
		d.subscribe("/hooks", object{"name": "Slack"})
		d.consumer.plan(500)
		lead := d.do("POST /api/v1/leads", object{"name": "Ada Lovelace", "email": "ada@example.com",
			"company": "Analytical Engines", "source": "website"})
		d.receives("lead.created")
		d.say("Its consumer answers 500 to the first request, and gets the same webhook again a second later.")
		d.do("PATCH /api/v1/leads/"+text(lead, "id"), object{"status": "contacted"})
		d.receives("lead.updated")

		before := d.credits()
		blog := d.twice("POST /api/v1/blog-posts/generate", object{"topic": "How agencies win back lost leads",
			"keywords": []string{"lead nurturing"}, "audience": "agencies"})
		d.say("The same POST /blog-posts/generate twice, with one Idempotency-Key: one post, paid for once.")
		d.receives("blog.created", "agent.completed")
		d.reviews("blog", blog)
		social := d.do("POST /api/v1/social-posts/generate", object{"topic": "How agencies win back lost leads",
			"platform": "linkedin"})
		d.receives("social.created", "agent.completed")
		d.reviews("social", social)
		d.changesItsMind()
		d.say("A run is cancelled before it began: agent.failed, and its credits come back.")
		if spent := before - d.credits(); spent != 12 {
			d.fail("a blog post for 10 credits and a social post for 2 have cost %d", spent)
		}
		d.say("Credits: %d in the morning, 12 less after two posts; approving, publishing and reading cost none.",
			before)

		invoice := d.do("POST "+d.admin("/invoices"), object{"number": "2026-117", "amount": 9900, "currency": "eur",
			"description": "Business in November"})
		d.do("POST "+d.admin("/invoices/"+text(invoice, "id")+"/pay"), object{})
		d.receives("invoice.paid")
		d.upgrades()
		overview := d.do("GET /api/v1/analytics/overview", nil)
		leads, _ := overview["leads"].(object)
		content, _ := overview["content"].(object)
		blogs, _ := content["blog_posts"].(object)
		byStatus, _ := blogs["by_status"].(object)
		d.say("A BI tool pulls the overview: %v lead, %v blog post published, %v not written.", leads["total"],
			byStatus["published"], byStatus["failed"])
	},
}

// reviews has the post of a run approved and published.
func (d *day) reviews(kind string, run object) {
	post := "POST /api/v1/" + kind + "-posts/" + text(run, "post_id")
	d.do(post+"/approve", nil)
	d.receives(kind + ".approved")
	d.do(post+"/publish", nil)
	d.receives(kind + ".published")
}

// changesItsMind cancels a run before it begins. Writing takes no time here, so the queue is paused meanwhile.
func (d *day) changesItsMind() {
	if d.do("POST /admin/v1/queues/agents/pause", nil); d.err != nil {
		return
	}
	run := d.do("POST /api/v1/blog-posts/generate", object{"topic": "Why we are the best"})
	d.do("POST /api/v1/agent-runs/"+text(run, "id")+"/cancel", nil)
	// Whatever came of that: nobody else should wait for the queue.
	if _, _, err := send(context.WithoutCancel(d.ctx), d.url, "POST /admin/v1/queues/agents/unpause", nil,
		"Authorization", "Bearer "+d.operatorKey); err != nil {
		d.fail("%w", err)
	}
	d.receives("agent.failed")
}

// upgrades moves to a larger plan by way of Stripe.
func (d *day) upgrades() {
	if d.stripeSecret == "" {
		d.do("PATCH /admin/v1/tenants/"+d.tenantID, object{"plan": "enterprise"})
		d.receives("subscription.changed")
		d.say("The product moves it to a larger plan. (Stripe takes no part: --stripe-secret is not given.)")
		return
	}
	customer := "cus_" + d.tenantID
	d.stripe("invoice.paid", object{
		"id": "in_" + d.tenantID, "number": "2026-118", "customer": customer, "amount_paid": 49900, "currency": "eur",
		"metadata": object{"tenant_id": d.tenantID},
	})
	d.receives("invoice.paid")
	price := object{"id": "price_enterprise", "metadata": object{"plan": "enterprise"}}
	d.stripe("customer.subscription.updated", object{
		"id": "sub_" + d.tenantID, "customer": customer, "status": "active",
		"items": object{"data": []object{{"price": price}}},
	})
	d.receives("subscription.changed")
	d.say("Stripe sends signed events: another invoice was paid, and the plan is larger.")
}
