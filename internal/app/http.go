package app

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/alert"
	"github.com/hookline/hookline/internal/api"
	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/dashboard"
	"github.com/hookline/hookline/internal/dashboard/admin"
	"github.com/hookline/hookline/internal/deadletter"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/docsui"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/eventtype"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/leak"
	"github.com/hookline/hookline/internal/listener"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/metrics"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/quota"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/resource/analytics"
	"github.com/hookline/hookline/internal/resource/billing"
	"github.com/hookline/hookline/internal/resource/content"
	"github.com/hookline/hookline/internal/resource/lead"
	"github.com/hookline/hookline/internal/resource/tracking"
	"github.com/hookline/hookline/internal/session"
	"github.com/hookline/hookline/internal/signin"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/usage"
)

func (b *builder) buildAPI(ctx context.Context) error {
	if err := b.buildLimiter(ctx); err != nil {
		return err
	}
	if b.limiter != nil {
		b.metrics.Register(metrics.Fallback(b.limiter.Alone))
	}
	hub := deliverylog.NewHub(b.log, b.now, b.redis.UniversalClient)
	types := eventtype.NewTypes(b.contract, eventtype.NewStore(b.db, b.now,
		b.options.TypeText))
	handlers := b.handlers(hub, types)
	server := api.NewServer(handlers, api.Options{
		Contract: b.contract, Keys: b.Keys, Operators: b.Operators, Tenants: b.Tenants,
		Answers: b.idempotency, Audit: b.audit,
		Credits: b.Credits, Units: b.db, EventTypes: types,
		Signatures: map[string]api.Signature{
			"reportLeakedKeys": handlers.LeakAPI.Verify, "receiveStripeEvent": handlers.BillingAPI.Verify,
		},
		TrustedProxies: b.config.TrustedProxies, ConnectionsPerAddress: b.config.MaxConnections,
		MaxBodyBytes: b.config.MaxBodyBytes, AnswerLimit: b.options.AnswerLimit, PublicURL: b.config.PublicURL,
		Tracer: b.tracer, Observe: b.metrics.Answered, Answered: b.Usage.Answered,
		Stored: b.Stored, Limits: b.limiter, Limited: b.metrics.Limited, Pages: b.pages,
	})
	b.lifecycle.add("live-log hub", hub)
	b.lifecycle.add("usage counter", b.Usage)
	b.lifecycle.add("byte meter", b.Stored)
	b.lifecycle.add("credit refusals", credit.NewRefusals(b.Credits))
	b.lifecycle.add("HTTP server", httpServer{server, b.App})
	return nil
}

// httpServer serves on the app's listener.
type httpServer struct {
	*api.Server

	app *App
}

// Start implements service.
func (s httpServer) Start(context.Context) error {
	go func() {
		if err := s.Serve(s.app.listener); err != nil {
			s.app.failed <- err
		}
	}()
	return nil
}

// buildLimiter gives the limiter connections of its own, so that requests don't wait behind commands of the queue.
func (b *builder) buildLimiter(ctx context.Context) error {
	if b.options.WithoutLimits {
		return nil
	}
	client, err := b.redis.Impatient()
	if err != nil {
		return err
	}
	b.lifecycle.opened("Redis of the rate limiter", client.Close)
	b.limiter = ratelimit.New(client, b.options.Limits)
	b.limiter.Warm(ctx)
	return nil
}

