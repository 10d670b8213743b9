package dashboard

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/profile"
)

func (d *Dashboard) registerCatalogue(e *echo.Echo) {
	d.get(e, "/app/event-types", readEvents, cataloguePage)
	d.get(e, "/app/event-types/:type", readEvents, eventTypePage)
}

type typeRow struct {
	Type        string
	Description []phrase
	Own         string // what the tenant's profile calls it, where that is something else
	Mine        bool   // registered by the tenant
	Deprecated  bool
}

type typeGroup struct {
	Name  string
	Types []typeRow
}

type catalogue struct {
	Query  string
	First  string // the event type that examples are about
	Groups []typeGroup
	Total  int
	MayAdd bool
}

// cataloguePage lists all event types by group.
func cataloguePage(v *visit) error {
	list, err := inhouse.Read[api.EventTypeList](v.API.ListEventTypes(v.Ctx, nil))
	if err != nil {
		return err
	}
	c := catalogue{Query: strings.TrimSpace(v.QueryParam("q")), Total: len(list.Data), First: v.firstEvent(),
		MayAdd: v.can(writeEventTypes)}
	wanted := strings.ToLower(c.Query)
	groups := map[string][]typeRow{}
	for _, t := range list.Data {
		text := strings.Join(append(slices.Sorted(maps.Values(t.Names)), t.Type, t.Group, t.Description), " ")
		if strings.Contains(strings.ToLower(text), wanted) {
			row := typeRow{Type: t.Type, Description: prose(t.Description), Mine: t.Own,
				Deprecated: !inhouse.Or(t.DeprecatedAt).IsZero()}
			if own := t.Names[v.Session.Tenant.Profile]; own != t.Type {
				row.Own = own
			}
			groups[t.Group] = append(groups[t.Group], row)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		c.Groups = append(c.Groups, typeGroup{name, groups[name]})
	}
	return v.render(http.StatusOK, "eventtypes", "Event catalogue", c)
}

type eventTypeDetail struct {
	Type, Group              string
	Description              []phrase
	Names                    []ui.Header // what profiles call it
	Fields                   []fieldRow
	Schema, Sample           ui.Text
	Sent                     bool // by the profile
	Body                     ui.Text
	Profile                  string
	Profiles                 []ui.Link
	Signed                   bool
	Headers                  []profile.Described
	Snippets                 []profile.Snippet
	Endpoints                []ui.Link // that get it: Href is the id
	More                     bool      // there are more of them than are shown
	MayTest, MaySeeEndpoints bool
	Mine, MayChange          bool // registered by the tenant, and to be changed by the visitor
	Deprecated               time.Time
}

// testable limits the endpoints that a page offers for a test.
const testable = 5

func eventTypePage(v *visit) error {
	t, err := inhouse.Read[api.EventType](v.API.GetEventType(v.Ctx, v.Param("type")))
	if err != nil {
		return err
	}
	// An endpoint may have another profile than its tenant, so those that it can have can be looked at.
	choices := profile.Of(v.Session.Tenant.Profile).Choices()
	shown := cmp.Or(v.QueryParam("profile"), v.Session.Tenant.Profile)
	conventions, ok := profile.Find(shown)
	if !ok || !slices.Contains(choices, shown) {
		return inhouse.ErrMissing
	}
	p := eventTypeDetail{
		Type: t.Type, Group: t.Group, Description: prose(t.Description), Fields: fields(t.Schema),
		Schema: ui.Pretty(t.Schema, maxBody), Sample: ui.Pretty(t.Sample, maxBody), Profile: conventions.Name,
		Signed: conventions.SignedByDefault(), Headers: conventions.SignatureHeaders(),
		Snippets: conventions.Snippets(),
		MayTest:  v.can(writeWebhooks), MaySeeEndpoints: v.can(readWebhooks), Mine: t.Own,
		MayChange: t.Own && v.can(writeEventTypes), Deprecated: inhouse.Or(t.DeprecatedAt),
	}
	for _, name := range slices.Sorted(maps.Keys(t.Names)) {
		if t.Names[name] != t.Type {
			p.Names = append(p.Names, ui.Header{Name: name, Value: t.Names[name]})
		}
	}
	for _, name := range choices {
		p.Profiles = append(p.Profiles, ui.Link{Text: name, Href: "?" + url.Values{"profile": {name}}.Encode(),
			Current: name == conventions.Name})
	}
	ours, sample := v.canonical(t)
	if p.Sent = conventions.Wants("*", ours); p.Sent {
		_, body, err := conventions.Example(ours, sample, time.Now().UTC().Truncate(time.Second))
		if err != nil {
			return err
		}
		p.Body = ui.Pretty(body, maxBody)
	}
	known, err := v.endpoints()
	if err != nil {
		return err
	}
	for _, w := range known {
		if !subscribes(w, ours) {
			continue
		}
		if p.More = len(p.Endpoints) == testable; p.More {
			break
		}
		p.Endpoints = append(p.Endpoints, ui.Link{Text: nameOf(w), Href: w.ID})
	}
	return v.render(http.StatusOK, "eventtype", t.Type, p)
}

// rules are the conventions of the tenant's product.
func (v *visit) rules() profile.Profile { return profile.Of(v.Session.Tenant.Profile) }

// firstEvent is the product's name of the event type that examples are about.
func (v *visit) firstEvent() string { return v.rules().EventName(v.rules().FirstEvent) }

// canonical is an event type as our code knows it, by our name and with our data: pages get it in the words of the
// tenant's profile, and endpoints may have another one.
func (v *visit) canonical(t api.EventType) (name string, sample []byte) {
	p := v.rules()
	name = p.Canonical(t.Type)[0]
	return name, p.ToCanonical(name, t.Sample, time.Now().UTC().Truncate(time.Second))
}

// subscribes reports whether an endpoint subscribes to a type, by our name.
func subscribes(w api.Webhook, eventType string) bool {
	conventions, ok := profile.Find(string(w.Profile))
	return ok && slices.ContainsFunc(w.Events, func(pattern string) bool {
		return conventions.Wants(pattern, eventType)
	})
}
