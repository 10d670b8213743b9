package access_test

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

const operatorKeys = "/admin/v1/operator-keys"

func TestAnOperatorKeyWorksUntilItIsRevokedAndStaysInTheList(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Servers)
	key := p.NewOperatorKey(t, "admin", map[string]any{"name": "On-call"})
	if !strings.HasPrefix(key.Key, "hk_op_") || len(key.Key) < 40 || key.Hint != key.Key[:10] ||
		key.Name != "On-call" || !key.RevokedAt.IsNull() {
		t.Errorf("created key: got %+v, want hk_op_ and its first characters", key)
	}
	holder := testkit.NewClient(p.URL, key.Key)
	a := holder.Call(t, http.MethodGet, operatorKeys, nil).Want(t, http.StatusOK)
	list := testkit.Into[api.OperatorKeyList](t, a)
	if len(list.Data) != 2 || list.Meta.Total != 2 || list.Data[0].ID != key.ID || list.Data[0].Hint != key.Hint ||
		strings.Contains(string(a.Body), key.Key[10:]) {
		t.Errorf("operator keys: got %s, want both, the newest first, without secrets", a.Body)
	}
	if second := testkit.Get[api.OperatorKeyList](t, holder, operatorKeys+
		"?per_page=1&page=2"); len(second.Data) != 1 || second.Data[0].ID == key.ID || second.Meta.Total != 2 {
		t.Errorf("second page: got %+v, want the other of 2 keys", second)
	}
	var stored struct{ Hash []byte }
	if err := p.App.Database().Read(t.Context()).Table("operator_keys").Where("id = ?", key.ID).
		Take(&stored).Error; err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256([]byte(key.Key)); string(stored.Hash) != string(sum[:]) {
		t.Errorf("stored hash: got %x, want the SHA-256", stored.Hash)
	}

	before := time.Now().Add(-time.Second)
	p.Operator.Call(t, http.MethodDelete, operatorKeys+"/"+key.ID, nil).Want(t, http.StatusNoContent)
	holder.Call(t, http.MethodGet, operatorKeys, nil).Want(t, http.StatusUnauthorized)
	holder.Call(t, http.MethodPost, operatorKeys, map[string]any{"name": "another", "role": "support"}).
		Want(t, http.StatusUnauthorized)
	holder.Call(t, http.MethodGet, "/admin/v1/tenants", nil).Want(t, http.StatusUnauthorized)
	revoked := testkit.Get[api.OperatorKeyList](t, p.Operator, operatorKeys).Data[0]
	if at, err := revoked.RevokedAt.Get(); err != nil || revoked.ID != key.ID || at.Before(before) {
		t.Errorf("revoked key: got %+v, want the time of the call", revoked)
	}

	p.Operator.Call(t, http.MethodDelete, operatorKeys+"/"+key.ID, nil).Want(t, http.StatusNoContent)
	again := testkit.Get[api.OperatorKeyList](t, p.Operator, operatorKeys).Data[0]
	if !again.RevokedAt.MustGet().Equal(revoked.RevokedAt.MustGet()) {
		t.Errorf("revoking again: got %+v, want still %+v", again, revoked)
	}
	p.Operator.Call(t, http.MethodDelete, operatorKeys+"/opk_01jd4x2m9qe4fv0w3n7q1x5z8k", nil).
		Want(t, http.StatusNotFound)
}

func TestTheLastOperatorKeyCantBeRevoked(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		first := testkit.Get[api.OperatorKeyList](t, p.Operator, operatorKeys).Data[0]
		refused := func(c *testkit.Client, id string) {
			t.Helper()
			a := c.Call(t, http.MethodDelete, operatorKeys+"/"+id, nil).Want(t, http.StatusConflict)
			if a.Problem(t).Error.Code != api.ErrorErrorCodeConflict {
				t.Errorf("got %s, want conflict", a.Body)
			}
			c.Call(t, http.MethodGet, operatorKeys, nil).Want(t, http.StatusOK)
		}
		refused(p.Operator, first.ID)

		// Revoked keys don't count: with one that works and one that doesn't, the one still stays.
		spare := p.NewOperatorKey(t, "admin", nil)
		p.Operator.Call(t, http.MethodDelete, operatorKeys+"/"+spare.ID, nil).Want(t, http.StatusNoContent)
		refused(p.Operator, first.ID)

		heir := p.NewOperatorKey(t, "admin", nil)
		p.Operator.Call(t, http.MethodDelete, operatorKeys+"/"+first.ID, nil).Want(t, http.StatusNoContent)
		refused(testkit.NewClient(p.URL, heir.Key), heir.ID)
	})
}

func TestOfTwoLastKeysRevokedAtOnceOneStays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		type holder struct {
			*testkit.Client
			id string
		}
		last := holder{p.Operator, testkit.Get[api.OperatorKeyList](t, p.Operator, operatorKeys).Data[0].ID}
		for round := range 10 { // one round alone rarely meets
			heir := testkit.Post[api.OperatorKeyCreated](t, last.Client, operatorKeys,
				map[string]any{"name": "heir", "role": "admin"}, http.StatusCreated)
			two := []holder{last, {testkit.NewClient(p.URL, heir.Key), heir.ID}}
			var both sync.WaitGroup
			together, statuses := make(chan struct{}), make([]int, 2)
			for i, h := range two { // each revokes itself, so that neither is refused for being revoked already
				both.Go(func() {
					<-together
					statuses[i] = h.Call(t, http.MethodDelete, operatorKeys+"/"+h.id, nil).Status
				})
			}
			close(together)
			both.Wait()
			switch {
			case statuses[0] == http.StatusConflict && statuses[1] == http.StatusNoContent:
				last = two[0]
			case statuses[0] == http.StatusNoContent && statuses[1] == http.StatusConflict:
				last = two[1]
			default:
				t.Fatalf("round %d: got %v, want one 204 and one 409", round, statuses)
			}
			last.Call(t, http.MethodGet, operatorKeys, nil).Want(t, http.StatusOK)
		}
	})
}
