package resource_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

const (
	blogs   = "/api/v1/blog-posts"
	socials = "/api/v1/social-posts"
)

// kind has the differences between the two kinds of posts.
type kind struct {
	path, event, agent, written string
	price                       int64
	brief                       object
}

var kinds = map[string]kind{
	"blog": {blogs, "blog", "blog_writer", "title", 10, object{"topic": "Lost leads",
		"keywords": []string{"nurturing"}, "word_count": 500}},
	"social": {socials, "social", "social_writer", "text", 2, object{"topic": "Lost leads", "platform": "x",
		"tone": "friendly"}},
}

func generate(t *testing.T, c *testkit.Client, k kind, topic string) api.AgentRun {
	t.Helper()
	brief := object{}
	for name, v := range k.brief {
		brief[name] = v
	}
	brief["topic"] = topic
	return testkit.Post[api.AgentRun](t, c, k.path+"/generate", brief, http.StatusAccepted)
}

func runOf(t *testing.T, c *testkit.Client, id string) api.AgentRun {
	t.Helper()
	return testkit.Get[api.AgentRun](t, c, "/api/v1/agent-runs/"+id)
}

// ended waits until a run is over.
func ended(t *testing.T, p *testkit.Program, c *testkit.Client, id string) api.AgentRun {
	t.Helper()
	var r api.AgentRun
	p.Await(t, "the run to end", func() bool {
		r = runOf(t, c, id)
		return r.Status != api.AgentRunStatusQueued && r.Status != api.AgentRunStatusRunning
	})
	return r
}

func creditsLeft(t *testing.T, c *testkit.Client) int64 {
	t.Helper()
	return testkit.Get[api.Credits](t, c, "/api/v1/credits").Balance
}

func TestAPostIsWrittenApprovedAndPublishedAndEachStepFiresOneEvent(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e) // without a model
		for name, k := range kinds {
			t.Run(name, func(t *testing.T) {
				c := p.NewTenant(t, "business")
				run := generate(t, c, k, "Lost leads")
				path := k.path + "/" + run.PostID
				if run.Status != api.AgentRunStatusQueued || string(run.Agent) != k.agent || run.ChargeID.IsNull() {
					t.Errorf("the new run is %+v, want queued and charged", run)
				}
				run = ended(t, p, c, run.ID)
				if g, _ := run.Generator.Get(); run.Status != api.AgentRunStatusCompleted || g != "outline" ||
					!run.Model.IsNull() || !run.RefundID.IsNull() || run.StartedAt.IsNull() || run.FinishedAt.IsNull() {
					t.Errorf("the run ended as %+v, want completed by outline without a refund", run)
				}
				post := testkit.Get[object](t, c, path)
				if post["status"] != "draft" || post["generator"] != "outline" ||
					!strings.Contains(fmt.Sprint(post["body"], post["text"]), "without a language model") {
					t.Errorf("the post is %v, want a draft of outline", post)
				}
				wantMessage(t, c.Call(t, http.MethodPost, path+"/publish", nil),
					"Only an approved post can be published; this post is a draft: approve it first.")
				post = testkit.Post[object](t, c, path+"/approve", nil, http.StatusOK)
				if post["status"] != "approved" || post["approved_at"] == nil || post["published_at"] != nil {
					t.Errorf("after approving: %v, want approved", post)
				}
				wantMessage(t, c.Call(t, http.MethodPost, path+"/approve", nil),
					"Only a draft can be approved; this post is approved: it can be published.")
				post = testkit.Post[object](t, c, path+"/publish", nil, http.StatusOK)
				if post["status"] != "published" || post["published_at"] == nil || post["approved_at"] == nil {
					t.Errorf("after publishing: %v, want published", post)
				}
				wantMessage(t, c.Call(t, http.MethodPost, path+"/publish", nil),
					"this post is published already: nothing is left to do.")
				wantMessage(t, c.Call(t, http.MethodPost, "/api/v1/agent-runs/"+run.ID+"/cancel", nil),
					"Only a run that is queued or running can be cancelled; this one is completed.")
				for what, status := range map[string]string{"created": "draft", "approved": "approved",
					"published": "published"} {
					events := eventData(t, c, k.event+"."+what)
					if len(events) != 1 || events[0]["status"] != status || events[0]["id"] != run.PostID ||
						events[0][k.written] != post[k.written] {
						t.Errorf("%s.%s: got %v, want one with the post and the status %s", k.event, what, events,
							status)
					}
				}
				if done, failed := eventData(t, c, "agent.completed"),
					eventData(t, c, "agent.failed"); len(done) != 1 || len(failed) != 0 || done[0]["id"] != run.ID ||
					done[0]["post_id"] != run.PostID || done[0]["status"] != "completed" {
					t.Errorf("agent.completed: %v, agent.failed: %v; want one of the run, and none", done, failed)
				}
				if b := creditsLeft(t, c); b != 10_000-k.price {
					t.Errorf("balance: got %d, want %d", b, 10_000-k.price)
				}
			})
		}
	})
}

