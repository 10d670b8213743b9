package delivery_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// stranger is a consumer that does what it likes with a connection, and counts what it got rid of.
type stranger struct {
	url     string
	written atomic.Int64
	open    atomic.Int64 // connections that the other side has not closed
}

// newStranger starts a consumer that reads a request and then does something to its connection. Certificates, if any,
// are shown before.
func newStranger(t *testing.T, certificate *tls.Config, do func(w io.Writer, end func())) *stranger {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &stranger{url: "http://" + l.Addr().String() + "/hooks"}
	if certificate != nil {
		s.url = "https" + strings.TrimPrefix(s.url, "http")
		l = tls.NewListener(l, certificate)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.open.Add(1)
			go func() {
				defer s.open.Add(-1)
				defer func() { _ = conn.Close() }()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					do(counting{conn, &s.written}, func() { _ = conn.Close() })
				}
				_, _ = io.Copy(io.Discard, conn)
			}()
		}
	}()
	return s
}

type counting struct {
	io.Writer
	n *atomic.Int64
}

func (c counting) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n.Add(int64(n))
	return n, err
}

// answer writes a text and leaves the connection open.
func answer(text string) func(io.Writer, func()) {
	return func(w io.Writer, _ func()) { _, _ = io.WriteString(w, text) }
}

// answerAndClose writes a text and closes the connection.
func answerAndClose(text string) func(io.Writer, func()) {
	return func(w io.Writer, end func()) { _, _ = io.WriteString(w, text); end() }
}

// again writes head, and then a text again and again, at a pace, until nobody takes it any more.
func again(head, text string, pace time.Duration) func(io.Writer, func()) {
	return func(w io.Writer, _ func()) {
		_, err := io.WriteString(w, head)
		for err == nil {
			if pace > 0 {
				<-time.After(pace)
			}
			_, err = io.WriteString(w, text)
		}
	}
}

const (
	ok200 = "HTTP/1.1 200 OK\r\n"
	chunk = "1000\r\n" // of 4096 bytes
)

// hostile is what consumers do, and how the owner is told: the code, and a part of the sentence.
var hostile = map[string]struct {
	do         func(io.Writer, func())
	code, says string
	status     int // of the answer, as far as it came
}{
	"answers its header byte by byte": {
		again(ok200+"X-A: ", "x", 5*time.Millisecond),
		"timeout",
		"did not answer completely in time",
		0,
	},
	"answers its body byte by byte": {
		again(ok200+"Content-Length: 100000\r\n\r\n", "x", 5*time.Millisecond),
		"timeout",
		"did not answer completely in time",
		200,
	},
	"never ends its body": {
		answer(ok200 + "Content-Length: 10\r\n\r\n12345"),
		"timeout",
		"did not answer completely in time",
		200,
	},
	"never ends a long body": {
		answer(ok200 + "Content-Length: 99999\r\n\r\n" + strings.Repeat("x", 50_000)),
		"timeout",
		"did not answer completely in time",
		200,
	},
	"never answers": {answer(""), "timeout", "did not answer completely in time", 0},
	"sends 1 GB": {
		again(ok200+"Content-Length: 1073741824\r\n\r\n", strings.Repeat("x", 64<<10), 0),
		"answer_too_large",
		"longer than 1 MiB",
		200,
	},
	"sends chunks for ever": {
		again(ok200+"Transfer-Encoding: chunked\r\n\r\n", chunk+strings.Repeat("x", 4096)+"\r\n", 0),
		"answer_too_large",
		"longer than 1 MiB",
		200,
	},
	"closes before it answers": {
		answerAndClose(""),
		"protocol",
		"closed the connection before its answer was complete",
		0,
	},
	"closes in the middle": {
		answerAndClose(ok200 + "Content-Length: 10\r\n\r\n12345"),
		"protocol",
		"closed the connection before its answer was complete",
		200,
	},
	"speaks no HTTP": {
		answer("220 mail.example.com ESMTP\r\n"),
		"protocol",
		"did not answer with valid HTTP",
		0,
	},
	"sends a gigantic header": {
		again(ok200, "X-A: "+strings.Repeat("x", 1000)+"\r\n", 0),
		"protocol",
		"did not answer with valid HTTP",
		0,
	},
	"answers 103 for ever": {
		again("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 0),
		"protocol",
		"did not answer with valid HTTP",
		0,
	},
	"answers 100 for ever, slowly": {
		again("", "HTTP/1.1 102 Processing\r\n\r\n", 400*time.Millisecond),
		"timeout",
		"did not answer completely in time",
		0,
	},
	"switches protocols": {
		answer("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
		"protocol",
		"did not answer with valid HTTP",
		101,
	},
}

// strangers starts one of each kind; the last is where a redirect leads, and is never to be called.
func strangers(t *testing.T, authority *fake.Authority) (all map[string]*stranger, trap *stranger) {
	t.Helper()
	all = map[string]*stranger{}
	for name, h := range hostile {
		all[name] = newStranger(t, nil, h.do)
	}
	ok := answer(ok200 + "Content-Length: 0\r\n\r\n")
	certificate := func(a *fake.Authority, end time.Time) *tls.Config {
		cert, key := a.Issue(t, end)
		pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
		if err != nil {
			t.Fatal(err)
		}
		return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	all["has an expired certificate"] = newStranger(t, certificate(authority, time.Now().Add(-time.Hour)), ok)
	all["has a certificate of its own"] = newStranger(
		t,
		certificate(fake.NewAuthority(t), time.Now().Add(time.Hour)),
		ok,
	)
	trap = newStranger(t, nil, ok)
	all["redirects to this machine"] = newStranger(
		t,
		nil,
		answer("HTTP/1.1 302 Found\r\nLocation: "+trap.url+"\r\nContent-Length: 0\r\n\r\n"),
	)
	all["redirects into a private network"] = newStranger(
		t,
		nil,
		answer(
			"HTTP/1.1 307 Temporary Redirect\r\nLocation: "+
				"http://169.254.169.254/latest/meta-data\r\nContent-Length: 0\r\n\r\n",
		),
	)
	return all, trap
}

func TestAHostileConsumerCausesAFailedAttemptWithAPlainReasonAndDelaysNobody(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		authority := fake.NewAuthority(t)
		p := testkit.Start(t, e, fake.WithAuthority(authority)) // of its own: it trusts another authority
		tenant, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		all, trap := strangers(t, authority)
		names := map[string]string{}
		for name, s := range all {
			names[tenant.NewEndpoint(t, s.url, map[string]any{"name": name, "timeout": "1s",
				"retry_policy": map[string]any{"initial": "1s", "max_attempts": 1}}).ID] = name
		}
		own, neighbour := testkit.NewReceiver(t, nil), testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, own.URL, nil)
		other.NewEndpoint(t, neighbour.URL, nil)
		tenant.NewLead(t, "ada@example.com")
		for range 10 {
			other.NewLead(t, "ada@example.com")
			neighbour.Next(t)
		}
		own.Next(t)
		p.AwaitCount(t, tenant, api.DeliveryStatusDead, len(all))
		for _, d := range tenant.Deliveries(t, "&status=dead") {
			checkHostile(t, names[d.WebhookID], tenant.Delivery(t, d.ID))
		}
		for name, s := range all {
			p.Await(t, "the end of the connection to who "+name, func() bool { return s.open.Load() == 0 })
			// The kernel takes megabytes before anybody reads; a gigabyte it does not.
			if n := s.written.Load(); n > 64<<20 {
				t.Errorf("bytes of who %s: got %d, want at most %d", name, n, 64<<20)
			}
		}
		if trap.open.Load() != 0 || trap.written.Load() != 0 {
			t.Errorf("requests to where a redirect leads: got %d connections, want none", trap.open.Load())
		}
	})
}

