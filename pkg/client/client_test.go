package hookline

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// answer is what the server of a test says to a request. Without a status, the connection is cut.
type answer struct {
	status int
	header map[string]string
	body   string
}

func problem(status int, code string, header map[string]string) answer {
	return answer{status, header, `{"error":{"code":"` + code +
		`","message":"Something is wrong.","details":[{"field":"email","message":"must be an address"}],"request_id":"req_1"}}`}
}

// server gives one answer after the other, the last one again, and keeps the requests.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	answers  []answer
	requests []*http.Request
	bodies   []string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	a := s.answers[min(len(s.requests), len(s.answers)-1)]
	s.requests, s.bodies = append(s.requests, r), append(s.bodies, string(body))
	s.mu.Unlock()
	if a.status == 0 {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// seen returns the requests that arrived, with their bodies.
func (s *server) seen() ([]*http.Request, []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests), slices.Clone(s.bodies)
}

// start starts a server with a client that notes its waits and makes none.
func start(t *testing.T, answers ...answer) (*server, *Client, *[]time.Duration) {
	t.Helper()
	s := &server{answers: answers}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = nil
	s.Start()
	t.Cleanup(s.Close)
	c := New("hk_test_key", WithURL(s.URL+"/"), WithUserAgent("shop/1.2"))
	var waits []time.Duration
	c.random = func() float64 { return 0 }
	c.wait = func(ctx context.Context, d time.Duration) error {
		waits = append(waits, d)
		return ctx.Err()
	}
	return s, c, &waits
}

const lead = `{"id":"lead_1","email":"ada@example.com","company":null,"score":42,"status":"new",
	"created_at":"2026-11-21T09:00:00Z","updated_at":"2026-11-21T09:00:00Z"}`

