package app

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
)

// banner is the output of hookline dev when it is ready. key describes the key when it can't be shown any more.
func banner(w io.Writer, r readiness, key string, took time.Duration) {
	curlKey := "$HOOKLINE_API_KEY"
	if r.APIKey != nil {
		key = *r.APIKey + "   (shown once; make another: hookline keys create)"
		curlKey = *r.APIKey
	}
	operator, backend := "made at the first start (shown once then)", "made at the first start (shown once then)"
	if r.OperatorKey != nil {
		operator = *r.OperatorKey + "   (for you, role admin; shown once)"
	}
	if r.BackendKey != nil {
		backend = *r.BackendKey + "   (for your server, role backend; shown once)"
	}
	fmt.Fprintf(w, `
Hookline %s · development mode (SQLite and an in-process queue). Do not expose it.

  Dashboard     %s   (signs you in once, 10 min)
  Operators     %s   (the same for /admin)
  API           %s
  API docs      %s
  Inbox         %s   (shows the webhooks that arrive)
  In a frame    %s   (the dashboard in a page of another product)
  Data          %s   (start over: hookline dev --reset)
  API key       %s
  Operator key  %s
  Backend key   %s
  Tenant        demo (%s), with an endpoint that points at the inbox

Send your first event:

  curl -X POST %s/leads \
    -H "Authorization: Bearer %s" \
    -H 'Content-Type: application/json' \
    -d '{"name":"Ada Lovelace","email":"ada@example.com"}'

Ready in %.2f s. Ctrl-C stops.
`, Version, r.DashboardURL, r.OperatorsURL, r.APIURL, r.DocsURL, r.InboxURL, strings.TrimSuffix(r.InboxURL, "/inbox")+"/embed",
		r.DataDir, key, operator, backend,
		r.TenantID, r.APIURL, curlKey, took.Seconds())
}

// describeKey describes, on a later start, which key the first start printed and when.
func (a *App) describeKey(ctx context.Context, s seeded) string {
	k, err := a.Keys.Get(ctx, s.scope(), s.KeyID)
	if err != nil {
		return "made at the first start; make another: hookline keys create"
	}
	state := "made"
	at := k.CreatedAt
	if !k.RevokedAt.IsZero() {
		state, at = "revoked", k.RevokedAt
	}
	return fmt.Sprintf("%s…   (%q, %s %s; shown once then; make another: hookline keys create)", k.Hint, k.Name, state,
		at.Local().Format("2006-01-02 15:04"))
}

// lines prints one line for each event and for each attempt.
type lines struct {
	mu  sync.Mutex
	out io.Writer
}

func (l *lines) print(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.out, time.Now().Format("15:04:05")+"  "+format+"\n", args...)
}

func (l *lines) committed(events []event.Event) {
	for _, e := range events {
		l.print("%s  %s  accepted", e.ID, e.Type)
	}
}

func (l *lines) attempted(o delivery.Observation) {
	name := o.Endpoint.Name
	if name == "" {
		name = o.Endpoint.URL
	}
	answer := o.Attempt.ErrorCode
	if o.Attempt.ResponseStatus != nil {
		answer = strconv.Itoa(*o.Attempt.ResponseStatus)
	}
	took := o.Attempt.FinishedAt.Sub(o.Attempt.StartedAt.Time).Round(time.Millisecond)
	next := ""
	switch o.Delivery.Status {
	case delivery.Retrying:
		next = "  retry in " + o.Delivery.NextAttemptAt.Sub(o.Attempt.FinishedAt.Time).Round(time.Second).String()
	case delivery.Dead:
		next = "  dead letter"
	case delivery.Pending, delivery.Delivering, delivery.Succeeded, delivery.Cancelled:
	}
	l.print("%s  → %s  %s  %s%s", o.Delivery.ID, name, answer, took, next)
}
