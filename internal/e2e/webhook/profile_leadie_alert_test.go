package webhook_test

import (
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestAlertsOfLeadieGoToTheChannelsOfTheUserTheyConcern(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		id := p.NewTenantOf(t, "leadie")
		ada, ben := newUser(t, p, id, "ada", "owner"), newUser(t, p, id, "ben", "developer")
		slack, channel := map[int64]*testkit.Receiver{}, map[int64]string{}
		for _, u := range []user{ada, ben} {
			slack[u.number] = testkit.NewReceiver(t, nil)
			channel[u.number] = testkit.Post[api.AlertChannel](t, u.Client, channels, object{"type": "slack",
				"target": slack[u.number].URL, "conditions": []string{"delivery.dead", "credits.exhausted"}},
				http.StatusCreated).ID
		}
		for u, other := range map[*user]user{&ada: ben, &ben: ada} {
			list := testkit.Get[api.AlertChannelList](t, u.Client, channels).Data
			if len(list) != 1 || list[0].ID != channel[u.number] {
				t.Errorf("channels of user %d: got %+v, want the user's own", u.number, list)
			}
			path := channels + "/" + channel[other.number]
			u.Call(t, http.MethodGet, path, nil).Want(t, http.StatusNotFound)
			u.Call(t, http.MethodPatch, path, object{"name": "x"}).Want(t, http.StatusNotFound)
			u.Call(t, http.MethodPost, path+"/test", nil).Want(t, http.StatusNotFound)
			u.Call(t, http.MethodDelete, path, nil).Want(t, http.StatusNotFound)
		}
		for _, u := range []user{ben, ada} { // one after the other: the second alert comes after all of the first
			die(t, p, u)
			slack[u.number].Next(t)
		}
		for name, u := range map[string]user{"Ada": ada, "Ben": ben} {
			if n := slack[u.number].Count(); n != 1 {
				t.Errorf("alerts at the channel of %s: got %d, want the one of the user's own endpoint", name, n)
			}
		}
		settings := object{"disable_after_hours": 48}
		ben.Call(t, http.MethodPut, "/api/v1/alert-settings", settings).Want(t, http.StatusForbidden)
		ada.Call(t, http.MethodPut, "/api/v1/alert-settings", settings).Want(t, http.StatusOK)
	})
}
