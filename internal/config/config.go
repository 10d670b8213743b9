// Package config has all settings of the program in one struct. Each field names its environment variable, its default
// and its purpose; `hookline serve --help` prints the same list.
package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"golang.org/x/net/http/httpguts"

	"github.com/hookline/hookline/internal/secret"
)

// Config is the program's configuration. Durations are written like 15s or 720h.
type Config struct {
	DatabaseURL     string        `env:"HOOKLINE_DATABASE_URL" secret:"true" help:"PostgreSQL 15 or newer: postgres://user:password@host:5432/hookline; among the parameters pool_max_conns=32 for the number of connections of each process, and pool_mode=transaction behind PgBouncer in that mode"`
	DatabaseReadURL string        `env:"HOOKLINE_DATABASE_READ_URL" secret:"true" help:"streaming replica of the database, from which serve reads lists and statistics: postgres://user:password@replica:5432/hookline; none by default"`
	DatabaseReadLag time.Duration `env:"HOOKLINE_DATABASE_READ_MAX_LAG" envDefault:"5s" help:"how old what the replica answers may be; while it is further behind, or away, serve reads from the primary"`

	RedisURL       string `env:"HOOKLINE_REDIS_URL" secret:"true" help:"Redis 7 or newer: redis:// or rediss://host:6379/0, redis-sentinel://host:26379/0?master_name=NAME&password=PASSWORD&addr=host2:26379 (username and password of Redis among the parameters, those of the sentinels before the host), redis-cluster://host:6379?addr=host2:6379 (rediss-… for TLS)"`
	Addr           string `env:"HOOKLINE_ADDR" envDefault:":8080" help:"listen address of the API"`
	MetricsAddr    string `env:"HOOKLINE_METRICS_ADDR" envDefault:"127.0.0.1:9464" help:"listen address of /metrics, /healthz and /readyz, which need no credential and are for the operators' network alone; off for none"`
	EncryptionKeys string `env:"HOOKLINE_ENCRYPTION_KEYS" secret:"true" help:"encryption keys of signing secrets, headers and credentials at rest, separated by commas or white space, each 32 bytes in base64: openssl rand -base64 32; the first encrypts, all decrypt"`
	OperatorKey    string `env:"HOOKLINE_OPERATOR_KEY" secret:"true" help:"key of the first operator, hk_op_ and at least 32 letters or digits: echo hk_op_$(openssl rand -hex 24)"`

	TrustedProxies []netip.Prefix `env:"HOOKLINE_TRUSTED_PROXIES" help:"CIDRs of trusted proxies, whose X-Forwarded-For is used, separated by commas; none by default"`

	PublicURL          string   `env:"HOOKLINE_PUBLIC_URL" help:"public URL of Hookline, such as https://hooks.example.com; dashboard links begin with it"`
	EmbedOrigins       []string `env:"HOOKLINE_EMBED_ORIGINS" help:"origins that may embed the dashboard in a frame, such as https://app.example.com, separated by commas; needs HOOKLINE_PUBLIC_URL with https://; none by default"`
	OIDCIssuer         string   `env:"HOOKLINE_OIDC_ISSUER" help:"OpenID provider for members and operators, such as https://login.example.com; none by default"`
	OIDCClientID       string   `env:"HOOKLINE_OIDC_CLIENT_ID" help:"client id of Hookline at the provider"`
	OIDCClientSecret   string   `env:"HOOKLINE_OIDC_CLIENT_SECRET" secret:"true" help:"client secret; the redirect URL is HOOKLINE_PUBLIC_URL/app/login/oidc/callback"`
	OIDCOperatorEmails []string `env:"HOOKLINE_OIDC_OPERATOR_EMAILS" help:"verified email addresses of operators, separated by commas"`

	SecretScanningKeysURL string `env:"HOOKLINE_SECRET_SCANNING_KEYS_URL" envDefault:"https://api.github.com/meta/public_keys/secret_scanning" help:"URL of the public keys that sign reports of leaked API keys; if empty, reports are not accepted"`
	SecretScanningToken   string `env:"HOOKLINE_SECRET_SCANNING_TOKEN" secret:"true" help:"GitHub token without permissions for fetching the public keys, which raises GitHub's rate limit"`

	StripeWebhookSecret string            `env:"HOOKLINE_STRIPE_WEBHOOK_SECRET" secret:"true" help:"signing secret of the Stripe webhook endpoint, whsec_…; without it, events are not accepted"`
	StripePrices        map[string]string `env:"HOOKLINE_STRIPE_PRICES" help:"plans of Stripe prices without plan metadata, such as price_1MowQU:pro,price_1MowQV:business"`

	EgressAllow        []netip.Prefix `env:"HOOKLINE_EGRESS_ALLOW" help:"CIDRs of private networks that endpoints may be in, separated by commas; none by default"`
	EgressCAFile       string         `env:"HOOKLINE_EGRESS_CA_FILE" help:"PEM file of additional certificate authorities for endpoints; none by default"`
	EgressProxy        string         `env:"HOOKLINE_EGRESS_PROXY" secret:"true" help:"HTTP CONNECT proxy for all requests to addresses that tenants chose: http:// or https://user:password@host:port; none by default"`
	EgressProxyTarget  string         `env:"HOOKLINE_EGRESS_PROXY_TARGET" envDefault:"address" help:"what the proxy is asked to connect to: the address that Hookline looked up and checked, or the name, for proxies with rules about names"`
	EgressProxyCAFile  string         `env:"HOOKLINE_EGRESS_PROXY_CA_FILE" help:"PEM file of the certificate authorities of an https:// proxy, in place of the system's"`
	EgressProxyCert    string         `env:"HOOKLINE_EGRESS_PROXY_CERT_FILE" help:"PEM file of the client certificate for an https:// proxy; read for each connection, so it can be renewed"`
	EgressProxyKey     string         `env:"HOOKLINE_EGRESS_PROXY_KEY_FILE" help:"PEM file of the client certificate's key"`
	AllowHTTPEndpoints bool           `env:"HOOKLINE_ALLOW_HTTP_ENDPOINTS" envDefault:"false" help:"allow http:// endpoints"`

	DeliveryTimeout time.Duration `env:"HOOKLINE_DELIVERY_TIMEOUT" envDefault:"15s" help:"timeout of one request to an endpoint, response included"`
	TaskTimeout     time.Duration `env:"HOOKLINE_TASK_TIMEOUT" envDefault:"40s" help:"timeout of one delivery task; longer than HOOKLINE_DELIVERY_TIMEOUT, and 5s longer than the timeout that an endpoint may set"`
	ShutdownTimeout time.Duration `env:"HOOKLINE_SHUTDOWN_TIMEOUT" envDefault:"45s" help:"timeout of a graceful shutdown; longer than HOOKLINE_TASK_TIMEOUT"`

	RetentionEvents      time.Duration `env:"HOOKLINE_RETENTION_EVENTS" envDefault:"2160h" help:"retention of events; at least that of deliveries and dead letters"`
	RetentionDeliveries  time.Duration `env:"HOOKLINE_RETENTION_DELIVERIES" envDefault:"720h" help:"retention of completed deliveries and their attempts"`
	RetentionDeadLetters time.Duration `env:"HOOKLINE_RETENTION_DEAD_LETTERS" envDefault:"2160h" help:"retention of dead letters"`
	RetentionAudit       time.Duration `env:"HOOKLINE_RETENTION_AUDIT" envDefault:"9600h" help:"retention of audit entries, and of API keys and operator keys after they were revoked or expired; 0 keeps all for ever"`

	DisableAfter    time.Duration `env:"HOOKLINE_DISABLE_AFTER" envDefault:"120h" help:"an endpoint that has been failing for this long without a success is disabled, unless its tenant has another setting; 0 disables the rule, otherwise at least 24h"`
	DisableFailures int           `env:"HOOKLINE_DISABLE_FAILURES" envDefault:"0" help:"an endpoint with this many consecutive failures is disabled, once it has been failing for 24 hours; 0 disables the rule"`
	SMTPURL         string        `env:"HOOKLINE_SMTP_URL" secret:"true" help:"mail server for alerts: smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465 (TLS); ?tls=none for one without TLS or password; no mail by default"`
	SMTPFrom        string        `env:"HOOKLINE_SMTP_FROM" help:"sender of alert mail, such as Hookline <hookline@example.com>"`
	AlertEmail      string        `env:"HOOKLINE_ALERT_EMAIL" help:"mail address for operators' alerts: serious problems of any tenant (endpoints disabled, dead letters, leaked keys) and of the installation itself (Redis unavailable, deliveries stuck); needs HOOKLINE_SMTP_URL; none by default"`
	AlertWebhookURL string        `env:"HOOKLINE_ALERT_WEBHOOK_URL" secret:"true" help:"Slack-compatible webhook for the same alerts; it may be in a private network; none by default"`

	Generator       string        `env:"HOOKLINE_GENERATOR" envDefault:"outline" help:"generator of posts: outline, which makes an outline of the brief without a model, or openai, a language model with an OpenAI-compatible API"`
	OpenAIURL       string        `env:"HOOKLINE_OPENAI_URL" envDefault:"https://api.openai.com/v1" help:"base URL of that API; https:// only if it has a key"`
	OpenAIKey       string        `env:"HOOKLINE_OPENAI_KEY" secret:"true" help:"API key, if required"`
	OpenAIModel     string        `env:"HOOKLINE_OPENAI_MODEL" help:"name of the model, such as gpt-5-mini"`
	OpenAITimeout   time.Duration `env:"HOOKLINE_OPENAI_TIMEOUT" envDefault:"60s" help:"timeout of one request to the model, response included"`
	OpenAIRetries   int           `env:"HOOKLINE_OPENAI_RETRIES" envDefault:"2" help:"number of retries of a rate-limited (429) or failed (5xx) request; timeouts are not retried"`
	OpenAIMaxTokens int           `env:"HOOKLINE_OPENAI_MAX_TOKENS" envDefault:"8192" help:"maximum number of tokens of a response; a post that exceeds it fails"`
	WorkerAgents    int           `env:"HOOKLINE_WORKER_AGENTS" envDefault:"8" help:"concurrent agent runs per worker process"`

	WorkerConcurrency int      `env:"HOOKLINE_WORKER_CONCURRENCY" envDefault:"256" help:"concurrent requests to healthy endpoints, and half as many for the overflow of busy tenants"`
	WorkerQueues      []string `env:"HOOKLINE_WORKER_QUEUES" help:"queues whose tasks this worker runs, separated by commas: webhooks, webhooks-bulk, webhooks-slow, agents; all by default; each queue needs a worker"`
	WorkerSlow        int      `env:"HOOKLINE_WORKER_SLOW_CONCURRENCY" envDefault:"64" help:"additional concurrent requests to endpoints that are slow, failing or rate limited"`
	MaxBodyBytes      int64    `env:"HOOKLINE_MAX_BODY_BYTES" envDefault:"1048576" help:"maximum size of a request body"`
	MaxConnections    int      `env:"HOOKLINE_MAX_CONNECTIONS_PER_ADDRESS" envDefault:"1000" help:"maximum number of open connections of one address (IPv6: one /64); more are closed; trusted proxies have no limit; 0 disables the limit"`
	LogLevel          string   `env:"HOOKLINE_LOG_LEVEL" envDefault:"info" help:"log level: debug, info, warn or error"`
	LogFormat         string   `env:"HOOKLINE_LOG_FORMAT" envDefault:"json" help:"log format: json or text"`

	TracesURL     string            `env:"HOOKLINE_TRACES_URL" help:"OpenTelemetry collector that takes spans with OTLP over HTTP, such as http://127.0.0.1:4318; no traces by default"`
	TracesHeaders map[string]string `env:"HOOKLINE_TRACES_HEADERS" secret:"true" help:"headers for the collector, such as Authorization:Bearer secret, separated by commas"`
	TracesSample  float64           `env:"HOOKLINE_TRACES_SAMPLE" envDefault:"0.1" help:"part of the API's requests that are sampled, from 0 to 1; attempts follow the request that published their event"`
}

