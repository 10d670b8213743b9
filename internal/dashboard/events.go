package dashboard

import (
	"net/http"
	"time"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

type eventRow struct {
	ID, Type   string
	Data       ui.Text
	Occurred   time.Time
	Deliveries int
	Reason     string
	Waiting    bool // its deliveries are still to be made
}

type eventList struct {
	Rows  []eventRow
	Type  string // the list is limited to
	Types []string
	Fault string // why the filter is invalid
	Pager inhouse.Pager
}

const maxEventData = 32 << 10 // bytes

// eventsPage is the event log.
func eventsPage(v *visit) error {
	cursor := v.QueryParam("cursor")
	list := eventList{Type: v.QueryParam("type")}
	types, err := v.eventTypes()
	if err != nil {
		return err
	}
	for _, t := range types {
		list.Types = append(list.Types, t.Type)
	}
	found, err := inhouse.Read[client.EventList](v.API.ListEvents(v.Ctx,
		&client.ListEventsParams{Cursor: inhouse.Opt[string](cursor), Limit: new(inhouse.PerPage),
			Type: inhouse.Opt[string](list.Type)}))
	if r, ok := inhouse.Invalid(err); ok {
		list.Fault = r.Message + r.Details()
		return v.render(http.StatusBadRequest, "events", "Events", list)
	}
	if err != nil {
		return err
	}
	list.Rows, list.Pager = eventRows(found.Data), v.Pager(cursor, found.Meta)
	return v.render(http.StatusOK, "events", "Events", list)
}

func eventRows(events []client.Event) []eventRow {
	out := make([]eventRow, 0, len(events))
	for _, e := range events {
		out = append(out, eventRow{
			ID: e.ID, Type: e.Type, Data: ui.Pretty(e.Data, maxEventData), Occurred: e.OccurredAt,
			Deliveries: e.Deliveries,
			Reason:     reason(inhouse.Or(e.Reason)), Waiting: string(e.Status) == "accepted",
		})
	}
	return out
}

// eventTypes is the catalogue; empty for those who may not see it, by their rights or their plan.
func (v *visit) eventTypes() ([]client.EventType, error) {
	if !v.can(readEvents) {
		return nil, nil
	}
	list, err := inhouse.Read[client.EventTypeList](v.API.ListEventTypes(v.Ctx, nil))
	return list.Data, err
}
