package resource_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/testkit"
)

// operation is an operation on a thing by its id.
type operation struct {
	caller            *testkit.Client
	method            string
	before, id, after string // the path
	body              object
	prefix            string // of the id
}

func (o operation) call(t *testing.T, with string) testkit.Answer {
	t.Helper()
	return o.caller.Call(t, o.method, o.before+with+o.after, o.body)
}

// operations makes one thing of every noun and returns operations on each, the one that deletes last.
func operations(t *testing.T, p *testkit.Program, c *testkit.Client) []operation {
	t.Helper()
	const v1 = "/api/v1"
	ofTenant := "/admin/v1/tenants/" + testkit.TenantOf(t, c)
	lead := c.NewLead(t, "ada@example.com").ID
	inbox := p.NewInbox(t, c, "Support").ID
	ticket := c.NewTicket(t, inbox, nil).ID
	tag := testkit.Into[api.TagsOfTicket](t, c.Call(t, http.MethodPost, v1+"/tickets/"+ticket+"/tags",
		object{"tag_name": "x"}).Want(t, http.StatusOK)).Data[0].ID
	account := track(t, c, "1")
	shot := snapshot(t, c, account, counts(1, "2026-01-01T00:00:00Z", true)).ID
	message := testkit.Post[api.DirectMessage](t, c, v1+"/tracked-accounts/"+account.ID+"/direct-messages",
		object{"target_username": "b", "message": "c"}, http.StatusAccepted).ID
	job := testkit.Post[api.TrackerJob](t, c, v1+"/tracker/jobs", object{"job_type": "hashtag"},
		http.StatusAccepted).ID
	blog, social := generate(t, c, kinds["blog"], "Leads"), generate(t, c, kinds["social"], "Leads")
	bill := testkit.Post[api.Invoice](t, p.Operator, ofTenant+"/invoices", object{"number": "1", "amount": 1,
		"currency": "eur"}, http.StatusCreated).ID
	failed := object{"status": "failed", "error": "x"}
	return []operation{
		{c, "GET", v1 + "/leads/", lead, "", nil, id.Lead},
		{c, "PATCH", v1 + "/leads/", lead, "", object{"name": "x"}, id.Lead},
		{c, "GET", v1 + "/inboxes/", inbox, "", nil, id.Inbox},
		{p.Operator, "PATCH", ofTenant + "/inboxes/", inbox, "", object{"name": "x"}, id.Inbox},
		{c, "GET", v1 + "/tickets/", ticket, "", nil, id.Ticket},
		{c, "PATCH", v1 + "/tickets/", ticket, "", object{"subject": "x"}, id.Ticket},
		{c, "GET", v1 + "/tickets/", ticket, "/messages", nil, id.Ticket},
		{p.Operator, "POST", ofTenant + "/tickets/", ticket, "/messages",
			object{"type": "inbound", "body_text": "x"}, id.Ticket},
		{c, "GET", v1 + "/tickets/", ticket, "/tags", nil, id.Ticket},
		{c, "DELETE", v1 + "/tickets/" + ticket + "/tags/", tag, "", nil, id.Tag},
		{c, "GET", v1 + "/tracked-accounts/", account.ID, "", nil, id.TrackedAccount},
		{c, "PATCH", v1 + "/tracked-accounts/", account.ID, "", object{"username": "x"},
			id.TrackedAccount},
		{c, "GET", v1 + "/tracked-accounts/", account.ID, "/snapshots", nil, id.TrackedAccount},
		{c, "GET", v1 + "/snapshots/", shot, "", nil, id.Snapshot},
		{c, "POST", v1 + "/snapshots/", shot, "/followers",
			object{"followers": []object{{"user_id": "1", "username": "x"}}}, id.Snapshot},
		{c, "GET", v1 + "/direct-messages/", message, "", nil, id.DirectMessage},
		{p.Operator, "POST", "/admin/v1/direct-messages/", message, "/outcome", failed,
			id.DirectMessage},
		{c, "GET", v1 + "/tracker/jobs/", job, "", nil, id.TrackerJob},
		{p.Operator, "PATCH", "/admin/v1/tracker/jobs/", job, "", failed, id.TrackerJob},
		{c, "GET", blogs + "/", blog.PostID, "", nil, id.BlogPost},
		{c, "GET", socials + "/", social.PostID, "", nil, id.SocialPost},
		{c, "GET", v1 + "/agent-runs/", blog.ID, "", nil, id.AgentRun},
		{p.Operator, "POST", ofTenant + "/invoices/", bill, "/pay", object{}, id.Invoice},
		{c, "DELETE", v1 + "/leads/", lead, "", nil, id.Lead},
	}
}