// Error is a setting that can't be used. Its text is one sentence of what, why and what to do.
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }

func bad(format string, args ...any) error { return &Error{Text: fmt.Sprintf(format, args...)} }

// FromEnvironment reads the variables, and secrets also from files, and checks only their types. It does not look at
// the ignored variables.
func FromEnvironment(ignored ...string) (Config, error) {
	var c Config
	variables, err := environment(ignored)
	if err != nil {
		return c, err
	}
	err = env.ParseWithOptions(&c, env.Options{Environment: variables, FuncMap: map[reflect.Type]env.ParserFunc{
		reflect.TypeFor[[]netip.Prefix](): func(s string) (any, error) { return parsePrefixes(s) },
		reflect.TypeFor[[]string]():       func(s string) (any, error) { return parseList(s), nil },
	}})
	if err == nil {
		c.switchOffScanning()
		return c, nil
	}
	for _, f := range Fields() {
		switch v := variables[f.Name]; {
		case v == "" || !strings.Contains(err.Error(), `"`+f.Field+`"`):
		case f.Secret:
			// The error of the parser has the value, too.
			return c, bad("%s is not usable; it must be %s.", f.Name, f.Type)
		default:
			return c, bad("%s is not usable: %q is not %s.", f.Name, v, f.Type)
		}
	}
	return c, bad("The configuration is not usable. All settings: hookline serve --help")
}

