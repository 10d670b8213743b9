package config

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/configuration.md instead of comparing it")

const referenceFile = "../../docs/configuration.md"

// groups are the headings of the reference, by the setting that each begins with.
var groups = map[string]string{
	"HOOKLINE_DATABASE_URL": "Required, and where it listens", "HOOKLINE_TRUSTED_PROXIES": "Behind a proxy",
	"HOOKLINE_PUBLIC_URL": "Dashboard and sign-in", "HOOKLINE_SECRET_SCANNING_KEYS_URL": "Leaked keys",
	"HOOKLINE_STRIPE_WEBHOOK_SECRET": "Stripe", "HOOKLINE_EGRESS_ALLOW": "Outgoing requests",
	"HOOKLINE_DELIVERY_TIMEOUT": "Timeouts", "HOOKLINE_RETENTION_EVENTS": "Retention",
	"HOOKLINE_DISABLE_AFTER": "Failing endpoints and alerts", "HOOKLINE_GENERATOR": "Generated posts",
	"HOOKLINE_WORKER_CONCURRENCY": "Sizes and the log", "HOOKLINE_TRACES_URL": "Traces",
}

// wrong are values that are refused; the reference has what Hookline says of each.
var wrong = map[string]string{
	"HOOKLINE_METRICS_ADDR": "9464", "HOOKLINE_TRACES_URL": "collector:4318", "HOOKLINE_TRACES_SAMPLE": "10",
	"HOOKLINE_TRACES_HEADERS": "Bearer secret", "HOOKLINE_DATABASE_READ_URL": "replica",
	"HOOKLINE_DATABASE_READ_MAX_LAG": "5",
	"HOOKLINE_DATABASE_URL":          "mysql://db/hookline", "HOOKLINE_REDIS_URL": "redis.internal:6379",
	"HOOKLINE_ENCRYPTION_KEYS": "c2hvcnQ=", "HOOKLINE_OPERATOR_KEY": "admin", "HOOKLINE_TRUSTED_PROXIES": "10.0.0.1",
	"HOOKLINE_PUBLIC_URL": "hooks.example.com", "HOOKLINE_EMBED_ORIGINS": "https://app.example.com/x",
	"HOOKLINE_OIDC_CLIENT_ID": "hookline", "HOOKLINE_SECRET_SCANNING_KEYS_URL": "http://example.com/keys",
	"HOOKLINE_STRIPE_PRICES": "price_1:gold", "HOOKLINE_EGRESS_PROXY": "socks5://proxy.internal:1080",
	"HOOKLINE_EGRESS_PROXY_TARGET": "ip", "HOOKLINE_EGRESS_PROXY_CERT_FILE": "/run/secrets/proxy.pem",
	"HOOKLINE_DELIVERY_TIMEOUT": "15", "HOOKLINE_TASK_TIMEOUT": "10s", "HOOKLINE_SHUTDOWN_TIMEOUT": "10s",
	"HOOKLINE_RETENTION_EVENTS": "24h", "HOOKLINE_RETENTION_AUDIT": "1h",
	"HOOKLINE_DISABLE_AFTER": "1h", "HOOKLINE_SMTP_URL": "mail.example.com:587",
	"HOOKLINE_ALERT_EMAIL": "oncall", "HOOKLINE_GENERATOR": "gpt", "HOOKLINE_WORKER_CONCURRENCY": "0",
	"HOOKLINE_MAX_BODY_BYTES": "1MiB", "HOOKLINE_LOG_LEVEL": "verbose", "HOOKLINE_WORKER_CONCURENCY": "64",
}

// refusal is what a process says of a value, when all else is set.
func refusal(t *testing.T, name string) string {
	t.Helper()
	for variable, value := range map[string]string{"HOOKLINE_DATABASE_URL": good().DatabaseURL,
		"HOOKLINE_REDIS_URL": good().RedisURL, "HOOKLINE_ENCRYPTION_KEYS": goodKey, name: wrong[name]} {
		t.Setenv(variable, value)
	}
	defer func() { _ = os.Unsetenv(name) }()
	c, err := FromEnvironment()
	if err == nil {
		err = c.Check()
	}
	if err == nil {
		err = c.CheckServers()
	}
	if err == nil {
		t.Fatalf("%s=%s: got it accepted, want it refused", name, wrong[name])
	}
	return err.Error()
}

const introduction = `# Configuration

All settings of ` + "`hookline serve`, `hookline worker` and `hookline dev`" + `, from the struct in
` + "`internal/config`" + ` (` + "`go test ./internal/config -run Reference -update`" + ` writes this page). They are environment
variables; a secret can also be in a file that NAME_FILE names. Durations are written like 15s or 720h. A process
refuses to start on a value that can't be used, and on a variable that looks like a misspelt setting; it logs other
variables that begin with HOOKLINE_ and that nobody reads.
`

// wrap breaks a text into lines of at most 118 columns.
func wrap(text string) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		n := len([]rune(word))
		if column > 0 && column+1+n > 118 {
			b.WriteString("\n")
			column = 0
		}
		if column > 0 {
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

func reference(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(introduction)
	for _, f := range Fields() {
		if group := groups[f.Name]; group != "" {
			fmt.Fprintf(&b, "\n## %s\n", group)
		}
		fmt.Fprintf(&b, "\n### %s\n\n", f.Name)
		text := strings.ReplaceAll(strings.ToUpper(f.Help[:1])+f.Help[1:]+".", "<", "&lt;")
		fmt.Fprintf(&b, "%s\n\n", wrap(text))
		facts := []string{strings.ToUpper(f.Type[:1]) + f.Type[1:]}
		if f.Default != "" {
			facts = append(facts, "default `"+f.Default+"`")
		}
		if f.Secret {
			facts = append(facts, "a secret: also `"+f.Name+FileSuffix+"`")
		}
		fmt.Fprintf(&b, "%s\n", wrap(strings.Join(facts, "; ")+"."))
		if value, known := wrong[f.Name]; known {
			says := strings.NewReplacer("<", "&lt;", "|", `\|`).Replace(refusal(t, f.Name))
			fmt.Fprintf(&b, "\n%s\n", wrap("With `"+value+"`: "+says))
		}
	}
	name := "HOOKLINE_WORKER_CONCURENCY"
	fmt.Fprintf(&b, "\n## A variable that nobody reads\n\n%s\n", wrap("With `"+name+"`: "+refusal(t, name)))
	return b.String()
}

func TestTheReferenceOfTheConfigurationIsThatOfTheStruct(t *testing.T) {
	clean(t)
	want := reference(t)
	if *update {
		if err := os.WriteFile(referenceFile, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(referenceFile)
	if err != nil || string(got) != want {
		t.Errorf("docs/configuration.md is stale (%v). Write it: go test ./internal/config -run Reference -update", err)
	}
}
