package webhook_test

import (
	"bytes"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	durable "github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/rotation"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/pkg/webhook"
)

// fleet is two programs on the same data. They are restarted one after the other, as processes in production are.
type fleet struct {
	services testkit.Services
	one, two *testkit.Program
	sealed   *sealed
}

// restart gives the programs other keys, one after the other, and checks that both work whichever was restarted.
func (f *fleet) restart(t *testing.T, keys string) {
	t.Helper()
	for _, p := range []**testkit.Program{&f.one, &f.two} {
		if *p != nil {
			(*p).Stop()
		}
		*p = testkit.StartOn(t, f.services, smallSteps, testkit.WithKeys(keys))
		if f.one != nil && f.two != nil {
			f.sealed.works(t, f.one)
			f.sealed.works(t, f.two)
		}
	}
}

// sealed is a tenant with a value in each column of sealed values.
type sealed struct {
	key, hook, channel     string
	signed                 string   // a channel that signs
	signing                []string // its secrets, the current one first
	secrets                []string // that are valid, the current one first
	public                 []string
	consumer, slack, pager *testkit.Receiver
	answer                 []byte
	events                 int
}

func newSealed(t *testing.T, p *testkit.Program) *sealed {
	t.Helper()
	c := p.NewTenant(t, "business")
	s := &sealed{key: c.Key(), consumer: testkit.NewReceiver(t, nil), slack: testkit.NewReceiver(t, nil)}
	hook := c.NewEndpoint(t, s.consumer.URL, object{"signing": "both",
		"headers": object{"X-Token": "s3cret-token-0123"},
		"auth":    object{"type": "basic", "username": "ada", "password": "s3cret-password-0123"}})
	s.hook, s.secrets = hooks+"/"+hook.ID, []string{hook.Secret}
	s.public = []string{testkit.Get[api.PublicKey](t, c, s.hook+"/public-key").PublicKey}
	s.public = slices.Insert(s.public, 0, testkit.Post[api.PublicKey](t, c, s.hook+"/rotate-key-pair", object{},
		http.StatusOK).PublicKey)
	s.rotateSecret(t, p)
	s.channel = channels + "/" + testkit.Post[api.AlertChannel](t, c, channels, object{"type": "slack",
		"target": s.slack.URL + "/s3cret-path-0123", "conditions": []string{"endpoint.disabled"}},
		http.StatusCreated).ID
	s.pager = testkit.NewReceiver(t, nil)
	pager := testkit.Post[api.AlertChannelCreated](t, c, channels, object{"type": "webhook", "target": s.pager.URL,
		"conditions": []string{"endpoint.disabled"}}, http.StatusCreated)
	s.signed = channels + "/" + pager.ID
	s.signing = []string{testkit.Post[api.WebhookSecret](t, c, s.signed+"/rotate-secret", object{},
		http.StatusOK).Secret, pager.Secret.MustGet()}
	s.answer = c.Call(t, http.MethodPost, "/api/v1/keys", `{"name":"k","permissions":["read:leads"]}`,
		"Idempotency-Key", "once").Want(t, http.StatusCreated).Body
	return s
}

// rotateSecret replaces the signing secret; the one before stays valid, earlier ones don't.
func (s *sealed) rotateSecret(t *testing.T, p *testkit.Program) {
	t.Helper()
	c := testkit.NewClient(p.URL, s.key)
	testkit.Post[api.WebhookSecret](t, c, s.hook+"/rotate-secret", object{"grace": "0s"}, http.StatusOK)
	before := testkit.Get[api.WebhookSecret](t, c, s.hook+"/secret").Secret
	now := testkit.Post[api.WebhookSecret](t, c, s.hook+"/rotate-secret", object{}, http.StatusOK).Secret
	s.secrets = []string{now, before}
}