func (b *builder) handlers(hub *deliverylog.Hub, types *eventtype.Types) api.Handlers {
	keys := apikey.NewAPI(b.Keys, b.Tenants, b.audit)
	alerts := alert.NewAPI(b.alerts, b.sender, b.egress, b.audit)
	tickets, inboxes, tags := b.support()
	return api.Handlers{
		KeyAPI:         keys,
		TenantAPI:      tenant.NewAPI(b.Tenants, b.audit),
		OperatorAPI:    operator.NewAPI(b.Operators, b.audit),
		LeadAPI:        lead.NewAPI(lead.NewStore(b.db, b.outbox, b.now), b.contract.Checker("LeadCreate")),
		EventAPI:       event.NewAPI(b.Events, b.outbox, types, b.members, b.audit, b.contract.Checker("EventCreate")),
		EventTypeAPI:   eventtype.NewAPI(types, b.Events, b.Endpoints, b.audit),
		EndpointAPI:    endpoint.NewAPI(b.Endpoints, types, b.egress, b.Delivered, b.log, b.audit, longest(b.config)),
		TestSendAPI:    delivery.NewTestAPI(b.Delivered, b.Endpoints.Store, types, b.requests, b.now),
		ListenerAPI:    listener.NewAPI(b.Endpoints.Store, b.listeners, b.listenerGrace()),
		DeliveryLogAPI: deliverylog.NewAPI(b.log, hub),
		DeadLetterAPI: deadletter.NewAPI(b.dead, b.Endpoints, b.jobs, b.dispatcher, b.audit, b.now,
			deadletter.Kept{Events: b.config.RetentionEvents, Deliveries: b.config.RetentionDeliveries}),
		QueueAPI: deadletter.NewOperatorAPI(b.dead, b.Tenants,
			deadletter.NewBulk(b.dead, b.jobs, b.audit, b.now), b.queue, b.audit),
		JobAPI:       job.NewAPI(b.jobs, b.audit),
		AuditAPI:     audit.NewAPI(b.audit),
		CreditAPI:    credit.NewAPI(b.Credits, b.audit),
		UsageAPI:     usage.NewAPI(b.usage, b.now, b.gauges()),
		MemberAPI:    member.NewAPI(b.members, b.roles, b.Tenants, keys, alerts, b.audit),
		SessionAPI:   session.NewAPI(b.Sessions, b.audit, b.config.PublicURL),
		LeakAPI:      b.leaks(),
		AlertAPI:     alerts,
		TicketAPI:    tickets,
		InboxAPI:     inboxes,
		TagAPI:       tags,
		TrackingAPI:  tracking.NewAPI(b.tracking, b.Events, b.audit),
		BillingAPI:   billing.NewAPI(b.billing, b.audit, b.config.StripeWebhookSecret, b.now),
		ContentAPI:   content.NewAPI(b.content),
		AnalyticsAPI: analytics.NewAPI(analytics.NewStore(b.db), b.now),
		SystemAPI:    api.NewSystemAPI(b.contract),
	}
}

// gauges tell how much tenants use of their quotas.
func (b *builder) gauges() []quota.Gauge {
	all := []quota.Gauge{{Name: plan.EndpointHeaders, Used: b.Endpoints.MostHeaders},
		{Name: plan.StoredBytes, Used: b.Stored.Used}}
	for _, q := range []quota.Counted{endpoint.Quota, apikey.Quota, member.Quota, eventtype.Quota, alert.Quota,
		tracking.Quota} {
		all = append(all, q.Gauge(b.db, b.now))
	}
	return all
}

// leaks receives reports of keys that were found in public.
func (b *builder) leaks() *leak.API {
	keys := leak.NewKeyList(b.egress, leak.Source{
		URL: b.config.SecretScanningKeysURL, Token: b.config.SecretScanningToken, Agent: "Hookline/" + Version,
	}, b.now)
	return leak.NewAPI(keys, leak.NewStore(b.db, b.Keys, b.Operators, b.outbox, b.audit))
}

// pages registers the routes that are not operations of the contract.
func (b *builder) pages(e *echo.Echo, ofKey func(echo.Context) string) {
	doors := b.signIn()
	docsui.Register(e, b.contract, func(c echo.Context) string {
		if s, err := doors.Session(c); err == nil && s.Tenant != nil {
			return s.Tenant.Profile
		}
		return ofKey(c)
	})
	e.GET("/", func(c echo.Context) error { return c.Redirect(http.StatusFound, "/docs") })
	doors.Register(e)
	dashboard.New(dashboard.Options{
		API: e, Doors: doors, Roles: b.roles, Actions: b.contract.Audited(), Looks: b.Tenants,
		EmbedOrigins: b.config.EmbedOrigins,
	}).Register(e)
	admin.New(admin.Options{API: e, Doors: doors, Roles: b.roles, Rules: b.contract.Rules, Ready: b.probes.Ready,
		Metrics: b.metrics.Sums, MetricsAddr: b.MetricsAddr}).Register(e)
	if b.options.Pages != nil {
		b.options.Pages(e)
	}
}

func (b *builder) signIn() *signin.Doors {
	services := signin.Services{
		Sessions: b.Sessions, Members: b.members, Tenants: b.Tenants, Operators: b.Operators,
		Roles: b.roles, Ring: b.ring,
	}
	if b.limiter != nil { // a nil *Limiter in the interface would not be nil
		services.Limiter = b.limiter
	}
	return signin.New(signin.Config{
		PublicURL: b.config.PublicURL, Issuer: b.config.OIDCIssuer, ClientID: b.config.OIDCClientID,
		ClientSecret: b.config.OIDCClientSecret, OperatorEmails: b.config.OIDCOperatorEmails,
		EmbedOrigins: b.config.EmbedOrigins, Hint: b.options.SignInHint, OperatorHint: b.options.OperatorHint,
	}, services)
}
