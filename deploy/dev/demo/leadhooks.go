package main

var leadhooks = product{
	profile:     "leadhooks",
	about:       "leads for organisations",
	keyPrefix:   "wk_live_",
	keySettings: func(string) object { return object{"role": "admin"} },
	events:      []string{"new_lead", "lead_update", "delivery.dead"},
	documented:  "X-Webhook-Signature: hex HMAC-SHA256 of the body",
	verify:      hexHMAC("X-Webhook-Signature"),
	read:        named,
	shows:       []string{"name", "changes", "email", "source", "event_type", "attempts", "error"},
	script: func(d *day) {
		crm := text(d.subscribe("/crm", object{"name": "CRM", "events": []string{"new_lead", "lead_update"}}), "id")
		d.subscribe("/on-call", object{"name": "On call", "events": []string{"delivery.dead"}})
		lead := d.twice("POST /api/v1/leads", object{"name": "John Doe", "email": "john@example.com",
			"phone": "+1234567890", "source": "website"})
		d.say("The same POST /leads twice, with one Idempotency-Key: one lead, one new_lead.")
		d.receives("new_lead")

		d.consumer.plan(500, 500, 500)
		d.do("PATCH /api/v1/leads/"+text(lead, "id"), object{"status": "contacted"})
		d.receives("delivery.dead")
		d.say("The CRM is down for all three attempts: lead_update becomes a dead letter, and the engineer on call " +
			"is notified.")
		for _, dead := range list(d.do("GET /api/v1/dead-letters?webhook_id="+crm, nil), "data") {
			d.do("POST /api/v1/dead-letters/"+text(dead, "id")+"/replay", nil)
			d.replayed++
		}
		d.receives("lead_update")
		d.say("The CRM is back, and the dead letter is replayed: the same bytes under the same id.")
		d.do("PATCH /api/v1/leads/"+text(lead, "id"), object{"status": "won"})
		d.receives("lead_update")
	},
}
