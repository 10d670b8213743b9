package dashboard

import (
	"errors"
	"net/http"
	"time"

	"github.com/hookline/hookline/gen/client"
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
	Pager pager
}

const maxEventData = 32 << 10 // bytes

// eventsPage is the event log.
func eventsPage(v *visit) error {
	cursor := v.QueryParam("cursor")
	list := eventList{Type: v.QueryParam("type")}
	found, err := read[client.EventList](v.api.ListEvents(v.ctx, &client.ListEventsParams{Cursor: opt[string](cursor), Limit: new(perPage), Type: opt[string](list.Type)}))
	if err != nil {
		return err
	}
	list.Rows, list.Pager = eventRows(found.Data), v.pager(cursor, found.Meta)
	types, err := v.eventTypes()
	if err != nil {
		return err
	}
	for _, t := range types {
		list.Types = append(list.Types, t.Type)
	}
	return v.render(http.StatusOK, "events", "Events", list)
}

func eventRows(events []client.Event) []eventRow {
	out := make([]eventRow, 0, len(events))
	for _, e := range events {
		out = append(out, eventRow{
			ID: e.ID, Type: e.Type, Data: ui.Pretty(e.Data, maxEventData), Occurred: e.OccurredAt, Deliveries: e.Deliveries,
			Reason: reason(or(e.Reason)), Waiting: string(e.Status) == "accepted",
		})
	}
	return out
}

// eventTypes is the catalogue; empty for those who may not see it, by their rights or their plan.
func (v *visit) eventTypes() ([]client.EventType, error) {
	if !v.can(readEvents) {
		return nil, nil
	}
	list, err := read[client.EventTypeList](v.api.ListEventTypes(v.ctx, nil))
	if r := (*refusal)(nil); errors.As(err, &r) && r.Status == http.StatusForbidden {
		return nil, nil
	}
	return list.Data, err
}