func TestACallSaysWhoCallsAndWhat(t *testing.T) {
	t.Parallel()
	s, c, _ := start(t, answer{status: http.StatusCreated, body: lead})
	got, err := c.CreateLead(t.Context(), LeadCreate{Email: Ptr("ada@example.com"), Score: Ptr(int64(0))})
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != "lead_1" || *got.Email != "ada@example.com" || got.Company != nil || got.CreatedAt.Year() != 2026 {
		t.Errorf("CreateLead: got %+v, want the lead of the response", got)
	}
	requests, bodies := s.seen()
	r := requests[0]
	if r.Method != http.MethodPost || r.URL.Path != "/api/v1/leads" ||
		bodies[0] != `{"email":"ada@example.com","score":0}` {
		t.Errorf("request: got %s %s %s, want POST /api/v1/leads with email and score", r.Method, r.URL, bodies[0])
	}
	for name, want := range map[string]string{"Authorization": "Bearer hk_test_key", "Content-Type": "application/json",
		"User-Agent": "shop/1.2 hookline-go/" + Version} {
		if got := r.Header.Get(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestPathsAndQueries(t *testing.T) {
	t.Parallel()
	s, c, _ := start(t, answer{status: http.StatusOK, body: `{"data":[],"meta":{"page":1,"per_page":20,"total":0}}`})
	from := time.Date(2026, 11, 21, 10, 0, 0, 0, time.FixedZone("CET", 3600))
	_, err := c.ListLeads(t.Context(), ListLeadsParams{PerPage: 20, ScoreMin: Ptr(int64(0)), CreatedFrom: from,
		Q: "a&b"})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.UpsertLead(t.Context(), "a/b@example.com", nil)
	requests, bodies := s.seen()
	for i, want := range []string{"/api/v1/leads?created_from=2026-11-21T09%3A00%3A00Z&per_page=20&q=a%26b&score_min=0",
		"/api/v1/leads/by-email/a%2Fb@example.com"} {
		if got := requests[i].URL.RequestURI(); got != want || bodies[i] != "" {
			t.Errorf("request %d: got %s with %q, want %s without a body", i, got, bodies[i], want)
		}
	}
	for _, id := range []string{"", ".", ".."} {
		if _, err := c.GetLead(t.Context(), id); !errors.Is(err, ErrValidation) {
			t.Errorf("GetLead(%q): got %v, want ErrValidation without a request", id, err)
		}
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	create := func(ctx context.Context, c *Client) error {
		_, err := c.CreateLead(ctx, LeadCreate{})
		return err
	}
	list := func(ctx context.Context, c *Client) error {
		_, err := c.ListLeads(ctx, ListLeadsParams{})
		return err
	}
	send := func(ctx context.Context, c *Client) error { // takes no Idempotency-Key
		_, err := c.TestWebhook(ctx, "whe_1", nil)
		return err
	}
	ok := answer{status: http.StatusOK, body: `{}`}
	busy := problem(http.StatusServiceUnavailable, "unavailable", nil)
	after := func(seconds string) answer {
		return problem(http.StatusTooManyRequests, "rate_limited", map[string]string{"Retry-After": seconds})
	}
	ms := func(n ...int) (all []time.Duration) {
		for _, n := range n {
			all = append(all, time.Duration(n)*time.Millisecond)
		}
		return all
	}
	proxy := answer{status: http.StatusBadGateway, header: map[string]string{"Content-Type": "text/html"},
		body: "<html>"}
	for name, tt := range map[string]struct {
		call    func(context.Context, *Client) error
		answers []answer
		waits   []time.Duration
		want    error
	}{
		"nothing wrong":              {create, []answer{ok}, nil, nil},
		"a busy server":              {create, []answer{busy, busy, ok}, ms(500, 1000), nil},
		"a proxy":                    {list, []answer{proxy, ok}, ms(500), nil},
		"a cut connection":           {create, []answer{{}, ok}, ms(500), nil},
		"not for ever":               {list, []answer{busy}, ms(500, 1000, 2000), ErrServer},
		"as long as the server says": {create, []answer{after("7"), ok}, ms(7000), nil},
		"at least the own time":      {create, []answer{after("0"), ok}, ms(500), nil},
		"a minute at most":           {create, []answer{after("61"), ok}, nil, ErrRateLimit},
		"no error of the caller": {create, []answer{problem(400, "validation_failed", nil), ok}, nil,
			ErrValidation},
		"no error of the program":      {create, []answer{problem(500, "internal", nil), ok}, nil, ErrServer},
		"not what must be done once":   {send, []answer{busy, ok}, nil, ErrServer},
		"nor after a cut connection":   {send, []answer{{}, ok}, nil, ErrConnection},
		"an answer that is not JSON":   {list, []answer{{status: 200, body: "{"}, ok}, nil, ErrVersion},
		"a 404 of a page, which isn't": {list, []answer{{status: 404, body: "<html>"}, ok}, nil, ErrHost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, c, waits := start(t, tt.answers...)
			if err := tt.call(t.Context(), c); !errors.Is(err, tt.want) {
				t.Errorf("error: got %v, want %v", err, tt.want)
			}
			if !slices.Equal(*waits, tt.waits) {
				t.Errorf("waits: got %v, want %v", *waits, tt.waits)
			}
			requests, bodies := s.seen()
			if want := len(tt.waits) + 1; len(requests) != want {
				t.Fatalf("requests: got %d, want %d", len(requests), want)
			}
			for i, r := range requests {
				if got, want := r.Header.Get("Idempotency-Key"),
					requests[0].Header.Get("Idempotency-Key"); got != want {
					t.Errorf("Idempotency-Key of request %d: got %q, want that of the first, %q", i, got, want)
				}
				if bodies[i] != bodies[0] {
					t.Errorf("body of request %d: got %q, want that of the first, %q", i, bodies[i], bodies[0])
				}
			}
		})
	}
}

func TestWaitsGrowToALimitAndVary(t *testing.T) {
	t.Parallel()
	c := New("hk_test_key", WithURL("http://127.0.0.1:1"), WithRetries(100))
	r := &request{method: http.MethodGet}
	for attempt, want := range map[int]time.Duration{0: firstWait, 3: 4 * time.Second, 4: lastWait, 99: lastWait} {
		for _, share := range []float64{0, 1} {
			c.random = func() float64 { return share }
			want := want - time.Duration(share*float64(want)/2)
			if got, again := c.again(r, attempt, ErrConnection); got != want || !again {
				t.Errorf("attempt %d, jitter %g: got %v and %t, want %v", attempt, share, got, again, want)
			}
		}
	}
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	s, c, _ := start(t, answer{status: http.StatusOK, body: `{}`})
	ctx := t.Context()
	for _, err := range []error{
		second(c.CreateLead(ctx, LeadCreate{})), second(c.CreateLead(ctx, LeadCreate{})),
		second(c.CreateLead(ctx, LeadCreate{}, IdempotencyKey("order-1"))), c.DeleteLead(ctx, "lead_1"),
		second(c.GetLead(ctx, "lead_1")), second(c.TestWebhook(ctx, "whe_1", nil)),
		c.Call(ctx, "post", "/api/v1/leads", LeadCreate{}, nil), c.Call(ctx, "GET", "/api/v1/leads?per_page=1", nil,
			nil),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	requests, _ := s.seen()
	seen := map[string]bool{}
	for i, want := range []string{"random", "random", "order-1", "random", "", "", "random", ""} {
		got := requests[i].Header.Get("Idempotency-Key")
		if want == "random" && (len(got) != 35 || seen[got]) || want != "random" && got != want {
			t.Errorf("Idempotency-Key of request %d: got %q, want %s", i, got, want)
		}
		seen[got] = true
	}
}

func second[T any](_ T, err error) error { return err }

func TestErrorsHaveAFamily(t *testing.T) {
	t.Parallel()
	all := []error{ErrAuthentication, ErrPermission, ErrNotFound, ErrConflict, ErrValidation, ErrRateLimit, ErrServer}
	for status, want := range map[int]error{400: ErrValidation, 401: ErrAuthentication, 403: ErrPermission,
		404: ErrNotFound, 405: ErrValidation, 409: ErrConflict, 413: ErrValidation, 422: ErrValidation,
		429: ErrRateLimit, 500: ErrServer, 503: ErrServer} {
		_, c, _ := start(t, problem(status, "some_code", map[string]string{"Retry-After": "61"}))
		err := second(c.GetLead(t.Context(), "lead_1"))
		for _, family := range all {
			if errors.Is(err, family) != (family == want) {
				t.Errorf("%d: got %v, want %v", status, err, want)
			}
		}
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%d: got %T, want an *Error", status, err)
		}
		if e.Status != status || e.Code != "some_code" || e.Message != "Something is wrong." ||
			e.RequestID != "req_1" ||
			len(e.Details) != 1 || e.Details[0].Field != "email" || e.RetryAfter != 61*time.Second {
			t.Errorf("%d: got %+v, want all that the response has", status, e)
		}
		for _, part := range []string{"some_code", "Something is wrong.", "email: must be an address", "req_1"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%d: got %q, want it to contain %q", status, err, part)
			}
		}
	}
}

func TestErrorsNameTheNextStep(t *testing.T) {
	t.Parallel()
	html := map[string]string{"Content-Type": "text/html; charset=utf-8"}
	gone := problem(404, "not_found", nil)
	gone.body = strings.Replace(gone.body, "Something is wrong.", noSuchPath, 1)
	for name, tt := range map[string]struct {
		answer answer
		family error
		text   string
	}{
		"wrong key":   {problem(401, "unauthorized", nil), ErrAuthentication, "Check the API key"},
		"a page":      {answer{200, html, "<html>"}, ErrHost, "check the address"},
		"a page, 404": {answer{404, html, "<html>"}, ErrHost, "text/html"},
		"other JSON":  {answer{404, nil, `{"message":"no"}`}, ErrHost, "404 Not Found"},
		"other text":  {answer{200, map[string]string{"Content-Type": "text/plain"}, "hello"}, ErrHost, "text/plain"},
		"a redirect": {answer{301, map[string]string{"Location": "https://other.example/"}, ""}, ErrHost,
			"https://other.example/"},
		"another shape": {answer{200, nil, `{"id":7}`}, ErrVersion, ContractVersion},
		"no such path":  {gone, ErrVersion, "older than this client"},
		"no such method": {problem(405, "method_not_allowed", nil), ErrVersion,
			"has no GET /api/v1/leads/{lead_id}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c, _ := start(t, tt.answer)
			err := second(c.GetLead(t.Context(), "lead_1"))
			if !errors.Is(err, tt.family) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("error: got %v, want %v that contains %q", err, tt.family, tt.text)
			}
			if strings.Contains(err.Error(), "hk_test_key") {
				t.Errorf("error: got %v, want it without the key", err)
			}
		})
	}
}

