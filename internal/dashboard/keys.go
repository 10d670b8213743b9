package dashboard

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/client"
)

func (d *Dashboard) registerKeys(e *echo.Echo) {
	d.get(e, "/app/keys", readKeys, keysPage)
	d.get(e, "/app/keys/new", writeKeys, newKeyPage)
	d.post(e, "/app/keys/new", writeKeys, createKey)
	d.get(e, "/app/keys/:id", readKeys, keyPage)
	d.post(e, "/app/keys/:id/rotate", writeKeys, rotateKey)
	d.get(e, "/app/keys/:id/revoke", writeKeys, revokeKeyPage)
	d.post(e, "/app/keys/:id/revoke", writeKeys, revokeKey)
}

// keyRow is an API key as it is shown ever after: without its text.
type keyRow struct {
	ID, Name, Hint string
	Permissions    []string
	Role           string
	CIDRs          []string
	Limit          string
	Created, Used  time.Time
	Expires, Ended time.Time
	State          state
	MayWrite       bool
}

func keyRowOf(k client.Key, now time.Time) keyRow {
	r := keyRow{
		ID: k.ID, Name: k.Name, Hint: k.Hint, Permissions: k.Permissions, Role: or(k.Role), CIDRs: k.AllowedCidrs,
		Created: k.CreatedAt, Used: or(k.LastUsedAt), Expires: or(k.ExpiresAt), Ended: or(k.RevokedAt), State: state{"active", "yes", ""},
	}
	if k.RateLimit.Requests != nil && k.RateLimit.Per != nil {
		r.Limit = strconv.Itoa(*k.RateLimit.Requests) + " requests per " + string(*k.RateLimit.Per)
	}
	switch {
	case !r.Ended.IsZero():
		r.State = state{"revoked", "no", ""}
	case !r.Expires.IsZero() && r.Expires.Before(now):
		r.State = state{"expired", "no", ""}
	case !r.Expires.IsZero():
		r.State = state{"expires", "maybe", ""}
	}
	return r
}

type keyList struct {
	Rows       []keyRow
	Prev, Next string
	MayWrite   bool
}

func keysPage(v *visit) error {
	number, _ := strconv.Atoi(v.QueryParam("page"))
	number = min(max(number, 1), 1_000_000)
	found, err := read[client.KeyList](v.api.ListKeys(v.ctx, &client.ListKeysParams{Page: &number, PerPage: new(perPage)}))
	if err != nil {
		return err
	}
	list := keyList{MayWrite: v.can(writeKeys)}
	for _, k := range found.Data {
		list.Rows = append(list.Rows, keyRowOf(k, time.Now()))
	}
	if number > 1 {
		list.Prev = v.with("page", strconv.Itoa(number-1))
	}
	if number*perPage < found.Meta.Total {
		list.Next = v.with("page", strconv.Itoa(number+1))
	}
	return v.render(http.StatusOK, "keys", "API keys", list)
}

// keyForm is the form that makes a key, as it was filled in.
type keyForm struct {
	Values url.Values
	Fields map[string]string
	Fault  string
	Groups []permissionGroup
	Roles  []keyRole
}

// Value is what a field holds, and Wrong what is wrong with it.
func (f keyForm) Value(name string) string { return f.Values.Get(name) }

// Wrong is what is wrong with a field or something inside it.
func (f keyForm) Wrong(name string) string { return endpointForm{Fields: f.Fields}.Wrong(name) }

type keyRole struct{ Role, Text string }

var keyRoles = []keyRole{
	{"read_only", "Read only: sees everything, changes nothing"},
	{"developer", "Developer: everything but members and keys"},
	{"admin", "Admin: everything"},
}

// permissionGroup is a resource and what may be done with it.
type permissionGroup struct {
	Resource    string
	Read, Write *permissionChoice
}

type permissionChoice struct {
	Permission string
	Chosen     bool
}

// permissionGroups are those that the visitor may hand on, since nobody may give more than they have.
func (v *visit) permissionGroups(chosen []string) []permissionGroup {
	var out []permissionGroup
	index := map[string]int{}
	for _, p := range v.dashboard.options.Roles.Known() {
		verb, resource, _ := strings.Cut(p, ":")
		if !v.can(p) {
			continue
		}
		at, ok := index[resource]
		if !ok {
			at = len(out)
			index[resource] = at
			out = append(out, permissionGroup{Resource: strings.ReplaceAll(resource, "_", " ")})
		}
		choice := &permissionChoice{p, slices.Contains(chosen, p)}
		if verb == "read" {
			out[at].Read = choice
		} else {
			out[at].Write = choice
		}
	}
	slices.SortFunc(out, func(a, b permissionGroup) int { return strings.Compare(a.Resource, b.Resource) })
	return out
}

