package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/pkg/webhook"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// fixture is an inbox behind its routes, and the secret it knows.
type fixture struct {
	t      *testing.T
	echo   *echo.Echo
	inbox  *Inbox
	secret string
}

func start(t *testing.T) fixture {
	t.Helper()
	f := fixture{t: t, echo: echo.New(), secret: webhook.NewSecret()}
	f.inbox = New(func(context.Context) ([]string, error) { return []string{"malformed", f.secret}, nil },
		func() time.Time { return noon })
	f.echo.HTTPErrorHandler = func(err error, c echo.Context) {
		var p *problem.Error
		if errors.As(err, &p) {
			_ = c.String(p.Status(), p.Message)
			return
		}
		f.echo.DefaultHTTPErrorHandler(err, c)
	}
	f.inbox.Register(f.echo)
	return f
}

func (f fixture) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	f.echo.ServeHTTP(w, r)
	return w
}

// signed is a message as Hookline sends it.
func (f fixture) signed(target, id, body string) *http.Request {
	f.t.Helper()
	key, err := webhook.ParseSecret(f.secret)
	if err != nil {
		f.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header.Set(webhook.HeaderID, id)
	r.Header.Set(webhook.HeaderTimestamp, strconv.FormatInt(noon.Unix(), 10))
	r.Header.Set(webhook.HeaderSignature, webhook.Sign(key, id, noon, []byte(body)))
	return r
}

func (f fixture) list() listing {
	f.t.Helper()
	w := f.do(httptest.NewRequest(http.MethodGet, "/dev/inbox?format=json", http.NoBody))
	var l listing
	if err := json.Unmarshal(w.Body.Bytes(), &l); err != nil || w.Code != http.StatusOK {
		f.t.Fatalf("list: got %d, %v, want 200 and JSON", w.Code, err)
	}
	return l
}

func TestVerified(t *testing.T) {
	t.Parallel()
	f := start(t)
	w := f.do(f.signed("/dev/inbox", "evt_1", `{"type":"lead.created","data":{}}`))
	if w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != `{"received":true,"verified":true}` {
		t.Fatalf("got %d %s, want 200 and verified", w.Code, w.Body)
	}
	l := f.list()
	if len(l.Data) != 1 || l.Meta.Total != 1 {
		t.Fatalf("list: got %+v, want one message", l)
	}
	m := l.Data[0]
	if !m.Verified || m.Error != nil || *m.ID != "evt_1" || *m.EventType != "lead.created" || m.Count != 1 ||
		!m.ReceivedAt.Equal(noon) ||
		m.Method != http.MethodPost || m.Body != `{"type":"lead.created","data":{}}` ||
		m.Headers["Webhook-Id"] != "evt_1" {
		t.Errorf("message: got %+v, want it verified, as it was sent", m)
	}
}

func TestNotVerified(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*http.Request)
		want   string
	}{
		"unsigned": {func(r *http.Request) { r.Header.Del(webhook.HeaderSignature) }, "webhook-signature"},
		"other secret": {func(r *http.Request) { r.Header.Set(webhook.HeaderSignature, "v1,AAAA") },
			"No signature matches"},
		"old":            {func(r *http.Request) { r.Header.Set(webhook.HeaderTimestamp, "1") }, "more than 5m0s away"},
		"another's body": {func(r *http.Request) { r.Header.Set(webhook.HeaderID, "evt_2") }, "No signature matches"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t)
			r := f.signed("/dev/inbox", "evt_1", "no JSON")
			c.change(r)
			if w := f.do(r); w.Code != http.StatusOK ||
				strings.TrimSpace(w.Body.String()) != `{"received":true,"verified":false}` {
				t.Fatalf("got %d %s, want 200 and not verified", w.Code, w.Body)
			}
			m := f.list().Data[0]
			if m.Verified || m.Error == nil || !strings.Contains(*m.Error, c.want) || m.EventType != nil {
				t.Errorf("message: %+v, want an error with %q", m, c.want)
			}
		})
	}
}

func TestNoSecrets(t *testing.T) {
	t.Parallel()
	for name, secrets := range map[string]Secrets{
		"none":   func(context.Context) ([]string, error) { return nil, nil },
		"broken": func(context.Context) ([]string, error) { return nil, errors.New("the database is gone") },
	} {
		f := start(t)
		f.inbox.secrets = secrets
		f.do(f.signed("/dev/inbox", "evt_1", "{}"))
		m := f.list().Data[0]
		if m.Verified || m.Error == nil || strings.Contains(*m.Error, "gone") {
			t.Errorf("%s: got %+v, want it not verified, with a reason and without the cause", name, m)
		}
	}
}

