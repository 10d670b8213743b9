// Package api is the HTTP server: one Echo server whose routes, access rules and validation all come from the contract.
// Other packages implement the operations; this one only assembles them.
package api

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/alert"
	"github.com/hookline/hookline/internal/apikey"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/deadletter"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/eventtype"
	"github.com/hookline/hookline/internal/idempotency"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/leak"
	"github.com/hookline/hookline/internal/listener"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/resource/analytics"
	"github.com/hookline/hookline/internal/resource/billing"
	"github.com/hookline/hookline/internal/resource/content"
	"github.com/hookline/hookline/internal/resource/lead"
	"github.com/hookline/hookline/internal/resource/supportinbox"
	"github.com/hookline/hookline/internal/resource/tag"
	"github.com/hookline/hookline/internal/resource/ticket"
	"github.com/hookline/hookline/internal/resource/tracking"
	"github.com/hookline/hookline/internal/session"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/tracing"
	"github.com/hookline/hookline/internal/usage"
)

// Every package names its handlers API; embedding needs a distinct name for each.
type (
	KeyAPI         = apikey.API
	TenantAPI      = tenant.API
	OperatorAPI    = operator.API
	LeadAPI        = lead.API
	EventAPI       = event.API
	EventTypeAPI   = eventtype.API
	EndpointAPI    = endpoint.API
	TestSendAPI    = delivery.TestAPI
	DeadLetterAPI  = deadletter.API
	QueueAPI       = deadletter.OperatorAPI
	JobAPI         = job.API
	AuditAPI       = audit.API
	CreditAPI      = credit.API
	UsageAPI       = usage.API
	MemberAPI      = member.API
	SessionAPI     = session.API
	DeliveryLogAPI = deliverylog.API
	ListenerAPI    = listener.API
	LeakAPI        = leak.API
	AlertAPI       = alert.API
	TicketAPI      = ticket.API
	InboxAPI       = supportinbox.API
	TagAPI         = tag.API
	TrackingAPI    = tracking.API
	BillingAPI     = billing.API
	ContentAPI     = content.API
	AnalyticsAPI   = analytics.API
)

// Handlers implements every operation of the contract by embedding the packages that do. All fields must be set.
type Handlers struct {
	*KeyAPI
	*TenantAPI
	*OperatorAPI
	*LeadAPI
	*EventAPI
	*EventTypeAPI
	*EndpointAPI
	*TestSendAPI
	*DeadLetterAPI
	*QueueAPI
	*JobAPI
	*AuditAPI
	*CreditAPI
	*UsageAPI
	*MemberAPI
	*SessionAPI
	*DeliveryLogAPI
	*ListenerAPI
	*LeakAPI
	*AlertAPI
	*TicketAPI
	*InboxAPI
	*TagAPI
	*TrackingAPI
	*BillingAPI
	*ContentAPI
	*AnalyticsAPI
	*SystemAPI
}

var _ gen.StrictServerInterface = Handlers{}

// Options configures the server.
type Options struct {
	Contract  *contract.Contract
	Keys      authenticator
	Operators authenticator
	Tenants   tenants
	Answers   *idempotency.Store
	Audit     *audit.Log
	Credits   *credit.Store
	// Signatures verify the requests of public operations with a body, by operation id; each of them needs one.
	Signatures map[string]Signature
	// Units makes transactions, for trying what a request that does not fit the contract would do.
	Units *db.DB
	// EventTypes checks the names of event types that requests filter by; nil for no check.
	EventTypes eventTypes
	// Limits is the rate limiter; nil disables rate limits, for benchmarks of their cost.
	Limits *ratelimit.Limiter
	// Stored holds tenants to their quota of stored bytes; nil for no quota.
	Stored       *usage.Meter
	MaxBodyBytes int64
	// TrustedProxies are the networks whose X-Forwarded-For is trusted.
	TrustedProxies []netip.Prefix
	// ConnectionsPerAddress is how many connections an address may have open, unless it is a trusted proxy's; 0 is any
	// number.
	ConnectionsPerAddress int
	// AnswerLimit is how long a client may take to read a response that is no stream; 0 is a minute.
	AnswerLimit time.Duration
	// PublicURL is the address of the server for browsers; empty when it is not known.
	PublicURL string
	// Pages registers routes outside the contract: docs, dashboard, the development inbox. profileOf names the profile
	// of the key that a request carries; it is empty without a valid one.
	Pages func(e *echo.Echo, profileOf func(echo.Context) string)
	// Tracer starts the spans of requests; nil for none.
	Tracer *tracing.Tracer
	// Observe is called after each response; path is the route's pattern, traceID empty unless the request is sampled.
	Observe func(method, path string, status int, took time.Duration, traceID string)
	// Limited is called for each request that a rate limit refused.
	Limited func(ratelimit.Kind)
	// Answered is called after each response, with the caller.
	Answered func(p principal.Principal, status int)
}

