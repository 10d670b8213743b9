package egress

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// Timings is the duration of each phase of a request. A phase that did not take place or did not complete is nil.
type Timings struct {
	DNS      *time.Duration // name resolution
	Connect  *time.Duration // the TCP connection
	TLS      *time.Duration // the TLS handshake
	Wait     *time.Duration // from the request's last byte to the response's first
	Total    time.Duration  // from the call of Do to the end of the body, or to the failure
	Reused   bool           // whether the connection was reused; the first three are then nil
	Protocol string         // such as HTTP/2.0; empty without a response
}

// watch collects Timings. The transport reports from goroutines of its own, also of a connection that it makes for
// this request and then keeps for another, hence the lock and the copy.
type watch struct {
	start time.Time

	mu                            sync.Mutex
	dns, connect, handshake, sent time.Time // when each began
	dnsTook, connectTook, tlsTook *time.Duration
	waited                        *time.Duration
	reused, answered, got         bool

	proxy waiting
}

// newWatch makes a watch for one connection; start is the call of Do.
func newWatch(start time.Time) *watch { return &watch{start: start} }

func (w *watch) locked(f func(now time.Time)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(time.Now())
}

// since returns the time since a moment; nil for the zero time.
func since(begun, now time.Time) *time.Duration {
	if begun.IsZero() {
		return nil
	}
	d := now.Sub(begun)
	return &d
}

// trace returns a context that reports to the watch.
func (w *watch) trace(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, waitingKey{}, &w.proxy)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { w.locked(func(now time.Time) { w.dns = now }) },
		DNSDone:  func(httptrace.DNSDoneInfo) { w.locked(func(now time.Time) { w.dnsTook = since(w.dns, now) }) },
		ConnectStart: func(string, string) { // once for each address that is tried
			w.locked(func(now time.Time) {
				if w.connect.IsZero() {
					w.connect = now
				}
			})
		},
		ConnectDone: func(_, _ string, err error) {
			w.locked(func(now time.Time) {
				if err == nil && w.connectTook == nil {
					w.connectTook = since(w.connect, now)
				}
			})
		},
		TLSHandshakeStart: func() { w.locked(func(now time.Time) { w.handshake = now }) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			w.locked(func(now time.Time) {
				if err == nil {
					w.tlsTook = since(w.handshake, now)
				}
			})
		},
		GotConn: func(i httptrace.GotConnInfo) {
			w.locked(func(time.Time) { w.reused, w.got = i.Reused, true })
		},
		WroteRequest: func(httptrace.WroteRequestInfo) { w.locked(func(now time.Time) { w.sent = now }) },
		GotFirstResponseByte: func() {
			w.locked(func(now time.Time) { w.waited, w.answered = since(w.sent, now), true })
		},
	})
}

// connected reports whether the request had a connection.
func (w *watch) connected() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.got
}

// read returns the timings so far.
func (w *watch) read(protocol string) Timings {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := Timings{Wait: w.waited, Total: time.Since(w.start), Reused: w.reused, Protocol: protocol}
	if !w.reused {
		t.DNS, t.Connect, t.TLS = w.dnsTook, w.connectTook, w.tlsTook
	}
	return t
}
