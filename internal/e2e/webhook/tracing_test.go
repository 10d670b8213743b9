package webhook_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// traced starts a program that sends all its spans to a URL.
func traced(url string) testkit.Option {
	return func(c *config.Config, _ *app.Options) {
		c.TracesURL, c.TracesSample = url, 1
		c.TracesHeaders = map[string]string{"Authorization": "Bearer of-the-collector"}
	}
}

const callersTrace, callersSpan = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"

// TestOneTraceLeadsFromTheCallToTheRequest and to its retry, also when callers share a commit.
func TestOneTraceLeadsFromTheCallToTheRequest(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		collector := fake.NewCollector(t)
		p := testkit.Start(t, e, traced(collector.URL))
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
			if n == 1 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		hook := tenant.NewEndpoint(t, receiver.URL, object{"trace_context": true,
			"retry_policy": object{"schedule": []string{"1s"}}})
		quiet := testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, quiet.URL, nil)
		tenant.Call(t, http.MethodPost, "/api/v1/leads", object{"name": "Ada", "email": "ada@example.com"},
			"traceparent", "00-"+callersTrace+"-"+callersSpan+"-01", "tracestate", "vendor=secret").
			Want(t, http.StatusCreated)
		requests := []testkit.Received{receiver.Next(t), receiver.Next(t)}
		if got := quiet.Next(t).Header.Get("Traceparent"); got != "" {
			t.Errorf("an endpoint without trace_context: got traceparent %q, want none", got)
		}
		const server, deliver = "POST /api/v1/leads", "deliver lead.created"
		var spans map[string][]fake.Span
		p.Await(t, "all spans", func() bool {
			spans = collector.Spans(callersTrace)
			return len(spans[server]) == 1 && len(spans[deliver]) == 3 && len(spans["POST"]) == 3
		})
		root, sent, failed := spans[server][0], map[string]bool{}, 0
		if root.Parent != callersSpan || root.Attributes["hookline.tenant"] == "" {
			t.Errorf("span of the call: got %+v, want it to continue the caller's %s", root, callersSpan)
		}
		for _, d := range spans[deliver] {
			if d.Parent != root.ID || d.Attributes["hookline.delivery"] == "" {
				t.Errorf("span of an attempt: got %+v, want the call's %s as its parent", d, root.ID)
			}
			for _, s := range spans["POST"] {
				if s.Parent == d.ID {
					sent["00-"+callersTrace+"-"+s.ID+"-01"] = true
				}
			}
			if d.Failed {
				failed++
			}
		}
		if len(sent) != 3 || failed != 1 {
			t.Errorf("requests: got %d below their attempts, %d failed, want 3 and 1: %+v", len(sent), failed, spans)
		}
		for i, r := range requests {
			if got := r.Header.Get("Traceparent"); !sent[got] || r.Header.Get("Tracestate") != "" {
				t.Errorf("request %d: got traceparent %q and tracestate %q, want the span of the request in %v, and none",
					i, got, r.Header.Get("Tracestate"), sent)
			}
		}
		if got := collector.Header().Get("Authorization"); got != "Bearer of-the-collector" {
			t.Errorf("Authorization at the collector: got %q, want HOOKLINE_TRACES_HEADERS", got)
		}
		exemplars(t, p)
		if w := testkit.Get[api.Webhook](t, tenant, "/api/v1/webhooks/"+hook.ID); !w.TraceContext {
			t.Error("trace_context of the endpoint: got false, want true")
		}
	})
}

// exemplars checks that histograms name the trace.
func exemplars(t *testing.T, p *testkit.Program) {
	t.Helper()
	text := string(p.Monitoring.Call(t, http.MethodGet, "/metrics", nil, "Accept",
		"application/openmetrics-text;version=1.0.0").Want(t, http.StatusOK).Body)
	for _, name := range []string{"http_request", "delivery_attempt"} {
		found := false
		for line := range strings.Lines(text) {
			found = found || strings.HasPrefix(line, "hookline_"+name+"_duration_seconds_bucket") &&
				strings.Contains(line, `# {trace_id="`+callersTrace+`"}`)
		}
		if !found {
			t.Errorf("hookline_%s_duration_seconds: got no exemplar of the trace, want one", name)
		}
	}
}

// TestTheCallersTraceReachesTheEndpointWithoutACollector and stays the same on a retry.
func TestTheCallersTraceReachesTheEndpointWithoutACollector(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, receiver := p.NewTenant(t, "business"), testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, receiver.URL, object{"trace_context": true})
		for name, sent := range map[string]string{"valid": "00-" + callersTrace + "-" + callersSpan + "-00",
			"none": "", "nonsense": "00-xyz", "zero": "00-" + strings.Repeat("0", 32) + "-" + callersSpan + "-01"} {
			tenant.Call(t, http.MethodPost, "/api/v1/leads", object{"name": name, "email": name + "@example.com"},
				"traceparent", sent).Want(t, http.StatusCreated)
			want := ""
			if name == "valid" {
				want = sent
			}
			if got := receiver.Next(t).Header.Get("Traceparent"); got != want {
				t.Errorf("traceparent that is %s: got %q at the endpoint, want %q", name, got, want)
			}
		}
	})
}

// TestACallersFlagMakesNoSpans because spans cost the operator, and callers are strangers.
func TestACallersFlagMakesNoSpans(t *testing.T) {
	t.Parallel()
	collector := fake.NewCollector(t)
	p := testkit.Start(t, testkit.Embedded, traced(collector.URL), func(c *config.Config, _ *app.Options) {
		c.TracesSample = 0
	})
	tenant, receiver := p.NewTenant(t, "business"), testkit.NewReceiver(t, nil)
	tenant.NewEndpoint(t, receiver.URL, object{"trace_context": true})
	const sent = "00-" + callersTrace + "-" + callersSpan + "-01"
	tenant.Call(t, http.MethodPost, "/api/v1/leads", object{"name": "Ada", "email": "ada@example.com"},
		"traceparent", sent).Want(t, http.StatusCreated)
	if got := receiver.Next(t).Header.Get("Traceparent"); got != sent {
		t.Errorf("traceparent at the endpoint: got %q, want the caller's, %q", got, sent)
	}
	p.Stop() // sends what is left
	if spans := collector.Spans(callersTrace); len(spans) != 0 {
		t.Errorf("spans with HOOKLINE_TRACES_SAMPLE=0: got %v, want none", spans)
	}
}

// TestACollectorThatIsAwayCostsOnlySpans which are counted, whether it refuses or hangs.
func TestACollectorThatIsAwayCostsOnlySpans(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*fake.Proxy){"refuses": (*fake.Proxy).Cut, "hangs": (*fake.Proxy).Stall} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy, url := fake.NewProxy(t, fake.NewCollector(t).URL)
			fail(proxy)
			p := testkit.Start(t, testkit.Embedded, traced(url))
			tenant, receiver := p.NewTenant(t, "business"), testkit.NewReceiver(t, nil)
			tenant.NewEndpoint(t, receiver.URL, nil)
			for i := range 5 {
				tenant.NewLead(t, fmt.Sprintf("%d@example.com", i))
				receiver.Next(t)
			}
			p.Await(t, "lost spans to be counted", func() bool {
				const failed = "\nhookline_trace_spans_total{result=\"failed\"} "
				text := p.Metrics(t)
				return strings.Contains(text, failed) && !strings.Contains(text, failed+"0\n")
			})
		})
	}
}
