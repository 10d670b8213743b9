package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/inbox"
	"github.com/hookline/hookline/internal/operator"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/session"
	"github.com/hookline/hookline/internal/signin"
)

// DevOptions are the flags of hookline dev.
type DevOptions struct {
	Addr    string
	DataDir string
	Reset   bool
	JSON    bool
}

// RunDev runs the whole program in one process with its embedded engines until ctx ends. Only the JSON object is
// written to stdout.
func RunDev(ctx context.Context, o DevOptions, stdout, stderr io.Writer) error {
	return ExplainStop(ctx, "hookline dev", runDev(ctx, o, stdout, stderr))
}

func runDev(ctx context.Context, o DevOptions, stdout, stderr io.Writer) error {
	started := time.Now()
	c, err := devConfig(o)
	if err != nil {
		return err
	}
	SetUpLog(stderr, c)
	// A start that is refused leaves everything as it is: the settings, the port and the lock come before the data.
	listener, err := devListen(o.Addr)
	if err != nil {
		return err
	}
	data, err := openDataDir(o.DataDir, listener.Addr().String())
	if err != nil {
		_ = listener.Close()
		return err
	}
	defer data.close()
	a, web, err := newDev(ctx, c, data, o.Reset, stderr)
	if err != nil {
		_ = listener.Close()
		return err
	}
	a.listenOn(listener)
	base := "http://" + a.Addr()
	seeded, err := a.seed(ctx, base+"/dev/inbox")
	if err != nil {
		a.Stop()
		return err
	}
	if err := a.Delivered.Orphan(ctx); err != nil {
		a.Stop()
		return err
	}
	web.follow(a, seeded)
	if err := a.Start(ctx); err != nil {
		return err
	}
	link, err := a.devLink(ctx, base, seeded.scope())
	if err != nil {
		a.Stop()
		return err
	}
	operators, err := a.operatorLink(ctx, base, seeded)
	if err != nil {
		a.Stop()
		return err
	}
	ready := readiness{
		OperatorsURL: operators, APIURL: base + "/api/v1", DocsURL: base + "/docs", DashboardURL: link,
		APIKey: seeded.apiKey, OperatorKey: seeded.operatorKey, BackendKey: seeded.backendKey,
		TenantID: seeded.TenantID,
		InboxURL: base + "/dev/inbox", DataDir: o.DataDir,
	}
	if o.JSON {
		if err := json.NewEncoder(stdout).Encode(ready); err != nil {
			a.Stop()
			return err
		}
	} else {
		banner(stderr, ready, a.describeKey(ctx, seeded), time.Since(started))
	}
	return a.Run(ctx)
}

// readiness is the output of --json. The keys are null when they were made, and shown, at an earlier start.
type readiness struct {
	APIURL       string  `json:"api_url"`
	DocsURL      string  `json:"docs_url"`
	DashboardURL string  `json:"dashboard_url"`
	OperatorsURL string  `json:"operators_url"`
	APIKey       *string `json:"api_key"`
	OperatorKey  *string `json:"operator_key"` // of the role admin, for a person
	BackendKey   *string `json:"backend_key"`  // of the role backend, for the product's server
	TenantID     string  `json:"tenant_id"`
	InboxURL     string  `json:"inbox_url"`
	DataDir      string  `json:"data_dir"`
}

// DevDatabaseURL is the URL of the database of hookline dev.
func DevDatabaseURL(dataDir string) (string, error) {
	dir, err := filepath.Abs(dataDir)
	u := url.URL{Scheme: "sqlite", Path: filepath.ToSlash(filepath.Join(dir, databaseFile))}
	return u.String(), err
}

