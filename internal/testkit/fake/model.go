package fake

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

// Asked is a request that reached a Model.
type Asked struct {
	*http.Request
	N     int            // which request it is, from 1
	Topic string         // of the brief
	Body  map[string]any // as the API has it
}

// Model is a language model behind the API that OpenAI has.
type Model struct {
	URL string

	mu    sync.Mutex
	asked []Asked
}

// NewModel starts a model. answer is called with each request and writes the answer; Write is a good one.
func NewModel(t testing.TB, answer func(w http.ResponseWriter, a Asked)) *Model {
	t.Helper()
	m := &Model{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := Asked{Request: r}
		_ = json.NewDecoder(r.Body).Decode(&a.Body)
		messages, _ := a.Body["messages"].([]any)
		if len(messages) > 0 {
			last, _ := messages[len(messages)-1].(map[string]any)
			text, _ := last["content"].(string)
			var brief struct{ Topic string }
			_ = json.Unmarshal([]byte(text), &brief)
			a.Topic = brief.Topic
		}
		m.mu.Lock()
		m.asked = append(m.asked, a)
		a.N = len(m.asked)
		m.mu.Unlock()
		answer(w, a)
	}))
	t.Cleanup(server.Close)
	m.URL = server.URL + "/v1"
	return m
}

// Asked lists the requests so far.
func (m *Model) Asked() []Asked {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Asked(nil), m.asked...)
}

// Say answers with a text, and why it ended; empty is "stop".
func (a Asked) Say(w http.ResponseWriter, text, finish string) {
	if finish == "" {
		finish = "stop"
	}
	a.Answer(w, map[string]any{"role": "assistant", "content": text}, finish)
}

// Refuse answers with a refusal.
func (a Asked) Refuse(w http.ResponseWriter, words string) {
	a.Answer(w, map[string]any{"role": "assistant", "content": nil, "refusal": words}, "stop")
}

// Answer answers with a message.
func (a Asked) Answer(w http.ResponseWriter, message map[string]any, finish string) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": a.Body["model"],
		"choices": []any{map[string]any{"index": 0, "message": message, "finish_reason": finish}},
		"usage":   map[string]any{"prompt_tokens": 120, "completion_tokens": 45, "total_tokens": 165},
	})
}

// Write answers with a good draft of what was asked for, whose title or text is "Written: " and the topic.
func (a Asked) Write(w http.ResponseWriter) {
	format, _ := a.Body["response_format"].(map[string]any)
	schema, _ := format["json_schema"].(map[string]any)
	draft := map[string]any{"title": "Written: " + a.Topic, "excerpt": "An excerpt.", "body": "## One\n\nText.",
		"keywords": []string{"one", "#two "}}
	if schema["name"] == "social_post" {
		draft = map[string]any{"text": "Written: " + a.Topic, "hashtags": []string{"#one", "two"}}
	}
	raw, _ := json.Marshal(draft)
	a.Say(w, string(raw), "")
}

// Hang answers nothing until the client closes the connection.
func (a Asked) Hang() { <-a.Context().Done() }

// WithModel starts a program whose posts a model writes.
func WithModel(m *Model, timeout time.Duration, retries int) testkit.Option {
	return func(c *config.Config, _ *app.Options) {
		c.Generator, c.OpenAIURL, c.OpenAIModel = config.GeneratorOpenAI, m.URL, "test-model"
		c.OpenAIKey = "sk-testkit-000000000000000000000000000000"
		c.OpenAITimeout, c.OpenAIRetries, c.OpenAIMaxTokens = timeout, retries, 1000
	}
}
