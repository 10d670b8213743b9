package dashboard

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/plan"
)

// The permissions of the account's own pages.
const (
	readCredits  = "read:credits"
	readUsage    = "read:usage"
	readMembers  = "read:members"
	writeMembers = "write:members"
	readAudit    = "read:audit"
)

func (d *Dashboard) registerUsage(e *echo.Echo) {
	d.get(e, "/app/credits", readCredits, creditsPage)
	d.get(e, "/app/usage", readUsage, usagePage)
}

// ledgerRow is a change of the balance.
type ledgerRow struct {
	Kind, What, Reference string
	Good                  bool // the balance grew
	Amount, Balance       string
	At                    time.Time
	ID                    string
}

var ledgerWords = map[api.CreditEntryKind]string{"grant": "granted", "charge": "charged", "refund": "refunded",
	"monthly": "monthly"}

type planGrant struct {
	Name, Credits string
	Current       bool
}

type creditsData struct {
	Balance, Monthly string
	Plan             string
	Plans            []planGrant
	Rows             []ledgerRow
	Pager            inhouse.Pager
}

// creditsPage shows the balance and the ledger.
func creditsPage(v *visit) error {
	cursor := v.QueryParam("cursor")
	c, err := inhouse.Read[api.Credits](v.API.GetCredits(v.Ctx,
		&api.GetCreditsParams{Cursor: inhouse.Opt[string](cursor), Limit: new(inhouse.PerPage)}))
	if err != nil {
		return err
	}
	d := creditsData{Balance: ui.Count(c.Balance), Monthly: ui.Count(c.MonthlyGrant), Plan: v.Session.Tenant.Plan,
		Pager: v.Pager(cursor, c.Meta)}
	for _, name := range plans {
		d.Plans = append(d.Plans, planGrant{name, ui.Count(plan.MonthlyCredits(name)), name == d.Plan})
	}
	for _, e := range c.Data {
		row := ledgerRow{Kind: ledgerWords[e.Kind], What: e.Reason, Reference: e.Reference, Good: e.Amount >= 0,
			Amount: ui.Count(e.Amount), Balance: ui.Count(e.Balance), At: e.CreatedAt, ID: e.ID}
		if row.Good {
			row.Amount = "+" + row.Amount
		}
		d.Rows = append(d.Rows, row)
	}
	return v.render(http.StatusOK, "credits", "Credits", d)
}

// callCount is how many calls there were with a key or an answer.
type callCount struct {
	Name, Href string
	Status     int // of the answer
	Calls      string
	Width      float64 // of its bar, in percent of the longest
	Kind       string
}

type usageData struct {
	Periods  []ui.Link
	Fault    string
	Key      string // the page is about this key alone
	KeyName  string
	Total    string
	Answered string // the share of calls that were
	Chart    ui.Bars
	Days     []ui.Day // newest first, those with calls
	Keys     []callCount
	Statuses []callCount
	Quotas   []callCount
}

var usagePeriods = []int{7, 30, 90}

// usagePage shows the calls by day, key and answer.
func usagePage(v *visit) error {
	var choices []string
	for _, n := range usagePeriods {
		choices = append(choices, strconv.Itoa(n))
	}
	days, _ := strconv.Atoi(cmp.Or(v.Choice("days", "Days", choices...), "30"))
	d := usageData{Key: v.QueryParam("key_id")}
	for _, n := range usagePeriods {
		d.Periods = append(d.Periods, ui.Link{Text: strconv.Itoa(n) + " days", Href: v.With("days", strconv.Itoa(n)),
			Current: n == days})
	}
	to := time.Now().UTC().Truncate(24 * time.Hour)
	from := to.AddDate(0, 0, 1-days)
	u, err := inhouse.Read[api.Usage](v.API.GetUsage(v.Ctx, &api.GetUsageParams{
		From: &openapi_types.Date{Time: from}, To: &openapi_types.Date{Time: to}, KeyID: inhouse.Opt[string](d.Key),
	}))
	if r, ok := inhouse.Invalid(err); ok {
		d.Fault = r.Message + r.Details()
		return v.render(http.StatusBadRequest, "usage", "Usage", d)
	}
	if err != nil {
		return err
	}
	names, err := v.keyNames()
	if err != nil {
		return err
	}
	d.KeyName = cmp.Or(names[d.Key], d.Key)
	d.count(u, from, days, names, func(key string) string { return v.With("key_id", key) })
	return v.render(http.StatusOK, "usage", "Usage", d)
}

