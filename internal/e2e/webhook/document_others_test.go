package webhook_test

import (
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestTheDocumentOfInboxopsHolds(t *testing.T) {
	t.Parallel()
	holds(t, "inboxops", []string{"*"}, documentOfInboxops)
}

func documentOfInboxops() []sentence {
	var inbox, ticket string
	return []sentence{
		{"generate secret; show once", secretOnce},
		{"max 10 attempts; schedule 1m, 2m, 4m, ...", waits("1m0s", "2m0s", "4m0s", "8m0s", "16m0s", "32m0s", "1h4m0s",
			"2h8m0s", "4h16m0s")},
		{"Key format: ixk_ + random segment; prefix first 8 chars; revoke invalidates key", keyOnce("ixk_")},
		{"100 req/min per tenant", limit(100, "60")},
		{"POST /tickets (body: subject, inbox_id)", func(t *testing.T, c *customer) {
			inbox = c.p.NewInbox(t, c.Client, "Support").ID
			made := testkit.Post[api.Ticket](t, c.Client, "/api/v1/tickets", object{"subject": "Help",
				"inbox_id": inbox}, http.StatusCreated)
			ticket = "/api/v1/tickets/" + made.ID
			body, _ := c.arrives(t, "event", "event_id", "tenant_id", "created_at", "data")
			if body["event"] != "ticket.created" || body["tenant_id"] != c.tenant {
				t.Errorf("payload: got %v, want ticket.created of the tenant", body)
			}
		}},
		{"GET /tickets/:id (id = UUID or ticket_number)",
			answers(http.MethodGet, "/api/v1/tickets/1", nil, http.StatusOK)},
		{"ticket.updated, ticket.status_changed, ticket.closed", func(t *testing.T, c *customer) {
			c.Call(t, http.MethodPatch, ticket, object{"status": "closed"}).Want(t, http.StatusOK)
			seen := map[any]bool{}
			for range 3 {
				body, _ := c.arrives(t, "event", "event_id", "tenant_id", "created_at", "data")
				seen[body["event"]] = true
			}
			if !seen["ticket.updated"] || !seen["ticket.status_changed"] || !seen["ticket.closed"] {
				t.Errorf("events of closing: got %v, want all three", seen)
			}
			c.Call(t, http.MethodPatch, ticket, object{"status": "open"}).Want(t, http.StatusOK)
		}},
		{"GET /tickets (query: status, inbox_id, assignee_id, priority, page, per_page max 100)",
			func(t *testing.T, c *customer) {
				const path = "/api/v1/tickets?status=open&priority=normal&page=1&per_page="
				list := testkit.Get[api.TicketList](t, c.Client, path+"100&inbox_id="+inbox)
				if list.Meta.Page != 1 || list.Meta.PerPage != 100 || list.Meta.Total != 1 {
					t.Errorf("meta: got %+v, want page, per_page and total", list.Meta)
				}
				c.Call(t, http.MethodGet, path+"101", nil).Want(t, http.StatusBadRequest)
			}},
		{"POST /tickets/:id/messages (type: internal_note, no outbound reply)", func(t *testing.T, c *customer) {
			note := object{"body_text": "x", "type": "internal_note"}
			c.Call(t, http.MethodPost, ticket+"/messages", note).Want(t, http.StatusCreated)
			note["type"] = "reply"
			c.Call(t, http.MethodPost, ticket+"/messages", note).Want(t, http.StatusUnprocessableEntity)
		}},
		{"GET /tickets/:id/messages (exclude internal notes)", func(t *testing.T, c *customer) {
			if n := testkit.Get[api.MessageList](t, c.Client, ticket+"/messages").Meta.Total; n != 0 {
				t.Errorf("messages: got %d, want no internal note", n)
			}
		}},
		{"errors { error: { code, message } }", func(t *testing.T, c *customer) {
			e := c.Call(t, http.MethodGet, "/api/v1/tickets/99", nil).Want(t, http.StatusNotFound).Problem(t).Error
			if e.Code != "not_found" || e.Message == "" {
				t.Errorf("error: got %+v, want code and message", e)
			}
		}},
		{"list endpoints (URL, enabled, events, last delivery status)", func(t *testing.T, c *customer) {
			c.p.Await(t, "the status of the last delivery", func() bool {
				list := testkit.Get[api.WebhookList](t, c.Client, hooks).Data
				return len(list) == 1 && list[0].LastDeliveryStatus != nil
			})
		}},
		{"\"Test\" button to send test payload; delivery log", func(t *testing.T, c *customer) {
			sent := testkit.Post[api.WebhookTestResult](t, c.Client, hooks+"/"+c.hook.ID+"/test", nil, http.StatusOK)
			if d := c.Delivery(t, sent.DeliveryID); !d.Test || !sent.Succeeded {
				t.Errorf("test: got %+v, want it succeeded and in the log", d)
			}
		}},
		{"Webhook delivery log updates in real time when new deliveries complete", live},
		{"429 with Retry-After", tooMany("inboxops", 100)},
		{"ticket.assigned, message.received, message.sent, inbox.error", func(t *testing.T, c *customer) {
			admin := "/admin/v1/tenants/" + c.tenant
			c.Call(t, http.MethodPatch, ticket, object{"assignee_id": c.NewMember(t, "ada@example.com").ID}).
				Want(t, http.StatusOK)
			for _, kind := range []string{"inbound", "outbound"} {
				testkit.Post[api.Message](t, c.p.Operator, admin+"/tickets/TCK-1/messages", object{"type": kind,
					"from": "x@example.com", "body_text": "Hello"}, http.StatusCreated)
			}
			c.p.Operator.Call(t, http.MethodPatch, admin+"/inboxes/"+inbox, object{"error": "It is full."}).
				Want(t, http.StatusOK)
			c.fires(t, "ticket.assigned", "message.received", "message.sent", "inbox.error")
		}},
		{"POST /tickets/:id/tags (tag_id or tag_name), GET, DELETE; GET /tags", func(t *testing.T, c *customer) {
			c.Call(t, http.MethodPost, ticket+"/tags", object{"tag_name": "billing"}).Want(t, http.StatusOK)
			tags := testkit.Get[api.TagList](t, c.Client, "/api/v1/tags").Data
			if len(tags) != 1 || tags[0].Name != "billing" {
				t.Fatalf("tags: got %+v, want the one that was made by its name", tags)
			}
			c.Call(t, http.MethodDelete, ticket+"/tags/"+tags[0].ID, nil).Want(t, http.StatusNoContent)
			c.Call(t, http.MethodPost, ticket+"/tags", object{"tag_id": tags[0].ID}).Want(t, http.StatusOK)
			c.Call(t, http.MethodGet, ticket+"/tags", nil).Want(t, http.StatusOK)
		}},
		{"GET /inboxes, GET /inboxes/:id", func(t *testing.T, c *customer) {
			c.Call(t, http.MethodGet, "/api/v1/inboxes", nil).Want(t, http.StatusOK)
			c.Call(t, http.MethodGet, "/api/v1/inboxes/"+inbox, nil).Want(t, http.StatusOK)
		}},
		{"serve at /api/v1/openapi.json; docs UI at /api/v1/docs", func(t *testing.T, c *customer) {
			c.Call(t, http.MethodGet, "/api/v1/openapi.json", nil).Want(t, http.StatusOK)
			page, err := http.DefaultClient.Do(c.Request(t, http.MethodGet, "/api/v1/docs", nil)) // no operation
			if err != nil {
				t.Fatal(err)
			}
			if err := page.Body.Close(); err != nil || page.StatusCode != http.StatusOK {
				t.Errorf("docs: got %d, %v, want 200", page.StatusCode, err)
			}
		}},
		{"list keys (name, key_prefix, last_used_at, created_at)", func(t *testing.T, c *customer) {
			made := testkit.Post[api.KeyCreated](t, c.Client, "/api/v1/keys", object{"name": "CI"}, http.StatusCreated)
			key := testkit.Get[object](t, c.Client, "/api/v1/keys/"+made.ID)
			for _, field := range []string{"name", "key_prefix", "last_used_at", "created_at"} {
				if _, there := key[field]; !there {
					t.Errorf("key: got %v, want the field %s", key, field)
				}
			}
			if prefix := key["key_prefix"]; prefix != made.Key[:8] {
				t.Errorf("key_prefix: got %v, want the first 8 characters", prefix)
			}
		}},
		{"PATCH /tickets/:id (subject, status, priority, assignee_id, inbox_id)", func(t *testing.T, c *customer) {
			other := c.p.NewInbox(t, c.Client, "Sales").ID
			got := testkit.Into[api.Ticket](t, c.Call(t, http.MethodPatch, ticket, object{"subject": "Order",
				"status": "open", "priority": "high", "assignee_id": nil, "inbox_id": other}).Want(t, http.StatusOK))
			if got.Subject != "Order" || got.Priority != "high" || got.InboxID != other || !got.AssigneeID.IsNull() {
				t.Errorf("ticket: got %+v, want all five fields changed", got)
			}
		}},
		{"Webhooks gated by webhooks entitlement", gated("webhooks", hooks)},
		{"public_api entitlement required", gated("public_api", "/api/v1/tickets")},
	}
}

func TestTheDocumentOfLeadieHolds(t *testing.T) {
	t.Parallel()
	holds(t, "leadie", []string{"*"}, documentOfLeadie)
}

func documentOfLeadie() []sentence {
	var account string
	envelope := []string{"event", "user_id", "data", "sent_at"}
	return []sentence{
		{"Copy the key when it's shown. It will never be displayed again", keyOnce("ld_")},
		{"X-Api-Key: <LEADIE_API_KEY>", func(t *testing.T, c *customer) {
			testkit.NewClient(c.p.URL, "").Call(t, http.MethodGet, "/api/v1/me", nil, "Authorization", "",
				"X-Api-Key", c.Key()).Want(t, http.StatusOK)
		}},
		{"60 requests / minute / user", limit(60, "60")},
		{"Copy the Webhook Secret shown once", secretOnce},
		{"exponential backoff: 1m, 5m, 30m, 2h, 12h", waits("1m0s", "5m0s", "30m0s", "2h0m0s", "12h0m0s")},
		{"stats.updated: Fired after each successful stats tracking run", func(t *testing.T, c *customer) {
			account = testkit.Post[api.TrackedAccount](t, c.Client, "/api/v1/tracked-accounts", object{
				"platform": "instagram", "account_id": "1234567890", "username": "my_brand"}, http.StatusCreated).ID
			testkit.Post[api.Snapshot](t, c.Client, "/api/v1/tracked-accounts/"+account+"/snapshots", object{
				"follower_count": 10234, "following_count": 321, "posts_count": 456,
				"tracked_at": "2026-01-28T11:59:23Z"}, http.StatusCreated)
			body, data := c.arrives(t, envelope...)
			number := testkit.Get[api.Me](t, c.Client, "/api/v1/me").User.MustGet().Number
			if body["event"] != "stats.updated" || body["user_id"] != float64(number) ||
				data["platform"] != "instagram" ||
				data["account_id"] != "1234567890" || data["username"] != "my_brand" ||
				data["follower_count"] != float64(10234) || data["tracked_at"] != "2026-01-28T11:59:23Z" {
				t.Errorf("stats.updated: got %v, want the account's, of user %d", body, number)
			}
		}},
		{"dm.sent", func(t *testing.T, c *customer) {
			dm := testkit.Post[api.DirectMessage](t, c.Client, "/api/v1/tracked-accounts/"+account+"/direct-messages",
				object{"target_username": "lead_username", "message": "Hey, quick question..."}, http.StatusAccepted)
			testkit.Post[api.TenantDirectMessage](t, c.p.Operator, "/admin/v1/direct-messages/"+dm.ID+"/outcome",
				object{"status": "sent", "device_id": "DEVICE_1"}, http.StatusOK)
			if body, data := c.arrives(t, envelope...); body["event"] != "dm.sent" || data["device_id"] != "DEVICE_1" ||
				data["tracked_username"] != "my_brand" || data["target_username"] != "lead_username" ||
				data["message"] != "Hey, quick question..." {
				t.Errorf("dm.sent: got %v, want the message", body)
			}
		}},
		{"dm.failed: with an error message", func(t *testing.T, c *customer) {
			dm := testkit.Post[api.DirectMessage](t, c.Client, "/api/v1/tracked-accounts/"+account+"/direct-messages",
				object{"target_username": "lead_username", "message": "Hey, quick question..."}, http.StatusAccepted)
			testkit.Post[api.TenantDirectMessage](t, c.p.Operator, "/admin/v1/direct-messages/"+dm.ID+"/outcome",
				object{"status": "failed", "error": "blocked"}, http.StatusOK)
			if body, data := c.arrives(t, envelope...); body["event"] != "dm.failed" || data["error"] != "blocked" ||
				data["target_username"] != "lead_username" {
				t.Errorf("dm.failed: got %v, want the message and its error", body)
			}
		}},
		{"follower.gained / follower.lost: Fired when a change is detected between snapshots",
			func(t *testing.T, c *customer) {
				var last api.Snapshot
				for _, fan := range []string{"old_fan", "new_fan"} {
					s := testkit.Post[api.Snapshot](t, c.Client, "/api/v1/tracked-accounts/"+account+"/snapshots",
						object{"follower_count": 1, "following_count": 2, "posts_count": 3, "follower_list": true},
						http.StatusCreated)
					path := "/api/v1/snapshots/" + s.ID
					c.Call(t, http.MethodPost, path+"/followers", object{"followers": []object{{"user_id": fan,
						"username": fan}}}).Want(t, http.StatusOK)
					last = testkit.Into[api.Snapshot](t, c.Call(t, http.MethodPost, path+"/finish",
						object{"followers": 1}).Want(t, http.StatusOK))
				}
				c.Call(t, http.MethodGet, "/api/v1/jobs/"+last.JobID.MustGet(), nil).Want(t, http.StatusOK)
				seen := map[any]any{}
				for range 4 { // each snapshot also is a stats.updated
					body, data := c.arrives(t, envelope...)
					seen[body["event"]] = data["target_username"]
				}
				if seen["follower.gained"] != "new_fan" || seen["follower.lost"] != "old_fan" {
					t.Errorf("events: got %v, want a follower gained and one lost", seen)
				}
			}},
		{"job.completed", func(t *testing.T, c *customer) {
			job := testkit.Post[api.TrackerJob](t, c.Client, "/api/v1/tracker/jobs", object{"job_type": "hashtag"},
				http.StatusAccepted)
			c.p.Operator.Call(t, http.MethodPatch, "/admin/v1/tracker/jobs/"+job.ID, object{"status": "finished",
				"total_leads_stored": 250}).Want(t, http.StatusOK)
			body, data := c.arrives(t, envelope...)
			if _, numbered := data["job_id"].(float64); body["event"] != "job.completed" || !numbered ||
				data["status"] != "finished" || data["total_leads_stored"] != float64(250) {
				t.Errorf("job.completed: got %v, want the job with its number", body)
			}
		}},
		{"job.failed: with an error", func(t *testing.T, c *customer) {
			job := testkit.Post[api.TrackerJob](t, c.Client, "/api/v1/tracker/jobs", object{"job_type": "hashtag"},
				http.StatusAccepted)
			c.p.Operator.Call(t, http.MethodPatch, "/admin/v1/tracker/jobs/"+job.ID, object{"status": "failed",
				"error": "blocked"}).Want(t, http.StatusOK)
			if body, data := c.arrives(t, envelope...); body["event"] != "job.failed" || data["status"] != "failed" ||
				data["error"] != "blocked" {
				t.Errorf("job.failed: got %v, want the job and its error", body)
			}
		}},
		{"HTTP 429 with retry_after_seconds when exceeded", tooMany("leadie", 60)},
		{"API requests consume credits; reads do not; 403: insufficient_credits", charged},
		{"Delivery attempts and errors are visible in the Delivery Logs section", logged},
		{"GET /api/v1/stats", answers(http.MethodGet, "/api/v1/stats", nil, http.StatusOK)},
		{"GET /api/v1/tracker", answers(http.MethodGet, "/api/v1/tracker", nil, http.StatusOK)},
		{"Pure reads (e.g. /me, /credits) do not consume credits", answers(http.MethodGet, "/api/v1/credits", nil,
			http.StatusOK)},
		{"400: malformed dates", answers(http.MethodGet, "/api/v1/webhooks/deliveries?from=tomorrow", nil,
			http.StatusBadRequest)},
		{"404: Resource not found", answers(http.MethodGet, "/api/v1/tracked-accounts/tac_1", nil,
			http.StatusNotFound)},
	}
}

func TestTheDocumentOfLeadmetricsHolds(t *testing.T) {
	t.Parallel()
	holds(t, "leadmetrics", []string{"*"}, documentOfLeadmetrics)
}

func documentOfLeadmetrics() []sentence {
	return []sentence{
		{"prefix: lm_live_ or lm_test_", keyOnce("lm_live_")},
		{"expiresAt; Create/Revoke/Rotate", rotated},
		{"permissions: read:blog, write:social, read:analytics", answers(http.MethodPost, "/api/v1/keys", object{
			"name": "BI", "permissions": []string{"read:blog", "write:social", "read:analytics"}}, http.StatusCreated)},
		{"GET /api/v1/blog-posts", answers(http.MethodGet, "/api/v1/blog-posts", nil, http.StatusOK)},
		{"GET /api/v1/social-posts", answers(http.MethodGet, "/api/v1/social-posts", nil, http.StatusOK)},
		{"GET /api/v1/analytics/overview", answers(http.MethodGet, "/api/v1/analytics/overview", nil, http.StatusOK)},
		{"GET /api/v1/leads", answers(http.MethodGet, "/api/v1/leads", nil, http.StatusOK)},
		{"POST /api/v1/leads fires lead.created", func(t *testing.T, c *customer) {
			c.NewLead(t, "x@example.com")
			if body, _ := c.arrives(t, "id", "event", "created_at", "data"); body["event"] != "lead.created" {
				t.Errorf("event: got %v, want lead.created", body)
			}
			if got := c.receiver.All()[0]; len(got.Header.Get("X-Leadmetrics-Signature")) != 64 {
				t.Errorf("headers: got %v, want an HMAC-SHA256 signature header", got.Header)
			}
		}},
		{"lead.updated", func(t *testing.T, c *customer) {
			lead := c.NewLead(t, "y@example.com")
			c.Call(t, http.MethodPatch, "/api/v1/leads/"+lead.ID, object{"status": "contacted"}).Want(t, http.StatusOK)
			c.fires(t, "lead.created", "lead.updated")
		}},
		{"POST /api/v1/blog-posts/generate; blog.created, blog.approved, blog.published",
			written("blog", object{"topic": "Coffee"})},
		{"POST /api/v1/social-posts/generate; social.created, social.approved, social.published",
			written("social", object{"topic": "Coffee", "platform": "x"})},
		{"agent.failed", func(t *testing.T, c *customer) {
			run := testkit.Post[api.AgentRun](t, c.Client, "/api/v1/blog-posts/generate", object{"topic": "refused"},
				http.StatusAccepted)
			if ids := c.fires(t, "agent.failed"); ids["agent.failed"] != run.ID {
				t.Errorf("agent.failed: got the run %v, want %s", ids, run.ID)
			}
		}},
		{"invoice.paid, subscription.changed", func(t *testing.T, c *customer) {
			admin := "/admin/v1/tenants/" + c.tenant
			c.p.Operator.Call(t, http.MethodPost, admin+"/invoices", object{"number": "2026-117", "amount": 9900,
				"currency": "eur", "status": "paid"}).Want(t, http.StatusCreated)
			c.p.Operator.Call(t, http.MethodPatch, admin, object{"plan": "enterprise"}).Want(t, http.StatusOK)
			c.fires(t, "invoice.paid", "subscription.changed")
		}},
		{"3x retry with exponential backoff", func(t *testing.T, c *customer) {
			if n := len(c.hook.RetryPreview); n != 4 {
				t.Errorf("attempts: got %d, want the first and 3 retries", n)
			}
		}},
	}
}
