// Package eventstream writes server-sent events to one client, within time: a reader that is too slow, or a server that
// stops, ends the response.
package eventstream

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	// Beat is how often a stream without events should send Still, so that it is not taken for dead.
	Beat = 15 * time.Second
	// writeLimit is how long a write may block on a slow reader.
	writeLimit = 10 * time.Second
	// endLimit is how long the last event may take, after the context of the stream ended.
	endLimit = 200 * time.Millisecond
)

// Writer writes one response.
type Writer struct {
	ctx context.Context //nolint:containedctx // of the response
	w   http.ResponseWriter
	out *http.ResponseController
}

// Open begins the response. The caller calls stop when the response is over.
func Open(ctx context.Context, w http.ResponseWriter) (out *Writer, stop func() bool) {
	out = &Writer{ctx: ctx, w: w, out: http.NewResponseController(w)}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // nginx would otherwise buffer it
	w.WriteHeader(http.StatusOK)
	return out, context.AfterFunc(ctx, out.limitEnd)
}

// limitEnd limits how long a stream that ends waits for its reader.
func (w *Writer) limitEnd() { _ = w.out.SetWriteDeadline(time.Now().Add(endLimit)) }

// Send writes an event with the JSON of data; an empty id is left out.
func (w *Writer) Send(id, name string, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("event: %s\ndata: %s\n\n", name, raw)
	if id != "" {
		text = "id: " + id + "\n" + text
	}
	return w.write(text)
}

// Still writes a comment.
func (w *Writer) Still() error { return w.write(": still here\n\n") }

func (w *Writer) write(text string) error {
	_ = w.out.SetWriteDeadline(time.Now().Add(writeLimit))
	if w.ctx.Err() != nil { // it may have ended just before
		w.limitEnd()
	}
	if _, err := w.w.Write([]byte(text)); err != nil {
		return err
	}
	return w.out.Flush()
}
