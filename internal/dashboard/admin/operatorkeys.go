package admin

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/operators"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
)

const operatorKeys = "/admin/operator-keys"

func (a *Admin) registerOperatorKeys(e *echo.Echo) {
	a.get(e, operatorKeys, "listOperatorKeys", operatorKeysPage)
	a.post(e, operatorKeys, "createOperatorKey", createOperatorKey)
	a.get(e, operatorKeys+"/:key/revoke", "revokeOperatorKey", revokeOperatorKey)
	a.post(e, operatorKeys+"/:key/revoke", "revokeOperatorKey", revokeOperatorKey)
}

// operatorKeyRow is an operator key as it is shown after its creation: without its secret text.
type operatorKeyRow struct {
	operators.OperatorKey
	Path                   string
	Used, Expires, Revoked time.Time
	State                  state
	Works                  bool
	Mine                   bool // the visitor signed in with it
}

func (v *visit) operatorKeyRow(k operators.OperatorKey) operatorKeyRow {
	r := operatorKeyRow{
		OperatorKey: k, Path: operatorKeys + "/" + url.PathEscape(k.ID), Used: inhouse.Or(k.LastUsedAt),
		Expires: inhouse.Or(k.ExpiresAt), Revoked: inhouse.Or(k.RevokedAt), State: state{"active", "yes", ""},
		Works: true, Mine: v.Session.Key != nil && v.Session.Key.ID == k.ID,
	}
	switch {
	case !r.Revoked.IsZero():
		r.State, r.Works = state{"revoked", "no", ""}, false
	case !r.Expires.IsZero() && r.Expires.Before(time.Now()):
		r.State, r.Works = state{"expired", "no", ""}, false
	}
	return r
}

// operatorRoles are the roles that a key can have, with what they are for.
var operatorRoles = []struct{ Role, Text string }{
	{"support", "support: read, replay dead letters, pause"},
	{"backend", "backend: for your product's server"},
	{"admin", "admin: everything, also operator keys"},
}

type operatorKeyList struct {
	inhouse.Form
	inhouse.Numbered
	Rows  []operatorKeyRow
	Roles []struct{ Role, Text string }
}

func (v *visit) showOperatorKeys(status int, f inhouse.Form) error {
	found, err := inhouse.Read[operators.OperatorKeyList](v.Operators.ListOperatorKeys(v.Ctx,
		&operators.ListOperatorKeysParams{Page: new(v.Number()), PerPage: new(inhouse.PerPage)}))
	if err != nil {
		return err
	}
	l := operatorKeyList{Form: f, Numbered: v.Numbered(inhouse.PageMeta(found.Meta)), Roles: operatorRoles}
	for _, k := range found.Data {
		l.Rows = append(l.Rows, v.operatorKeyRow(k))
	}
	return v.render(status, "operatorkeys", "Operator keys", l)
}

func operatorKeysPage(v *visit) error { return v.showOperatorKeys(http.StatusOK, inhouse.Form{}) }

func createOperatorKey(v *visit) error {
	body := inhouse.Body{}
	for _, name := range []string{"name", "role"} {
		body.Text(name, v.Field(name))
	}
	body.Words("allowed_cidrs", v.Field("allowed_cidrs"))
	body.Time("expires_at", v.Field("expires_at"))
	made, err := inhouse.Read[operators.OperatorKeyCreated](v.Operators.CreateOperatorKeyWithBody(v.Ctx, nil,
		inhouse.JSON, body.Reader()))
	if f, status, ok := v.Filled(err, nil); ok {
		return v.showOperatorKeys(status, f)
	}
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "newkey", "A new operator key", madeKey{
		Name: made.Name, Key: made.Key, Back: operatorKeys,
		What: "An operator key with the role " + string(made.Role) + ". It belongs to no tenant.",
	})
}

// revokeOperatorKey asks for the key's name, and revokes it after the visitor typed it.
func revokeOperatorKey(v *visit) error {
	found, err := inhouse.Read[operators.OperatorKey](v.Operators.GetOperatorKey(v.Ctx, v.Param("key")))
	if err != nil {
		return err
	}
	k := v.operatorKeyRow(found)
	c := inhouse.Confirmation{
		Heading: "Revoke the operator key " + k.Name, Name: k.Name, Button: "Revoke the key", Action: k.Path +
			"/revoke", Back: operatorKeys,
		Text: "It begins with " + k.Hint +
			". Requests with it are rejected at once, and its sessions end. This can't be " +
			"undone; you can create a new key.",
	}
	if k.Mine {
		c.Text += " You signed in with this key yourself."
	}
	if !v.Confirmed(&c) {
		return v.confirm(c)
	}
	_, err = inhouse.Read[struct{}](v.Operators.RevokeOperatorKey(v.Ctx, k.ID, nil))
	if r, ok := inhouse.Invalid(err); ok {
		return v.showOperatorKeys(r.Status, inhouse.Form{Fault: r.Message})
	}
	if err != nil {
		return err
	}
	return v.Back(operatorKeys, "revoked")
}
