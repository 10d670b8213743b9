package resource_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func bulk(t *testing.T, c *testkit.Client, rows []object, more object) api.LeadBulkResult {
	t.Helper()
	body := object{"leads": rows}
	for k, v := range more {
		body[k] = v
	}
	return testkit.Into[api.LeadBulkResult](t, c.Call(t, http.MethodPost, "/api/v1/leads/bulk", body).
		Want(t, http.StatusOK))
}

func many(n int) []object {
	rows := make([]object, n)
	for i := range rows {
		rows[i] = object{"name": fmt.Sprint(i), "email": fmt.Sprintf("a%d@example.com", i),
			"external_id": fmt.Sprint("crm-", i)}
	}
	return rows
}

func total(t *testing.T, c *testkit.Client) int {
	t.Helper()
	return testkit.Get[api.LeadList](t, c, "/api/v1/leads?per_page=1").Meta.Total
}

func TestABulkOf500IsCreatedAndDelivered(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		endpoint, want := object{"events": []string{"lead.created"}}, 500
		if e == testkit.Embedded { // all are matched and one in ten is delivered, to be done sooner
			endpoint["filter"], want = `data.external_id.endsWith("7")`, 50
		}
		c.NewEndpoint(t, receiver.URL, endpoint)
		result := bulk(t, c, many(500), nil)
		if result.Meta.Created != 500 || result.Meta.Failed != 0 || len(result.Data) != 500 || total(t, c) != 500 {
			t.Fatalf("got %+v and %d leads, want 500", result.Meta, total(t, c))
		}
		for i, row := range result.Data {
			if row.Index != i || row.Status != api.LeadBulkRowStatusCreated ||
				row.Lead.Name.MustGet() != fmt.Sprint(i) || len(row.Errors) != 0 {
				t.Fatalf("row %d: got %+v, want it created", i, row)
			}
		}
		if got := testkit.Get[object](t, c, "/api/v1/leads/"+result.Data[7].Lead.ID); got["external_id"] != "crm-7" ||
			got["status"] != "new" {
			t.Errorf("lead of row 7: got %v, want crm-7 and the status new", got)
		}
		if got := namesFound(t, c, "q=a77"); got != "77" {
			t.Errorf("search: got %s, want 77", got)
		}
		delivered := map[string]bool{}
		for range want {
			var body struct{ Data struct{ ID string } }
			if err := json.Unmarshal(receiver.Next(t).Body, &body); err != nil {
				t.Fatal(err)
			}
			delivered[body.Data.ID] = true
		}
		if len(delivered) != want {
			t.Errorf("webhooks about %d leads, want %d", len(delivered), want)
		}
	})
}

