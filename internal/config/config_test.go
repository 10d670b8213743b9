package config

import (
	"encoding/base64"
	"errors"
	"math"
	"net/netip"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var goodKey = base64.StdEncoding.EncodeToString(make([]byte, 32))

// good is a configuration that passes.
func good() Config {
	return Config{
		DatabaseURL: "postgres://u:p@db:5432/hookline", DatabaseReadLag: 5 * time.Second,
		RedisURL: "redis://redis:6379/0", Addr: ":8080", MetricsAddr: "127.0.0.1:9464", EncryptionKeys: goodKey,
		EgressProxyTarget:     "address",
		SecretScanningKeysURL: "https://api.github.com/meta/public_keys/secret_scanning",
		DeliveryTimeout:       15 * time.Second, TaskTimeout: 40 * time.Second, ShutdownTimeout: 45 * time.Second,
		RetentionEvents: 2160 * time.Hour, RetentionDeliveries: 720 * time.Hour, RetentionDeadLetters: 2160 * time.Hour,
		RetentionAudit: 9600 * time.Hour,
		DisableAfter:   120 * time.Hour,
		Generator:      "outline", OpenAIURL: "https://api.openai.com/v1", OpenAITimeout: time.Minute, OpenAIRetries: 2,
		OpenAIMaxTokens: 8192, WorkerAgents: 8,
		WorkerConcurrency: 256, WorkerSlow: 64, MaxBodyBytes: 1 << 20, MaxConnections: 1000, LogLevel: "info",
		LogFormat: "json", TracesSample: 0.1,
	}
}

func TestCheckRefusesEachKindOfNonsenseAndNamesTheVariable(t *testing.T) {
	t.Parallel()
	if err := good().Check(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil func(*Config)
		names string
	}{
		"no database":               {func(c *Config) { c.DatabaseURL = "" }, "HOOKLINE_DATABASE_URL"},
		"another database":          {func(c *Config) { c.DatabaseURL = "mysql://db/x" }, "HOOKLINE_DATABASE_URL"},
		"a database that is no URL": {func(c *Config) { c.DatabaseURL = "postgres://%zz" }, "HOOKLINE_DATABASE_URL"},
		"a database without scheme": {func(c *Config) { c.DatabaseURL = "db:5432" }, "HOOKLINE_DATABASE_URL"},
		"no Redis":                  {func(c *Config) { c.RedisURL = "" }, "HOOKLINE_REDIS_URL"},
		"no encryption key":         {func(c *Config) { c.EncryptionKeys = "" }, "HOOKLINE_ENCRYPTION_KEYS"},
		"a short encryption key":    {func(c *Config) { c.EncryptionKeys = goodKey[:40] }, "HOOKLINE_ENCRYPTION_KEYS"},
		"an encryption key in hex": {func(c *Config) { c.EncryptionKeys = strings.Repeat("ab", 32) },
			"HOOKLINE_ENCRYPTION_KEYS"},
		"a short operator key": {func(c *Config) { c.OperatorKey = "hk_op_" + strings.Repeat("a", 31) },
			"HOOKLINE_OPERATOR_KEY"},
		"an operator key unprefixed": {func(c *Config) { c.OperatorKey = strings.Repeat("a", 40) },
			"HOOKLINE_OPERATOR_KEY"},
		"an odd operator key": {func(c *Config) { c.OperatorKey = "hk_op_" + strings.Repeat("a", 32) + "\n" },
			"HOOKLINE_OPERATOR_KEY"},
		"no delivery timeout": {func(c *Config) { c.DeliveryTimeout = 0 }, "HOOKLINE_DELIVERY_TIMEOUT"},
		"a short delivery timeout": {func(c *Config) { c.DeliveryTimeout = 99 * time.Millisecond },
			"HOOKLINE_DELIVERY_TIMEOUT"},
		"a long delivery timeout": {func(c *Config) {
			c.DeliveryTimeout, c.TaskTimeout, c.ShutdownTimeout = 31*time.Second, time.Hour, 2*time.Hour
		}, "HOOKLINE_DELIVERY_TIMEOUT"},
		"a task no longer than it": {func(c *Config) { c.TaskTimeout = c.DeliveryTimeout }, "HOOKLINE_TASK_TIMEOUT"},
		"a stop no longer than that": {func(c *Config) { c.ShutdownTimeout = c.TaskTimeout },
			"HOOKLINE_SHUTDOWN_TIMEOUT"},
		"deliveries not kept": {func(c *Config) { c.RetentionDeliveries = time.Hour - 1 },
			"HOOKLINE_RETENTION_DELIVERIES"},
		"dead letters not kept": {func(c *Config) { c.RetentionDeadLetters = time.Hour - 1 },
			"HOOKLINE_RETENTION_DEAD_LETTERS"},
		"short audit log": {func(c *Config) { c.RetentionAudit = time.Hour }, "HOOKLINE_RETENTION_AUDIT"},
		"events before deliveries": {func(c *Config) { c.RetentionDeliveries = c.RetentionEvents + 1 },
			"HOOKLINE_RETENTION_EVENTS"},
		"events before dead letters": {func(c *Config) { c.RetentionDeadLetters = c.RetentionEvents + 1 },
			"HOOKLINE_RETENTION_EVENTS"},
		"too few connections": {func(c *Config) { c.DatabaseURL += "?pool_max_conns=3" },
			"HOOKLINE_DATABASE_URL"},
		"too many connections": {func(c *Config) { c.DatabaseURL += "?pool_max_conns=1001" },
			"HOOKLINE_DATABASE_URL"},
		"connections without a number": {func(c *Config) {
			c.DatabaseReadURL = "postgres://db/hookline?pool_max_conns=all"
		}, "HOOKLINE_DATABASE_READ_URL"},
		"a replica of another kind": {func(c *Config) { c.DatabaseReadURL = "mysql://db/hookline" },
			"HOOKLINE_DATABASE_READ_URL"},
		"a replica of SQLite": {func(c *Config) {
			c.DatabaseURL, c.DatabaseReadURL = "sqlite:///data/hookline.db", "postgres://db/hookline"
		}, "HOOKLINE_DATABASE_READ_URL"},
		"a replica that may never lag": {func(c *Config) {
			c.DatabaseReadURL, c.DatabaseReadLag = "postgres://db/hookline", 0
		}, "HOOKLINE_DATABASE_READ_MAX_LAG"},
		"a replica that may lag for long": {func(c *Config) {
			c.DatabaseReadURL, c.DatabaseReadLag = "postgres://db/hookline", time.Minute+1
		}, "HOOKLINE_DATABASE_READ_MAX_LAG"},
		"metrics at the API's address": {func(c *Config) { c.MetricsAddr = c.Addr }, "HOOKLINE_METRICS_ADDR"},
		"no share of requests":         {func(c *Config) { c.TracesSample = math.NaN() }, "HOOKLINE_TRACES_SAMPLE"},
		"a header with a space": {func(c *Config) { c.TracesHeaders = map[string]string{"a b": "c"} },
			"HOOKLINE_TRACES_HEADERS"},
		"no concurrency":        {func(c *Config) { c.WorkerConcurrency = -1 }, "HOOKLINE_WORKER_CONCURRENCY"},
		"no slow worker":        {func(c *Config) { c.WorkerSlow = 0 }, "HOOKLINE_WORKER_SLOW_CONCURRENCY"},
		"too many slow workers": {func(c *Config) { c.WorkerSlow = 10_001 }, "HOOKLINE_WORKER_SLOW_CONCURRENCY"},
		"too much concurrency":  {func(c *Config) { c.WorkerConcurrency = 10_001 }, "HOOKLINE_WORKER_CONCURRENCY"},
		"a small body":          {func(c *Config) { c.MaxBodyBytes = 1023 }, "HOOKLINE_MAX_BODY_BYTES"},
		"a huge body":           {func(c *Config) { c.MaxBodyBytes = 64<<20 + 1 }, "HOOKLINE_MAX_BODY_BYTES"},
		"fewer than no connections": {func(c *Config) { c.MaxConnections = -1 },
			"HOOKLINE_MAX_CONNECTIONS_PER_ADDRESS"},
		"no log level":            {func(c *Config) { c.LogLevel = "" }, "HOOKLINE_LOG_LEVEL"},
		"a log level in capitals": {func(c *Config) { c.LogLevel = "INFO" }, "HOOKLINE_LOG_LEVEL"},
		"another log level":       {func(c *Config) { c.LogLevel = "trace" }, "HOOKLINE_LOG_LEVEL"},
		"two log levels":          {func(c *Config) { c.LogLevel = "info warn" }, "HOOKLINE_LOG_LEVEL"},
		"another log format":      {func(c *Config) { c.LogFormat = "xml" }, "HOOKLINE_LOG_FORMAT"},
	} {
		config := good()
		c.spoil(&config)
		err := config.Check()
		var refusal *Error
		if !errors.As(err, &refusal) || !strings.HasPrefix(refusal.Text, c.names+" ") {
			t.Errorf("%s: got %v, want a sentence on %s", name, err, c.names)
		}
	}
}

func TestCheckAcceptsTheEdgesOfEachRange(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*Config){
		"the other spelling": func(c *Config) { c.DatabaseURL = "postgresql://db/hookline" },
		"SQLite":             func(c *Config) { c.DatabaseURL = "sqlite:///data/hookline.db" },
		"an operator key":    func(c *Config) { c.OperatorKey = "hk_op_" + strings.Repeat("aZ09", 8) },
		"quick deliveries":   func(c *Config) { c.DeliveryTimeout = 100 * time.Millisecond },
		"slow deliveries": func(c *Config) {
			c.DeliveryTimeout, c.TaskTimeout, c.ShutdownTimeout = 30*time.Second, 31*time.Second, 32*time.Second
		},
		"everything kept alike": func(c *Config) {
			c.RetentionEvents, c.RetentionDeliveries, c.RetentionDeadLetters = time.Hour, time.Hour, time.Hour
		},
		"small": func(c *Config) {
			c.WorkerConcurrency, c.WorkerSlow, c.MaxBodyBytes = 1, 1, 1024
			c.DatabaseURL += "?pool_max_conns=4"
		},
		"large": func(c *Config) {
			c.WorkerConcurrency, c.WorkerSlow, c.MaxBodyBytes = 10_000, 10_000, 64<<20
		},
		"a replica": func(c *Config) {
			c.DatabaseReadURL, c.DatabaseReadLag = "postgresql://replica/hookline?pool_mode=transaction", time.Minute
		},
		"quiet": func(c *Config) { c.LogLevel, c.LogFormat = "error", "text" },
	} {
		config := good()
		set(&config)
		if err := config.Check(); err != nil {
			t.Errorf("%s: got %v, want no error", name, err)
		}
	}
}

