package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/hookline/hookline/internal/testkit"
)

// dashboard is what tests read of a file of Grafana.
type dashboard struct {
	UID    string
	Panels []panel
}

type panel struct {
	ID          int
	Type, Title string
	Description string
	GridPos     struct{ X, Y, W, H int }
	Targets     []struct{ Expr string }
	FieldConfig struct{ Defaults struct{ Unit string } }
}

func dashboards(t *testing.T) map[string]dashboard {
	t.Helper()
	files, err := filepath.Glob("../../deploy/grafana/*.json")
	if err != nil || len(files) != 3 {
		t.Fatalf("dashboards: got %v, %v, want three", files, err)
	}
	out := map[string]dashboard{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d dashboard
		if err := json.Unmarshal(raw, &d); err != nil {
			t.Fatalf("%s: got %v, want JSON", file, err)
		}
		out[filepath.Base(file)] = d
	}
	return out
}

func TestDashboardsAreCompleteAndTheirPanelsDoNotOverlap(t *testing.T) {
	t.Parallel()
	uids := map[string]bool{}
	for name, d := range dashboards(t) {
		if uids[d.UID] || d.UID == "" {
			t.Errorf("%s: got uid %q, want one of its own", name, d.UID)
		}
		uids[d.UID] = true
		taken, ids := map[[2]int]string{}, map[int]bool{}
		for _, p := range d.Panels {
			if ids[p.ID] || p.Title == "" {
				t.Errorf("%s: panel %d %q: got no id of its own or no title, want both", name, p.ID, p.Title)
			}
			ids[p.ID] = true
			if p.Type != "row" && (p.Description == "" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0) {
				t.Errorf("%s: %s: got %+v, want a description, a unit and a query", name, p.Title, p)
			}
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
					if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
						t.Fatalf("%s: %s: got it over %q or past the edge, want room of its own", name, p.Title, other)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
		}
	}
}

// rules are the alerts of the rule file: their expressions by name.
func rules(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("../../deploy/prometheus/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	runbook, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			out[r.Alert] = r.Expr
			if !strings.Contains(string(runbook), "\n### "+r.Alert+"\n") ||
				!strings.HasSuffix(r.Annotations["runbook_url"], "docs/operations.md#"+strings.ToLower(r.Alert)) {
				t.Errorf("%s: got no paragraph in the runbook, or no link to it, want both", r.Alert)
			}
		}
	}
	if len(out) < 15 {
		t.Fatalf("alerts: got %d, want all", len(out))
	}
	return out
}

func TestAlertsFireOnWhatTheyAreForAndHaveARunbook(t *testing.T) {
	t.Parallel()
	tested, err := os.ReadFile("../../deploy/prometheus/alerts_test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name := range rules(t) {
		if !strings.Contains(string(tested), "\n  - name: "+name+"\n") {
			t.Errorf("%s: got no test, want one in alerts_test.yaml", name)
		}
	}
	for _, arguments := range [][]string{{"check", "config", "prometheus.yaml"},
		{"test", "rules", "alerts_test.yaml"}} {
		promtool := exec.CommandContext(t.Context(), "promtool", arguments...)
		promtool.Dir = "../../deploy/prometheus"
		if output, err := promtool.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: got %v, want success: %s", arguments, err, output)
		}
	}
}

// prometheus starts a Prometheus with features that scrapes addresses by job, and returns its URL.
func prometheus(t *testing.T, jobs map[string]string, features string) string {
	t.Helper()
	dir := t.TempDir()
	config := "global: { scrape_interval: 1s }\nscrape_configs:\n"
	for job, address := range jobs {
		config += fmt.Sprintf("  - { job_name: %s, static_configs: [{ targets: [%q] }] }\n", job, address)
	}
	file := filepath.Join(dir, "prometheus.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("prometheus", "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address=127.0.0.1:0", "--enable-feature="+features)
	log, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("Prometheus: got %v, want it running; install the package prometheus", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	listening := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(log); lines.Scan(); {
			if _, address, found := strings.Cut(lines.Text(), `"Listening on" address=`); found {
				listening <- address
			}
		}
		close(listening)
	}()
	address, ok := <-listening
	if !ok {
		t.Fatal("Prometheus: got its end, want it to listen")
	}
	return "http://" + address
}

// query runs an expression and returns how many series it has.
func query(t *testing.T, server, expression string) (series int, err error) {
	t.Helper()
	response, err := http.PostForm(server+"/api/v1/query", url.Values{"query": {expression}})
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Error string
		Data  struct{ Result []json.RawMessage }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Error != "" {
		return 0, fmt.Errorf("%v %s", err, answer.Error)
	}
	return len(answer.Data.Result), nil
}

// onlyInTrouble are queries of what need not happen in a healthy system.
var onlyInTrouble = regexp.MustCompile(`rate_limited|egress_proxy|queue_paused\) > 0|5\.\."}\[[^]]*\]\)\) > 0`)

// ofSpeed are alerts that a slow machine may be about to raise.
var ofSpeed = regexp.MustCompile(`Slow$|QueueLatency|PoolExhausted|DeliveriesOverdue`)

// ofNative is a query of a native histogram.
const ofNative = `histogram_quantile(0.5, sum(rate(hookline_http_request_duration_seconds[1m]))) > 0`

// queries are the queries of all panels, with where they are, and one of a native histogram.
func queries(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{ofNative: "native"}
	for name, d := range dashboards(t) {
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				out[strings.ReplaceAll(target.Expr, "$__rate_interval", "1m")] = name + ": " + p.Title
			}
		}
	}
	return out
}

// TestDashboardsShowDataAndNoAlertFiresWhileAllIsWell runs every query on a Prometheus that scrapes real processes.
func TestDashboardsShowDataAndNoAlertFiresWhileAllIsWell(t *testing.T) {
	t.Parallel()
	env := testkit.Production(testkit.NewServices(t, testkit.Servers))
	api, base := testkit.Serve(t, env)
	worker := testkit.Work(t, env)
	jobs := map[string]string{"hookline-api": api.MetricsAddr(), "hookline-worker": worker.MetricsAddr()}
	server, native := prometheus(t, jobs, "exemplar-storage"), prometheus(t, jobs, "native-histograms")
	tenant := testkit.NewClient(base, testkit.OperatorKey).NewTenant(t, "enterprise", nil)
	receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
		if n == 1 { // a retry fills the panels of failures
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	tenant.NewEndpoint(t, receiver.URL, map[string]any{"retry_policy": map[string]any{"schedule": []string{"1s"}}})
	without, n := queries(t), 0
	defer func() {
		for expression, name := range without {
			t.Errorf("%s: %s: got no series, want some", name, expression)
		}
	}()
	testkit.Await(t, "every query to have data", func() bool {
		n++
		tenant.NewLead(t, fmt.Sprintf("%d@example.com", n))
		for expression := range without {
			at := server
			if expression == ofNative {
				at = native
			}
			series, err := query(t, at, expression)
			if err != nil { // it loads its configuration after it has begun to listen
				return false
			}
			if series > 0 || onlyInTrouble.MatchString(expression) {
				delete(without, expression)
			}
		}
		return len(without) == 0
	})
	for name, expression := range rules(t) {
		if ofSpeed.MatchString(name) { // they say how fast the machine is, and nothing is wrong before some minutes
			continue
		}
		if series, err := query(t, server, expression); err != nil || series > 0 {
			t.Errorf("%s: got %d series, %v, want none while all is well", name, series, err)
		}
	}
}