// Server is the HTTP server.
type Server struct {
	echo *echo.Echo
	http *http.Server
}

// NewServer makes a server for the handlers.
func NewServer(h Handlers, o Options) *Server {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = renderError
	e.JSONSerializer = serializer{}
	e.IPExtractor = addressBehind(o.TrustedProxies)
	validate, limits := validator(o.Contract, o.Units, o.EventTypes), newLimits(o.Limits, o.Limited)
	visitor := visitors{limits, o.Keys}
	e.Use(trace(o), recoverPanic, limitAnswer(cmp.Or(o.AnswerLimit, answerLimit)), harden(o.PublicURL),
		visitor.unmatched, limits.unmatched)
	if o.Pages != nil {
		o.Pages(e, visitor.profileOf)
	}
	chains := map[string][]echo.MiddlewareFunc{}
	open := newStreams(o.Keys, o.Operators, o.Limited)
	for operation, rule := range o.Contract.Rules {
		chain := []echo.MiddlewareFunc{limits.described(rule), keyless, visitor.known(rule),
			limits.strangers(rule), limits.senders(rule), identify(rule, o.Keys, o.Operators), identified,
			limits.callers(rule), allow(rule), plainText}
		if rule.Body {
			chain = append(chain, readBody(rule, o.MaxBodyBytes))
		}
		if rule.Body && rule.Public {
			chain = append(chain, signed(rule, o.Signatures[operation]))
		}
		if rule.Body {
			chain = append(chain, strictJSON)
		}
		chains[operation] = append(chain, validate(rule), forTenant(rule, o.Tenants), named(rule),
			unlessTried(once(rule, o.Answers, o.Audit)), unlessTried(stored(rule, o.Stored)),
			unlessTried(paid(rule, o.Credits)), open.keep(rule), stale(rule))
	}
	strict := gen.NewStrictHandler(h, []gen.StrictMiddlewareFunc{refuseNothing})
	gen.RegisterHandlersWithOptions(e, strict, gen.RegisterHandlersOptions{OperationMiddlewares: chains})
	s := &Server{echo: e, http: &http.Server{
		Handler:           headAsGet(e),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}}
	if o.ConnectionsPerAddress > 0 {
		s.http.ConnState = newConnections(o.ConnectionsPerAddress, o.TrustedProxies).changed
	}
	s.http.RegisterOnShutdown(open.close) // Shutdown waits for active requests, and a stream stays active
	return s
}

// refuseNothing turns a handler's nil, nil, which would become an empty 200, into an error.
func refuseNothing(next gen.StrictHandlerFunc, operation string) gen.StrictHandlerFunc {
	return func(c echo.Context, request any) (any, error) {
		response, err := next(c, request)
		if response == nil && err == nil {
			return nil, errors.New("api: " + operation + " answered nothing")
		}
		return response, err
	}
}

// ServeHTTP serves one request; it is for tests of this package alone.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

type headKey struct{}

// headAsGet answers HEAD as GET. The server leaves out the body, since the request that it read says HEAD.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.WithContext(context.WithValue(r.Context(), headKey{}, true))
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// asksHead reports whether a request came as HEAD.
func asksHead(ctx context.Context) bool { return ctx.Value(headKey{}) != nil }

// Serve serves requests until Stop.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Stop accepts no new requests and waits for the active ones. When ctx ends first it closes their connections, which
// cancels their contexts, and returns ctx's error.
func (s *Server) Stop(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		_ = s.http.Close()
	}
	return err
}
