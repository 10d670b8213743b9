package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/hookline/hookline/pkg/webhook"
)

const ownToken = "Bearer the-consumers-own-token"

var savelead = product{
	profile:     "savelead",
	about:       "a collector of leads",
	keyPrefix:   "hk_live_",
	keySettings: ofTenant,
	events:      []string{"save_lead"},
	documented:  "PUT with Authorization: the consumer's own; from noon on also webhook-signature (Standard Webhooks)",
	verify: func(h http.Header, body []byte, secret string) (string, error) {
		if h.Get("Authorization") != ownToken {
			return "", errors.New("the header Authorization is not what the consumer asked for")
		}
		if secret == "" {
			return "own header", nil
		}
		return "header, signature", webhook.Verify(h, body, time.Now(), secret)
	},
	read: func(envelope object) (string, object) {
		data, _ := envelope["data"].(object)
		return "save_lead", data
	},
	shows: []string{"email", "score", "first_name", "last_name", "company", "position"},
	script: func(d *day) {
		settings := object{"name": "Lead Tracking Webhook", "method": "PUT",
			"headers": object{"Authorization": ownToken}}
		hook := "/api/v1/webhooks/" + text(d.subscribe("/webhooks/leads", settings), "id")
		d.twice("POST /api/v1/leads/bulk", object{"leads": []object{
			{"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace", "company": "Analytical Engines",
				"score": 42},
			{"email": "nonsense"},
			{"email": "charles@example.com", "first_name": "Charles", "last_name": "Babbage", "position": "Engineer"},
		}})
		d.say("Three leads in one call, made twice with one Idempotency-Key: the two that are valid are saved, once.")
		d.receives("save_lead", "save_lead")
		d.do("PUT /api/v1/leads/by-email/ada@example.com", object{"score": 77})
		d.receives("save_lead")
		d.do("PUT /api/v1/leads/by-email/grace@example.com", object{"first_name": "Grace", "last_name": "Hopper"})
		d.receives("save_lead")
		d.say("A CRM upserts by address: one lead is changed, another is made, and both are save_lead.")

		d.do("PATCH "+hook, object{"signing": "hmac"})
		d.consumer.trust("/webhooks/leads", text(d.do("GET "+hook+"/secret", nil), "secret"))
		d.say("At noon the consumer has its webhooks signed too, and verifies that from then on.")
		d.do("PUT /api/v1/leads/by-email/charles@example.com", object{"score": 61, "company": "Difference Engines"})
		d.receives("save_lead")
	},
}
