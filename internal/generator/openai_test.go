package generator_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/generator"
	"github.com/hookline/hookline/internal/testkit/fake"
)

const key = "sk-generator-test-0123456789abcdef"

func openAI(m *fake.Model, timeout time.Duration, retries int) *generator.OpenAI {
	return generator.NewOpenAI(generator.OpenAIConfig{URL: m.URL, Key: key, Model: "test-model", Timeout: timeout,
		Retries: retries, MaxTokens: 1000})
}

func brief(kind generator.Kind) generator.Brief {
	return generator.Brief{Kind: kind, Topic: "lost leads", Platform: "x", Language: "en", WordCount: 800}
}

func TestAModelIsAskedForAFormAndItsDraftIsTaken(t *testing.T) {
	t.Parallel()
	m := fake.NewModel(t, func(w http.ResponseWriter, a fake.Asked) { a.Write(w) })
	blog, err := openAI(m, time.Minute, 0).Generate(t.Context(), brief(generator.Blog))
	if err != nil || blog.Title != "Written: lost leads" || blog.Excerpt != "An excerpt." ||
		blog.Body != "## One\n\nText." || fmt.Sprint(blog.Tags) != "[one two]" ||
		blog.Generator != "openai" || blog.Model != "test-model" || *blog.InputTokens != 120 ||
		*blog.OutputTokens != 45 {
		t.Errorf("blog post: got %+v, %v, want the model's answer with its tokens", blog, err)
	}
	social, err := openAI(m, time.Minute, 0).Generate(t.Context(), brief(generator.Social))
	if err != nil || social.Body != "Written: lost leads" || fmt.Sprint(social.Tags) != "[one two]" ||
		social.Title != "" {
		t.Errorf("social post: got %+v, %v, want the model's answer without a title", social, err)
	}
	for i, name := range []string{"blog_post", "social_post"} {
		a := m.Asked()[i]
		format := a.Body["response_format"].(map[string]any)
		schema := format["json_schema"].(map[string]any)
		if a.URL.Path != "/v1/chat/completions" || a.Header.Get("Authorization") != "Bearer "+key ||
			a.Body["model"] != "test-model" ||
			a.Body["max_completion_tokens"] != 1000.0 || format["type"] != "json_schema" || schema["name"] != name ||
			schema["strict"] != true {
			t.Errorf("request: got %s %v, want the model, the key and the schema %s", a.URL, a.Body, name)
		}
	}
}

func TestAnUnusableDraftFailsWithAReason(t *testing.T) {
	t.Parallel()
	const good = `{"text":"A post.","hashtags":[]}`
	status := func(code int, body string) func(http.ResponseWriter, fake.Asked) {
		return func(w http.ResponseWriter, _ fake.Asked) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		}
	}
	say := func(text, finish string) func(http.ResponseWriter, fake.Asked) {
		return func(w http.ResponseWriter, a fake.Asked) { a.Say(w, text, finish) }
	}
	problem := func(code string) string {
		return `{"error":{"message":"Incorrect API key provided: ` + key + `","type":"x","code":"` + code + `"}}`
	}
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, fake.Asked)
		want   generator.Reason // empty for a draft
	}{
		"good":            {say(good, ""), ""},
		"good in a fence": {say("```json\n"+good+"\n```", ""), ""},
		"words":           {say("Sure! Here is your post.", ""), generator.InvalidAnswer},
		"nothing":         {say("", ""), generator.InvalidAnswer},
		"an empty post":   {say(`{"text":" ","hashtags":[]}`, ""), generator.InvalidAnswer},
		"another form":    {say(`{"post":"A post."}`, ""), generator.InvalidAnswer},
		"another type":    {say(`{"text":7,"hashtags":[]}`, ""), generator.InvalidAnswer},
		"two objects":     {say(good+good, ""), generator.InvalidAnswer},
		"longer than x takes": {say(`{"text":"`+strings.Repeat("a", 281)+`","hashtags":[]}`, ""),
			generator.InvalidAnswer},
		"a NUL": {say(`{"text":"a\u0000b","hashtags":[]}`, ""), generator.InvalidAnswer},
		"too many hashtags": {say(`{"text":"a","hashtags":["b"`+strings.Repeat(`,"b"`, 30)+`]}`, ""),
			generator.InvalidAnswer},
		"cut off":  {say(`{"text":"A po`, "length"), generator.CutOff},
		"filtered": {say("", "content_filter"), generator.Refused},
		"a refusal": {func(w http.ResponseWriter, a fake.Asked) { a.Refuse(w, "I can't help with that.") },
			generator.Refused},
		"no choices": {status(200, `{"choices":[]}`), generator.InvalidAnswer},
		"no JSON":    {status(200, `<html>`), generator.InvalidAnswer},
		"an endless answer": {status(200, `{"choices":[{"message":{"content":"`+strings.Repeat("a", 5<<20)+`"}}]}`),
			generator.InvalidAnswer},
		"a redirect": {func(w http.ResponseWriter, a fake.Asked) {
			http.Redirect(w, a.Request, "/elsewhere", http.StatusTemporaryRedirect)
		}, generator.InvalidAnswer},
		"a wrong key":             {status(401, problem("invalid_api_key")), generator.Misconfigured},
		"no such model":           {status(404, problem("model_not_found")), generator.Misconfigured},
		"an account that is used": {status(429, problem("insufficient_quota")), generator.Misconfigured},
		"a limit":                 {status(429, problem("rate_limit_exceeded")), generator.RateLimited},
		"a fault":                 {status(503, `{}`), generator.Unavailable},
		"a filtered brief":        {status(400, problem("content_filter")), generator.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := fake.NewModel(t, c.answer)
			r, err := openAI(m, time.Minute, 0).Generate(t.Context(), brief(generator.Social))
			var f *generator.Failure
			switch {
			case c.want == "" && (err != nil || r.Body != "A post."):
				t.Errorf("got %+v, %v, want A post.", r, err)
			case c.want == "":
			case !errors.As(err, &f) || f.Reason != c.want || f.Text == "":
				t.Errorf("the error is %v, want %s", err, c.want)
			case strings.Contains(f.Error()+f.Text, key) || strings.Contains(f.Text, "127.0.0.1"):
				t.Errorf("error: got %s, want it without the key and the address", f.Error())
			}
			if n := len(m.Asked()); n != 1 {
				t.Errorf("requests: got %d, want 1", n)
			}
		})
	}
}

