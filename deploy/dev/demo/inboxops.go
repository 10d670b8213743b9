package main

var inboxops = product{
	profile:     "inboxops",
	about:       "a shared support inbox",
	keyPrefix:   "ixk_",
	keySettings: ofTenant,
	events: []string{
		"ticket.created", "ticket.updated", "ticket.assigned", "ticket.status_changed", "ticket.closed",
		"message.received", "message.sent", "inbox.error",
	},
	documented: "X-InboxOps-Signature: hex HMAC-SHA256 of the body",
	verify:     hexHMAC("X-InboxOps-Signature"),
	read:       named,
	shows: []string{"ticket_number", "changes", "from", "body_text", "subject", "priority", "status", "name",
		"error"},
	script: func(d *day) {
		hook := d.subscribe("/hooks", object{"name": "CRM"})
		d.do("POST /api/v1/webhooks/"+text(hook, "id")+"/test", object{"event_type": "ticket.created"})
		d.say("The test button sends a sample, signed like everything else.")

		inbox := text(d.do("POST "+d.admin("/inboxes"), object{"name": "Support", "address": "support@example.com"}),
			"id")
		made := d.twice("POST /api/v1/tickets", object{"subject": "The export is empty", "inbox_id": inbox,
			"priority": "high"})
		ticket := "/api/v1/tickets/" + text(made, "ticket_number")
		d.receives("ticket.created")
		d.say("The same POST /tickets twice, with one Idempotency-Key: one ticket, which is then called by its number.")
		d.do("POST "+d.admin("/tickets/TCK-1/messages"), object{"type": "inbound", "from": "customer@example.com",
			"body_text": "October is empty."})
		d.receives("message.received")
		d.do("PATCH "+ticket, object{"assignee_id": d.ownerID})
		d.receives("ticket.updated", "ticket.assigned")
		d.do("POST "+ticket+"/tags", object{"tag_name": "Export"})
		d.receives("ticket.updated")
		d.do("POST "+ticket+"/messages", object{"type": "internal_note", "body_text": "The filter is set to 2025."})
		d.say("A note between colleagues is stored and sent to nobody.")
		d.do("POST "+d.admin("/tickets/TCK-1/messages"), object{"type": "outbound", "from": "support@example.com",
			"body_text": "Please set the filter to 2026."})
		d.receives("message.sent")
		d.do("PATCH "+ticket, object{"status": "pending"})
		d.receives("ticket.updated", "ticket.status_changed")
		d.do("PATCH "+ticket, object{"status": "closed"})
		d.receives("ticket.updated", "ticket.status_changed", "ticket.closed")
		d.do("PATCH "+d.admin("/inboxes/"+inbox), object{"error": "The mail server refuses the password."})
		d.receives("inbox.error")
		d.do("PATCH "+d.admin("/inboxes/"+inbox), object{"error": nil})
	},
}
