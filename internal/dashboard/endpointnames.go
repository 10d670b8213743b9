package dashboard

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

// endpointNames are the names of endpoints, by id.
type endpointNames []api.Webhook

func nameOf(w api.Webhook) string {
	if w.Name != "" {
		return w.Name
	}
	return w.URL
}

func (n endpointNames) of(id string) string {
	for _, w := range n {
		if w.ID == id {
			return nameOf(w)
		}
	}
	return id
}

// suggestedMost is how many endpoints a field suggests before anything is typed; the script asks for those that match.
const suggestedMost = 20

// suggested are the newest endpoints, for fields that take any name or URL.
func (n endpointNames) suggested() []ui.Link {
	var out []ui.Link
	for _, w := range n[:min(len(n), suggestedMost)] {
		out = append(out, ui.Link{Text: nameOf(w), Href: w.ID})
	}
	return out
}

// unique returns how a form names the endpoint with the id: by its name when no other known one has it.
func (n endpointNames) unique(id, typed string) string {
	name, same := typed, 0
	for _, w := range n {
		if w.ID == id {
			name = nameOf(w)
		}
	}
	for _, w := range n {
		if nameOf(w) == name {
			same++
		}
	}
	if same > 1 {
		return id
	}
	return name
}

// endpointOf reads the endpoint of a delivery: only its id for those who may not see endpoints, and for a deleted one.
func (v *visit) endpointOf(id string) (api.Webhook, error) {
	unknown := api.Webhook{ID: id, Name: id}
	if !v.can(readWebhooks) {
		return unknown, nil
	}
	w, err := inhouse.Read[api.Webhook](v.API.GetWebhook(v.Ctx, id))
	var r *inhouse.Refusal
	if errors.As(err, &r) && r.Status == http.StatusNotFound {
		return unknown, nil
	}
	return w, err
}

// endpoints are the newest endpoints, for their names; none for those who may not see endpoints.
func (v *visit) endpoints() (endpointNames, error) {
	if !v.can(readWebhooks) {
		return nil, nil
	}
	list, err := inhouse.Read[api.WebhookList](v.API.ListWebhooks(v.Ctx,
		&api.ListWebhooksParams{PerPage: new(nameLimit)}))
	return list.Data, err
}

// named returns known and the endpoints with the ids that are not among them, for their names. Deleted ones, and all
// for those who may not see endpoints, are left out.
func (v *visit) named(known endpointNames, ids ...string) (endpointNames, error) {
	missing := slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(ids))), func(id string) bool {
		return id == "" || slices.ContainsFunc(known, func(w api.Webhook) bool { return w.ID == id })
	})
	if len(missing) == 0 || !v.can(readWebhooks) {
		return known, nil
	}
	list, err := inhouse.Read[api.WebhookList](v.API.ListWebhooks(v.Ctx, &api.ListWebhooksParams{
		WebhookID: new(strings.Join(missing, ",")), PerPage: new(nameLimit)}))
	return slices.Concat(known, list.Data), err
}

// unknownEndpoint notes that a list is empty because no endpoint has the id that it is narrowed to.
func (v *visit) unknownEndpoint(known endpointNames, id string, rows int) {
	if id != "" && rows == 0 && v.can(readWebhooks) &&
		!slices.ContainsFunc(known, func(w api.Webhook) bool { return w.ID == id }) {
		v.Fault("Endpoint: no endpoint has the id “" + id + "”; it may have been deleted.")
	}
}

// ofDeliveries are the ids of the endpoints of deliveries.
func ofDeliveries(list []api.Delivery) []string {
	out := make([]string, 0, len(list))
	for _, d := range list {
		out = append(out, d.WebhookID)
	}
	return out
}
