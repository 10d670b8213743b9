package tracing

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/hookline/hookline/internal/id"
)

// Config says where spans go.
type Config struct {
	URL     string            // of an OpenTelemetry collector (OTLP over HTTP); empty for no spans
	Headers map[string]string // sent with the spans, such as a credential
	Sample  float64           // the part of the API's requests that is sampled, from 0 to 1
	Version string            // of the program
	Role    string            // of the process: serve, worker or dev
}

const (
	// queueSize is how many spans wait for the collector at most; more are dropped, so that a collector that is away
	// costs memory for these and no time.
	queueSize   = 4096
	exportLimit = 10 * time.Second
	exportEvery = 2 * time.Second
	// warnEvery is how often a collector that is away is in the log.
	warnEvery = time.Minute
)

// Tracer starts spans and sends them to the collector. A nil Tracer starts none.
type Tracer struct {
	tracer   trace.Tracer
	provider *sdk.TracerProvider // nil when there is no collector

	exported, failed, dropped atomic.Uint64
	waiting                   atomic.Int64 // ended spans that were neither exported nor failed
	warned                    atomic.Int64 // Unix seconds
}

// New makes a Tracer. It connects to nothing before the first spans are sent.
func New(ctx context.Context, c Config) (*Tracer, error) {
	t := &Tracer{tracer: noop.NewTracerProvider().Tracer(scope)}
	if c.URL == "" {
		return t, nil
	}
	at, err := url.Parse(c.URL)
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	if at.Path = strings.TrimSuffix(at.Path, "/"); at.Path == "" {
		at.Path = "/v1/traces"
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(at.String()),
		otlptracehttp.WithHeaders(c.Headers),
		otlptracehttp.WithTimeout(exportLimit), otlptracehttp.WithRetry(otlptracehttp.RetryConfig{}))
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithHost(), resource.WithAttributes(
		attribute.String("service.name", "hookline"), attribute.String("service.version", c.Version),
		attribute.String("service.instance.id", id.New(id.Request)), attribute.String("hookline.role", c.Role)),
		resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("tracing: %w", err)
	}
	ratio := sdk.TraceIDRatioBased(c.Sample)
	t.provider = sdk.NewTracerProvider(
		sdk.WithResource(about),
		sdk.WithSampler(sdk.ParentBased(ratio, sdk.WithRemoteParentSampled(ratio),
			sdk.WithRemoteParentNotSampled(ratio))),
		sdk.WithSpanProcessor(bounded{sdk.NewBatchSpanProcessor(counted{exporter, t}, sdk.WithMaxQueueSize(queueSize),
			sdk.WithBatchTimeout(exportEvery), sdk.WithExportTimeout(exportLimit)), t}))
	t.tracer = t.provider.Tracer(scope)
	return t, nil
}

// Start implements a service of the program.
func (t *Tracer) Start(context.Context) error { return nil }

// Stop sends what is left, until ctx ends.
func (t *Tracer) Stop(ctx context.Context) error {
	if t.provider == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		t.warn(err) // spans are no reason for a stop to fail
	}
	return nil
}

// Spans is how many sampled spans were sent to the collector, could not be sent, and were dropped because too many
// waited.
func (t *Tracer) Spans() (exported, failed, dropped uint64) {
	return t.exported.Load(), t.failed.Load(), t.dropped.Load()
}

// bounded drops spans that would wait in a full queue, and counts them: the queue itself drops them silently.
type bounded struct {
	sdk.SpanProcessor

	tracer *Tracer
}

// OnEnd implements sdk.SpanProcessor.
func (b bounded) OnEnd(s sdk.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	if b.tracer.waiting.Add(1) > queueSize {
		b.tracer.waiting.Add(-1)
		b.tracer.dropped.Add(1)
		return
	}
	b.SpanProcessor.OnEnd(s)
}

// counted counts what an exporter sends.
type counted struct {
	sdk.SpanExporter

	tracer *Tracer
}

// ExportSpans implements sdk.SpanExporter.
func (c counted) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	err := c.SpanExporter.ExportSpans(ctx, spans)
	c.tracer.waiting.Add(-int64(len(spans)))
	if err == nil {
		c.tracer.exported.Add(uint64(len(spans)))
		return nil
	}
	c.tracer.failed.Add(uint64(len(spans)))
	c.tracer.warn(err)
	return nil // the library would print it
}

// warn logs why spans are lost, at most once a minute.
func (t *Tracer) warn(err error) {
	now, last := time.Now().Unix(), t.warned.Load()
	if now-last >= int64(warnEvery.Seconds()) && t.warned.CompareAndSwap(last, now) {
		slog.Warn("spans could not be sent to the collector and are lost; check HOOKLINE_TRACES_URL", "error", err)
	}
}
