package admin

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/operators"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
)

func (a *Admin) registerQueues(e *echo.Echo) {
	a.get(e, "/admin/queues", "listQueues", queuesPage)
	a.get(e, "/admin/queues/:queue/pause", "pauseQueue", pauseQueue)
	a.post(e, "/admin/queues/:queue/pause", "pauseQueue", pauseQueue)
	a.post(e, "/admin/queues/:queue/unpause", "unpauseQueue", unpauseQueue)
}

// queueWords describe the queues.
var queueWords = map[string]string{
	"webhooks":      "Deliveries to healthy endpoints",
	"webhooks-bulk": "Overflow: the deliveries of a tenant beyond 250 within two seconds",
	"webhooks-slow": "Deliveries to endpoints that are slow, failing or rate limited",
	"agents":        "Agent runs that write posts",
}

type queueRow struct {
	operators.Queue
	Path, For string
	Latency   time.Duration
	State     state
}

func queueRowOf(q operators.Queue) queueRow {
	r := queueRow{
		Queue: q, Path: "/admin/queues/" + url.PathEscape(q.Name), For: queueWords[q.Name],
		Latency: time.Duration(q.LatencySeconds * float64(time.Second)), State: state{"running", "yes", ""},
	}
	switch {
	case q.Paused:
		r.State = state{"paused", "no", ""}
	case q.Servers == 0:
		r.State = state{"no worker", "no", ""}
	}
	return r
}

type queueList struct {
	Rows    []queueRow
	Servers []operators.QueueServer
}

func (v *visit) queues() (queueList, error) {
	found, err := inhouse.Read[operators.Queues](v.Operators.ListQueues(v.Ctx))
	l := queueList{Servers: found.Servers}
	for _, q := range found.Queues {
		l.Rows = append(l.Rows, queueRowOf(q))
	}
	return l, err
}

func queuesPage(v *visit) error {
	l, err := v.queues()
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "queues", "Queues", l)
}

func (v *visit) queue() (queueRow, error) {
	l, err := v.queues()
	if err != nil {
		return queueRow{}, err
	}
	for _, q := range l.Rows {
		if q.Name == v.Param("queue") {
			return q, nil
		}
	}
	return queueRow{}, inhouse.ErrMissing
}

// pauseQueue asks for the queue's name, and pauses it after the visitor typed it.
func pauseQueue(v *visit) error {
	q, err := v.queue()
	if err != nil {
		return err
	}
	c := inhouse.Confirmation{
		Heading: "Pause the queue " + q.Name, Name: q.Name, Button: "Pause the queue", Action: q.Path + "/pause",
		Back: "/admin/queues",
		Text: fmt.Sprintf("%s, of all tenants. Workers take no more tasks from it; the %d active ones "+
			"complete. Events are accepted, and their tasks wait until the queue is unpaused.", q.For, q.Active),
	}
	if !v.Confirmed(&c) {
		return v.confirm(c)
	}
	if _, err := inhouse.Read[operators.Queue](v.Operators.PauseQueue(v.Ctx, q.Name, nil)); err != nil {
		return err
	}
	return v.Back("/admin/queues", "queue-paused")
}

func unpauseQueue(v *visit) error {
	if _, err := inhouse.Read[operators.Queue](v.Operators.UnpauseQueue(v.Ctx, v.Param("queue"), nil)); err != nil {
		return err
	}
	return v.Back("/admin/queues", "queue-unpaused")
}
