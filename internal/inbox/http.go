package inbox

import (
	"embed"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/problem"
)

const (
	path     = "/dev/inbox"
	maxBody  = 1 << 20  // bytes of a request that are read
	maxShown = 64 << 10 // bytes of a body that the page shows
	maxDelay = 20 * time.Second
)

//go:embed templates
var templateFiles embed.FS

// Register adds the routes: /dev/inbox, and the files of its page below it.
//
//	POST, PUT, PATCH  keep the message; {"received":true,"verified":false}
//	  ?status=503     answer that status (200 to 599) instead of 200
//	  ?delay=2s       wait that long, at most 20s, before answering
//	GET               the page; with ?format=json or Accept: application/json the same as data
func (i *Inbox) Register(e *echo.Echo) {
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err) // the path is a constant
	}
	assets := ui.NewAssets(path+"/assets", ui.Files())
	pages := ui.Parse(assets, files, "inbox")
	assets.Register(e)
	e.Match([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, path, i.take)
	e.GET(path, func(c echo.Context) error { return i.show(c, pages) })
}

// receipt is the response to a message.
type receipt struct {
	Received bool `json:"received"`
	Verified bool `json:"verified"`
}

func (i *Inbox) take(c echo.Context) error {
	status, delay, err := wishes(c)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(io.LimitReader(c.Request().Body, maxBody+1))
	if err != nil {
		return problem.Invalid(problem.Detail{Message: "the body could not be read to its end"})
	}
	if len(body) > maxBody {
		return problem.New(problem.PayloadTooLarge, "The inbox accepts bodies of at most %d bytes.", maxBody)
	}
	verified := i.receive(c.Request(), body)
	if ctx := c.Request().Context(); !background.Pause(ctx, delay) {
		return ctx.Err()
	}
	if status == http.StatusNoContent || status == http.StatusNotModified {
		return c.NoContent(status) // neither may have a body
	}
	return c.JSON(status, receipt{Received: true, Verified: verified})
}

// wishes reads the query of the request.
func wishes(c echo.Context) (status int, delay time.Duration, err error) {
	status = http.StatusOK
	var details []problem.Detail
	if text := c.QueryParam("status"); text != "" {
		if status, err = strconv.Atoi(text); err != nil || status < 200 || status > 599 {
			details = append(details, problem.Detail{Field: "status", Message: "must be a status from 200 to 599"})
		}
	}
	if text := c.QueryParam("delay"); text != "" {
		if delay, err = time.ParseDuration(text); err != nil || delay < 0 || delay > maxDelay {
			details = append(details, problem.Detail{Field: "delay",
				Message: "must be a duration from 0s to 20s, such as 2s or 500ms"})
		}
	}
	if len(details) > 0 {
		return 0, 0, problem.Invalid(details...)
	}
	return status, delay, nil
}

// entry is a message as JSON. Unknown fields are null.
type entry struct {
	ID         *string           `json:"id"` // the webhook-id header
	ReceivedAt time.Time         `json:"received_at"`
	Method     string            `json:"method"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
	Verified   bool              `json:"verified"`
	Error      *string           `json:"error"` // why it is not verified
	EventType  *string           `json:"event_type"`
	Count      int               `json:"count"` // how often this id has come by now
}

type meta struct {
	Total int `json:"total"` // messages in data
}

type listing struct {
	Data []entry `json:"data"`
	Meta meta    `json:"meta"`
}

// row is a message on the page.
type row struct {
	Number, Nth, Count int
	ID, Type, Method   string
	Fault              string
	Received           time.Time
	Headers            []ui.Header
	HeadersMore        int
	Body               ui.Text
}

type view struct {
	Rows      []row
	Forgotten int // messages that came and are not kept any more
	Base      string
}

func (i *Inbox) show(c echo.Context, pages *ui.Templates) error {
	messages, total, version := i.list()
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderVary, echo.HeaderAccept)
	if wantsJSON(c.Request()) {
		l := listing{Data: make([]entry, 0, len(messages)), Meta: meta{Total: len(messages)}}
		for _, m := range messages {
			l.Data = append(l.Data, entryOf(m))
		}
		return c.JSON(http.StatusOK, l)
	}
	h.Set("ETag", version)
	if c.Request().Header.Get("If-None-Match") == version {
		return c.NoContent(http.StatusNotModified)
	}
	v := view{Rows: make([]row, 0, len(messages)), Forgotten: total - len(messages), Base: ui.Base(c.Request())}
	for _, m := range messages {
		v.Rows = append(v.Rows, rowOf(m))
	}
	return pages.Render(c, http.StatusOK, "inbox", ui.Page{
		Title: "Inbox", Part: "Development inbox", Home: "/app",
		Nav: []ui.Link{{Text: "Dashboard", Href: "/app"}, {Text: "Inbox", Href: path, Current: true}, {Text: "API docs",
			Href: "/docs"}}, Data: v,
	})
}

func wantsJSON(r *http.Request) bool {
	if format := r.URL.Query().Get("format"); format != "" {
		return format == "json"
	}
	accept := r.Header.Get(echo.HeaderAccept)
	return strings.Contains(accept, echo.MIMEApplicationJSON) && !strings.Contains(accept, echo.MIMETextHTML)
}

func entryOf(m kept) entry {
	return entry{
		ID: text(m.id), ReceivedAt: m.received.UTC(), Method: m.method, Headers: m.headers, Body: string(m.body),
		Verified: m.fault == "", Error: text(m.fault), EventType: text(m.kind), Count: m.count,
	}
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func rowOf(m kept) row {
	r := row{
		Number: m.number, Nth: m.nth, Count: m.count, ID: m.id, Type: m.kind, Method: m.method, Fault: m.fault,
		Received: m.received, Body: ui.Pretty(m.body, maxShown),
	}
	r.Headers, r.HeadersMore = ui.Headers(m.headers)
	return r
}