func TestNoRefusalShowsASecret(t *testing.T) {
	t.Parallel()
	for _, set := range []func(*Config){
		func(c *Config) { c.DatabaseURL = "mysql://u:hunter2@db/x" },
		func(c *Config) { c.DatabaseURL = "postgres://u:hunter2@%zz" },
		func(c *Config) { c.DatabaseReadURL = "postgres://u:hunter2@%zz" },
		func(c *Config) { c.EncryptionKeys = "hunter2" },
		func(c *Config) { c.OperatorKey = "hk_op_hunter2" },
	} {
		config := good()
		set(&config)
		if err := config.Check(); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Check: got %v, want an error without the password", err)
		}
	}
}

func TestProcessesThatScaleOutRefuseWhatLivesInsideOneOfThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ database, redis, names string }{
		{"postgres://db/x", "redis://r", ""},
		{"postgresql://db/x", "rediss-cluster://r", ""},
		{"postgres://db/x", "redis-sentinel://r?master_name=m", ""},
		{"sqlite:///x.db", "redis://r", "HOOKLINE_DATABASE_URL"},
		{"postgres://db/x", "embedded:", "HOOKLINE_REDIS_URL"},
	} {
		err := Config{DatabaseURL: c.database, RedisURL: c.redis}.CheckServers()
		if c.names == "" && err != nil || c.names != "" && (err == nil || !strings.HasPrefix(err.Error(), c.names+
			" ")) {
			t.Errorf("Check of %s and %s: got %v, want %q named", c.database, c.redis, err, c.names)
		}
	}
}