func TestAHalfValidBulkCreatesTheValidHalfUnlessAllOrNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		newLead(t, c, object{"name": "there", "external_id": "crm-1"})
		rows := []object{
			{"name": "good"}, {"email": "nonsense", "score": -1}, {"external_id": "crm-1"}, {"external_id": "crm-2"},
			{"external_id": "crm-2"},
			{}, {"no_such_field": 1}, {"score": 1.5}, {"status": ""}, {"name": "good too", "email": nil},
		}
		all := c.Call(t, http.MethodPost, "/api/v1/leads/bulk", object{"leads": rows, "all_or_nothing": true}).
			Want(t, http.StatusBadRequest)
		if details := all.Problem(t).Error.Details; len(details) != 6 || details[0].Field != "leads[1].email" &&
			details[1].Field != "leads[1].email" {
			t.Errorf("all or nothing: got %s, want all 6 violations", all.Body)
		}
		some := []object{rows[0], rows[2], rows[3], rows[4]}
		taken := c.Call(t, http.MethodPost, "/api/v1/leads/bulk", object{"leads": some, "all_or_nothing": true}).
			Want(t, http.StatusConflict)
		if details := taken.Problem(t).Error.Details; len(details) != 2 || details[0].Field != "leads[1].external_id" ||
			details[1].Field != "leads[3].external_id" {
			t.Errorf("all or nothing: got %s, want the two external ids", taken.Body)
		}
		if n := total(t, c); n != 1 || len(eventData(t, c, "lead.created")) != 1 {
			t.Fatalf("leads after a refused bulk: got %d, want 1", n)
		}

		result := bulk(t, c, rows, nil)
		var got []string
		for _, row := range result.Data {
			got = append(got, string(row.Status))
			if (row.Lead == nil) != (len(row.Errors) > 0) {
				t.Errorf("row: got %+v, want a lead or errors", row)
			}
		}
		want := "created invalid conflict created conflict invalid invalid invalid invalid created"
		if strings.Join(got, " ") != want || result.Meta.Created != 3 || result.Meta.Failed != 7 {
			t.Errorf("rows: got %v of %+v, want %s of 3 created and 7 failed", got, result.Meta, want)
		}
		var fields []string
		for _, e := range result.Data[1].Errors {
			fields = append(fields, e.Field)
		}
		if slices.Sort(fields); !slices.Equal(fields, []string{"leads[1].email", "leads[1].score"}) ||
			result.Data[2].Errors[0].Field != "leads[2].external_id" {
			t.Errorf("violations: got %v and %v, want email and score of row 1 and external_id of row 2", fields,
				result.Data[2])
		}
		if n := total(t, c); n != 4 || len(eventData(t, c, "lead.created")) != 4 {
			t.Errorf("leads: got %d, want 4 with their events", n)
		}
		if none := bulk(t, c, []object{{"email": "nonsense"}}, nil); none.Meta.Created != 0 || none.Meta.Failed != 1 {
			t.Errorf("bulk of an invalid row: got %+v, want 0 created and 1 failed", none)
		}
	})
}

func TestABulkThatIsTooLargeOrEmptyIsRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		for _, body := range []object{{"leads": many(501)}, {"leads": []object{}}, {"leads": []any{1}},
			{"leads": []any{nil}}, {"leads": nil}, {}} {
			a := c.Call(t, http.MethodPost, "/api/v1/leads/bulk", body).Want(t, http.StatusBadRequest)
			if details := a.Problem(t).Error.Details; len(details) != 1 || !strings.HasPrefix(details[0].Field,
				"leads") {
				t.Errorf("got %s, want a violation of leads", a.Body)
			}
		}
		if n := total(t, c); n != 0 {
			t.Errorf("leads: got %d, want 0", n)
		}
	})
}

func TestABulkIsCreatedOnceHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		body := object{"leads": []object{{"name": "a"}, {"email": "nonsense"}}}
		first := c.Call(t, http.MethodPost, "/api/v1/leads/bulk", body, "Idempotency-Key", "one").Want(t, http.StatusOK)
		again := c.Call(t, http.MethodPost, "/api/v1/leads/bulk", body, "Idempotency-Key", "one").Want(t, http.StatusOK)
		if string(first.Body) != string(again.Body) || total(t, c) != 1 {
			t.Errorf("repeated bulk: got %s and then %s, want the same and one lead", first.Body, again.Body)
		}
	})
}

func TestBulksWithTheSameIDsAtTheSameTimeCreateEachOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		var all sync.WaitGroup
		var mu sync.Mutex
		created := 0
		for i := range 6 {
			rows := many(60)
			if i%2 == 1 {
				slices.Reverse(rows)
			}
			all.Go(func() {
				a := c.Call(t, http.MethodPost, "/api/v1/leads/bulk", object{"leads": rows})
				if a.Status != http.StatusOK {
					t.Errorf("got %d %s, want 200", a.Status, a.Body)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				created += testkit.Into[api.LeadBulkResult](t, a).Meta.Created
			})
		}
		all.Wait()
		if n := total(t, c); n != 60 || created != 60 {
			t.Errorf("got %d created and %d leads, want 60", created, n)
		}
	})
}
