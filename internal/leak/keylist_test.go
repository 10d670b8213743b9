package leak

import (
	"context"
	"crypto/elliptic"
	"errors"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/egress"
)

// listServer answers with a list, or fails while there is none.
type listServer struct {
	list  []byte
	asked int
}

func (s *listServer) Do(context.Context, egress.Request) (*egress.Response, error) {
	s.asked++
	if s.list == nil {
		return nil, errors.New("away")
	}
	return &egress.Response{Status: 200, Body: s.list}, nil
}

func TestTheListIsFetchedWhenItIsNeededAndNoOftener(t *testing.T) {
	t.Parallel()
	one, two := generate(t, elliptic.P256()), generate(t, elliptic.P256())
	old := listOf(t, map[string]string{"one": pemOf(t, &one.PublicKey)})
	fresh := listOf(t, map[string]string{"two": pemOf(t, &two.PublicKey)})
	now, server := time.Unix(1_800_000_000, 0), &listServer{}
	list := NewKeyList(server, Source{URL: "https://example.com"}, func() time.Time { return now })
	for _, step := range []struct {
		name       string
		after      time.Duration
		list       []byte
		identifier string
		want       error
		asked      int
	}{
		{"the first report finds nobody there", 0, nil, "one", errNoList, 1},
		{"which is not tried again at once", retryEvery - 1, old, "one", errNoList, 1},
		{"but soon", 1, old, "one", nil, 2},
		{"an unknown key is one while the list is new", unknownEvery - 1, fresh, "two", errUnknownKey, 2},
		{"a known one asks for nothing", 0, fresh, "one", nil, 2},
		{"later an unknown key is looked for", 1, nil, "two", errNoList, 3},
		{"and the old list stays", 0, nil, "one", nil, 3},
		{"the unknown key is looked for again", retryEvery, old, "two", errUnknownKey, 4},
		{"a list that got old is fetched again", refreshAfter, nil, "one", nil, 5},
		{"and is used all the same", trustFor - refreshAfter - 1, nil, "one", nil, 6},
		{"for a day", 1, nil, "one", errNoList, 6},
		{"until there is a new one", retryEvery, fresh, "two", nil, 7},
		{"in which the old key is no more", unknownEvery, fresh, "one", errUnknownKey, 8},
	} {
		now, server.list = now.Add(step.after), step.list
		key, err := list.find(t.Context(), step.identifier)
		if !errors.Is(err, step.want) || (err == nil) != (key != nil) || server.asked != step.asked {
			t.Fatalf("%s: got %v after %d requests, want %v after %d", step.name, err, server.asked, step.want,
				step.asked)
		}
	}
}

func TestACancelledCallerDoesNotCancelTheSharedFetch(t *testing.T) {
	t.Parallel()
	key := generate(t, elliptic.P256())
	server := &contextServer{listServer{list: listOf(t, map[string]string{"one": pemOf(t, &key.PublicKey)})}}
	list := NewKeyList(server, Source{URL: "https://example.com"}, time.Now)
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	_, _ = list.find(gone, "one")
	_, err := list.find(t.Context(), "one")
	if err != nil || server.asked > 1 {
		t.Errorf("got %v after %d requests, want a key after at most 1", err, server.asked)
	}
}

// contextServer fails for those who have hung up.
type contextServer struct{ listServer }

func (s *contextServer) Do(ctx context.Context, r egress.Request) (*egress.Response, error) {
	if ctx.Err() != nil {
		s.asked++
		return nil, ctx.Err()
	}
	return s.listServer.Do(ctx, r)
}