// keyNames are the names of the newest keys; none for those who may not see keys.
func (v *visit) keyNames() (map[string]string, error) {
	if !v.can(readKeys) {
		return map[string]string{}, nil
	}
	list, err := inhouse.Read[api.KeyList](v.API.ListKeys(v.Ctx, &api.ListKeysParams{PerPage: new(nameLimit)}))
	out := make(map[string]string, len(list.Data))
	for _, k := range list.Data {
		out[k.ID] = k.Name
	}
	return out, err
}

// quotaWords are the quotas in words.
var quotaWords = map[api.QuotaName]string{
	api.QuotaNameEndpoints: "Endpoints", api.QuotaNameEndpointHeaders: "Headers of an endpoint",
	api.QuotaNameKeys: "API keys", api.QuotaNameMembers: "Members",
	api.QuotaNameEventTypes: "Event types of your own", api.QuotaNameAlertChannels: "Alert channels",
	api.QuotaNameTrackedAccounts:   "Tracked accounts",
	api.QuotaNameStoredBytesPerDay: "Bytes stored today (UTC)",
	api.QuotaNameRequestsPerMinute: "Requests in any minute, with all keys",
}

// quotaRow shows how much of a quota is used.
func quotaRow(q api.Quota) callCount {
	row := callCount{Name: quotaWords[q.Name], Calls: "at most " + ui.Count(q.Limit), Kind: "type"}
	if used, err := q.Used.Get(); err == nil {
		row.Calls = ui.Count(used) + " of " + ui.Count(q.Limit)
		row.Width = min(100, 100*float64(used)/float64(max(1, q.Limit)))
		if used >= q.Limit {
			row.Kind = "bad"
		}
	}
	return row
}

func (d *usageData) count(u api.Usage, from time.Time, n int, names map[string]string, keyPath func(string) string) {
	days := make([]ui.Day, n)
	for i := range days {
		days[i].Date = from.AddDate(0, 0, i)
	}
	keys, statuses := map[string]int64{}, map[int]int64{}
	answered := int64(0)
	for _, c := range u.Data {
		i := int(c.Date.Sub(from) / (24 * time.Hour))
		if i < 0 || i >= n {
			continue
		}
		switch {
		case c.Status < http.StatusBadRequest:
			days[i].Answered += c.Calls
			answered += c.Calls
		case c.Status < http.StatusInternalServerError:
			days[i].Refused += c.Calls
		default:
			days[i].Failed += c.Calls
		}
		keys[c.KeyID] += c.Calls
		statuses[c.Status] += c.Calls
	}
	d.Total, d.Answered, d.Chart = ui.Count(u.Meta.Total), percent(float64(answered)/float64(max(1, u.Meta.Total)),
		u.Meta.Total == 0), ui.NewDays(days)
	for _, day := range slices.Backward(days) {
		if day.Total() > 0 {
			d.Days = append(d.Days, day)
		}
	}
	for _, id := range most(keys) {
		d.Keys = append(d.Keys, callCount{cmp.Or(names[id], id), keyPath(id), 0, ui.Count(keys[id]), share100(keys, id),
			"type"})
	}
	for _, q := range u.Quotas {
		d.Quotas = append(d.Quotas, quotaRow(q))
	}
	for _, status := range most(statuses) {
		d.Statuses = append(d.Statuses, callCount{http.StatusText(status), "", status, ui.Count(statuses[status]),
			share100(statuses, status), "c" + strconv.Itoa(status/100)})
	}
}

// mostShown is how many keys or answers a list has.
const mostShown = 12

// most returns the largest counts, largest first.
func most[K cmp.Ordered](counts map[K]int64) []K {
	out := slices.SortedFunc(maps.Keys(counts), func(a, b K) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	return out[:min(len(out), mostShown)]
}

// share100 is a count in percent of the largest.
func share100[K comparable](counts map[K]int64, k K) float64 {
	largest := int64(1)
	for _, n := range counts {
		largest = max(largest, n)
	}
	return 100 * float64(counts[k]) / float64(largest)
}