// works checks that a program opens every value, and that deliveries of its events are signed, by whichever program.
func (s *sealed) works(t *testing.T, p *testkit.Program) {
	t.Helper()
	c := testkit.NewClient(p.URL, s.key)
	s.delivers(t, p)
	shown := testkit.Get[api.WebhookSecret](t, c, s.hook+"/secret")
	if len(shown.Previous) != 1 || shown.Secret != s.secrets[0] {
		t.Errorf("secrets: got %+v, want the current one as before, and a previous one", shown)
	}
	slackBefore := s.slack.Count()
	if result := testkit.Post[api.AlertTest](t, c, s.channel+"/test", nil, http.StatusOK); !result.Sent ||
		s.slack.Count() != slackBefore+1 {
		t.Errorf("test alert: got %+v, want it sent", result)
	}
	testkit.Post[api.AlertTest](t, c, s.signed+"/test", nil, http.StatusOK)
	if got := s.pager.Next(t); slices.Contains(signedBy(t, got, s.signing...), false) {
		t.Errorf("test alert of a webhook channel: got %v, want it signed with both of its secrets", got.Header)
	}
	again := c.Call(t, http.MethodPost, "/api/v1/keys", `{"name":"k","permissions":["read:leads"]}`,
		"Idempotency-Key", "once").Want(t, http.StatusCreated)
	if again.Header.Get("Idempotency-Replayed") != "true" || !bytes.Equal(again.Body, s.answer) {
		t.Errorf("repeated request: got %s, want the stored answer", again.Body)
	}
	s.rotateSecret(t, p) // seals new values
}

// delivers publishes an event and checks the request that it causes.
func (s *sealed) delivers(t *testing.T, p *testkit.Program) {
	t.Helper()
	s.events++
	testkit.NewClient(p.URL, s.key).NewLead(t, "ada@example.com")
	got := s.consumer.Next(t)
	if by := signedBy(t, got, s.secrets...); slices.Contains(by, false) {
		t.Errorf("delivery %d: got it signed by %v of the secrets, want by all", s.events, by)
	}
	for _, key := range s.public {
		if err := webhook.Verify(got.Header, got.Body, time.Now(), key); err != nil {
			t.Errorf("delivery %d: got %v, want it signed with each key pair", s.events, err)
		}
	}
	if user, password, _ := (&http.Request{Header: got.Header}).BasicAuth(); user != "ada" ||
		password != "s3cret-password-0123" || got.Header.Get("X-Token") != "s3cret-token-0123" {
		t.Errorf("delivery %d: got %v, want the endpoint's header and credentials", s.events, got.Header)
	}
}

// TestTheEncryptionKeyIsReplacedWhileTheServiceRuns takes the steps that docs/operations.md describes.
func TestTheEncryptionKeyIsReplacedWhileTheServiceRuns(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		a, b := secret.GenerateKey(), secret.GenerateKey()
		f := &fleet{services: testkit.NewServices(t, e)}
		f.one = testkit.StartOn(t, f.services, smallSteps, testkit.WithKeys(a))
		f.two = testkit.StartOn(t, f.services, smallSteps, testkit.WithKeys(a))
		f.sealed = newSealed(t, f.one)
		everyColumnHasAValue(t, f.one)
		f.restart(t, a+","+b)
		f.restart(t, b+"\n"+a)

		ring := parse(t, b+","+a)
		first, old := ring.IDs()[0], ring.IDs()[1]
		d := f.one.App.Database()
		jobs := durable.NewStore(d, clock.System)
		rotator := rotation.New(d, ring, jobs, audit.New(d, clock.System), clock.System, 1)
		operator := principal.With(t.Context(), principal.Principal{Operator: true, KeyName: "Test"})
		j, started, err := rotator.Start(audit.WithAction(operator, "encryption.rotated"))
		unchanged := len(rotation.Columns()) - 2 // the programs have sealed secrets with the new key meanwhile
		if err != nil || !started || j.Total < unchanged {
			t.Fatalf("start: got %+v, %v, %v, want a job for at least %d values", j, started, err, unchanged)
		}
		steps := 0
		j, err = durable.NewRunner(jobs, map[string]durable.Step{rotation.Kind: rotator.Step}).Run(t.Context(), j.ID,
			func(durable.Job) {
				p := []*testkit.Program{f.one, f.two}[steps%2]
				if steps++; steps%4 == 0 {
					f.sealed.works(t, p)
				} else {
					f.sealed.delivers(t, p)
				}
			})
		if err != nil || j.Status != durable.Done || j.Done != j.Total || j.Skipped != 0 || steps < 2 {
			t.Errorf("job: got %+v, %v after %d steps, want it done", j, err, steps)
		}
		counts, err := rotator.Count(t.Context())
		if err != nil || len(counts.ByKey) != 1 || counts.ByKey[first] < len(rotation.Columns()) ||
			counts.Damaged != 0 {
			t.Errorf("values by key: got %+v, %v, want all under %s and none under %s", counts, err, first, old)
		}
		if j, started, err := rotator.Start(operator); err != nil || started {
			t.Errorf("second start: got %+v, %v, %v, want nothing to do", j, started, err)
		}
		f.restart(t, b)
		if got := f.one.Counts(t, testkit.NewClient(f.one.URL, f.sealed.key)); len(got) != 1 ||
			got[api.DeliveryStatusSucceeded] != f.sealed.events {
			t.Errorf("deliveries: got %v, want %d that succeeded", got, f.sealed.events)
		}
	})
}