func checkHostile(t *testing.T, name string, d api.DeliveryDetail) {
	t.Helper()
	want, known := hostile[name]
	switch name {
	case "has an expired certificate":
		want.code, want.says = "tls", "has expired"
	case "has a certificate of its own":
		want.code, want.says = "tls", "self-signed"
	case "redirects to this machine", "redirects into a private network":
		want.code, want.says, want.status = "http_status", "Redirects are not followed", 302
		if strings.Contains(name, "private") {
			want.status = 307
		}
	default:
		if !known {
			t.Fatalf("unknown: %s", name)
		}
	}
	a := d.Attempts[0]
	code, _ := a.ErrorCode.Get()
	says, _ := a.Error.Get()
	status, _ := a.ResponseStatus.Get()
	if len(d.Attempts) != 1 || a.Status != api.AttemptStatusFailed || code != want.code ||
		!strings.Contains(says, want.says) ||
		status != want.status {
		t.Errorf(
			"%s: got %s, %d, %s: %s, want failed, %d, %s: %s",
			name,
			a.Status,
			status,
			code,
			says,
			want.status,
			want.code,
			want.says,
		)
	}
	if text, _ := d.Error.Get(); text != says {
		t.Errorf("%s: error of the delivery: got %q, want %q", name, text, says)
	}
	if len(a.ResponseBody) > 16<<10 ||
		(code == "answer_too_large" && (len(a.ResponseBody) != 16<<10 || !a.ResponseTruncated)) {
		t.Errorf("%s: bytes that are kept: got %d, want at most 16384", name, len(a.ResponseBody))
	}
	for _, header := range a.ResponseHeaders {
		if len(header) > 64<<10 {
			t.Errorf("%s: bytes of a header: got %d, want at most 65536", name, len(header))
		}
	}
}

// TestGigabytesOfAnswersTakeNoMemory lets consumers of one program pour out answers without end, again and again. It is
// not parallel: what it measures is this process.
func TestGigabytesOfAnswersTakeNoMemory(t *testing.T) { //nolint:paralleltest // see above
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	settings := map[string]any{"retry_policy": map[string]any{"initial": "1s", "max_attempts": 1}}
	kinds := []string{"sends 1 GB", "sends chunks for ever", "sends a gigantic header", "answers 103 for ever"}
	const each = 5
	for _, kind := range kinds {
		s := newStranger(t, nil, hostile[kind].do)
		for range each {
			tenant.NewEndpoint(t, s.url, settings)
		}
	}
	heap := func() uint64 { // what is in use, without what became garbage since
		runtime.GC()
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		return live[0].Value.Uint64()
	}
	before := heap()
	tenant.NewLead(t, "ada@example.com")
	most := before
	p.Await(
		t,
		"an attempt at each",
		func() bool { most = max(most, heap()); return len(p.Attempts(t, tenant)) == each*len(kinds) },
	)
	if most-before > 64<<20 {
		t.Errorf("the heap grew: got %d MiB, want at most 64", (most-before)>>20)
	}
}
