package dashboard

import (
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/profile"
)

// endpointDetail is the page of one endpoint.
type endpointDetail struct {
	endpointRow
	Webhook    api.Webhook
	Filter     string
	RateLimit  *int
	Timeout    string
	Policy     string
	Preview    []time.Duration // when each attempt would be made, from the first
	Headers    []ui.Header
	Types      []string // to test with
	Recent     []deliveryRow
	Responses  ui.Responses // of the latest deliveries
	Errors     []errorGroup // why deliveries fail, the most frequent first
	Sampled    int          // how many failures were looked at for Errors
	Probe      time.Time    // when an open circuit breaker sends the next probe
	PublicKey  string
	HMAC       bool   // it signs with a secret
	Stream     string // address of the live stream of Recent; empty on the page after a form
	Test       *testResult
	Secret     string // when it was asked for
	Previous   []time.Time
	SecretOnce bool
	Recovery   *recovery
	MayWrite   bool
	MayRecover bool
	MayRead    bool // deliveries
	Fault      string
}

type testResult struct {
	Succeeded bool
	EventType string
	HTTP      int
	HTTPText  string
	Took      time.Duration
	Error     string
	Sent      []ui.Header
	SentBody  ui.Code
	Received  []ui.Header
	Answer    ui.Code
}

// recovery is the preview of sending an endpoint its missed deliveries again.
type recovery struct {
	Since          string
	Total, Skipped int
}

