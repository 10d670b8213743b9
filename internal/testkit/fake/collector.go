package fake

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Span is a span that a Collector got.
type Span struct {
	Name, Trace, ID, Parent string // ids in hex
	Attributes              map[string]string
	Failed                  bool
}

// Collector is an OpenTelemetry collector that takes spans over HTTP.
type Collector struct {
	URL string

	mu     sync.Mutex
	spans  []Span
	header http.Header // of the last request
}

// NewCollector starts a collector, which stops when the test ends.
func NewCollector(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// ServeHTTP implements http.Handler.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	var sent collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(raw, &sent) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.header = r.Header.Clone()
	for _, resource := range sent.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				c.spans = append(c.spans, spanOf(s))
			}
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func spanOf(s *trace.Span) Span {
	out := Span{Name: s.GetName(), Trace: hex.EncodeToString(s.GetTraceId()), ID: hex.EncodeToString(s.GetSpanId()),
		Parent: hex.EncodeToString(s.GetParentSpanId()), Attributes: map[string]string{},
		Failed: s.GetStatus().GetCode() == trace.Status_STATUS_CODE_ERROR}
	for _, a := range s.GetAttributes() {
		out.Attributes[a.GetKey()] = a.GetValue().GetStringValue()
	}
	return out
}

// Spans are the spans of a trace so far, by name.
func (c *Collector) Spans(traceID string) map[string][]Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string][]Span{}
	for _, s := range c.spans {
		if s.Trace == traceID {
			out[s.Name] = append(out[s.Name], s)
		}
	}
	return out
}

// Header is the header of the last request with spans.
func (c *Collector) Header() http.Header {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.header
}
