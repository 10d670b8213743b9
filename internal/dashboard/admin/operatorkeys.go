package admin

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
)

const operatorKeys = "/admin/operator-keys"

func (a *Admin) registerOperatorKeys(e *echo.Echo) {
	a.get(e, operatorKeys, operatorKeysPage)
	a.post(e, operatorKeys, createOperatorKey)
	a.get(e, operatorKeys+"/:key/revoke", revokeOperatorKey)
	a.post(e, operatorKeys+"/:key/revoke", revokeOperatorKey)
}

// operatorKeyRow is an operator key as it is shown after its creation: without its secret text.
type operatorKeyRow struct {
	client.OperatorKey
	Path    string
	Revoked time.Time
	State   state
	Mine    bool // the visitor signed in with it
}

// Works reports whether it can be revoked.
func (r operatorKeyRow) Works() bool { return r.Revoked.IsZero() }

func (v *visit) operatorKeyRow(k client.OperatorKey) operatorKeyRow {
	r := operatorKeyRow{
		OperatorKey: k, Path: operatorKeys + "/" + url.PathEscape(k.ID), Revoked: inhouse.Or(k.RevokedAt),
		State: state{"active", "yes", ""},
		Mine:  v.Session.Key != nil && v.Session.Key.ID == k.ID,
	}
	if !r.Works() {
		r.State = state{"revoked", "no", ""}
	}
	return r
}

type operatorKeyList struct {
	inhouse.Form
	inhouse.Numbered
	Rows []operatorKeyRow
}

func (v *visit) showOperatorKeys(status int, f inhouse.Form) error {
	found, err := inhouse.Read[client.OperatorKeyList](v.API.ListOperatorKeys(v.Ctx,
		&client.ListOperatorKeysParams{Page: new(v.Number()), PerPage: new(inhouse.PerPage)}))
	if err != nil {
		return err
	}
	l := operatorKeyList{Form: f, Numbered: v.Numbered(found.Meta)}
	for _, k := range found.Data {
		l.Rows = append(l.Rows, v.operatorKeyRow(k))
	}
	return v.render(status, "operatorkeys", "Operator keys", l)
}

func operatorKeysPage(v *visit) error { return v.showOperatorKeys(http.StatusOK, inhouse.Form{}) }

func createOperatorKey(v *visit) error {
	made, err := inhouse.Read[client.OperatorKeyCreated](v.API.CreateOperatorKey(v.Ctx, nil,
		client.OperatorKeyCreate{Name: v.Field("name")}))
	if f, status, ok := v.Filled(err); ok {
		return v.showOperatorKeys(status, f)
	}
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "newkey", "A new operator key", madeKey{
		Name: made.Name, Key: made.Key, Back: operatorKeys,
		What: "An operator key grants every operator permission on every tenant.",
	})
}

// revokeOperatorKey asks for the key's name, and revokes it after the visitor typed it.
func revokeOperatorKey(v *visit) error {
	found, err := find(func(number int) ([]client.OperatorKey, client.PageMeta, error) {
		l, err := inhouse.Read[client.OperatorKeyList](v.API.ListOperatorKeys(v.Ctx,
			&client.ListOperatorKeysParams{Page: &number, PerPage: new(mostRows)}))
		return l.Data, l.Meta, err
	}, func(k client.OperatorKey) bool { return k.ID == v.Param("key") })
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
	_, err = inhouse.Read[struct{}](v.API.RevokeOperatorKey(v.Ctx, k.ID, nil))
	if r, ok := inhouse.Invalid(err); ok {
		return v.showOperatorKeys(r.Status, inhouse.Form{Fault: r.Message})
	}
	if err != nil {
		return err
	}
	return v.Back(operatorKeys, "revoked")
}