func TestAModelIsToldTheLimitsThatItsDraftIsHeldTo(t *testing.T) {
	t.Parallel()
	m := fake.NewModel(t, func(w http.ResponseWriter, a fake.Asked) { a.Write(w) })
	if _, err := openAI(m, time.Minute, 0).Generate(t.Context(), brief(generator.Social)); err != nil {
		t.Fatal(err)
	}
	task := fmt.Sprint(m.Asked()[0].Body["messages"])
	for _, limit := range []string{"280 characters on x", "500 characters on threads", "2200 characters on instagram",
		"3000 characters on linkedin", "5000 characters on facebook"} {
		if !strings.Contains(task, limit) {
			t.Errorf("task: got %s, want %q in it", task, limit)
		}
	}
}

func TestAModelThatIsLimitedIsAskedAgain(t *testing.T) {
	t.Parallel()
	m := fake.NewModel(t, func(w http.ResponseWriter, a fake.Asked) {
		if a.N < 3 {
			w.Header().Set("Retry-After-Ms", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		a.Write(w)
	})
	if r, err := openAI(m, time.Minute, 2).Generate(t.Context(), brief(generator.Blog)); err != nil || r.Title == "" ||
		len(m.Asked()) != 3 {
		t.Errorf("got %+v, %v after %d requests, want a post after 3", r, err, len(m.Asked()))
	}
}

func TestAModelThatDoesNotAnswerIsATimeoutUnlessTheCallerLeaves(t *testing.T) {
	t.Parallel()
	m := fake.NewModel(t, func(_ http.ResponseWriter, a fake.Asked) { a.Hang() })
	_, err := openAI(m, time.Second, 1).Generate(t.Context(), brief(generator.Blog))
	var f *generator.Failure
	if !errors.As(err, &f) || f.Reason != generator.Timeout || len(m.Asked()) != 1 {
		t.Errorf("got %v after %d requests, want %s after 1", err, len(m.Asked()), generator.Timeout)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := openAI(m, time.Minute, 1).Generate(ctx, brief(generator.Blog)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if _, err := generator.NewOpenAI(generator.OpenAIConfig{URL: "http://127.0.0.1:1/v1", Model: "m",
		Timeout: time.Minute}).Generate(t.Context(), brief(generator.Blog)); !errors.As(err, &f) ||
		f.Reason != generator.Unavailable {
		t.Errorf("got %v, want %s", err, generator.Unavailable)
	}
}

func TestTheEnvironmentOfOthersIsNotRead(t *testing.T) {
	m := fake.NewModel(t, func(w http.ResponseWriter, a fake.Asked) { a.Write(w) })
	t.Setenv("OPENAI_API_KEY", "sk-somebody-elses")
	t.Setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/")
	t.Setenv("OPENAI_ORG_ID", "somebody")
	_, err := generator.NewOpenAI(generator.OpenAIConfig{URL: m.URL, Model: "m", Timeout: time.Minute,
		MaxTokens: 1000}).Generate(t.Context(), brief(generator.Blog))
	if err != nil || len(m.Asked()) != 1 || m.Asked()[0].Header.Get("Authorization") != "" ||
		m.Asked()[0].Header.Get("OpenAI-Organization") != "" {
		t.Errorf("got %v, %v, want one request without credentials", err, m.Asked())
	}
}