// showEndpoint renders the page with the result of a form on it.
func (v *visit) showEndpoint(status int, fill func(*endpointDetail)) error {
	w, err := inhouse.Read[api.Webhook](v.API.GetWebhook(v.Ctx, v.Param("id")))
	if err != nil {
		return err
	}
	p := endpointDetail{
		Webhook: w, Filter: inhouse.Or(w.Filter), RateLimit: w.RateLimit.Requests, Timeout: inhouse.Or(w.Timeout),
		Policy: policyText(w.RetryPolicy), Probe: inhouse.Or(w.Circuit.NextProbeAt),
		PublicKey: inhouse.Or(w.PublicKey), HMAC: w.Signing == api.SigningHmac || w.Signing == api.SigningBoth,
		MayWrite: v.can(writeWebhooks), MayRecover: v.can(writeDeliveries), MayRead: v.can(readDeliveries),
	}
	_, p.SecretOnce = profile.ShowsSecretOnce(v.Session.Tenant.Profile, string(w.Profile))
	for _, text := range w.RetryPreview {
		if d, err := time.ParseDuration(text); err == nil {
			p.Preview = append(p.Preview, d)
		}
	}
	p.Headers, _ = ui.Headers(w.Headers)
	var stats *api.WebhookStats
	var all errgroup.Group
	all.Go(func() (err error) {
		stats, err = v.statsOf(w.ID)
		return err
	})
	all.Go(func() (err error) {
		p.Types, err = v.typeNames()
		return err
	})
	if p.MayRead {
		all.Go(func() error { return v.readDeliveriesOf(&p) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	p.endpointRow = endpointRowOf(w, stats)
	if fill != nil {
		fill(&p)
	} else if p.MayRead {
		p.Stream = "/app/deliveries/stream?webhook_id=" + url.QueryEscape(w.ID)
	}
	return v.render(status, "endpoint", nameOf(w), p)
}

func endpointPage(v *visit) error { return v.showEndpoint(http.StatusOK, nil) }

// faulty renders the page again with the error of a form on it.
func (v *visit) faulty(err error) error {
	r, ok := inhouse.Invalid(err)
	if !ok {
		return err
	}
	return v.showEndpoint(r.Status, func(p *endpointDetail) { p.Fault = r.Message + r.Details() })
}

func testEndpoint(v *visit) error {
	got, err := inhouse.Read[api.WebhookTestResult](v.API.TestWebhook(v.Ctx, v.Param("id"),
		api.WebhookTest{EventType: inhouse.Opt[string](v.FormValue("event_type"))}))
	if err != nil {
		return v.faulty(err)
	}
	t := testResultOf(got)
	return v.showEndpoint(http.StatusOK, func(p *endpointDetail) { p.Test = t })
}

func testResultOf(got api.WebhookTestResult) *testResult {
	t := &testResult{
		Succeeded: got.Succeeded, EventType: got.EventType, Took: milliseconds(got.DurationMs),
		Error:    inhouse.Or(got.Error),
		SentBody: ui.NewCode([]byte(got.Request.Body), maxBody),
	}
	t.Sent, _ = ui.Headers(got.Request.Headers)
	if a := got.Response; a != nil {
		t.HTTP, t.HTTPText = a.Status, http.StatusText(a.Status)
		t.Received, _ = ui.Headers(a.Headers)
		t.Answer = ui.NewCode([]byte(a.Body), maxAnswer)
	}
	return t
}

func revealSecret(v *visit) error {
	s, err := inhouse.Read[api.WebhookSecret](v.API.RevealWebhookSecret(v.Ctx, v.Param("id")))
	if err != nil {
		return v.faulty(err)
	}
	return v.showEndpoint(http.StatusOK, func(p *endpointDetail) { p.Secret, p.Previous = s.Secret, validUntil(s) })
}

// validUntil lists when replaced secrets end.
func validUntil(s api.WebhookSecret) []time.Time {
	out := make([]time.Time, 0, len(s.Previous))
	for _, previous := range s.Previous {
		out = append(out, previous.ValidUntil)
	}
	return out
}

// newSecret is the page that shows the signing secret of an endpoint when it was made.
type newSecret struct {
	ID, Name, Secret string
	Previous         []time.Time
	Rotated          bool
	Once             bool // it is not shown again
}

// showNewSecret renders the page of a new secret.
func (v *visit) showNewSecret(w api.Webhook, s newSecret) error {
	s.ID, s.Name = w.ID, nameOf(w)
	_, s.Once = profile.ShowsSecretOnce(v.Session.Tenant.Profile, string(w.Profile))
	return v.render(http.StatusOK, "newsecret", "The signing secret of "+s.Name, s)
}

func rotateSecret(v *visit) error {
	w, err := inhouse.Read[api.Webhook](v.API.GetWebhook(v.Ctx, v.Param("id")))
	if err != nil {
		return err
	}
	s, err := inhouse.Read[api.WebhookSecret](v.API.RotateWebhookSecret(v.Ctx, w.ID, nil,
		api.SecretRotate{Grace: inhouse.Opt[string](v.FormValue("grace"))}))
	if err != nil {
		return v.faulty(err)
	}
	return v.showNewSecret(w, newSecret{Secret: s.Secret, Previous: validUntil(s), Rotated: true})
}

// recoverEndpoint first counts the deliveries to send again, and sends them once the visitor has confirmed the count.
func recoverEndpoint(v *visit) error {
	since, err := inhouse.Moment(v.FormValue("since"))
	if since == nil && err == nil {
		err = &inhouse.Refusal{Status: http.StatusBadRequest, Message: "Say since when."}
	}
	if err != nil {
		return v.faulty(err)
	}
	body := api.Recovery{Since: *since, DryRun: new(v.FormValue("do") != "recover")}
	if *body.DryRun {
		preview, err := inhouse.Read[api.BulkPreview](v.API.RecoverWebhook(v.Ctx, v.Param("id"), nil, body))
		if err != nil {
			return v.faulty(err)
		}
		return v.showEndpoint(http.StatusOK, func(p *endpointDetail) {
			p.Recovery = &recovery{Since: since.Format("2006-01-02T15:04"), Total: preview.Total,
				Skipped: preview.Skipped}
		})
	}
	job, err := inhouse.Read[api.Job](v.API.RecoverWebhook(v.Ctx, v.Param("id"), nil, body))
	if err != nil {
		return v.faulty(err)
	}
	return v.Redirect(http.StatusSeeOther, "/app/jobs/"+url.PathEscape(job.ID))
}
