package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// patience is how long a day waits for what should happen in a moment.
const patience = 30 * time.Second

// target is the Hookline that the days happen at. The operator key is a person's, the backend key is what a product's
// server holds. Without a secret of Stripe's it takes no events of Stripe.
type target struct{ url, operatorKey, backendKey, stripeSecret string }

// day is one tenant's day. Its methods do nothing once something has failed, so that scripts need not look.
type day struct {
	product
	target
	ctx                    context.Context
	tenantID, ownerID, key string
	consumer               *consumer
	notes                  []string
	received               map[string]int // the webhooks that the consumer has got so far, by event
	replayed               int            // dead letters

	fired, deliveries []object   // as Hookline has recorded them
	messages          []*message // as the consumer has, in the end
	err               error
}

// runDays has all products live their day, at the same time.
func runDays(ctx context.Context, to target, all []product) []*day {
	days := make([]*day, len(all))
	var group sync.WaitGroup
	for i, p := range all {
		days[i] = &day{product: p, target: to, ctx: ctx, received: map[string]int{}}
		group.Go(days[i].live)
	}
	group.Wait()
	return days
}

func (d *day) live() {
	if d.consumer, d.err = newConsumer(d.product); d.err != nil {
		return
	}
	defer func() { d.messages = d.consumer.stop() }()
	d.begin()
	d.script(d)
	d.end()
}

// begin makes the tenant, its owner and the owner's key.
func (d *day) begin() {
	d.tenantID = text(d.do("POST /admin/v1/tenants", object{"name": "Demo of " + d.profile, "plan": "business",
		"profile": d.profile}), "id")
	d.ownerID = text(d.do("POST "+d.admin("/members"), object{"email": "grace@example.com", "name": "Grace Hopper",
		"role": "owner"}), "id")
	settings := object{"name": "Demo", "environment": "live"}
	maps.Copy(settings, d.keySettings(d.ownerID))
	d.key = text(d.do("POST "+d.admin("/keys"), settings), "key")
	if !strings.HasPrefix(d.key, d.keyPrefix) {
		d.fail("its key does not begin with %s", d.keyPrefix)
	}
}

// admin is a path of the operators' API, below the tenant.
func (d *day) admin(path string) string { return "/admin/v1/tenants/" + d.tenantID + path }

func (d *day) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
	}
}

// say adds a line to the output.
func (d *day) say(format string, args ...any) {
	if d.err == nil {
		d.notes = append(d.notes, fmt.Sprintf(format, args...))
	}
}

// do makes a call: below /admin as the product's server, or as the operator where only people may do it, and with the
// tenant's key elsewhere. body may be nil.
func (d *day) do(call string, body object, headers ...string) object {
	_, answer := d.call(call, body, headers...)
	return answer
}

func (d *day) call(call string, body object, headers ...string) (header http.Header, answer object) {
	if d.err != nil {
		return nil, nil
	}
	var raw []byte
	if body != nil {
		if raw, d.err = json.Marshal(body); d.err != nil {
			return nil, nil
		}
	}
	switch {
	case strings.Contains(call, " /admin/v1/queues/"):
		headers = append(headers, "Authorization", "Bearer "+d.operatorKey)
	case strings.Contains(call, " /admin/"):
		headers = append(headers, "Authorization", "Bearer "+d.backendKey)
	case d.keyHeader != "":
		headers = append(headers, d.keyHeader, d.key)
	default:
		headers = append(headers, "Authorization", "Bearer "+d.key)
	}
	header, answer, d.err = send(d.ctx, d.url, call, raw, headers...)
	return header, answer
}

// twice makes the same call twice with one Idempotency-Key, and insists on the same answer.
func (d *day) twice(call string, body object) object {
	key := rand.Text()
	first := d.do(call, body, "Idempotency-Key", key)
	header, second := d.call(call, body, "Idempotency-Key", key)
	if header.Get("Idempotency-Replayed") != "true" || !reflect.DeepEqual(first, second) {
		d.fail("%s, made twice with one Idempotency-Key, was answered %v and then %v", call, first, second)
	}
	return first
}