func parseList(s string) []string {
	out := strings.Split(s, ",")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

func parsePrefixes(s string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for text := range strings.SplitSeq(s, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

var operatorKey = regexp.MustCompile(`^hk_op_[A-Za-z0-9]{32,}$`)

// Off switches HOOKLINE_METRICS_ADDR off.
const Off = "off"

// ServesMetrics says whether metrics and probes have an address.
func (c Config) ServesMetrics() bool { return c.MetricsAddr != "" && c.MetricsAddr != Off }

// checkMetrics refuses an address without a port, and that of the API. At port 0 the system chooses another one.
func (c Config) checkMetrics() error {
	if !c.ServesMetrics() {
		return nil
	}
	_, port, err := net.SplitHostPort(c.MetricsAddr)
	if err != nil {
		return bad("HOOKLINE_METRICS_ADDR is %q; it must be an address with a port, such as 127.0.0.1:9464, or off.",
			c.MetricsAddr)
	}
	if c.MetricsAddr == c.Addr && port != "0" {
		return bad("HOOKLINE_METRICS_ADDR is %q, as HOOKLINE_ADDR is; metrics and probes need an address of their own, "+
			"such as 127.0.0.1:9464, or off.", c.MetricsAddr)
	}
	return nil
}

// checkTraces refuses an unusable collector. Credentials belong in the headers: the URL is in the log.
func (c Config) checkTraces() error {
	if u, err := url.Parse(c.TracesURL); c.TracesURL != "" && (err != nil || u.Hostname() == "" || u.User != nil ||
		u.RawQuery != "" || u.Fragment != "" || (u.Scheme != "http" && u.Scheme != "https")) {
		return bad("HOOKLINE_TRACES_URL is not usable. Set it to the http:// or https:// URL of an OpenTelemetry " +
			"collector, such as http://127.0.0.1:4318, without user name; credentials belong in HOOKLINE_TRACES_HEADERS.")
	}
	for name, value := range c.TracesHeaders {
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return bad("HOOKLINE_TRACES_HEADERS is not usable; it must be headers such as Authorization:Bearer secret, " +
				"separated by commas.")
		}
	}
	// NaN is neither below nor above.
	if !(c.TracesSample >= 0 && c.TracesSample <= 1) {
		return bad("HOOKLINE_TRACES_SAMPLE is %v; it must be from 0, for no traces, to 1, for all.", c.TracesSample)
	}
	return nil
}

// Check validates all settings; the error names the variable.
func (c Config) Check() error {
	for _, check := range []func() error{c.CheckDatabase, c.checkReplica, c.checkRedis, c.CheckEncryption,
		c.checkOperatorKey, c.checkMetrics, c.checkTraces, c.checkSignIn, c.checkScanning, c.checkStripe, c.checkAlerts,
		c.checkGenerator, c.checkEgress, c.checkTimes, c.checkSizes} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// CheckDatabase validates only the settings of the database.
func (c Config) CheckDatabase() error {
	if c.DatabaseURL == "" {
		return bad("HOOKLINE_DATABASE_URL is not set. Set it to postgres://user:password@host:5432/database, or try " +
			"Hookline without any server: hookline dev")
	}
	u, err := url.Parse(c.DatabaseURL)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql" && u.Scheme != "sqlite") {
		return bad("HOOKLINE_DATABASE_URL is not a postgres:// URL. Set it to " +
			"postgres://user:password@host:5432/database")
	}
	return checkPool("HOOKLINE_DATABASE_URL", u)
}

// leastConnections and mostConnections bound the pool of connections to PostgreSQL. The parts of a worker that wait for
// news each take one at a time, and PostgreSQL serves hundreds worse than dozens.
const leastConnections, mostConnections = 4, 1000

func checkPool(name string, u *url.URL) error {
	if limit := u.Query().Get("pool_max_conns"); limit != "" {
		if n, err := strconv.Atoi(limit); err != nil || n < leastConnections || n > mostConnections {
			return bad("%s has the parameter pool_max_conns=%s. Set it to the number of connections that each process "+
				"may open, from %d to %d, or leave it out for 32.", name, limit, leastConnections, mostConnections)
		}
	}
	if mode := u.Query().Get("pool_mode"); mode != "" && mode != "session" && mode != "transaction" {
		return bad("The parameter pool_mode of %s is not usable. Set it to the pool_mode of the connection pooler "+
			"that the URL leads to, session or transaction, not %q, or leave it out without one.", name, mode)
	}
	return nil
}

func (c Config) checkReplica() error {
	if c.DatabaseReadURL == "" {
		return nil
	}
	u, err := url.Parse(c.DatabaseReadURL)
	switch {
	case err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql"):
		return bad("HOOKLINE_DATABASE_READ_URL is not a postgres:// URL. Set it to " +
			"postgres://user:password@replica:5432/database, or leave it out without a replica.")
	case !strings.HasPrefix(c.DatabaseURL, "postgres"):
		return bad("HOOKLINE_DATABASE_READ_URL is set, but HOOKLINE_DATABASE_URL is not a postgres:// URL, and only " +
			"PostgreSQL has replicas. Leave it out.")
	case c.DatabaseReadLag < 100*time.Millisecond || c.DatabaseReadLag > time.Minute:
		return bad("HOOKLINE_DATABASE_READ_MAX_LAG is %s; it must be between 100ms and 1m.", c.DatabaseReadLag)
	}
	return checkPool("HOOKLINE_DATABASE_READ_URL", u)
}

// CheckServers refuses the embedded engines, which several processes can't share.
func (c Config) CheckServers() error {
	if !strings.HasPrefix(c.DatabaseURL, "postgres") {
		return bad("HOOKLINE_DATABASE_URL is not a postgres:// URL, and serve and worker need PostgreSQL. " +
			"Everything in one process: hookline dev")
	}
	if scheme, _, found := strings.Cut(c.RedisURL, "://"); !found || !strings.HasPrefix(scheme, "redis") {
		return bad("HOOKLINE_REDIS_URL is not a redis://, rediss://, redis-sentinel:// or redis-cluster:// URL, and " +
			"serve and worker need Redis. Everything in one process: hookline dev")
	}
	return nil
}

func (c Config) checkRedis() error {
	if c.RedisURL == "" {
		return bad("HOOKLINE_REDIS_URL is not set. Set it to redis://host:6379/0, or try Hookline without any " +
			"server: hookline dev")
	}
	return nil
}

// CheckEncryption validates only the encryption keys.
func (c Config) CheckEncryption() error {
	if c.EncryptionKeys == "" {
		return bad("HOOKLINE_ENCRYPTION_KEYS is not set. Make a key and keep it safe: openssl rand -base64 32")
	}
	if _, err := secret.ParseRing(c.EncryptionKeys); err != nil {
		return bad("HOOKLINE_ENCRYPTION_KEYS is not usable: %v.", err)
	}
	return nil
}

func (c Config) checkOperatorKey() error {
	if c.OperatorKey != "" && !operatorKey.MatchString(c.OperatorKey) {
		return bad("HOOKLINE_OPERATOR_KEY is not 'hk_op_' followed by at least 32 letters or digits. Make one: echo " +
			"hk_op_$(openssl rand -hex 24)")
	}
	return nil
}

func (c Config) checkTimes() error {
	switch {
	case c.DeliveryTimeout < 100*time.Millisecond || c.DeliveryTimeout > 30*time.Second:
		return bad("HOOKLINE_DELIVERY_TIMEOUT is %s; it must be between 100ms and 30s.", c.DeliveryTimeout)
	case c.TaskTimeout <= c.DeliveryTimeout:
		return bad("HOOKLINE_TASK_TIMEOUT (%s) must be longer than HOOKLINE_DELIVERY_TIMEOUT (%s), or requests are "+
			"cut off half-way.", c.TaskTimeout, c.DeliveryTimeout)
	case c.ShutdownTimeout <= c.TaskTimeout:
		return bad("HOOKLINE_SHUTDOWN_TIMEOUT (%s) must be longer than HOOKLINE_TASK_TIMEOUT (%s), or a stop cuts "+
			"tasks off half-way.", c.ShutdownTimeout, c.TaskTimeout)
	case c.RetentionDeliveries < time.Hour:
		return bad("HOOKLINE_RETENTION_DELIVERIES is %s; it must be at least 1h.", c.RetentionDeliveries)
	case c.RetentionDeadLetters < time.Hour:
		return bad("HOOKLINE_RETENTION_DEAD_LETTERS is %s; it must be at least 1h.", c.RetentionDeadLetters)
	case c.RetentionAudit != 0 && c.RetentionAudit < 24*time.Hour:
		return bad("HOOKLINE_RETENTION_AUDIT is %s; it must be at least 24h, or 0 to keep audit entries for ever.",
			c.RetentionAudit)
	case c.RetentionEvents < max(c.RetentionDeliveries, c.RetentionDeadLetters):
		return bad("HOOKLINE_RETENTION_EVENTS (%s) must not be shorter than HOOKLINE_RETENTION_DELIVERIES (%s) and "+
			"HOOKLINE_RETENTION_DEAD_LETTERS (%s).", c.RetentionEvents, c.RetentionDeliveries, c.RetentionDeadLetters)
	}
	return nil
}

func (c Config) checkSizes() error {
	switch {
	case c.WorkerConcurrency < 1 || c.WorkerConcurrency > 10000:
		return bad("HOOKLINE_WORKER_CONCURRENCY is %d; it must be between 1 and 10000.", c.WorkerConcurrency)
	case c.WorkerSlow < 1 || c.WorkerSlow > 10000:
		return bad("HOOKLINE_WORKER_SLOW_CONCURRENCY is %d; it must be between 1 and 10000.", c.WorkerSlow)
	case c.MaxBodyBytes < 1024 || c.MaxBodyBytes > 64<<20:
		return bad("HOOKLINE_MAX_BODY_BYTES is %d; it must be between 1024 and %d.", c.MaxBodyBytes, 64<<20)
	case c.MaxConnections < 0:
		return bad("HOOKLINE_MAX_CONNECTIONS_PER_ADDRESS is %d; it must be 0, for no limit, or more.", c.MaxConnections)
	case c.LogLevel != "debug" && c.LogLevel != "info" && c.LogLevel != "warn" && c.LogLevel != "error":
		return bad("HOOKLINE_LOG_LEVEL is %q; it must be debug, info, warn or error.", c.LogLevel)
	case c.LogFormat != "json" && c.LogFormat != "text":
		return bad("HOOKLINE_LOG_FORMAT is %q; it must be json or text.", c.LogFormat)
	}
	return nil
}

// Field describes one setting.
type Field struct {
	Name, Field, Type, Default, Help string
	Secret                           bool // its value may also be in the file that Name with FileSuffix names
}

// Fields lists every setting in the order of the struct.
func Fields() []Field {
	t := reflect.TypeFor[Config]()
	out := make([]Field, 0, t.NumField())
	for f := range t.Fields() {
		out = append(out, Field{
			Name: f.Tag.Get("env"), Field: f.Name, Type: typeName(f.Type),
			Default: f.Tag.Get("envDefault"), Help: f.Tag.Get("help"),
			Secret: f.Tag.Get("secret") != "",
		})
	}
	return out
}

func typeName(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "a duration such as 15s"
	case t == reflect.TypeFor[[]netip.Prefix]():
		return "a list of CIDRs such as 10.0.0.0/8"
	case t.Kind() == reflect.Map:
		return "a list such as name:value,name:value"
	case t == reflect.TypeFor[[]string]():
		return "a list, separated by commas"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.String:
		return "a text"
	case t.Kind() == reflect.Float64:
		return "a number"
	}
	return "a whole number"
}
