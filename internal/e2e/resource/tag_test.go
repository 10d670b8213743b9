package resource_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

const path = "/api/v1/tickets/TCK-1/tags"

func tagNames(list api.TagsOfTicket) string {
	var out []string
	for _, t := range list.Data {
		out = append(out, t.Name)
	}
	return strings.Join(out, ", ")
}

func addTags(t *testing.T, c *testkit.Client, body object) api.TagsOfTicket {
	t.Helper()
	return testkit.Into[api.TagsOfTicket](t, c.Call(t, http.MethodPost, path, body).Want(t, http.StatusOK))
}

func TestTicketsAreTaggedByIDOrNameHoweverOften(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		c.NewTicket(t, p.NewInbox(t, c, "Support").ID, nil)
		billing := addTags(t, c, object{"tag_name": " Billing "}).Data[0]
		addTags(t, c, object{"tag_name": "BILLING"})
		addTags(t, c, object{"tag_id": billing.ID})
		if got := tagNames(addTags(t, c, object{"tag_name": "api"})); got != "api, Billing" {
			t.Errorf("tags: got %s, want api, Billing", got)
		}
		if list := testkit.Get[api.TagList](t, c, "/api/v1/tags"); list.Meta.Total != 2 ||
			list.Data[1].ID != billing.ID {
			t.Errorf("tags: got %+v, want 2, with %s last", list, billing.ID)
		}
		for range 2 {
			c.Call(t, http.MethodDelete, path+"/"+billing.ID, nil).Want(t, http.StatusNoContent)
		}
		if got := tagNames(testkit.Get[api.TagsOfTicket](t, c, path)); got != "api" {
			t.Errorf("tags: got %s, want api", got)
		}
		c.Call(t, http.MethodDelete, path+"/tag_nothing", nil).Want(t, http.StatusNotFound)
		for _, body := range []object{{}, {"tag_id": "x", "tag_name": "y"}, {"tag_name": " "}, {"tag_name": ""},
			{"tag_id": nil}} {
			c.Call(t, http.MethodPost, path, body).Want(t, http.StatusBadRequest)
		}
		var changes []string
		for _, event := range testkit.Get[api.EventList](t, c, "/api/v1/events?type=ticket.updated").Data {
			testkit.FitsEvent(t, event.Type, event.Data)
			var data struct{ Changes object }
			if err := json.Unmarshal(event.Data, &data); err != nil {
				t.Fatal(err)
			}
			tags := data.Changes["tags"].(object)
			changes = append(changes, fmt.Sprint(tags["old"], tags["new"]))
		}
		if got := strings.Join(changes, "; "); got != "[api Billing] [api]; [Billing] [api Billing]; [] [Billing]" {
			t.Errorf("tags in the events: got %s, want each change", got)
		}
	})
}

func TestATagOfAnotherTenantDoesNotExist(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		for _, each := range []*testkit.Client{c, other} {
			each.NewTicket(t, p.NewInbox(t, each, "Support").ID, nil)
		}
		theirs := addTags(t, other, object{"tag_name": "Theirs"}).Data[0].ID
		foreign := c.Call(t, http.MethodPost, path, object{"tag_id": theirs}).Want(t, http.StatusUnprocessableEntity).
			Problem(t).Error
		missing := c.Call(t, http.MethodPost, path, object{"tag_id": "tag_nothing"}).
			Want(t, http.StatusUnprocessableEntity).Problem(t).Error
		if foreign.Message != missing.Message || foreign.Details[0] != missing.Details[0] {
			t.Errorf("another tenant's tag: got %+v, want the same as for a missing one, %+v", foreign, missing)
		}
		c.Call(t, http.MethodDelete, path+"/"+theirs, nil).Want(t, http.StatusNotFound)
		if n := testkit.Get[api.TagList](t, c, "/api/v1/tags").Meta.Total; n != 0 {
			t.Errorf("tags: got %d, want 0", n)
		}
	})
}

func TestANewTagOfManyCallsAtOnceIsOneTag(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		inbox := p.NewInbox(t, c, "Support").ID
		var all sync.WaitGroup
		for i := range 10 {
			c.NewTicket(t, inbox, nil)
			all.Go(func() {
				for range 2 {
					a := c.Call(t, http.MethodPost, fmt.Sprintf("/api/v1/tickets/TCK-%d/tags", i%5+1),
						object{"tag_name": "New"})
					if a.Status != http.StatusOK && a.Status != http.StatusNotFound {
						t.Errorf("got %d %s, want 200 or 404", a.Status, a.Body)
					}
				}
			})
		}
		all.Wait()
		if n := testkit.Get[api.TagList](t, c, "/api/v1/tags").Meta.Total; n != 1 {
			t.Errorf("tags: got %d, want 1", n)
		}
	})
}
