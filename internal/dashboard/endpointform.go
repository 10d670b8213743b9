package dashboard

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/profile"
)

// endpointForm is the form that makes and changes an endpoint, as it was filled in.
type endpointForm struct {
	inhouse.Form
	ID       string // empty for a new one
	Name     string // what it is called now
	Disabled bool
	Groups   []eventGroup
	All      bool   // subscribes to *
	Others   string // subscriptions that are not in the catalogue
	Advanced bool   // what most endpoints don't need is unfolded
	Preview  []time.Duration
	Tried    *filterResult
	Profile  []string
	Methods  []string
	Named    bool // the profile wants a unique name
	Signings []option
	Policy   string // the present one, of an endpoint that there is
	Types    []string
	Sample   *requestSample // when it was asked for
	First    string         // the event type that examples are about
	More     string         // examples of types that the catalogue does not list
}

// plainFields are those that are always shown.
var plainFields = []string{"url", "name", "events"}

// option is a choice in a form.
type option struct{ Value, Text string }

// eventGroup is a part of the catalogue: Wildcard subscribes to all of it.
type eventGroup struct {
	Name, Wildcard string
	All            bool
	Types          []eventChoice
}

type eventChoice struct {
	Type, Description string
	Chosen            bool
}

type filterResult struct {
	Matches bool
	Error   string
}

var signings = []option{{"hmac", "with the secret (HMAC)"}, {"ed25519", "with a key pair (ed25519)"},
	{"both", "with both"}, {"none", "not signed"}}

// methodsOf are the methods that endpoints of a profile can have.
func methodsOf(p profile.Profile) []string {
	methods := []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodGet}
	if p.NeedsBody {
		return methods[:3]
	}
	return methods
}

// moreTypes are the names that other profiles of the tenant's endpoints have for types; else one of a tenant's own.
func (v *visit) moreTypes() string {
	var names []string
	for _, choice := range v.rules().Choices() {
		if choice != v.rules().Name {
			names = append(names, profile.Of(choice).OwnTypes()...)
		}
	}
	return cmp.Or(strings.Join(names, ", "), "order.created")
}

// choose sets up the event picker for what is subscribed to.
func (f *endpointForm) choose(types []api.EventType, chosen []string) {
	f.All = slices.Contains(chosen, "*")
	known := map[string]bool{"*": true}
	index := map[string]int{}
	for _, t := range types {
		prefix, _, dotted := strings.Cut(t.Type, ".")
		at, ok := index[prefix]
		if !ok {
			at = len(f.Groups)
			index[prefix] = at
			g := eventGroup{Name: prefix, Wildcard: prefix + ".*", All: slices.Contains(chosen, prefix+".*")}
			if !dotted {
				g.Wildcard = "" // a name without a dot is no group
			}
			f.Groups = append(f.Groups, g)
		}
		f.Groups[at].Types = append(f.Groups[at].Types, eventChoice{t.Type, t.Description, slices.Contains(chosen,
			t.Type)})
		known[t.Type], known[prefix+".*"] = true, true
		f.Types = append(f.Types, t.Type)
	}
	var others []string
	for _, c := range chosen {
		if !known[c] {
			others = append(others, c)
		}
	}
	f.Others = strings.Join(others, ", ")
}

// showForm renders the form as it was filled in.
func (v *visit) showForm(status int, f endpointForm) error {
	types, err := v.eventTypes()
	if err != nil {
		return err
	}
	f.choose(types, subscriptions(f.Values))
	f.Profile, f.First, f.More = v.rules().Choices(), v.firstEvent(), v.moreTypes()
	p := profile.Of(f.Value("profile"))
	f.Methods, f.Named = methodsOf(p), p.UniqueNames
	f.Signings = signings
	if policy := policyOf(f.Values); policy != nil {
		f.Preview = preview(policy)
	}
	f.Advanced = v.FormValue("do") != "" || slices.ContainsFunc(slices.Collect(maps.Keys(f.Fields)),
		func(field string) bool {
			top, _, _ := strings.Cut(field, "[")
			return !slices.Contains(plainFields, top)
		})
	if v.FormValue("do") == "sample" {
		f.Sample = v.sampleOf(f.Value("profile"), types, subscriptions(f.Values))
	}
	title := "New endpoint"
	if f.ID != "" {
		title = "Change " + f.Name
	}
	return v.render(status, "endpointform", title, f)
}

func newEndpointPage(v *visit) error {
	return v.showForm(http.StatusOK,
		endpointForm{Form: inhouse.Form{Values: url.Values{"profile": {v.Session.Tenant.Profile}, "method": {"POST"},
			"event": v.QueryValues("event"), "auth": {"none"}}}})
}