func TestFieldsListsEachVariableOnceWithItsHelp(t *testing.T) {
	t.Parallel()
	fields := Fields()
	if len(fields) != reflect.TypeFor[Config]().NumField() {
		t.Errorf("settings: got %d, want one for each field of Config, %d", len(fields),
			reflect.TypeFor[Config]().NumField())
	}
	form, seen := regexp.MustCompile(`^HOOKLINE_[A-Z_]+$`), map[string]bool{}
	for _, f := range fields {
		if !form.MatchString(f.Name) || seen[f.Name] || strings.TrimSpace(f.Help) == "" || f.Type == "" ||
			strings.HasSuffix(f.Help, ".") {
			t.Errorf("setting: got %+v, want a name of its own, a type, and help without a full stop", f)
		}
		seen[f.Name] = true
	}
	for name, want := range map[string]Field{
		"HOOKLINE_ADDR":                 {Type: "a text", Default: ":8080"},
		"HOOKLINE_METRICS_ADDR":         {Type: "a text", Default: "127.0.0.1:9464"},
		"HOOKLINE_TRACES_SAMPLE":        {Type: "a number", Default: "0.1"},
		"HOOKLINE_DELIVERY_TIMEOUT":     {Type: "a duration such as 15s", Default: "15s"},
		"HOOKLINE_EGRESS_ALLOW":         {Type: "a list of CIDRs such as 10.0.0.0/8"},
		"HOOKLINE_ALLOW_HTTP_ENDPOINTS": {Type: "true or false", Default: "false"},
		"HOOKLINE_WORKER_CONCURRENCY":   {Type: "a whole number", Default: "256"},
		"HOOKLINE_MAX_BODY_BYTES":       {Type: "a whole number", Default: "1048576"},
	} {
		i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
		if i < 0 || fields[i].Type != want.Type || fields[i].Default != want.Default {
			t.Errorf("%s: got %+v, want %+v", name, fields, want)
		}
	}
}