func TestWishes(t *testing.T) {
	t.Parallel()
	f := start(t)
	for query, want := range map[string]int{
		"": 200, "?status=503": 503, "?status=204": 204, "?status=599": 599, "?delay=0s": 200,
		"?status=199": 400, "?status=600": 400, "?status=x": 400, "?delay=21s": 400, "?delay=-1s": 400,
		"?delay=soon": 400,
	} {
		before := f.list().Meta.Total
		w := f.do(f.signed("/dev/inbox"+query, "evt_1", "{}"))
		if w.Code != want {
			t.Errorf("%q answered %d, want %d", query, w.Code, want)
		}
		if kept := f.list().Meta.Total - before; (kept == 1) != (want != 400) {
			t.Errorf("%q: got %d messages kept, want 1, and 0 for a 400", query, kept)
		}
	}
	for _, method := range []string{http.MethodPut, http.MethodPatch} {
		if w := f.do(httptest.NewRequest(method, "/dev/inbox", strings.NewReader("{}"))); w.Code != http.StatusOK {
			t.Errorf("%s: got %d, want 200", method, w.Code)
		}
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		began := time.Now()
		if w := f.do(f.signed("/dev/inbox?delay=2s", "evt_1", "{}")); w.Code != http.StatusOK ||
			time.Since(began) != 2*time.Second {
			t.Errorf("got %d after %v, want 200 after 2 s", w.Code, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		f.do(f.signed("/dev/inbox?delay=20s", "evt_1", "{}").WithContext(ctx))
		if time.Since(began) != time.Second {
			t.Errorf("request cancelled after 1 s: got its end after %v, want 1 s", time.Since(began))
		}
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	f := start(t)
	if w := f.do(httptest.NewRequest(http.MethodPost, "/dev/inbox", strings.NewReader(strings.Repeat("x", maxBody+
		1)))); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("body of 1 MiB and a byte: got %d, want 413", w.Code)
	}
	for i := range keep + 5 {
		f.do(f.signed("/dev/inbox", fmt.Sprintf("evt_%d", i), "{}"))
	}
	l := f.list()
	if len(l.Data) != keep || *l.Data[0].ID != fmt.Sprintf("evt_%d", keep+4) || *l.Data[keep-1].ID != "evt_5" {
		t.Errorf("got %d messages, from %s to %s, want the newest %d", len(l.Data), *l.Data[0].ID,
			*l.Data[len(l.Data)-1].ID, keep)
	}
	if len(f.inbox.counts) != keep {
		t.Errorf("remembered ids: got %d, want %d", len(f.inbox.counts), keep)
	}
	big := strings.Repeat("x", maxBody)
	for range keepBytes/maxBody + 3 {
		f.do(httptest.NewRequest(http.MethodPost, "/dev/inbox", strings.NewReader(big)))
	}
	if n := f.list().Meta.Total; n != keepBytes/maxBody {
		t.Errorf("messages of 1 MiB: got %d, want %d", n, keepBytes/maxBody)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	f := start(t)
	for _, id := range []string{"evt_1", "evt_2", "evt_1", "evt_1"} {
		f.do(f.signed("/dev/inbox", id, "{}"))
	}
	for range 2 {
		f.do(httptest.NewRequest(http.MethodPost, "/dev/inbox", strings.NewReader("{}")))
	}
	var got []int
	for _, m := range f.list().Data {
		got = append(got, m.Count)
	}
	if fmt.Sprint(got) != "[1 1 3 3 1 3]" {
		t.Errorf("counts: got %v, want [1 1 3 3 1 3]", got)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	f := start(t)
	get := func(headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/dev/inbox", http.NoBody)
		r.Header.Set("Accept", "text/html,*/*")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return f.do(r)
	}
	empty := get()
	if empty.Code != http.StatusOK || !strings.Contains(empty.Body.String(),
		"curl -X POST http://example.com/api/v1/leads") {
		t.Errorf("empty page: got %d, want 200 and a command to start with", empty.Code)
	}
	r := f.signed("/dev/inbox", "evt_1",
		`{"type":"<script>alert(1)</script>","data":"</pre><script>alert(2)</script>"}`)
	r.Header.Set("X-Evil", `"><script>alert(3)</script>`)
	f.do(r)
	page := get()
	if got := page.Header().Get("Content-Security-Policy"); got != ui.CSP {
		t.Errorf("Content-Security-Policy: got %q, want %q", got, ui.CSP)
	}
	if body := page.Body.String(); strings.Contains(body, "<script>") || !strings.Contains(body,
		"&lt;script&gt;alert(2)") || !strings.Contains(body, ">verified<") {
		t.Errorf("page: got\n%s\nwant the message, escaped and verified", body)
	}
	tag := page.Header().Get("ETag")
	if w := get("If-None-Match", tag); w.Code != http.StatusNotModified {
		t.Errorf("unchanged list: got %d, want 304", w.Code)
	}
	if w := get("If-None-Match", empty.Header().Get("ETag")); w.Code != http.StatusOK {
		t.Errorf("changed list: got %d, want 200", w.Code)
	}
	if w := get("Accept", "application/json"); !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		t.Errorf("Accept: application/json: got %s, want JSON", w.Header().Get("Content-Type"))
	}
	if w := f.do(httptest.NewRequest(http.MethodGet, "/dev/inbox/nothing",
		http.NoBody)); w.Code != http.StatusNotFound {
		t.Errorf("unknown path: got %d, want 404", w.Code)
	}
}
