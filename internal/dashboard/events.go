package dashboard

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

func (d *Dashboard) registerEvents(e *echo.Echo) {
	d.get(e, "/app/events", readEvents, eventsPage)
	d.get(e, "/app/events/publish", writeEvents, publishPage)
	d.post(e, "/app/events/publish", writeEvents, publishEvent)
	d.get(e, "/app/events/:id", readEvents, eventPage)
}

type eventRow struct {
	ID, Type   string
	Data       string // the beginning of it
	Size       int    // bytes
	Occurred   time.Time
	Deliveries int
	Reason     string
	Waiting    bool // its deliveries are still to be made
}

// eventFilter is the filter of the event log as it was typed, by the API's names.
type eventFilter struct{ Type, From, To, Sent string }

// Active reports whether the filter narrows the list.
func (f eventFilter) Active() bool { return f != eventFilter{} }

// FromInput and ToInput are the times as the form takes them.
func (f eventFilter) FromInput() string { return localInput(f.From) }

// ToInput is the end of the time.
func (f eventFilter) ToInput() string { return localInput(f.To) }

type eventList struct {
	Rows       []eventRow
	Filter     eventFilter
	Faults     []string // what of the filter is left out, and why
	Types      []string
	Pager      inhouse.Pager
	MayPublish bool
}

const (
	maxEventData = 256 << 10 // bytes
	// beginning is how many bytes of an event's data its row shows.
	beginning = 160
)

// eventsPage is the event log. It takes the same parameters as the API, and id, which is looked up.
func eventsPage(v *visit) error {
	if id := v.Query("id"); id != "" {
		return v.Redirect(http.StatusSeeOther, "/app/events/"+url.PathEscape(id))
	}
	f := eventFilter{v.Query("type"), v.Query("from"), v.Query("to"), v.Query("sent")}
	list := eventList{Filter: f, MayPublish: v.can(writeEvents)}
	var err error
	if list.Types, err = v.typeNames(); err != nil {
		return err
	}
	found, cursor, err := v.listEvents(&list)
	if err != nil {
		return err
	}
	list.Rows, list.Pager = eventRows(found.Data), v.Pager(cursor, found.Meta)
	v.Fault(list.Faults...)
	return v.render(http.StatusOK, "events", "Events", list)
}

// listEvents lists events. Parameters that can't be used are left out and said.
func (v *visit) listEvents(list *eventList) (api.EventList, string, error) {
	cursor := v.QueryParam("cursor")
	p := &api.ListEventsParams{Cursor: inhouse.Opt[string](cursor), Limit: new(inhouse.PerPage),
		Type: inhouse.Opt[string](list.Filter.Type)}
	for _, side := range []struct {
		label, text string
		to          **time.Time
	}{{"From", list.Filter.From, &p.From}, {"To", list.Filter.To, &p.To}} {
		at, err := inhouse.Moment(side.text)
		if r, wrong := inhouse.Invalid(err); wrong {
			list.Faults = append(list.Faults, side.label+": "+r.Message)
		}
		*side.to = at
	}
	if sent, err := strconv.ParseBool(list.Filter.Sent); err == nil {
		p.Sent = &sent
	} else if list.Filter.Sent != "" {
		list.Faults = append(list.Faults, "Status: “"+list.Filter.Sent+"” is neither true nor false.")
	}
	for {
		found, err := inhouse.Read[api.EventList](v.API.ListEvents(v.Ctx, p))
		r, wrong := inhouse.Invalid(err)
		if !wrong {
			return found, cursor, err
		}
		before := *p
		for _, name := range slices.Sorted(maps.Keys(r.Fields)) {
			switch name {
			case "type":
				p.Type = nil
			case "from", "to":
				p.From, p.To = nil, nil
			case "cursor":
				p.Cursor, cursor = nil, ""
			}
			list.Faults = append(list.Faults, strings.ToUpper(name[:1])+name[1:]+": "+r.Fields[name]+".")
		}
		if *p == before {
			list.Faults = append(list.Faults, r.Message)
			return api.EventList{}, cursor, nil
		}
	}
}

func eventRows(events []api.Event) []eventRow {
	out := make([]eventRow, 0, len(events))
	for _, e := range events {
		out = append(out, eventRow{
			ID: e.ID, Type: e.Type, Size: len(e.Data),
			Data:     strings.ToValidUTF8(string(e.Data[:min(len(e.Data), beginning)]), ""),
			Occurred: e.OccurredAt, Deliveries: e.Deliveries,
			Reason: reason(inhouse.Or(e.Reason)), Waiting: string(e.Status) == "accepted",
		})
	}
	return out
}

// eventDetail is the page of one event.
type eventDetail struct {
	eventRow
	Code       ui.Code
	Accepted   time.Time
	Sent       []deliveryRow
	More       bool   // there are more deliveries than are shown
	Stream     string // address of the live stream of its deliveries
	MayPublish bool
	MayRead    bool // deliveries
}

// sentMost is how many deliveries the page of an event shows.
const sentMost = 100

func eventPage(v *visit) error {
	e, err := inhouse.Read[api.Event](v.API.GetEvent(v.Ctx, v.Param("id")))
	if err != nil {
		return err
	}
	p := eventDetail{eventRow: eventRows([]api.Event{e})[0], Accepted: e.CreatedAt,
		Code: ui.NewCode(e.Data, maxEventData), MayPublish: v.can(writeEvents), MayRead: v.can(readDeliveries)}
	if !p.MayRead {
		return v.render(http.StatusOK, "event", e.Type, p)
	}
	list, err := inhouse.Read[api.DeliveryList](v.API.ListDeliveries(v.Ctx,
		&api.ListDeliveriesParams{EventID: &e.ID, Limit: new(sentMost)}))
	if err != nil {
		return err
	}
	known, err := v.named(nil, ofDeliveries(list.Data)...)
	if err != nil {
		return err
	}
	p.Sent, p.More = deliveryRows(list.Data, known), !list.Meta.NextCursor.IsNull()
	filter := "?" + url.Values{"event_id": {e.ID}}.Encode()
	for i := range p.Sent {
		p.Sent[i].Filter = filter
	}
	p.Stream = "/app/deliveries/stream" + filter
	return v.render(http.StatusOK, "event", e.Type, p)
}

// typeNames are the event types to choose from in forms, which the part of a page that updates has none of.
func (v *visit) typeNames() ([]string, error) {
	if !v.Whole() {
		return nil, nil
	}
	types, err := v.eventTypes()
	names := make([]string, 0, len(types))
	for _, t := range types {
		names = append(names, t.Type)
	}
	return names, err
}

// eventTypes is the catalogue; empty for those who may not see it, by their rights or their plan.
func (v *visit) eventTypes() ([]api.EventType, error) {
	if !v.can(readEvents) {
		return nil, nil
	}
	list, err := inhouse.Read[api.EventTypeList](v.API.ListEventTypes(v.Ctx, nil))
	return list.Data, err
}
