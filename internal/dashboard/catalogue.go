package dashboard

import (
	"net/http"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

type catalogueGroup struct {
	Name  string
	Types []client.EventType
}

// cataloguePage lists what can be subscribed to.
func cataloguePage(v *visit) error {
	list, err := read[client.EventTypeList](v.api.ListEventTypes(v.ctx))
	if err != nil {
		return err
	}
	var groups []catalogueGroup
	for _, t := range list.Data {
		if len(groups) == 0 || groups[len(groups)-1].Name != t.Group {
			groups = append(groups, catalogueGroup{Name: t.Group})
		}
		groups[len(groups)-1].Types = append(groups[len(groups)-1].Types, t)
	}
	return v.render(http.StatusOK, "catalogue", "Event catalogue", groups)
}

type eventTypeDetail struct {
	client.EventType
	Schema, Sample ui.Text
	MayWrite       bool
}

func eventTypePage(v *visit) error {
	t, err := read[client.EventType](v.api.GetEventType(v.ctx, v.Param("type")))
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "eventtype", t.Type, eventTypeDetail{t, ui.Pretty(t.Schema, maxBody), ui.Pretty(t.Sample, maxBody), v.can(writeWebhooks)})
}
