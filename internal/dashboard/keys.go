package dashboard

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/role"
)

func (d *Dashboard) registerKeys(e *echo.Echo) {
	d.get(e, "/app/keys", readKeys, keysPage)
	d.get(e, "/app/keys/new", writeKeys, newKeyPage)
	d.post(e, "/app/keys/new", writeKeys, createKey)
	d.get(e, "/app/keys/:id", readKeys, keyPage)
	d.post(e, "/app/keys/:id/rotate", writeKeys, rotateKey)
	d.get(e, "/app/keys/:id/revoke", writeKeys, revokeKey)
	d.post(e, "/app/keys/:id/revoke", writeKeys, revokeKey)
}

// keyRow is an API key as it is shown after its creation: without its secret text.
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
	MayRotate      bool
	MayUsage       bool // may see how often it is used
}

func keyRowOf(k api.Key, now time.Time) keyRow {
	r := keyRow{
		ID: k.ID, Name: k.Name, Hint: k.Hint, Permissions: k.Permissions, Role: inhouse.Or(k.Role),
		CIDRs:   k.AllowedCidrs,
		Created: k.CreatedAt, Used: inhouse.Or(k.LastUsedAt), Expires: inhouse.Or(k.ExpiresAt),
		Ended: inhouse.Or(k.RevokedAt), State: state{"active", "yes", ""},
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
	inhouse.Numbered
	Rows     []keyRow
	MayWrite bool
}

func keysPage(v *visit) error {
	found, err := inhouse.Read[api.KeyList](v.API.ListKeys(v.Ctx, &api.ListKeysParams{Page: new(v.Number()),
		PerPage: new(inhouse.PerPage)}))
	if err != nil {
		return err
	}
	list := keyList{Numbered: v.Numbered(found.Meta), MayWrite: v.can(writeKeys)}
	for _, k := range found.Data {
		list.Rows = append(list.Rows, keyRowOf(k, time.Now()))
	}
	return v.render(http.StatusOK, "keys", "API keys", list)
}

// keyForm is the form that makes a key, as it was filled in.
type keyForm struct {
	inhouse.Form
	Groups    []permissionGroup
	Roles     []keyRole
	HasLimits bool // a key can have a rate limit of its own
}

type keyRole struct{ Role, Text string }

var keyRoles = []keyRole{
	{"read_only", "Read only"},
	{"developer", "Developer: everything except members and keys"},
	{"admin", "Admin: everything"},
}

// keyRoles returns the roles that the visitor may give a key.
func (v *visit) keyRoles() []keyRole {
	return slices.DeleteFunc(slices.Clone(keyRoles), func(r keyRole) bool {
		return slices.ContainsFunc(v.rolesHere().OfKey(role.Role(r.Role)), func(permission string) bool {
			return !v.may(permission)
		})
	})
}

// permissionGroup is a resource and its permissions.
type permissionGroup struct {
	Resource    string
	Read, Write *permissionChoice
}

type permissionChoice struct {
	Permission string
	Chosen     bool
}

// permissionGroups returns the permissions that the visitor may grant: only those that they have.
func (v *visit) permissionGroups(chosen []string) []permissionGroup {
	var out []permissionGroup
	index := map[string]int{}
	for _, p := range v.rolesHere().Known() {
		verb, resource, _ := strings.Cut(p, ":")
		if !v.may(p) {
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

func (v *visit) showKeyForm(status int, f inhouse.Form) error {
	return v.render(status, "keyform", "New API key", keyForm{f, v.permissionGroups(f.Values["permission"]),
		v.keyRoles(), profile.Of(v.Session.Tenant.Profile).Calls.KeysHaveLimits()})
}

func newKeyPage(v *visit) error {
	return v.showKeyForm(http.StatusOK, inhouse.Form{Values: url.Values{"access": {"role"},
		"role": {string(profile.Of(v.Session.Tenant.Profile).Keys.Default)}}})
}

// keyBody is the form as the API takes it; now is when it was sent.
func keyBody(form url.Values, now time.Time) inhouse.Body {
	body := inhouse.Body{}
	body.Text("name", form.Get("name"))
	ticked := append([]string{}, form["permission"]...)
	if form.Get("access") == "role" {
		body.Text("role", form.Get("role"))
	}
	if form.Get("access") != "role" || len(ticked) > 0 { // without the script, both may be chosen
		body["permissions"] = ticked
	}
	body.Words("allowed_cidrs", form.Get("allowed_cidrs"))
	if form.Get("limit") != "" {
		rate := inhouse.Body{}
		rate.Integer("requests", form.Get("limit"))
		rate.Text("per", form.Get("per"))
		body["rate_limit"] = rate
	}
	if days, err := strconv.Atoi(form.Get("expires")); err == nil {
		body["expires_at"] = now.AddDate(0, 0, days).Truncate(time.Hour).UTC()
	}
	if form.Get("expires") == "at" {
		body["expires_at"] = ""
		body.Time("expires_at", form.Get("expires_at"))
	}
	return body
}

func createKey(v *visit) error {
	form := v.Request().PostForm
	made, err := inhouse.Read[api.KeyCreated](v.API.CreateKeyWithBody(v.Ctx, nil, inhouse.JSON,
		keyBody(form, time.Now()).Reader()))
	if err == nil {
		return v.render(http.StatusOK, "newkey", "Your new API key", newKey{made.ID, made.Name, made.Key, "", false})
	}
	plain := map[string]string{}
	if form.Get("access") == "role" {
		plain["permissions"] = "choose “By permissions” to give these, or untick them"
	}
	f, status, ok := v.Filled(err, plain)
	if !ok {
		return err
	}
	return v.showKeyForm(status, f)
}

// newKey is the one page that shows a key's text.
type newKey struct {
	ID, Name, Key string
	Grace         string
	Rotated       bool
}

func keyPage(v *visit) error {
	k, err := inhouse.Read[api.Key](v.API.GetKey(v.Ctx, v.Param("id")))
	if err != nil {
		return err
	}
	row := keyRowOf(k, time.Now())
	row.MayWrite, row.MayUsage = v.can(writeKeys) && row.State.Kind != "no", v.can(readUsage)
	row.MayRotate = row.MayWrite && v.mayRotate(k)
	return v.render(http.StatusOK, "key", k.Name, row)
}

// mayRotate reports whether the visitor may see the text of a key that replaces k: where keys belong to users, it is
// the user's alone.
func (v *visit) mayRotate(k api.Key) bool {
	user, me := inhouse.Or(k.UserID), v.Session.Member
	return user == "" || !profile.Of(string(v.Session.Tenant.Profile)).Keys.OfUsers || me != nil && me.ID == user
}

func rotateKey(v *visit) error {
	grace := v.FormValue("grace")
	made, err := inhouse.Read[api.KeyCreated](v.API.RotateKey(v.Ctx, v.Param("id"), nil,
		api.KeyRotate{Grace: inhouse.Opt[string](grace)}))
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "newkey", "Your new API key", newKey{made.ID, made.Name, made.Key, grace, true})
}

// revokeKey asks for the key's name, and revokes it after the visitor typed it.
func revokeKey(v *visit) error {
	k, err := inhouse.Read[api.Key](v.API.GetKey(v.Ctx, v.Param("id")))
	if err != nil {
		return err
	}
	path := "/app/keys/" + url.PathEscape(k.ID)
	c := inhouse.Confirmation{
		Heading: "Revoke " + k.Name, Name: k.Name, Button: "Revoke the key", Action: path + "/revoke", Back: path,
		Text: "Requests with it are rejected at once. This can't be undone; you can create a new key.",
	}
	if !v.Confirmed(&c) {
		return v.confirm("Revoke a key", c)
	}
	if _, err := inhouse.Read[api.Key](v.API.RevokeKey(v.Ctx, k.ID, nil)); err != nil {
		return err
	}
	return v.Back(path, "revoked")
}