func wantMessage(t *testing.T, a testkit.Answer, words string) {
	t.Helper()
	if a.Status != http.StatusConflict || !strings.Contains(a.Problem(t).Error.Message, words) {
		t.Errorf("got %d %s, want a conflict that says %q", a.Status, a.Body, words)
	}
}

func TestConcurrentApprovalsSucceedOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		run := ended(t, p, c, generate(t, c, kinds["blog"], "Lost leads").ID)
		var approved, refused atomic.Int64
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				switch a := c.Call(t, http.MethodPost, blogs+"/"+run.PostID+"/approve", nil); a.Status {
				case http.StatusOK:
					approved.Add(1)
				case http.StatusConflict:
					refused.Add(1)
				default:
					t.Errorf("approving answered %d %s, want 200 or 409", a.Status, a.Body)
				}
			})
		}
		all.Wait()
		if n := len(eventData(t, c, "blog.approved")); approved.Load() != 1 || refused.Load() != 7 || n != 1 {
			t.Errorf("got %d approved, %d refused and %d events, want 1, 7 and 1", approved.Load(), refused.Load(), n)
		}
	})
}

// wrong are answers of the model without a post, by topic, and the reason that the run then has.
var wrong = map[string]struct {
	answer func(w http.ResponseWriter, a fake.Asked)
	reason string
}{
	"nonsense": {func(w http.ResponseWriter, a fake.Asked) { a.Say(w, "Here you go!", "") }, "invalid_answer"},
	"refused":  {func(w http.ResponseWriter, a fake.Asked) { a.Refuse(w, "I can't help with that.") }, "refused"},
	"long":     {func(w http.ResponseWriter, a fake.Asked) { a.Say(w, `{"title":"A`, "length") }, "cut_off"},
	"limited":  {func(w http.ResponseWriter, _ fake.Asked) { again(w, http.StatusTooManyRequests) }, "rate_limited"},
	"broken":   {func(w http.ResponseWriter, _ fake.Asked) { again(w, http.StatusBadGateway) }, "unavailable"},
	"no key": {func(w http.ResponseWriter, a fake.Asked) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"error":{"message":"Incorrect API key provided: %s","code":"invalid_api_key"}}`,
			a.Header.Get("Authorization"))
	}, "misconfigured"},
}

func again(w http.ResponseWriter, status int) {
	w.Header().Set("Retry-After-Ms", "1")
	w.WriteHeader(status)
}

func TestARunWithoutAPostHasAReasonAndIsRefunded(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		reasons := map[string]string{}
		names := []string{"blog", "social"} // each topic has one of them on one engine, and the other on the other
		if e == testkit.Servers {
			slices.Reverse(names)
		}
		for i, topic := range slices.Sorted(maps.Keys(wrong)) {
			k := kinds[names[i%2]]
			run := ended(t, p, c, generate(t, c, k, topic).ID)
			isFailed(t, c, run, k, wrong[topic].reason)
			reasons[run.ID] = wrong[topic].reason
			if t.Failed() {
				t.Fatalf("run with the topic %q of the kind %s failed, want what is checked above", topic, k.event)
			}
		}
		for _, data := range eventData(t, c, "agent.failed") {
			if data["reason"] != reasons[data["id"].(string)] || data["error"] == nil || data["status"] != "failed" {
				t.Errorf("agent.failed: %v, want the reason of its run", data)
			}
			delete(reasons, data["id"].(string))
		}
		if len(reasons) > 0 || len(eventData(t, c, "blog.created"))+len(eventData(t, c, "social.created"))+
			len(eventData(t, c, "agent.completed")) > 0 {
			t.Errorf("reasons without agent.failed: got %v, want none, and no other event", reasons)
		}
		if b := creditsLeft(t, c); b != 10_000 {
			t.Errorf("balance: got %d, want 10,000", b)
		}
	})
}

// isFailed checks a run that failed or was cancelled: its post, the refund and the reason.
func isFailed(t *testing.T, c *testkit.Client, run api.AgentRun, k kind, reason string) {
	t.Helper()
	got, _ := run.Reason.Get()
	if got != reason || run.Error.IsNull() || run.RefundID.IsNull() || run.FinishedAt.IsNull() {
		t.Errorf("the run is %+v, want the reason %s, an error and a refund", run, reason)
	}
	post := testkit.Get[object](t, c, k.path+"/"+run.PostID)
	if post["status"] != "failed" || post["reason"] != reason || post["error"] == nil || post[k.written] != nil {
		t.Errorf("the post is %v, want failed with the reason %s", post, reason)
	}
	wantMessage(t, c.Call(t, http.MethodPost, k.path+"/"+run.PostID+"/approve", nil),
		"this post could not be written: generate another.")
	refund, _ := run.RefundID.Get()
	charge, _ := run.ChargeID.Get()
	ledger := testkit.Get[api.Credits](t, c, "/api/v1/credits?limit=100").Data
	i := slices.IndexFunc(ledger, func(e api.CreditEntry) bool { return e.ID == refund })
	if i < 0 || ledger[i].Amount != k.price || ledger[i].Reference != charge || !strings.Contains(ledger[i].Reason,
		run.ID) {
		t.Errorf("the ledger is %+v, want a refund of the charge", ledger)
	}
}

func TestAModelThatDoesNotAnswerInTimeFailsTheRun(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		m := fake.NewModel(t, func(_ http.ResponseWriter, a fake.Asked) { a.Hang() })
		p := testkit.Start(t, e, fake.WithModel(m, time.Second, 1))
		c := p.NewTenant(t, "business")
		isFailed(t, c, ended(t, p, c, generate(t, c, kinds["social"], "slow").ID), kinds["social"], "timeout")
	})
}

func TestAModelThatIsLimitedForAMomentWritesAllTheSame(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		topic, asked := onTopic(t, func(w http.ResponseWriter, a fake.Asked) {
			if a.N == 1 {
				again(w, http.StatusTooManyRequests)
				return
			}
			a.Write(w)
		})
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		run := ended(t, p, c, generate(t, c, kinds["blog"], topic).ID)
		if model, _ := run.Model.Get(); run.Status != api.AgentRunStatusCompleted || model != "test-model" ||
			asked() != 2 {
			t.Errorf("run: got %+v after %d requests, want it completed after 2", run, asked())
		}
		if tokens, _ := run.OutputTokens.Get(); tokens != 45 {
			t.Errorf("the run is %+v, want 45 output tokens", run)
		}
		post := testkit.Get[api.BlogPost](t, c, blogs+"/"+run.PostID)
		if title, _ := post.Title.Get(); title != "Written: "+topic || !slices.Equal(post.Keywords,
			[]string{"one", "two"}) {
			t.Errorf("the post is %+v, want the title and keywords of the model", post)
		}
	})
}

func TestACancelledRunEndsAtOnceAndItsModelIsLeftAlone(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		begun, left := make(chan struct{}, 10), make(chan struct{}, 10)
		topic, asked := onTopic(t, func(_ http.ResponseWriter, a fake.Asked) {
			begun <- struct{}{}
			a.Hang()
			left <- struct{}{}
		})
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		run := generate(t, c, kinds["blog"], topic)
		<-begun
		if got := runOf(t, c, run.ID); got.Status != api.AgentRunStatusRunning {
			t.Errorf("the run is %+v, want running", got)
		}
		cancelled := testkit.Post[api.AgentRun](t, c, "/api/v1/agent-runs/"+run.ID+"/cancel", nil, http.StatusOK)
		isFailed(t, c, cancelled, kinds["blog"], "cancelled")
		wantMessage(t, c.Call(t, http.MethodPost, "/api/v1/agent-runs/"+run.ID+"/cancel", nil),
			"this one is cancelled.")
		<-left
		if events := eventData(t, c, "agent.failed"); len(events) != 1 || events[0]["status"] != "cancelled" ||
			events[0]["reason"] != "cancelled" {
			t.Errorf("agent.failed: %v, want one with the reason cancelled", events)
		}
		if b := creditsLeft(t, c); b != 10_000 || asked() != 1 {
			t.Errorf("got a balance of %d after %d requests, want 10,000 after 1", b, asked())
		}
	})
}

func TestARequestThatIsRepeatedGeneratesAndCostsOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		post := func() testkit.Answer {
			return c.Call(t, http.MethodPost, blogs+"/generate", object{"topic": "Lost leads"}, "Idempotency-Key",
				"one").Want(t, http.StatusAccepted)
		}
		if first, second := post(), post(); string(first.Body) != string(second.Body) || creditsLeft(t, c) != 9_990 {
			t.Errorf("repeated call: got %s and then %s, balance %d, want the same and 9,990", first.Body,
				second.Body, creditsLeft(t, c))
		}
		if n := testkit.Get[api.BlogPostList](t, c, blogs).Meta.Total; n != 1 {
			t.Errorf("posts: got %d, want 1", n)
		}
	})
}

func TestAPostNeedsEnoughCredits(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded, testkit.WithPrice("generateBlogPost", 6_000))
	c := p.NewTenant(t, "business")
	generate(t, c, kinds["blog"], "Lost leads")
	a := c.Call(t, http.MethodPost, blogs+"/generate", object{"topic": "Lost leads"}).Want(t, http.StatusForbidden)
	if a.Problem(t).Error.Code != api.ErrorErrorCodeInsufficientCredits || testkit.Get[api.BlogPostList](t, c,
		blogs).Meta.Total != 1 {
		t.Errorf("got %s and a second post, want insufficient_credits and one", a.Body)
	}
}

func TestPostsAreFilteredCountedAndListedNewestFirst(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		var posts []api.AgentRun
		for _, topic := range []string{"refused 100%", "ÜBER Leads", "under_score"} {
			posts = append(posts, ended(t, p, c, generate(t, c, kinds["blog"], topic).ID))
		}
		testkit.Post[object](t, c, blogs+"/"+posts[2].PostID+"/approve", nil, http.StatusOK)
		generate(t, c, kinds["social"], "elsewhere")
		middle := testkit.Get[api.BlogPost](t, c, blogs+"/"+posts[1].PostID).CreatedAt
		at := url.QueryEscape(middle.Format(time.RFC3339Nano))
		for query, want := range map[string]string{
			"": "2 1 0", "per_page=2": "2 1", "per_page=2&page=2": "0", "status=draft": "1", "status=failed": "0",
			"status=approved":  "2",
			"status=published": "", "q=leads": "1", "q=" + url.QueryEscape("über"): "1", "q=100%25": "0", "q=_": "2",
			"q=%25": "0", "q=WRITTEN": "2 1",
			"q=elsewhere": "", "created_from=" + at: "2 1", "created_to=" + at: "0", "created_from=" + at +
				"&status=draft&q=leads": "1",
		} {
			list := testkit.Get[api.BlogPostList](t, c, blogs+"?"+query)
			var got []string
			for _, post := range list.Data {
				got = append(got, fmt.Sprint(slices.IndexFunc(posts, func(r api.AgentRun) bool {
					return r.PostID == post.ID
				})))
			}
			if strings.Join(got, " ") != want || (!strings.Contains(query, "page") && list.Meta.Total != len(got)) {
				t.Errorf("%s: %v of %d instead of %q", query, got, list.Meta.Total, want)
			}
		}
		for query, want := range map[string]int{"platform=x": 1, "platform=linkedin": 0, "q=elsewhere": 1} {
			if n := testkit.Get[api.SocialPostList](t, c, socials+"?"+query).Meta.Total; n != want {
				t.Errorf("posts with %s: got %d, want %d", query, n, want)
			}
		}
		for query, field := range map[string]string{
			"page=0": "page", "per_page=101": "per_page", "status=new": "status", "q=": "q",
			"created_from=yesterday": "created_from",
			"created_from=2026-11-21T10:00:00Z&created_to=2026-11-21T09:00:00Z": "created_to",
		} {
			a := c.Call(t, http.MethodGet, blogs+"?"+query, nil).Want(t, http.StatusBadRequest)
			if details := a.Problem(t).Error.Details; len(details) != 1 || details[0].Field != field {
				t.Errorf("%s: got %s, want the field %s", query, a.Body, field)
			}
		}
		c.Call(t, http.MethodGet, socials+"/"+posts[1].PostID, nil).Want(t, http.StatusNotFound)
		c.Call(t, http.MethodPost, socials+"/"+posts[1].PostID+"/approve", nil).Want(t, http.StatusNotFound)
	})
}
