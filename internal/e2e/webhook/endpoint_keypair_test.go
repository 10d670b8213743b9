package webhook_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/pkg/webhook"
)

func TestConsumersKeepVerifyingWhileTheKeyPairIsRotated(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		clock := &testkit.Clock{}
		p := testkit.Start(t, e, testkit.WithClock(clock))
		c := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		path := hooks + "/" + c.NewEndpoint(t, receiver.URL, map[string]any{"signing": "ed25519"}).ID
		get := func() api.PublicKey { t.Helper(); return testkit.Get[api.PublicKey](t, c, path+"/public-key") }
		rotate := func(body object) api.PublicKey {
			t.Helper()
			rotated := testkit.Post[api.PublicKey](t, c, path+"/rotate-key-pair", body, http.StatusOK)
			if shown := get(); shown.PublicKey != rotated.PublicKey || len(shown.Previous) != len(rotated.Previous) {
				t.Errorf("keys: got %+v, want %+v, as the rotation returned", shown, rotated)
			}
			return rotated
		}
		arrives := func(what string, want []bool, keys ...string) {
			t.Helper()
			c.NewLead(t, "ada@example.com")
			got := receiver.Next(t)
			var accepted []bool
			for _, key := range keys {
				accepted = append(accepted, webhook.Verify(got.Header, got.Body, clock.Now(), key) == nil)
			}
			if !slices.Equal(accepted, want) {
				t.Errorf("%s: %v instead of %v", what, accepted, want)
			}
		}
		first := get()
		if len(first.Previous) != 0 {
			t.Errorf("first key: got %+v, want no previous one", first)
		}
		second := rotate(object{})
		third := rotate(object{"grace": "1h"})
		if len(second.Previous) != 1 || second.Previous[0].PublicKey != first.PublicKey || len(third.Previous) != 2 ||
			third.Previous[0].PublicKey != second.PublicKey ||
			!third.Previous[1].ValidUntil.Equal(second.Previous[0].ValidUntil) {
			t.Errorf("rotations: got %+v and then %+v, want the replaced keys, newest first, with their ends",
				second, third)
		}
		arrives("after two rotations", []bool{true, true, true}, first.PublicKey, second.PublicKey, third.PublicKey)
		clock.Advance(2 * time.Hour)
		if got := get().Previous; len(got) != 1 || got[0].PublicKey != first.PublicKey {
			t.Errorf("previous keys after an hour: got %+v, want the one that is still valid", got)
		}
		arrives("after an hour", []bool{true, false, true}, first.PublicKey, second.PublicKey, third.PublicKey)
		fourth := rotate(object{"grace": "0s"})
		arrives("after a cut", []bool{false, false, false, true}, first.PublicKey, second.PublicKey, third.PublicKey,
			fourth.PublicKey)

		c.Call(t, http.MethodPost, path+"/rotate-key-pair", object{"grace": "8d"}).Want(t, http.StatusBadRequest)
		for range 5 {
			rotate(object{"grace": "1h"})
		}
		c.Call(t, http.MethodPost, path+"/rotate-key-pair", object{"grace": "1h"}).Want(t, http.StatusConflict)
		rotate(object{"grace": "0s"})
		c.Call(t, http.MethodPatch, path, object{"signing": "hmac"}).Want(t, http.StatusOK)
		c.Call(t, http.MethodPost, path+"/rotate-key-pair", object{}).Want(t, http.StatusConflict)
		c.Call(t, http.MethodGet, path+"/public-key", nil).Want(t, http.StatusNotFound)
	})
}
