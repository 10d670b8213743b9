// Package arch tests the import rules of the packages: imports go one way.
package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/hookline/hookline/"

// layers, from the bottom up. A package may import packages of lower layers, and none of its own layer unless beside
// allows it. A package without a layer fails the test: its author decides where it belongs.
var layers = [][]string{
	{"openapi", "migrations", "docs", "gen/api", "gen/contract", "gen/operators", "pkg/client", "pkg/webhook"},
	// what leaves carry
	{"internal/ratelimit"},
	// leaves
	{"internal/background", "internal/batch", "internal/clock", "internal/eventstream", "internal/id",
		"internal/loglimit", "internal/page", "internal/pattern", "internal/plan", "internal/principal",
		"internal/problem", "internal/secret"},
	{"internal/cidr", "internal/mcp", "internal/tracing", "internal/role", "internal/schema", "internal/wire"},
	// ground
	{"internal/config", "internal/contract", "internal/db", "internal/egress", "internal/generator", "internal/queue"},
	{"internal/audit", "internal/idempotency", "internal/quota", "internal/search", "internal/throttle"},
	{"internal/job"},
	// the spine
	{"internal/event"},
	{"internal/change"},
	// access, and what the product sells
	{"internal/tenant", "internal/operator", "internal/resource/lead", "internal/resource/supportinbox",
		"internal/resource/tag", "internal/resource/ticket", "internal/profile"},
	{"internal/member", "internal/eventtype", "internal/usage"},
	{"internal/apikey", "internal/credit"},
	{"internal/session", "internal/leak", "internal/resource/billing", "internal/resource/tracking"},
	{"internal/resource/analytics", "internal/resource/content"},
	// webhooks
	{"internal/endpoint"},
	{"internal/listener"},
	{"internal/sender"},
	{"internal/delivery"},
	{"internal/deliverylog"},
	{"internal/deadletter", "internal/alert", "internal/retention"},
	{"internal/rotation"},
	// edges
	{"internal/metrics"},
	{"internal/dashboard/ui"},
	{"internal/signin"},
	{"internal/dashboard/inhouse"},
	{"internal/api", "internal/dashboard", "internal/docsui", "internal/inbox"},
	{"internal/dashboard/admin"},
	{"internal/app", "internal/cli"},
	{"cmd/hookline"},
	// only for tests and development
	{"deploy/dev/devserver", "deploy/dev/instance", "internal/testkit/connect", "internal/testkit/engine",
		"internal/testkit/secrets"},
	{"openapi/json", "openapi/sdk", "docs/samples/apps/notify", "docs/samples/quickstart/go"},
	{"internal/testkit", "deploy/dev/services", "deploy/dev/demo", "deploy/dev/integrations", "deploy/dev/notices",
		"deploy/dev/sdk", "deploy/dev/contract"},
	{"internal/testkit/fake"},
	{"internal/arch", "internal/bench", "internal/e2e/access", "internal/e2e/page", "internal/e2e/resource",
		"internal/e2e/webhook"},
}

// only lists the packages that may import a third-party module, where one package owns it.
var only = map[string][]string{
	"github.com/hibiken/asynq":               {"internal/queue"},
	"github.com/modelcontextprotocol/go-sdk": {"internal/mcp"},
	"github.com/redis/go-redis/v9": {"internal/queue", "internal/ratelimit", "internal/deliverylog", "internal/metrics",
		"internal/listener", "internal/app", "internal/testkit", "internal/testkit/engine", "internal/testkit/secrets"},
	"github.com/labstack/echo/v4": {"gen/api", "internal/api", "internal/app", "internal/dashboard",
		"internal/dashboard/admin", "internal/dashboard/inhouse", "internal/dashboard/ui", "internal/docsui",
		"internal/inbox", "internal/signin"},
	"github.com/getkin/kin-openapi":  {"internal/contract", "internal/api", "internal/testkit"},
	"golang.org/x/crypto":            {"internal/secret"},
	"github.com/coreos/go-oidc/v3":   {"internal/signin"},
	"golang.org/x/oauth2":            {"internal/signin", "internal/sender"},
	"cel.dev/cel-go":                 {"internal/endpoint"},
	"code.dny.dev/ssrf":              {"internal/egress"},
	"github.com/wneessen/go-mail":    {"internal/alert"},
	"github.com/emersion/go-smtp":    {"internal/testkit/fake"},
	"github.com/pressly/goose/v3":    {"internal/db"},
	"github.com/santhosh-tekuri":     {"internal/schema"},
	"gorm.io/driver/postgres":        {"internal/db"},
	"github.com/glebarez/sqlite":     {"internal/db"},
	"github.com/spf13/cobra":         {"cmd/hookline"},
	"github.com/prometheus":          {"internal/metrics"},
	"github.com/alicebob/miniredis/": {"internal/queue"},
	"github.com/yuin/goldmark":       {"internal/docsui"},
	"github.com/alecthomas/chroma":   {"internal/docsui"},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module)
		all = append(all, p)
	}
}

func layer(name string) int {
	return slices.IndexFunc(layers, func(l []string) bool { return slices.Contains(l, name) })
}

func TestDataFlowsDownward(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		at := layer(p.ImportPath)
		if at < 0 {
			t.Errorf("%s is in no layer, want it in layers", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			name, ours := strings.CutPrefix(imported, module)
			if ours && layer(name) >= at {
				t.Errorf("%s imports %s, want imports of lower layers only", p.ImportPath, name)
			}
		}
	}
}

func TestEachForeignModuleHasOneHome(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			for prefix, homes := range only {
				if strings.HasPrefix(imported, prefix) && !slices.Contains(homes, p.ImportPath) {
					t.Errorf("%s imports %s, want it imported by %v only", p.ImportPath, imported, homes)
				}
			}
		}
	}
}
