// Package tracing has the spans of the program: one trace leads from the API request over the event and its delivery to
// the request at the consumer.
//
// The trace context of a request (W3C Trace Context) is stored with the events that it commits, so that attempts belong
// to its trace whenever and in whichever process they are made. It is stored only when the trace is sampled or the
// caller sent one, so other events cost nothing.
//
// What a caller says about sampling is not obeyed: callers are strangers, and spans cost the operator. The trace state
// is dropped, since it is for the systems of the caller and endpoints belong to others.
//
// The instrumentation of net/http and GORM is not used: a span for each statement costs more than it tells.
package tracing

import (
	"context"
	"log/slog"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Header is the header of a request that carries its trace context.
const Header = "traceparent"

const scope = "github.com/hookline/hookline"

// traceContext reads and writes the header.
var traceContext propagation.TraceContext

// Span is a part of a trace. End ends it.
type Span struct{ span trace.Span }

// Set adds an attribute, whose names are those of OpenTelemetry's semantic conventions, or begin with hookline.
func (s Span) Set(attributes ...attribute.KeyValue) { s.span.SetAttributes(attributes...) }

// Name renames the span: the route of a request is known late.
func (s Span) Name(name string) { s.span.SetName(name) }

// Fail marks the span as failed. reason is safe to show to operators.
func (s Span) Fail(reason string) { s.span.SetStatus(codes.Error, reason) }

// End ends the span.
func (s Span) End() { s.span.End() }

// Recorded says whether the span is sampled, so that computing its attributes is worth it.
func (s Span) Recorded() bool { return s.span.IsRecording() }

// Serve starts the span of a request to the API and continues the trace of the caller, if it named one. The context
// carries the span when it is sampled, or else the caller's trace context.
func (t *Tracer) Serve(r *http.Request) (context.Context, Span) {
	ctx := r.Context()
	if caller := parse(r.Header.Get(Header)); caller.IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, caller)
	}
	started, span := t.start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer))
	if span.IsRecording() {
		ctx = started
	}
	return ctx, Span{span}
}

func (t *Tracer) start(ctx context.Context, name string, o trace.SpanStartOption) (context.Context, trace.Span) {
	if t == nil {
		return ctx, noop.Span{}
	}
	return t.tracer.Start(ctx, name, o)
}

// Context is the trace context of a request as it is stored with its events.
type Context struct {
	Traceparent string // in the form of the header; empty when there is none
	Traced      bool   // whether Hookline sampled the request, whatever the caller's flag says
}

// ContextOf is the context that ctx carries.
func ContextOf(ctx context.Context) Context {
	return Context{Traceparent: Parent(ctx), Traced: trace.SpanFromContext(ctx).IsRecording()}
}

// Attempt starts the span of an attempt to deliver an event, given the trace context that is stored with the event. It
// is sampled when the request that published the event was.
func (t *Tracer) Attempt(ctx context.Context, c Context, eventType string) (context.Context, Span) {
	if c.Traceparent == "" {
		return ctx, Span{trace.SpanFromContext(ctx)}
	}
	if !c.Traced {
		return trace.ContextWithRemoteSpanContext(ctx, parse(c.Traceparent)), Span{noop.Span{}}
	}
	// The parent is not a remote one: that it was sampled was Hookline's own decision.
	ctx = trace.ContextWithSpanContext(ctx, parse(c.Traceparent).WithRemote(false))
	started, span := t.start(ctx, "deliver "+eventType, trace.WithSpanKind(trace.SpanKindConsumer))
	if span.IsRecording() {
		ctx = started
	}
	return ctx, Span{span}
}

// Request starts the span of an outgoing request, if the attempt that ctx carries is sampled.
func Request(ctx context.Context, method string) (context.Context, Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, Span{parent}
	}
	ctx, span := parent.TracerProvider().Tracer(scope).Start(ctx, method, trace.WithSpanKind(trace.SpanKindClient))
	return ctx, Span{span}
}

// Parent is the trace context that ctx carries, in the form of the header traceparent; empty when there is none.
func Parent(ctx context.Context) string {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return ""
	}
	carrier := propagation.MapCarrier{}
	traceContext.Inject(ctx, carrier)
	return carrier[Header]
}

// LogKey is the name of the trace's id in the log.
const LogKey = "trace_id"

// Attr is the id of a trace for the log; nothing when it is empty.
func Attr(id string) slog.Attr {
	if id == "" {
		return slog.Attr{}
	}
	return slog.String(LogKey, id)
}

// parse reads the header; the result is not valid when the header is not.
func parse(traceparent string) trace.SpanContext {
	carrier := propagation.MapCarrier{Header: traceparent}
	return trace.SpanContextFromContext(traceContext.Extract(context.Background(), carrier))
}

// ID is the id of the sampled trace that ctx carries, in 32 hex digits; empty when there is none.
func ID(ctx context.Context) string {
	c := trace.SpanContextFromContext(ctx)
	if !c.IsValid() || !c.IsSampled() || !trace.SpanFromContext(ctx).IsRecording() {
		return ""
	}
	return c.TraceID().String()
}