// clean takes away every variable of Hookline's for the time of a test.
func clean(t *testing.T) {
	t.Helper()
	for _, f := range Fields() {
		t.Setenv(f.Name, "") // so that it is put back afterwards
		if err := os.Unsetenv(f.Name); err != nil {
			t.Fatal(err)
		}
	}
}

// The tests of the environment are serial, since there is only one environment.

func TestTheDefaultsPassOnceWhatIsRequiredIsSet(t *testing.T) {
	clean(t)
	c, err := FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(); err == nil || !strings.Contains(err.Error(), "HOOKLINE_DATABASE_URL is not set") {
		t.Errorf("Check of a zero Config: got %v, want HOOKLINE_DATABASE_URL to be missing", err)
	}
	t.Setenv("HOOKLINE_DATABASE_URL", good().DatabaseURL)
	t.Setenv("HOOKLINE_REDIS_URL", good().RedisURL)
	t.Setenv("HOOKLINE_ENCRYPTION_KEYS", goodKey)
	c, err = FromEnvironment()
	if err != nil || c.Check() != nil || c.CheckServers() != nil {
		t.Fatalf("got %v, %v, %v, want a valid configuration", err, c.Check(), c.CheckServers())
	}
	if want := good(); !reflect.DeepEqual(c, want) {
		t.Errorf("%+v instead of %+v", c, want)
	}
}

func TestTheEnvironmentIsReadByType(t *testing.T) {
	clean(t)
	t.Setenv("HOOKLINE_EGRESS_ALLOW", "10.0.0.0/8,fd00::/8")
	t.Setenv("HOOKLINE_ALLOW_HTTP_ENDPOINTS", "true")
	t.Setenv("HOOKLINE_DELIVERY_TIMEOUT", "1500ms")
	t.Setenv("HOOKLINE_MAX_BODY_BYTES", "2048")
	c, err := FromEnvironment()
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	if err != nil || !slices.Equal(c.EgressAllow, want) || !c.AllowHTTPEndpoints ||
		c.DeliveryTimeout != 1500*time.Millisecond || c.MaxBodyBytes != 2048 {
		t.Errorf("got %+v, %v, want the values of the environment", c, err)
	}
}

func TestAValueOfTheWrongTypeIsNamedWithWhatItShouldBe(t *testing.T) {
	for name, c := range map[string]struct{ value, want string }{
		"HOOKLINE_DELIVERY_TIMEOUT": {"15 seconds",
			`HOOKLINE_DELIVERY_TIMEOUT is not usable: "15 seconds" is not a duration such as 15s.`},
		"HOOKLINE_WORKER_CONCURRENCY": {"two", `HOOKLINE_WORKER_CONCURRENCY is not usable: "two" is not a whole number.`},
		"HOOKLINE_EGRESS_ALLOW": {"10.0.0.0",
			`HOOKLINE_EGRESS_ALLOW is not usable: "10.0.0.0" is not a list of CIDRs such as 10.0.0.0/8.`},
		"HOOKLINE_ALLOW_HTTP_ENDPOINTS": {"maybe",
			`HOOKLINE_ALLOW_HTTP_ENDPOINTS is not usable: "maybe" is not true or false.`},
		// As OTEL_EXPORTER_OTLP_HEADERS writes it; the value is a secret.
		"HOOKLINE_TRACES_HEADERS": {"authorization=hidden",
			`HOOKLINE_TRACES_HEADERS is not usable; it must be a list such as name:value,name:value.`},
	} {
		t.Run(name, func(t *testing.T) {
			clean(t)
			t.Setenv(name, c.value)
			var refusal *Error
			if _, err := FromEnvironment(); !errors.As(err, &refusal) || refusal.Text != c.want {
				t.Errorf("%v instead of %s", err, c.want)
			}
		})
	}
}

func TestListsMayHaveSpacesAfterTheirCommas(t *testing.T) {
	clean(t)
	t.Setenv("HOOKLINE_EGRESS_ALLOW", "10.0.0.0/8, fd00::/8")
	c, err := FromEnvironment()
	if err != nil || len(c.EgressAllow) != 2 {
		t.Errorf("egress networks: got %v, %v, want 2", c.EgressAllow, err)
	}
	t.Setenv("HOOKLINE_WORKER_QUEUES", "webhooks, agents")
	c, err = FromEnvironment()
	if want := []string{"webhooks", "agents"}; err != nil || !slices.Equal(c.WorkerQueues, want) {
		t.Errorf("queues: got %q, %v, want %q", c.WorkerQueues, err, want)
	}
}
