package dashboard

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/page"
)

// How much the overview reads and shows.
const (
	sample    = 100 // deliveries that the tiles count
	recent    = 8   // rows of each list
	nameLimit = 100 // endpoints whose names are known to lists of deliveries
)

// tile is how many of the latest deliveries have a status. X and Width place it in a bar that is 100 wide.
type tile struct {
	Status   delivery.Status
	Count    int
	X, Width float64
}

type overview struct {
	Tiles      []tile
	Counted    int // deliveries that the tiles count
	More       bool
	Deliveries []deliveryRow
	Events     []eventRow
	Endpoints  []endpointRow
	EndpointsN int64
	Base       string
	Key        string // what an API key of this environment starts with
}

func (d *Dashboard) overview(c echo.Context, s session) error {
	ctx := c.Request().Context()
	deliveries, next, err := d.deliveries.List(ctx, s.scope, page.Log{Limit: sample}, delivery.Filter{})
	if err != nil {
		return err
	}
	events, _, err := d.events.List(ctx, s.scope, page.Log{Limit: recent}, "")
	if err != nil {
		return err
	}
	endpoints, total, err := d.endpoints.List(ctx, s.scope, page.Page{Number: 1, Size: nameLimit}, "")
	if err != nil {
		return err
	}
	return d.render(c, s, http.StatusOK, "overview", "Overview", overview{
		Tiles: tiles(deliveries), Counted: len(deliveries), More: next != nil,
		Deliveries: deliveryRows(first(deliveries, recent), names(endpoints)),
		Events:     eventRows(events),
		Endpoints:  endpointRows(first(endpoints, recent), s.base), EndpointsN: total,
		Base: s.base, Key: keyStart(s),
	})
}

// keyStart is how keys of the session's environment begin, for examples.
func keyStart(s session) string { return "hk_" + string(s.scope.Environment) + "_" }

func tiles(deliveries []delivery.Delivery) []tile {
	counts := map[delivery.Status]int{}
	for _, d := range deliveries {
		counts[d.Status]++
	}
	out := make([]tile, 0, len(statuses))
	x := 0.0
	for _, status := range statuses {
		t := tile{Status: status, Count: counts[status], X: x}
		if len(deliveries) > 0 {
			t.Width = 100 * float64(t.Count) / float64(len(deliveries))
		}
		x += t.Width
		out = append(out, t)
	}
	return out
}

func first[T any](list []T, n int) []T { return list[:min(n, len(list))] }

// names maps the ids of endpoints to what people call them.
func names(endpoints []endpoint.Endpoint) map[string]string {
	out := make(map[string]string, len(endpoints))
	for _, e := range endpoints {
		out[e.ID] = nameOf(e)
	}
	return out
}

func nameOf(e endpoint.Endpoint) string {
	if e.Name != "" {
		return e.Name
	}
	return e.URL
}
