package page_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestOperatorKeysAreShownOnceAndRevokedByTheirName(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded) // its only operators: the last operator key is not revoked
	b := newBrowser(t, p)
	b.signIn(t, p.Operator.Key())
	const path = "/admin/operator-keys"
	b.see(t, path, http.StatusOK, "yours", p.Operator.Key()[:10])
	if a := b.fill(t, path, path, "name", " ", "role", "admin"); a.status != http.StatusBadRequest || !strings.Contains(a.body,
		`class="wrong"`) {
		t.Errorf("key without a name: got %d, want 400 and the field marked", a.status)
	}
	a := b.fill(t, path, path, "name", "On-call <b>", "role", "admin")
	text := regexp.MustCompile(`hk_op_[A-Za-z0-9]{20,}`).FindString(a.body)
	if a.status != http.StatusOK || text == "" || !strings.Contains(a.body, "data-guard") {
		t.Fatalf("new key: got %d %s, want 200 and the secret", a.status, a.body)
	}
	made := recorded(t, p, "operator_key.created")
	if strings.Contains(b.see(t, path, http.StatusOK, "On-call <b>", path+"/"+made.Target+"/revoke").body, text) {
		t.Error("list: got the secret in it, want it left out")
	}
	testkit.NewClient(p.URL, text).Call(t, http.MethodGet, "/admin/v1/operator-keys", nil).Want(t, http.StatusOK)
	other := newBrowser(t, p)
	other.signIn(t, text)
	revoke := path + "/" + made.Target + "/revoke"
	if strings.Contains(b.see(t, revoke, http.StatusOK, "On-call <b>").body, "yourself") {
		t.Error("revoking another's key: got it called the visitor's own, want not")
	}
	other.see(t, revoke, http.StatusOK, "You signed in with this key yourself.")
	if a := b.fill(t, revoke, revoke, "name", "On-call"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("wrong name: got %d, want 422", a.status)
	}
	other.see(t, "/admin", http.StatusOK)
	b.fill(t, revoke, revoke, "name", "On-call <b>").leads(t, path+"?done=revoked")
	b.see(t, path+"?done=revoked", http.StatusOK, "The key was revoked.", "revoked")
	testkit.NewClient(p.URL, text).Call(t, http.MethodGet, "/admin/v1/operator-keys", nil).
		Want(t, http.StatusUnauthorized)
	other.send(t, http.MethodGet, "/admin", nil).leads(t, "/admin/login")
	recorded(t, p, "operator_key.revoked")

	last := ""
	for _, k := range testkit.Get[gen.OperatorKeyList](t, p.Operator, "/admin/v1/operator-keys").Data {
		if k.RevokedAt.IsNull() {
			last = k.Name
			revoke = path + "/" + k.ID + "/revoke"
		}
	}
	if a := b.fill(t, revoke, revoke, "name", last); a.status != http.StatusConflict || !strings.Contains(a.body,
		`role="alert"`) {
		t.Errorf("last key: got %d, want 409 and an alert", a.status)
	}
	b.see(t, path+"/opk_x/revoke", http.StatusNotFound, "Not found")
}

