package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/pkg/webhook"
)

// TestMain also is the program that launch starts: to build it once more takes longer than all days together.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "dev" {
		os.Exit(asHookline(os.Args[2:]))
	}
	testkit.Main(m)
}

func asHookline(args []string) int {
	var o app.DevOptions
	flags := flag.NewFlagSet("dev", flag.ExitOnError)
	flags.StringVar(&o.Addr, "addr", "", "")
	flags.StringVar(&o.DataDir, "data-dir", "", "")
	flags.BoolVar(&o.JSON, "json", false, "")
	_ = flags.Parse(args)
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	if err := app.RunDev(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// received are the events that each consumer must receive, by their name in its product.
var received = map[string]map[string]int{
	"leadmetrics": {
		"lead.created": 1, "lead.updated": 1, "blog.created": 1, "blog.approved": 1, "blog.published": 1,
		"social.created": 1, "social.approved": 1,
		"social.published": 1, "agent.completed": 2, "agent.failed": 1, "invoice.paid": 2, "subscription.changed": 1,
	},
	"inboxops": {
		"ticket.created": 1, "ticket.updated": 4, "ticket.assigned": 1, "ticket.status_changed": 2, "ticket.closed": 1,
		"message.received": 1,
		"message.sent":     1, "inbox.error": 1,
	},
	"leadhooks": {"new_lead": 1, "lead_update": 2, "delivery.dead": 1},
	"leadie": {
		"stats.updated": 2, "follower.gained": 2, "follower.lost": 1, "dm.sent": 1, "dm.failed": 1, "job.completed": 1,
		"job.failed": 1,
	},
	"savelead": {"save_lead": 5},
}

func withStripe(c *config.Config, _ *app.Options) { c.StripeWebhookSecret = stripeSecret }

func asInProduction(l ratelimit.Limit) ratelimit.Limit { return l }

func TestEveryConsumerReceivesTheDayOfItsProduct(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		to := target{}
		if e == testkit.Embedded { // hookline dev itself
			to = launched(t)
		} else {
			p := testkit.Start(t, e, withStripe, testkit.WithLimits(asInProduction))
			to = target{url: p.URL, operatorKey: p.Operator.Key(), stripeSecret: stripeSecret}
		}
		var out bytes.Buffer
		days, err := show(t.Context(), &out, to)
		if err != nil {
			t.Fatalf("demo: got %v, want no error\n%s", err, &out)
		}
		for _, d := range days {
			got := map[string]int{}
			for _, m := range d.messages {
				if m.err != nil || m.proof == "" || !m.accepted() {
					t.Errorf("%s of %s: got %q, %v, want it accepted with a proof", m.id, d.profile, m.proof, m.err)
				}
				if !strings.HasPrefix(m.id, samplePrefix) {
					got[m.event]++
				}
			}
			if !maps.Equal(got, received[d.profile]) {
				t.Errorf("events that %s received: got %v, want %v", d.profile, got, received[d.profile])
			}
		}
		missing, err := unreceived(t.Context(), days)
		if err != nil || !slices.Equal(missing, []string{"endpoint.disabled", "endpoint.failing", "endpoint.recovered",
			"key.leaked"}) {
			t.Errorf("event types that nobody received: got %v, %v, want those of failing endpoints and leaked "+
				"keys", missing, err)
		}
		for _, line := range []string{
			"lead.created          signature  2: 500, 200", "lead_update    signature  4: 500, 500, 500, 200",
			"save_lead  header, signature  1",
			"ticket.created (test)",
			"leadhooks         4           4         7        2                      1         7",
			"Credits: 10000 in the morning, 12 less", "its user has 9987 left",
			"1 lead, 1 blog post published, 1 not written",
		} {
			if !strings.Contains(out.String(), line) {
				t.Errorf("demo: got\n%s\nwant the line %q", &out, line)
			}
		}
	})
}

