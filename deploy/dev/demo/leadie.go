package main

import (
	"errors"
	"net/http"
	"strconv"
)

var leadie = product{
	profile:     "leadie",
	about:       "a tracker of social accounts",
	keyPrefix:   "ld_live_",
	keyHeader:   "X-Api-Key",
	keySettings: func(ownerID string) object { return object{"permissions": []string{"*"}, "user_id": ownerID} },
	events: []string{"stats.updated", "follower.gained", "follower.lost", "dm.sent", "dm.failed", "job.completed",
		"job.failed"},
	documented: "X-Leadie-Signature: hex HMAC-SHA256 of the body, and X-Leadie-Timestamp",
	verify: func(h http.Header, body []byte, secret string) (string, error) {
		if _, err := strconv.ParseInt(h.Get("X-Leadie-Timestamp"), 10, 64); err != nil {
			return "", errors.New("X-Leadie-Timestamp is no time in seconds")
		}
		return hexHMAC("X-Leadie-Signature")(h, body, secret)
	},
	read: named,
	shows: []string{
		"username", "follower_count", "target_username", "error", "message", "job_id", "job_type", "status",
		"total_leads_stored", "tracked_username",
	},
	script: func(d *day) {
		n8n := object{"name": "n8n Production", "source": "n8n"}
		first, again := d.subscribe("/n8n", n8n), d.subscribe("/n8n", n8n)
		if text(first, "id") != text(again, "id") {
			d.fail("n8n subscribed again and got another endpoint")
		}
		d.say("n8n subscribes again when its workflow is switched on again: it is the same endpoint, and nothing " +
			"comes twice.")

		tracked := d.twice("POST /api/v1/tracked-accounts", object{"platform": "instagram", "account_id": "1234567890",
			"username": "my_brand"})
		d.say("The same POST /tracked-accounts twice, with one Idempotency-Key: one account.")
		account := "/api/v1/tracked-accounts/" + text(tracked, "id")
		d.follow(account, "old_fan", "true_fan")
		d.receives("stats.updated")
		d.follow(account, "true_fan", "new_fan", "newer_fan")
		d.receives("stats.updated", "follower.lost", "follower.gained", "follower.gained")
		d.say("Two lists of followers are compared: each gained or lost follower is an event.")

		d.writes(account, object{"status": "sent"})
		d.receives("dm.sent")
		d.writes(account, object{"status": "failed", "error": "The account is private."})
		d.receives("dm.failed")
		d.searches(object{"status": "finished", "total_leads_stored": 250})
		d.receives("job.completed")
		d.searches(object{"status": "failed", "error": "The account was rate limited."})
		d.receives("job.failed")
		d.say("The product reports the outcome of messages and jobs, and the price of failed ones is returned.")
		left := d.credits()
		d.do("GET /api/v1/stats", nil)
		d.do("GET /api/v1/tracker", nil)
		if d.credits() != left {
			d.fail("reading has cost credits")
		}
		d.say("Credits: its user has %d left; reading the statistics cost none.", left)
	},
}

// follow records a snapshot of an account with the list of its followers.
func (d *day) follow(account string, names ...string) {
	followers := make([]object, len(names))
	for i, name := range names {
		followers[i] = object{"user_id": "id_" + name, "username": name}
	}
	made := d.do("POST "+account+"/snapshots", object{"follower_count": len(names), "following_count": 321,
		"posts_count": 456, "follower_list": true})
	snapshot := "/api/v1/snapshots/" + text(made, "id")
	d.do("POST "+snapshot+"/followers", object{"followers": followers})
	d.do("POST "+snapshot+"/finish", object{"followers": len(names)})
}

// writes sends a direct message, whose outcome the product reports.
func (d *day) writes(account string, outcome object) {
	message := d.do("POST "+account+"/direct-messages", object{"target_username": "new_fan",
		"message": "Hey, quick question...", "device_id": "DEVICE_1"})
	d.do("POST /admin/v1/direct-messages/"+text(message, "id")+"/outcome", outcome)
}

// searches has a job run, of which the product reports how it ended.
func (d *day) searches(outcome object) {
	started := d.do("POST /api/v1/tracker/jobs", object{"job_type": "hashtag",
		"parameters": object{"hashtag": "coffee"}})
	job := "PATCH /admin/v1/tracker/jobs/" + text(started, "id")
	d.do(job, object{"status": "running"})
	d.do(job, outcome)
}
