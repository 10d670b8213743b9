package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestMediaTypesAreTakenInAnyCase(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewTenant(t, "business")
	for _, media := range []string{"application/json", "Application/Json", "APPLICATION/JSON; Charset=UTF-8"} {
		tenant.Call(t, http.MethodPost, "/api/v1/leads", `{"name":"Ada Lovelace","email":"ada@example.com"}`,
			"Content-Type", media).Want(t, http.StatusCreated)
	}
}

// TestABodyIsOptionalWhereAllOfItIs because clients of an action without arguments send none.
func TestABodyIsOptionalWhereAllOfItIs(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	found := 0
	for _, o := range operations(t) {
		if !o.Body || o.Public {
			continue
		}
		if empty := len(testkit.Contract().BodyChecker(o.Rule)([]byte("{}"))) == 0; empty != o.OptionalBody {
			t.Errorf("requestBody of %s: got required: %t, want %t, since its schema takes {}: %t", o.OperationID,
				!o.OptionalBody, !empty, empty)
		}
		if !o.OptionalBody {
			continue
		}
		found++
		path := strings.ReplaceAll(o.Path, "{email}", "ada@example.com")
		path = parameter.ReplaceAllString(path, "nothing")
		client := o.caller(p, tenant)
		object := client.Call(t, o.methods, path, "{}")
		for _, headers := range [][]string{nil, {"Content-Type", ""}, {"Content-Type", "text/plain"}} {
			a := client.Call(t, o.methods, path, "", headers...)
			if a.Status != object.Status && a.Status/100 != 2 {
				t.Errorf("%s without a body and with %q: got %d, want %d as with {}: %s", o.OperationID, headers,
					a.Status, object.Status, a.Body)
			}
		}
		client.Call(t, o.methods, path, "{}", "Content-Type", "text/plain").Want(t, http.StatusUnsupportedMediaType)
	}
	if found < 8 {
		t.Errorf("operations with an optional body: got %d, want at least 8", found)
	}
}

func TestAnEncodedBodyIsRefusedByEveryOperation(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	for _, o := range operations(t) {
		if !o.Body {
			continue
		}
		a := o.caller(p, tenant).Call(t, o.methods, o.at("x"), o.body, "Content-Encoding", "gzip").
			Want(t, http.StatusUnsupportedMediaType)
		if !strings.Contains(a.Problem(t).Error.Message, "Content-Encoding: gzip") ||
			a.Header.Get("Accept-Encoding") != "identity" {
			t.Errorf("%s: got %s, Accept-Encoding: %s, want the coding named, and identity", o.OperationID, a.Body,
				a.Header.Get("Accept-Encoding"))
		}
	}
	tenant.Call(t, http.MethodPost, "/api/v1/leads", `{"name":"Ada"}`, "Content-Encoding", "Identity").
		Want(t, http.StatusCreated)
}

func TestAWholeNumberIsTakenInEveryForm(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	for _, number := range []string{"5", "5.0", "5e0", "50E-1"} {
		lead := testkit.Post[gen.Lead](t, tenant, "/api/v1/leads", `{"name":"Ada","score":`+number+`}`,
			http.StatusCreated)
		if lead.Score != 5 {
			t.Errorf("score %s: got %d, want 5", number, lead.Score)
		}
		bulk := testkit.Post[gen.LeadBulkResult](t, tenant, "/api/v1/leads/bulk",
			`{"leads":[{"name":"Ada","score":`+number+`}]}`, http.StatusOK)
		if bulk.Meta.Created != 1 {
			t.Errorf("score %s in bulk: got %+v, want the lead created", number, bulk)
		}
		hook := testkit.Post[gen.WebhookCreated](t, tenant, "/api/v1/webhooks",
			`{"url":"http://127.0.0.1:9/x","events":["lead.created"],"rate_limit":{"requests":`+number+`},"enabled":false,
			"retry_policy":{"max_attempts":`+number+`}}`, http.StatusCreated)
		if rate := *hook.RateLimit.Requests; rate != 5 || *hook.RetryPolicy.MaxAttempts != 5 {
			t.Errorf("%s: got a rate limit of %d and %d attempts, want 5 of both", number, rate,
				*hook.RetryPolicy.MaxAttempts)
		}
	}
}

// TestEveryIntegerOfABodyIsTakenAsAFraction sends the example of each operation with 5.0 for 5.
func TestEveryIntegerOfABodyIsTakenAsAFraction(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	for _, o := range operations(t) {
		raw, changed := fractions(t, o)
		if !changed || o.Public {
			continue
		}
		a := o.caller(p, tenant).Call(t, o.methods, o.at("x"), raw)
		if a.Status == http.StatusBadRequest && strings.Contains(string(a.Body), "whole number") ||
			a.Status == http.StatusInternalServerError {
			t.Errorf("%s with %s: got %s, want the numbers taken", o.OperationID, raw, a.Body)
		}
	}
}

func TestARetryPolicyOfOneAttemptIsWhole(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewTenant(t, "business")
	for profile, first := range map[string]string{"hookline": "5s", "leadhooks": "1s", "leadie": "1m"} {
		hook := testkit.Post[gen.WebhookCreated](t, tenant, "/api/v1/webhooks", map[string]any{
			"url": "http://127.0.0.1:9/x", "events": []string{"lead.created"}, "profile": profile, "enabled": false,
			"retry_policy": map[string]any{"max_attempts": 1}}, http.StatusCreated)
		if len(hook.RetryPreview) != 1 || *hook.RetryPolicy.MaxAttempts != 1 || *hook.RetryPolicy.Initial != first {
			t.Errorf("%s: got %+v with %v, want one attempt and the profile's first delay, %s", profile,
				hook.RetryPolicy, hook.RetryPreview, first)
		}
	}
}

func TestSpaceAroundAnOwnSecretIsNotPartOfIt(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewTenant(t, "business")
	const one, two = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	hook := testkit.Post[gen.WebhookCreated](t, tenant, "/api/v1/webhooks", map[string]any{
		"url": "http://127.0.0.1:9/x", "events": []string{"*"}, "secret": " " + one + "\n", "enabled": false},
		http.StatusCreated)
	path := "/api/v1/webhooks/" + hook.ID + "/rotate-secret"
	rotated := testkit.Post[gen.WebhookSecret](t, tenant, path, map[string]any{"secret": "\t" + two + "\r\n"},
		http.StatusOK)
	if hook.Secret != one || rotated.Secret != two {
		t.Errorf("secrets with space around: got %q and %q, want %q and %q", hook.Secret, rotated.Secret, one, two)
	}
	blank := tenant.Call(t, http.MethodPost, path, map[string]any{"secret": strings.Repeat(" ", 20)})
	if blank.Want(t, http.StatusBadRequest); fields(t, blank) != "secret" {
		t.Errorf("a blank secret: got %s, want it refused", blank.Body)
	}
}

var integer = regexp.MustCompile(`([:\[,])(-?[0-9]+)([,\]}])`)

// fractions is the example of an operation's body with each whole number written as a fraction, if it has one.
func fractions(t *testing.T, o operation) (string, bool) {
	t.Helper()
	raw, err := json.Marshal(o.body)
	if err != nil {
		t.Fatal(err)
	}
	changed := integer.ReplaceAllString(string(raw), "$1$2.0$3")
	return changed, changed != string(raw)
}