// credits is the balance that the key's calls are paid from.
func (d *day) credits() int64 {
	balance, _ := d.do("GET /api/v1/credits", nil)["balance"].(json.Number)
	n, _ := balance.Int64()
	return n
}

// subscribe makes an endpoint at a path of the consumer. It retries soon enough to be watched.
func (d *day) subscribe(path string, settings object) object {
	body := object{"url": d.consumer.url + path, "events": d.events, "retry_policy": object{"schedule": []string{"1s",
		"1s"}, "jitter": 0}}
	maps.Copy(body, settings)
	made := d.do("POST /api/v1/webhooks", body)
	if text(made, "signing") != "none" && text(made, "secret") != "" {
		d.consumer.trust(path, text(made, "secret"))
	}
	return made
}

// receives waits until the consumer has accepted one more webhook of each of the events.
func (d *day) receives(events ...string) {
	if d.err != nil {
		return
	}
	for _, event := range events {
		d.received[event]++
	}
	ctx, cancel := context.WithTimeout(d.ctx, patience)
	defer cancel()
	if err := d.consumer.await(ctx, d.received); err != nil {
		d.completed()
		d.fail("%w (%s)", err, cmp.Or(d.undelivered(), "all that was fired is delivered"))
	}
}

// end compares what the consumer got with what Hookline has recorded, and both with the script: all of it must have
// come, and nothing more.
func (d *day) end() {
	for wait := 100 * time.Millisecond; d.err == nil && !d.completed() && wait < patience; wait *= 2 {
		select {
		case <-time.After(wait):
		case <-d.ctx.Done():
		}
	}
	if all := d.undelivered(); all != "" {
		d.fail("not everything was delivered: %s", all)
	}
	d.consumer.mu.Lock()
	defer d.consumer.mu.Unlock()
	if err := d.consumer.refused(); err != nil {
		d.fail("%w", err)
	}
	for _, delivery := range d.deliveries {
		if m := d.consumer.find(text(delivery, "event_id")); m == nil || !m.accepted() {
			d.fail("its consumer never got %s, although the delivery %s succeeded", text(delivery, "event_type"),
				text(delivery, "id"))
		}
	}
	if got := d.consumer.got(); !maps.Equal(got, d.received) {
		d.fail("its consumer got %v instead of %v", got, d.received)
	}
	for _, event := range d.events {
		if d.received[event] == 0 {
			d.fail("its consumer never got %s", event)
		}
	}
}

// completed reads what Hookline has recorded, and says whether nothing is in flight.
func (d *day) completed() bool {
	d.fired = list(d.do("GET /api/v1/events?limit=100", nil), "data")
	d.deliveries = list(d.do("GET /api/v1/webhooks/deliveries?limit=100", nil), "data")
	open := func(o object) bool {
		return slices.Contains([]string{"accepted", "pending", "delivering", "retrying"}, text(o, "status"))
	}
	planned := int64(0)
	for _, o := range d.fired {
		n, _ := o["deliveries"].(json.Number)
		count, _ := n.Int64()
		planned += count
	}
	return !slices.ContainsFunc(d.fired, open) && !slices.ContainsFunc(d.deliveries, open) &&
		int64(len(d.deliveries)) >= planned
}

// undelivered describes the deliveries that have not succeeded, with the reason that Hookline gives for each.
func (d *day) undelivered() string {
	var out []string
	for _, o := range d.deliveries {
		if status := text(o, "status"); status != "succeeded" {
			out = append(out, strings.TrimRight(fmt.Sprintf("%s is %s: %s", text(o, "event_type"), status,
				text(o, "error")), ": "))
		}
	}
	return strings.Join(out, "; ")
}