func (v *visit) showKeyForm(status int, f keyForm) error {
	f.Groups, f.Roles = v.permissionGroups(f.Values["permission"]), keyRoles
	return v.render(status, "keyform", "New API key", f)
}

func newKeyPage(v *visit) error {
	return v.showKeyForm(http.StatusOK, keyForm{Values: url.Values{"access": {"permissions"}}})
}

// expiry is when a key that is made now ends; never for an empty choice.
func expiry(form url.Values, now time.Time) (*time.Time, error) {
	if form.Get("expires") == "at" {
		at, err := moment(form.Get("expires_at"))
		if at == nil && err == nil {
			err = &refusal{Status: http.StatusBadRequest, Message: "The form has a mistake.", Fields: map[string]string{"expires_at": "say when"}}
		}
		return at, err
	}
	if days, err := strconv.Atoi(form.Get("expires")); err == nil {
		at := now.AddDate(0, 0, days).UTC()
		return &at, nil
	}
	return nil, nil //nolint:nilnil // never is no fault
}

func createKey(v *visit) error {
	f := keyForm{Values: v.Request().PostForm}
	body := client.KeyCreate{Name: strings.TrimSpace(f.Value("name"))}
	if f.Value("access") == "role" {
		body.Role = opt[client.KeyRole](f.Value("role"))
	} else {
		permissions := append([]string{}, f.Values["permission"]...)
		body.Permissions = &permissions
	}
	if cidrs := words(f.Value("allowed_cidrs")); len(cidrs) > 0 {
		body.AllowedCidrs = &cidrs
	}
	if n, err := strconv.Atoi(strings.TrimSpace(f.Value("limit"))); err == nil {
		body.RateLimit = &client.RateLimit{Requests: &n, Per: opt[client.RateLimitPer](f.Value("per"))}
	}
	at, err := expiry(f.Values, time.Now().UTC().Truncate(time.Hour))
	if err == nil {
		body.ExpiresAt = at
		var made client.KeyCreated
		if made, err = read[client.KeyCreated](v.api.CreateKey(v.ctx, nil, body)); err == nil {
			return v.render(http.StatusOK, "newkey", "Your new API key", newKey{made.ID, made.Name, made.Key, "", false})
		}
	}
	r, ok := invalid(err)
	if !ok {
		return err
	}
	f.Fields, f.Fault = r.Fields, r.Message
	return v.showKeyForm(r.Status, f)
}

// newKey is the one page that shows a key's text.
type newKey struct {
	ID, Name, Key string
	Grace         string
	Rotated       bool
}

func keyPage(v *visit) error {
	k, err := read[client.Key](v.api.GetKey(v.ctx, v.Param("id")))
	if err != nil {
		return err
	}
	row := keyRowOf(k, time.Now())
	row.MayWrite = v.can(writeKeys) && row.State.Kind != "no"
	return v.render(http.StatusOK, "key", k.Name, row)
}

func rotateKey(v *visit) error {
	grace := v.FormValue("grace")
	made, err := read[client.KeyCreated](v.api.RotateKey(v.ctx, v.Param("id"), nil, client.KeyRotate{Grace: opt[string](grace)}))
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "newkey", "Your new API key", newKey{made.ID, made.Name, made.Key, grace, true})
}

func (v *visit) keyRevocation(wrong bool) error {
	k, err := read[client.Key](v.api.GetKey(v.ctx, v.Param("id")))
	if err != nil {
		return err
	}
	path := "/app/keys/" + url.PathEscape(k.ID)
	status := http.StatusOK
	if wrong {
		status = http.StatusUnprocessableEntity
	}
	return v.render(status, "confirm", "Revoke a key", confirmation{
		Heading: "Revoke " + k.Name, Name: k.Name, Button: "Revoke the key", Action: path + "/revoke", Back: path, Wrong: wrong,
		Text: "Whatever uses it is refused at once. This can't be undone; a new key can be made.",
	})
}

func revokeKeyPage(v *visit) error { return v.keyRevocation(false) }

func revokeKey(v *visit) error {
	k, err := read[client.Key](v.api.GetKey(v.ctx, v.Param("id")))
	if err != nil {
		return err
	}
	if v.FormValue("name") != k.Name {
		return v.keyRevocation(true)
	}
	if _, err := read[client.Key](v.api.RevokeKey(v.ctx, k.ID, nil)); err != nil {
		return err
	}
	return v.back("/app/keys/"+url.PathEscape(k.ID), "revoked")
}