// devConfig reads the settings and checks them. It touches no file of the data directory.
func devConfig(o DevOptions) (config.Config, error) {
	// It uses its own engines and keys, so an unusable variable of theirs is no reason to refuse.
	c, err := config.FromEnvironment("HOOKLINE_DATABASE_URL", "HOOKLINE_REDIS_URL", "HOOKLINE_ENCRYPTION_KEYS",
		"HOOKLINE_OPERATOR_KEY", "HOOKLINE_ADDR")
	if err != nil {
		return c, err
	}
	if os.Getenv("HOOKLINE_LOG_LEVEL") == "" {
		c.LogLevel = "warn" // the lines for people say what happens
	}
	if os.Getenv("HOOKLINE_LOG_FORMAT") == "" {
		c.LogFormat = "text"
	}
	if os.Getenv("HOOKLINE_METRICS_ADDR") == "" {
		c.MetricsAddr = config.Off // another program on a laptop may have the port
	}
	if c.DatabaseURL, err = DevDatabaseURL(o.DataDir); err != nil {
		return c, err
	}
	c.RedisURL, c.OperatorKey, c.Addr = queue.EmbeddedURL, "", o.Addr
	c.AllowHTTPEndpoints = true
	c.EgressAllow = append(c.EgressAllow, netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
	c.EncryptionKeys = secret.GenerateKey() // until the data directory's can be read
	if err := c.Check(); err != nil {
		return c, err
	}
	c.EmbedOrigins = append(c.EmbedOrigins, ui.SameOrigin) // for the demo of a frame
	return c, nil
}

// devListen listens; its errors name the flag of hookline dev.
func devListen(addr string) (net.Listener, error) {
	l, err := listen(addr)
	if err == nil {
		return l, nil
	}
	host, port, split := net.SplitHostPort(addr)
	if split != nil {
		return nil,
			&config.Error{Text: fmt.Sprintf("%q is not an address to listen on. Use host:port: hookline dev --addr "+
				"127.0.0.1:8080", addr)}
	}
	next := 0
	if _, scan := fmt.Sscanf(port, "%d", &next); scan == nil && strings.Contains(err.Error(), "is taken") {
		return nil, &config.Error{Text: fmt.Sprintf("Port %s on %s is taken. Use another: hookline dev --addr %s:%d",
			port, host, host, next+1)}
	}
	return nil, err
}

// web has the pages that only hookline dev serves, and its console output.
type web struct {
	inbox   *inbox.Inbox
	secrets inbox.Secrets
	link    func(ctx context.Context) (string, error)
	lines   *lines
}

// register adds the pages that only hookline dev serves.
func (w *web) register(e *echo.Echo) {
	w.inbox.Register(e)
	inbox.RegisterEmbed(e, func(ctx context.Context) (string, error) { return w.link(ctx) })
}

// devSession is how long a session from a link of hookline dev lasts.
const devSession = 12 * time.Hour

// devLink makes an address that signs a browser in to the demo tenant, once, with all rights in it.
func (a *App) devLink(ctx context.Context, base string, scope principal.Scope) (string, error) {
	_, link, err := a.Sessions.Invite(ctx, session.New{Scope: scope, Capabilities: a.permissions, MaySwitch: true,
		Life: devSession})
	return base + session.LoginPath + "?once=" + link, err
}

// operatorLink makes an address that signs a browser in as an operator, once; when the key of the first start
// no longer works, it is the sign-in page for another key.
func (a *App) operatorLink(ctx context.Context, base string, s seeded) (string, error) {
	if _, err := a.Operators.Working(ctx, s.OperatorID); errors.Is(err, operator.ErrUnknown) {
		return base + signin.OperatorLoginPath, nil
	} else if err != nil {
		return "", err
	}
	_, link, err := a.Sessions.Invite(ctx, session.New{Operator: true, OperatorKeyID: s.OperatorID, Life: devSession})
	return base + session.LoginPath + "?once=" + link, err
}

func (w *web) follow(a *App, s seeded) {
	w.secrets = func(ctx context.Context) ([]string, error) { return a.inboxSecrets(ctx, s) }
	w.link = func(ctx context.Context) (string, error) {
		_, link, err := a.Sessions.Invite(ctx, session.New{Scope: s.scope(), Capabilities: a.permissions,
			Theme: inbox.EmbedTheme, Life: devSession})
		return session.LoginPath + "?once=" + link + "&" + session.FrameParam + "=" + session.FrameBare, err
	}
}

func newDev(ctx context.Context, c config.Config, data *dataDir, reset bool, stderr io.Writer) (*App, *web, error) {
	if reset {
		if err := data.reset(); err != nil {
			return nil, nil, err
		}
	}
	var err error
	if c.EncryptionKeys, err = data.keys(); err != nil {
		return nil, nil, err
	}
	if err := data.createDatabase(); err != nil {
		return nil, nil, err
	}
	if err := migrateDev(ctx, c.DatabaseURL); err != nil {
		return nil, nil, err
	}
	w := &web{lines: &lines{out: stderr}}
	w.inbox = inbox.New(func(ctx context.Context) ([]string, error) { return w.secrets(ctx) }, clock.System)
	a, err := New(ctx, c, Options{
		API: true, Worker: true, Committed: w.lines.committed, Attempted: w.lines.attempted, Pages: w.register,
		OperatorHint: "hookline login-link --operator prints a link that needs no key. hookline dev prints one at each " +
			"start, and an operator key at the first.",
		SignInHint: "To get a new one, run hookline login-link in another terminal, in the same directory: it prints a " +
			"link.",
	})
	return a, w, err
}

// migrateDev migrates the database at every start; in production operators run hookline migrate.
func migrateDev(ctx context.Context, databaseURL string) error {
	d, err := db.Open(ctx, databaseURL)
	if err != nil {
		return &config.Error{Text: fmt.Sprintf("The database in the data directory can't be opened: %v. Start over "+
			"with: hookline dev --reset", err)}
	}
	defer func() {
		if err := d.Close(); err != nil {
			slog.Warn("closing the database failed", "error", err)
		}
	}()
	if _, err := d.MigrateUp(ctx); err != nil {
		return &config.Error{Text: fmt.Sprintf("The database in the data directory can't be brought up to date: %v. "+
			"Start over with: hookline dev --reset", err)}
	}
	return nil
}
