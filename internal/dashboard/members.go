package dashboard

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/role"
)

func (d *Dashboard) registerMembers(e *echo.Echo) {
	d.get(e, "/app/members", readMembers, membersPage)
	d.get(e, "/app/members/new", writeMembers, newMemberPage)
	d.post(e, "/app/members/new", writeMembers, createMember)
	d.get(e, "/app/members/:id", readMembers, memberPage)
	d.post(e, "/app/members/:id", writeMembers, updateMember)
	d.get(e, "/app/members/:id/remove", writeMembers, removeMember)
	d.post(e, "/app/members/:id/remove", writeMembers, removeMember)
}

type memberRow struct {
	ID, Email, Name string
	Number          int64 // that the user has in events and GET /me; 0 where keys don't belong to users
	Role            string
	Self            bool
	Added, SignedIn time.Time
}

// roleText is a role and its permissions.
type roleText struct {
	Role, Text  string
	Permissions []string
	Chosen      bool
	Mine        bool // may be given by the visitor
}

var roleWords = []roleText{
	{Role: string(role.Owner), Text: "full access; there is always one"},
	{Role: string(role.Admin), Text: "does everything"},
	{Role: string(role.Developer), Text: "full access except changing members"},
	{Role: string(role.Viewer), Text: "read-only access"},
}

// rolesHere resolves roles to the permissions that exist for the tenant.
func (v *visit) rolesHere() role.Roles { return v.dashboard.options.Roles.Of(v.Session.Tenant.Profile) }

// roles returns the roles of members; those that the visitor may grant are marked.
func (v *visit) roles(chosen string) []roleText {
	out := slices.Clone(roleWords)
	for i := range out {
		as := role.Role(out[i].Role)
		out[i].Permissions = v.rolesHere().Permissions(as)
		out[i].Chosen, out[i].Mine = out[i].Role == chosen, v.rolesHere().Within(as, v.may)
	}
	return out
}

func (v *visit) memberRow(m api.Member) memberRow {
	var number int64
	if profile.Of(v.Session.Tenant.Profile).Keys.OfUsers {
		number = m.Number
	}
	return memberRow{
		Number: number, ID: m.ID, Email: m.Email, Name: m.Name, Role: string(m.Role), Added: m.CreatedAt,
		SignedIn: inhouse.Or(m.LastSignInAt),
		Self:     v.Session.Member != nil && v.Session.Member.ID == m.ID,
	}
}

// live refuses pages that exist only in the live environment, and links to it.
func (v *visit) live() error {
	if v.Session.Session.Environment == principal.Live {
		return nil
	}
	return &inhouse.Refusal{Status: http.StatusForbidden,
		Message: "Members belong to the whole organisation and are kept in the live environment. Change to it in " +
			"the settings, or sign in to it."}
}

type memberList struct {
	inhouse.Numbered
	Rows     []memberRow
	Roles    []roleText
	MayWrite bool
}

func membersPage(v *visit) error {
	if err := v.live(); err != nil {
		return err
	}
	found, err := inhouse.Read[api.MemberList](v.API.ListMembers(v.Ctx,
		&api.ListMembersParams{Page: new(v.Number()), PerPage: new(inhouse.PerPage)}))
	if err != nil {
		return err
	}
	list := memberList{Numbered: v.Numbered(found.Meta), MayWrite: v.can(writeMembers), Roles: v.roles("")}
	for _, m := range found.Data {
		list.Rows = append(list.Rows, v.memberRow(m))
	}
	return v.render(http.StatusOK, "members", "Members", list)
}

// memberForm is the form that adds a member, as it was filled in.
type memberForm struct {
	inhouse.Form
	Roles []roleText
}

func (v *visit) showMemberForm(status int, f inhouse.Form) error {
	return v.render(status, "memberform", "Add a member", memberForm{f, v.roles(f.Value("role"))})
}

func newMemberPage(v *visit) error {
	if err := v.live(); err != nil {
		return err
	}
	return v.showMemberForm(http.StatusOK, inhouse.Form{Values: url.Values{"role": {string(role.Developer)}}})
}

func createMember(v *visit) error {
	body := inhouse.Body{}
	for _, name := range []string{"email", "name", "role"} {
		body.Text(name, v.Field(name))
	}
	made, err := inhouse.Read[api.Member](v.API.CreateMemberWithBody(v.Ctx, nil, inhouse.JSON, body.Reader()))
	if f, status, ok := v.Filled(err, nil); ok {
		return v.showMemberForm(status, f)
	}
	if err != nil {
		return err
	}
	return v.Back("/app/members/"+url.PathEscape(made.ID), "member-added")
}

// memberDetail is the page of one member.
type memberDetail struct {
	memberRow
	Roles    []roleText
	Keys     []keyRow
	SeesKeys bool
	MayWrite bool
	Fault    string
}

func (v *visit) showMember(status int, fault string) error {
	if err := v.live(); err != nil {
		return err
	}
	m, err := inhouse.Read[api.Member](v.API.GetMember(v.Ctx, v.Param("id")))
	if err != nil {
		return err
	}
	p := memberDetail{memberRow: v.memberRow(m), Roles: v.roles(string(m.Role)), MayWrite: v.can(writeMembers),
		SeesKeys: v.can(readKeys), Fault: fault}
	if p.SeesKeys {
		keys, err := inhouse.Read[api.KeyList](v.API.ListKeys(v.Ctx, &api.ListKeysParams{UserID: &m.ID,
			PerPage: new(nameLimit)}))
		if err != nil {
			return err
		}
		for _, k := range keys.Data {
			p.Keys = append(p.Keys, keyRowOf(k, time.Now()))
		}
	}
	return v.render(status, "member", m.Name, p)
}

func memberPage(v *visit) error { return v.showMember(http.StatusOK, "") }

func updateMember(v *visit) error {
	id := v.Param("id")
	u := api.MemberUpdate{Name: inhouse.Opt[string](v.Field("name")),
		Role: inhouse.Opt[api.MemberRole](v.FormValue("role"))}
	_, err := inhouse.Read[api.Member](v.API.UpdateMember(v.Ctx, id, nil, u))
	if r, ok := inhouse.Invalid(err); ok {
		return v.showMember(r.Status, r.Message+r.Details())
	}
	if err != nil {
		return err
	}
	return v.Back("/app/members/"+url.PathEscape(id), "member-saved")
}

// removeMember asks for the member's address, and removes them after the visitor typed it.
func removeMember(v *visit) error {
	m, err := inhouse.Read[api.Member](v.API.GetMember(v.Ctx, v.Param("id")))
	if err != nil {
		return err
	}
	path := "/app/members/" + url.PathEscape(m.ID)
	c := inhouse.Confirmation{
		Heading: "Remove " + m.Name, Name: m.Email, Button: "Remove the member", Action: path + "/remove", Back: path,
		Text: "They are signed out and their API keys are revoked at once. Their changes stay in the audit log.",
	}
	if !v.Confirmed(&c) {
		return v.confirm("Remove a member", c)
	}
	_, err = inhouse.Read[struct{}](v.API.DeleteMember(v.Ctx, m.ID, nil))
	if r, ok := inhouse.Invalid(err); ok {
		return v.showMember(r.Status, r.Message+r.Details())
	}
	if err != nil {
		return err
	}
	return v.Back("/app/members", "member-removed")
}