func parse(t *testing.T, keys string) *secret.Ring {
	t.Helper()
	ring, err := secret.ParseRing(keys)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// everyColumnHasAValue checks that the test is about all columns with sealed values.
func everyColumnHasAValue(t *testing.T, p *testkit.Program) {
	t.Helper()
	for _, c := range rotation.Columns() {
		var values [][]byte
		q := p.App.Database().Read(t.Context()).Table(c.Table).Where("length(" + c.Name + ") > 0")
		if err := q.Where(c.Where).Pluck(c.Name, &values).Error; err != nil || len(values) == 0 {
			t.Errorf("%s: got %d values, %v, want some", c, len(values), err)
		}
		for _, v := range values {
			if _, ok := secret.KeyOf(v); !ok {
				t.Errorf("%s: got %.12x…, want a sealed value", c, v)
			}
		}
	}
}

// A process that got the new key too late can't read what others encrypt with it: its deliveries wait, and are made
// once there is a process that can.
func TestAValueUnderAnUnknownKeyIsNoFailureOfTheEndpoint(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		a, b := secret.GenerateKey(), secret.GenerateKey()
		services, ahead := testkit.NewServices(t, e), &testkit.Clock{}
		late := testkit.StartOn(t, services, testkit.WithKeys(a), testkit.WithClock(ahead))
		early := testkit.StartOn(t, services, testkit.WithKeys(b+","+a), testkit.WithoutWorker(),
			testkit.WithClock(ahead))
		c := early.NewTenant(t, "business")
		consumer := testkit.NewReceiver(t, nil)
		hook := c.NewEndpoint(t, consumer.URL, nil) // sealed under b
		atLate := testkit.NewClient(late.URL, c.Key())
		atLate.NewLead(t, "ada@example.com")
		d := late.AwaitDelivery(t, atLate, api.DeliveryStatusRetrying)
		if reason, _ := d.Reason.Get(); reason != "internal" || d.AttemptCount != 0 || len(d.Attempts) != 0 ||
			consumer.Count() != 0 {
			t.Errorf("delivery: got %+v and %d requests, want it to be retried without an attempt", d, consumer.Count())
		}
		atLate.Call(t, http.MethodGet, hooks+"/"+hook.ID+"/secret", nil).Want(t, http.StatusInternalServerError)
		var failures int
		err := late.App.Database().Read(t.Context()).Raw("SELECT consecutive_failures FROM endpoints WHERE id = ?",
			hook.ID).Row().Scan(&failures)
		if err != nil || failures != 0 {
			t.Errorf("failures of the endpoint: got %d, %v, want none counted", failures, err)
		}
		late.Stop()
		ahead.Advance(time.Minute)
		both := testkit.StartOn(t, services, testkit.WithKeys(a+","+b), testkit.WithClock(ahead))
		got := consumer.Next(t)
		if !slices.Equal(signedBy(t, got, hook.Secret), []bool{true}) {
			t.Errorf("delivery by a process with both keys: got %v, want it signed", got.Header)
		}
		both.AwaitDelivery(t, c, api.DeliveryStatusSucceeded)
	})
}