// launched is a hookline dev that ends with the test.
func launched(t *testing.T) target {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	to, wait, err := launch(ctx, program, t.TempDir())
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		wait()
	})
	return to
}

// TestADayFailsWithoutWhatShouldHaveBeenReceived has days go wrong, each in one way, beside one that only lacks Stripe.
func TestADayFailsWithoutWhatShouldHaveBeenReceived(t *testing.T) {
	t.Parallel()
	idle, surprised, forged := leadhooks, leadhooks, leadhooks
	idle.script = func(*day) {}
	surprised.script = func(d *day) {
		d.subscribe("/crm", nil)
		d.do("POST /api/v1/leads", object{"name": "Ada"})
		d.do("POST /api/v1/leads", object{"name": "Grace"})
		d.receives("new_lead")
	}
	forged.verify = func(http.Header, []byte, string) (string, error) { return "", errors.New("it is forged") }
	refused := leadhooks
	refused.script = func(d *day) { d.do("POST /api/v1/leads", object{"score": "high"}) }
	p := testkit.Shared(t, testkit.Embedded)
	days := runDays(t.Context(), target{url: p.URL, operatorKey: p.Operator.Key(),
		backendKey: p.NewOperatorKey(t, "backend", nil).Key}, []product{idle, surprised, forged, refused, leadmetrics})
	_, err := show(t.Context(), io.Discard, target{url: p.URL, operatorKey: "hk_op_nobodys"})
	if err == nil || !strings.Contains(err.Error(), "the operator key does not work") {
		t.Errorf("demo with another operator key: got %v, want that the key does not work", err)
	}
	for i, want := range []string{
		"its consumer never got new_lead", "its consumer got map[new_lead:2] instead of map[new_lead:1]",
		"it is forged", "score must be", "",
	} {
		if err := days[i].err; (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%d: %v instead of %q", i, err, want)
		}
	}
	if got := days[4].received; got["invoice.paid"] != 1 || got["subscription.changed"] != 1 {
		t.Errorf("events without Stripe: got %v, want one invoice.paid and one subscription.changed", got)
	}
}

func TestConsumersRefuseWhatIsNotSignedAsDocumented(t *testing.T) {
	t.Parallel()
	secret, body, now := webhook.NewSecret(), []byte(`{"event":"lead.created"}`), time.Now()
	key, err := webhook.ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	standard := http.Header{}
	standard.Set(webhook.HeaderID, "evt_1")
	standard.Set(webhook.HeaderTimestamp, fmt.Sprint(now.Unix()))
	standard.Set(webhook.HeaderSignature, webhook.Sign(key, "evt_1", now, body))
	for _, p := range products {
		if _, err := p.verify(standard, body, secret); err == nil {
			t.Errorf("%s with headers that it does not document: got no error, want one", p.profile)
		}
		if _, err := p.verify(http.Header{}, body, ""); err == nil {
			t.Errorf("%s without headers: got no error, want one", p.profile)
		}
	}
	standard.Set("Authorization", ownToken)
	if proof, err := savelead.verify(standard, body, secret); err != nil || proof != "header, signature" {
		t.Errorf("savelead: got proof %q, %v, want header and signature", proof, err)
	}
	if _, err := savelead.verify(standard, append(body, ' '), secret); err == nil {
		t.Error("savelead with a changed body: got no error, want one")
	}
}

func TestTheDemoSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"go together":                        {"--url", "http://127.0.0.1:1"},
		"no Hookline at http://127.0.0.1:1:": {"--url", "http://127.0.0.1:1/", "--operator-key", "hk_op_x"},
	} {
		if err := run(t.Context(), args, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("demo %v: got %v, want %q", args, err, want)
		}
	}
	if _, _, err := launch(t.Context(), os.Args[0], "/dev/null"); err == nil || !strings.Contains(err.Error(),
		"hookline dev did not start: ") {
		t.Errorf("launch without a data directory: got %v, want that hookline dev did not start", err)
	}
}