// looked renders the form again for the buttons that change nothing: preview, sample and the test of a filter.
func (v *visit) looked(f endpointForm) (bool, error) {
	switch v.FormValue("do") {
	case "preview", "sample":
		return true, v.showForm(http.StatusOK, f)
	case "try":
		body := api.FilterTest{Filter: v.FormValue("filter"),
			EventType: inhouse.Opt[string](v.FormValue("sample_type")),
			Profile:   inhouse.Opt[api.Profile](v.FormValue("profile"))}
		if sample := strings.TrimSpace(v.FormValue("sample")); sample != "" {
			raw := json.RawMessage(sample)
			if !json.Valid(raw) {
				f.Tried = &filterResult{Error: "The sample is not valid JSON."}
				return true, v.showForm(http.StatusOK, f)
			}
			body.Data = &raw
		}
		got, err := inhouse.Read[api.FilterTestResult](v.API.TestFilter(v.Ctx, nil, body))
		if r, ok := inhouse.Invalid(err); ok {
			f.Tried = &filterResult{Error: r.Message + r.Details()}
			return true, v.showForm(http.StatusOK, f)
		}
		f.Tried = &filterResult{Matches: inhouse.Or(got.Matches), Error: inhouse.Or(got.Error)}
		if err != nil {
			return true, err
		}
		return true, v.showForm(http.StatusOK, f)
	}
	return false, nil
}

func createEndpoint(v *visit) error {
	f := endpointForm{Form: inhouse.Form{Values: v.Request().PostForm}}
	if looked, err := v.looked(f); looked {
		return err
	}
	made, err := inhouse.Read[api.WebhookCreated](v.API.CreateWebhookWithBody(v.Ctx, nil, inhouse.JSON,
		endpointBody(f.Values, true).Reader()))
	if err != nil {
		return v.refusedForm(f, err)
	}
	return v.made(made)
}

// made shows the secret of a new endpoint where it is shown only now, and else the endpoint.
func (v *visit) made(w api.WebhookCreated) error {
	_, once := profile.ShowsSecretOnce(v.Session.Tenant.Profile, string(w.Profile))
	if !once {
		return v.Back("/app/endpoints/"+url.PathEscape(w.ID), "created")
	}
	return v.showNewSecret(api.Webhook{ID: w.ID, Name: w.Name, URL: w.URL, Profile: w.Profile},
		newSecret{Secret: w.Secret})
}

func (v *visit) refusedForm(f endpointForm, err error) error {
	plain := map[string]string{}
	if len(subscriptions(f.Values)) == 0 {
		plain["events"] = "choose at least one event"
	}
	if strings.TrimSpace(f.Value("name")) == "" {
		plain["name"] = "give the webhook a unique name, such as “Lead Tracking Webhook”"
	}
	for _, name := range []string{"headers", "metadata"} {
		for line, value := range inhouse.Pairs(f.Value(name)) {
			if value == nil {
				plain[name+"."+line] = "each line is “name: value”"
			}
		}
	}
	filled, status, ok := v.Filled(err, plain)
	if !ok {
		return err
	}
	f.Form = filled
	return v.showForm(status, f)
}

func editEndpointPage(v *visit) error {
	f, err := v.present()
	if err != nil {
		return err
	}
	return v.showForm(http.StatusOK, f)
}

// present returns the form filled in with the endpoint's current values.
func (v *visit) present() (endpointForm, error) {
	w, err := inhouse.Read[api.Webhook](v.API.GetWebhook(v.Ctx, v.Param("id")))
	if err != nil {
		return endpointForm{}, err
	}
	return endpointForm{ID: w.ID, Name: nameOf(w), Disabled: !w.Enabled, Policy: policyText(w.RetryPolicy),
		Form: inhouse.Form{Values: endpointValues(w)}}, nil
}

// vanished shows the form of an endpoint that was deleted meanwhile, to make another one of what was typed.
func (v *visit) vanished(err error) error {
	var r *inhouse.Refusal
	if !errors.As(err, &r) || r.Status != http.StatusNotFound {
		return err
	}
	return v.showForm(http.StatusNotFound, endpointForm{Form: inhouse.Form{Values: v.Request().PostForm,
		Fault: "The endpoint was deleted meanwhile. Nothing that you typed is lost: you can create another one with it."}})
}

func updateEndpoint(v *visit) error {
	f, err := v.present()
	if err != nil {
		return v.vanished(err)
	}
	f.Values = v.Request().PostForm
	if looked, err := v.looked(f); looked {
		return err
	}
	body := endpointBody(f.Values, false)
	if f.Disabled {
		body["enabled"] = false // the form sends the subscription whatever was changed, which else enables it
	}
	if _, err = inhouse.Read[api.Webhook](v.API.UpdateWebhookWithBody(v.Ctx, f.ID, nil, inhouse.JSON,
		body.Reader())); err != nil {
		return v.vanished(v.refusedForm(f, err))
	}
	return v.Back("/app/endpoints/"+url.PathEscape(f.ID), "saved")
}
