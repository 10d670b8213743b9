package resource_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// The shared programs accept events of Stripe, and their posts are written by a model that answers by topic.
func TestMain(m *testing.M) {
	model := fake.NewModel(testkit.Package(), scripted.answer)
	testkit.Main(m, withStripe, fake.WithModel(model, time.Minute, 1))
}

// object is plain JSON, so that null, empty and absent stay apart.
type object = map[string]any

// scripted are the answers of the shared programs' model that tests chose, by topic.
var scripted = script{byTopic: map[string]*scriptedTopic{}}

type script struct {
	mu      sync.Mutex
	byTopic map[string]*scriptedTopic
}

type scriptedTopic struct {
	reply func(w http.ResponseWriter, a fake.Asked)
	n     int // requests so far
}

// answer answers a request about a topic that a test scripted as the test says, one of the topics of wrong without a
// post, and any other with a good one. Asked.N counts the requests about a scripted topic.
func (s *script) answer(w http.ResponseWriter, a fake.Asked) {
	s.mu.Lock()
	topic := s.byTopic[a.Topic]
	if topic != nil {
		topic.n++
		a.N = topic.n
	}
	s.mu.Unlock()
	bad, isWrong := wrong[a.Topic]
	switch {
	case topic != nil:
		topic.reply(w, a)
	case isWrong:
		bad.answer(w, a)
	case strings.HasPrefix(a.Topic, "refused"):
		a.Refuse(w, "No.")
	default:
		a.Write(w)
	}
}

// onTopic has the shared programs' model answer requests about a topic of the test's own with reply. It returns the
// topic, and a function that counts the requests about it.
func onTopic(t *testing.T, reply func(w http.ResponseWriter, a fake.Asked)) (topic string, asked func() int) {
	t.Helper()
	mine := &scriptedTopic{reply: reply}
	scripted.mu.Lock()
	defer scripted.mu.Unlock()
	scripted.byTopic[t.Name()] = mine
	return t.Name(), func() int {
		scripted.mu.Lock()
		defer scripted.mu.Unlock()
		return mine.n
	}
}

// eventData lists the data of the tenant's events of a type, newest first.
func eventData(t *testing.T, c *testkit.Client, eventType string) []object {
	t.Helper()
	var out []object
	for _, e := range testkit.Get[api.EventList](t, c, "/api/v1/events?limit=100&type="+eventType).Data {
		var data object
		if err := json.Unmarshal(e.Data, &data); err != nil {
			t.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}