func TestTheKeyAndTheAddressAreChecked(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ key, address, want string }{
		"no key":         {"", "https://api.example.com", "HOOKLINE_API_KEY"},
		"two keys":       {"hk_a hk_b", "https://api.example.com", "a space"},
		"no address":     {"hk_a", "", "HOOKLINE_URL"},
		"no scheme":      {"hk_a", "api.example.com", "https://api.example.com"},
		"another scheme": {"hk_a", "ftp://api.example.com", "https://api.example.com"},
		"a credential":   {"hk_a", "https://user:pass@api.example.com", "https://api.example.com"},
	} {
		c := New(tt.key, WithURL(tt.address))
		if err := c.Call(t.Context(), "GET", "/api/v1/me", nil, nil); !errors.Is(err, ErrConfig) ||
			!strings.Contains(err.Error(), tt.want) || tt.key != "" && strings.Contains(err.Error(), tt.key) {
			t.Errorf("%s: got %v, want ErrConfig that contains %q and not the key", name, err, tt.want)
		}
	}
	if c := New("hk_a\n", WithURL("https://api.example.com/api/v1/")); c.wrong != nil ||
		c.base != "https://api.example.com" {
		t.Errorf("New: got %q, %v, want the address without /api/v1", c.base, c.wrong)
	}
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer slow.Close()
	defer close(release)
	c := New("hk_test_key", WithURL(slow.URL), WithTimeout(20*time.Millisecond), WithRetries(1))
	c.wait = func(context.Context, time.Duration) error { return nil }
	if err := second(c.GetMe(t.Context())); !errors.Is(err, ErrConnection) || !errors.Is(err,
		context.DeadlineExceeded) {
		t.Errorf("GetMe: got %v, want ErrConnection after the timeout", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := second(New("hk_test_key", WithURL(slow.URL)).GetMe(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("GetMe: got %v, want context.Canceled", err)
	}
}

func TestAChangeKeepsRemovesOrSetsAField(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(LeadUpdate{Email: Value("a@example.com"), Company: Null[string](), Score: Ptr(int64(0))})
	if want := `{"email":"a@example.com","company":null,"score":0}`; err != nil || string(got) != want {
		t.Errorf("LeadUpdate: got %s, %v, want %s", got, err, want)
	}
	var back LeadUpdate
	if err := json.Unmarshal(got, &back); err != nil || back.Email != Value("a@example.com") ||
		back.Company != Null[string]() || !back.Name.IsZero() {
		t.Errorf("back: got %+v, %v, want what was written", back, err)
	}
}

func TestAResultFollowsTheStatus(t *testing.T) {
	t.Parallel()
	_, c, _ := start(t, answer{status: http.StatusOK, body: `{"count":3}`}, answer{status: http.StatusAccepted,
		body: `{"id":"job_1"}`}, answer{status: http.StatusNonAuthoritativeInfo, body: `{}`})
	for i, want := range []struct{ preview, job bool }{{true, false}, {false, true}} {
		got, err := c.ReplayDeadLetters(t.Context(), DeadLetterBulk{})
		if err != nil || (got.BulkPreview != nil) != want.preview || (got.Job != nil) != want.job {
			t.Errorf("result %d: got %+v, %v, want %+v", i, got, err, want)
		}
	}
	if _, err := c.ReplayDeadLetters(t.Context(), DeadLetterBulk{}); !errors.Is(err, ErrHost) {
		t.Errorf("another status: got %v, want ErrHost", err)
	}
}

func TestATextIsReturnedAsItIs(t *testing.T) {
	t.Parallel()
	_, c, _ := start(t, answer{200, map[string]string{"Content-Type": "text/csv"}, "id\ndlv_1\n"})
	if got, err := c.ExportDeliveries(t.Context(), ExportDeliveriesParams{}); err != nil ||
		string(got) != "id\ndlv_1\n" {
		t.Errorf("ExportDeliveries: got %q, %v, want the text", got, err)
	}
}
