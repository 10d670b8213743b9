package resource_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// The shared programs accept events of Stripe, and their posts are written by a model that answers by topic.
func TestMain(m *testing.M) {
	model := fake.NewModel(packageTB{}, scripted.answer)
	testkit.Main(m, withStripe, fake.WithModel(model, time.Minute, 1))
}

type object = map[string]any

// packageTB is the testing.TB of what lives as long as the package's tests.
type packageTB struct {
	testing.TB // nil: only the methods below are called
}

func (packageTB) Helper() {}

func (packageTB) Cleanup(f func()) { testkit.AtEnd(f) }

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