func TestInvoicesAreRecordedAndPaidOnce(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	b := newBrowser(t, p)
	b.signIn(t, p.Operator.Key())
	tenant := p.NewTenant(t, "business")
	receiver := testkit.NewReceiver(t, nil)
	tenant.NewEndpoint(t, receiver.URL, map[string]any{"events": []string{"invoice.paid"}})
	id := testkit.TenantOf(t, tenant)
	path := "/admin/tenants/" + id + "/invoices"
	b.see(t, path, http.StatusOK, "No invoices yet", "Record an invoice")
	good := []string{"number", "2026-117", "amount", "9900", "currency", "EUR", "description",
		"Business in November", "period_start", "2026-11-01T00:00", "period_end", "2026-12-01T00:00", "status",
		"open"}
	for _, wrong := range [][]string{{"number", ""}, {"amount", "99.00"}, {"amount", "-1"}, {"currency", "Euros"},
		{"period_start", "November"}, {"period_end", "December"}} {
		values := slices.Clone(good)
		values[slices.Index(values, wrong[0])+1] = wrong[1]
		if a := b.fill(t, path, path, values...); a.status != http.StatusBadRequest || !strings.Contains(a.body,
			`class="wrong"`) || !strings.Contains(a.body, `value="Business in November"`) {
			t.Errorf("%s %q: got %d, want 400 with the field marked and the others kept", wrong[0], wrong[1],
				a.status)
		}
	}
	b.fill(t, path, path, good...).leads(t, path+"?done=invoiced")
	if a := b.fill(t, path, path, good...); a.status != http.StatusConflict || !strings.Contains(a.body,
		`role="alert"`) {
		t.Errorf("same number again: got %d, want 409 and an alert", a.status)
	}
	invoices := func() []gen.Invoice {
		return testkit.Get[gen.InvoiceList](t, p.Operator, "/admin/v1/tenants/"+id+"/invoices").Data
	}
	i := invoices()[0]
	if i.Amount != 9900 || i.Currency != "eur" || i.Status != gen.InvoiceStatusOpen || !i.PeriodEnd.MustGet().
		Equal(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)) || len(invoices()) != 1 {
		t.Errorf("invoice: got %+v, want 9900 eur, open, until December", i)
	}
	pay := path + "/" + i.ID + "/pay"
	b.see(t, path, http.StatusOK, "9900 eur", pay)
	b.see(t, pay, http.StatusOK, "Record that invoice 2026-117 is paid", "9900 eur")
	if a := b.fill(t, pay, pay, "paid_at", "today"); a.status != http.StatusBadRequest || !strings.Contains(a.body,
		`class="wrong"`) {
		t.Errorf("invalid time: got %d, want 400 and the field marked", a.status)
	}
	b.fill(t, pay, pay, "paid_at", "2026-11-20T10:00").leads(t, path+"?done=paid")
	if paid := invoices()[0]; paid.Status != gen.InvoiceStatusPaid || !paid.PaidAt.MustGet().
		Equal(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("paid invoice: got %+v, want the time that was given", paid)
	}
	if got := receiver.Next(t); !strings.Contains(string(got.Body), "2026-117") {
		t.Errorf("webhook: got %s, want invoice 2026-117", got.Body)
	}
	b.see(t, pay, http.StatusOK, "Invoice 2026-117 is paid")
	if a := b.fill(t, path, pay); a.status != http.StatusConflict {
		t.Errorf("paid twice: got %d, want 409", a.status)
	}
	b.fill(t, path, path, "number", "2026-118", "amount", "100", "currency", "eur", "status", "paid").
		leads(t, path+"?done=invoiced")
	if got := receiver.Next(t); !strings.Contains(string(got.Body), "2026-118") {
		t.Errorf("webhook: got %s, want invoice 2026-118", got.Body)
	}
	b.see(t, path+"?status=open", http.StatusOK, "No open invoices")
	b.see(t, path+"/inv_x/pay", http.StatusNotFound, "Not found")
	another := testkit.TenantOf(t, p.NewTenant(t, "business"))
	b.see(t, "/admin/tenants/"+another+"/invoices/"+i.ID+"/pay", http.StatusNotFound, "Not found")
	recorded(t, p, "invoice.created", "tenant_id="+id)
	recorded(t, p, "invoice.paid", "tenant_id="+id)
}