// byUUID are the nouns that are found by their UUIDs too: the document of inboxops has those.
var byUUID = []string{id.Inbox, id.Ticket, id.Tag}

func TestATextThatIsNoIDAndTheIDOfAnotherNounAreMissingThings(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		for _, o := range operations(t, p, c) {
			u, err := id.ParseAs(o.prefix, o.id)
			if err != nil {
				t.Fatalf("%s %s: got the id %q, want a TypeID with the prefix %s", o.method, o.before, o.id, o.prefix)
			}
			missing := o.call(t, id.New(o.prefix)).Want(t, http.StatusNotFound).Problem(t).Error.Message
			others := []string{"nothing", o.id + "0", o.id[:len(o.id)-1]}
			if !slices.Contains(byUUID, o.prefix) {
				others = append(others, u.String())
			} else if a := o.call(t, u.String()); a.Status >= http.StatusMultipleChoices {
				t.Errorf("%s %s%s: got %d %s, want that it is found by its UUID", o.method, o.before, u, a.Status,
					a.Body)
			}
			for _, prefix := range []string{id.Event, id.BlogPost, id.SocialPost} {
				if prefix != o.prefix {
					others = append(others, u.TypeID(prefix))
				}
			}
			for _, other := range others {
				a := o.call(t, other)
				if a.Status != http.StatusNotFound || a.Problem(t).Error.Message != missing {
					t.Errorf("%s %s%s: got %d %s, want 404 and %q", o.method, o.before, other, a.Status, a.Body,
						missing)
				}
			}
			if a := o.call(t, o.id); a.Status >= http.StatusMultipleChoices {
				t.Errorf("%s %s%s: got %d %s, want that it is found", o.method, o.before, o.id, a.Status, a.Body)
			}
		}
	})
}

func TestAnInvalidTenantIDHasNoRows(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		for _, tenantID := range []string{"nothing", "tnt_nothing", id.New(id.Tenant), id.New(id.Lead)} {
			of := "/admin/v1/tenants/" + tenantID
			for path, body := range map[string]object{
				"PATCH " + of + "/inboxes/" + id.New(id.Inbox):               {"name": "x"},
				"POST " + of + "/invoices/" + id.New(id.Invoice) + "/pay":    {},
				"POST " + of + "/tickets/" + id.New(id.Ticket) + "/messages": {"type": "inbound", "body_text": "x"},
			} {
				method, at, _ := strings.Cut(path, " ")
				p.Operator.Call(t, method, at, body).Want(t, http.StatusNotFound)
			}
			for _, path := range []string{"/admin/v1/direct-messages?tenant_id=", "/admin/v1/tracker/jobs?tenant_id="} {
				if list := testkit.Get[struct{ Data []object }](t, p.Operator, path+tenantID); len(list.Data) != 0 {
					t.Errorf("%s%s: got %v, want nothing", path, tenantID, list.Data)
				}
			}
		}
	})
}

func TestAFilterByAnIDThatNothingHasFindsNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		inbox := p.NewInbox(t, c, "Support").ID
		member := c.NewMember(t, "ada@example.com").ID
		c.NewTicket(t, inbox, object{"assignee_id": member})
		account := track(t, c, "1").ID
		testkit.Post[api.DirectMessage](t, c, "/api/v1/tracked-accounts/"+account+"/direct-messages",
			object{"target_username": "b", "message": "c"}, http.StatusAccepted)
		for filter, right := range map[string]string{"/tickets?inbox_id=": inbox, "/tickets?assignee_id=": member,
			"/direct-messages?tracked_account_id=": account} {
			u, err := id.Parse(right)
			if err != nil {
				t.Fatal(err)
			}
			uuids := 0
			if strings.HasPrefix(filter, "/tickets") { // as the document of inboxops has them
				uuids = 1
			}
			for value, want := range map[string]int{right: 1, "nothing": 0, u.String(): uuids, u.TypeID(id.Lead): 0} {
				list := testkit.Get[struct{ Meta api.PageMeta }](t, c, "/api/v1"+filter+value)
				if list.Meta.Total != want {
					t.Errorf("%s%s: got %d, want %d", filter, value, list.Meta.Total, want)
				}
			}
		}
	})
}