func TestDeadLettersOfOneTenantAreDeletedWithoutThoseOfOthers(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded)
	b := newBrowser(t, p)
	b.signIn(t, p.Operator.Key())
	receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		w.WriteHeader(http.StatusBadGateway)
	})
	tenants := twoWithDeadLetters(t, p, receiver)
	dead := func() (n int) {
		for _, c := range tenants {
			n += len(c.Deliveries(t, "&status=dead"))
		}
		return n
	}
	const purge = "/admin/dead-letters/purge"
	one := testkit.TenantOf(t, tenants[0])
	name := testkit.Get[gen.Tenant](t, p.Operator, "/admin/v1/tenants/"+one).Name
	b.see(t, "/admin/dead-letters?tenant_id="+one, http.StatusOK, purge+"?tenant_id="+one)
	b.see(t, purge, http.StatusOK, "Delete 2 dead letters of all tenants?")
	of := purge + "?tenant_id=" + one
	b.see(t, of, http.StatusOK, "Delete 1 dead letter of "+name+"?", one)
	b.see(t, of+"&name=1", http.StatusBadRequest, "Delete 1 dead letter", "“name” is no filter of this page.")
	if a := b.fill(t, of, purge, "tenant_id", one, "name", "2"); a.status != http.StatusUnprocessableEntity ||
		!strings.Contains(a.body, "This is not the number.") {
		t.Errorf("wrong number: got %d, want 422 and the reason", a.status)
	}
	if n := dead(); n != 2 {
		t.Errorf("dead letters: got %d, want 2", n)
	}
	if log := testkit.Get[gen.AuditEntryList](t, p.Operator,
		"/admin/v1/audit-log?action=dead_letters.purged").Data; len(log) != 0 {
		t.Errorf("audit log: got %+v, want no entry for asking", log)
	}
	a := b.fill(t, of, purge, "tenant_id", one, "name", "1")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/admin/jobs/") {
		t.Fatalf("purge: got %d to %q, want 303 to the job", a.status, a.to)
	}
	p.Await(t, "the job to be done", func() bool {
		return strings.Contains(b.send(t, http.MethodGet, a.to, nil).body, `<b>1</b> of 1 done`)
	})
	b.see(t, a.to, http.StatusOK, "Purge of dead letters", name)
	if dead() != 1 || len(tenants[1].Deliveries(t, "&status=dead")) != 1 {
		t.Error("dead letters: got another one left, want the other tenant's")
	}
	// there is nothing to ask about
	b.send(t, http.MethodGet, of, nil).leads(t, "/admin/dead-letters?tenant_id="+one)
	if entry := recorded(t, p, "dead_letters.purged"); entry.Actor.Type != gen.AuditEntryActorTypeOperator {
		t.Errorf("audit entry: got %+v, want the operator's", entry)
	}
}

func TestAnOperatorCancelsAJobThatWaits(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Servers, testkit.WithoutWorker()) // which would run it
	b := newBrowser(t, p)
	b.signIn(t, p.Operator.Key())
	a := b.fill(t, "/admin/dead-letters", "/admin/dead-letters/replay", "do", "replay")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/admin/jobs/") {
		t.Fatalf("purge: got %d to %q, want 303 to the job", a.status, a.to)
	}
	b.see(t, a.to, http.StatusOK, "Replay of dead letters", "queued", a.to+"/cancel")
	if c := b.send(t, http.MethodPost, a.to+"/cancel", nil); c.status != http.StatusForbidden {
		t.Errorf("cancelling without a token: got %d, want 403", c.status)
	}
	b.fill(t, a.to, a.to+"/cancel").leads(t, a.to+"?done=cancelled")
	if strings.Contains(b.see(t, a.to+"?done=cancelled", http.StatusOK, "The job was cancelled.",
		"s-cancelled").body, a.to+"/cancel") {
		t.Error("cancelled job: got a button to cancel it, want none")
	}
	id := strings.TrimPrefix(a.to, "/admin/jobs/")
	if j := testkit.Get[gen.TenantJob](t, p.Operator, "/admin/v1/jobs/"+
		id); j.Status != gen.TenantJobStatusCancelled {
		t.Errorf("job: got %s, want cancelled", j.Status)
	}
	if again := b.fill(t, "/admin/dead-letters", a.to+"/cancel"); again.status != http.StatusConflict {
		t.Errorf("cancelling again: got %d, want 409", again.status)
	}
	if entry := recorded(t, p, "job.cancelled"); entry.Target != id {
		t.Errorf("audit entry: got %+v, want the target %s", entry, id)
	}
}
