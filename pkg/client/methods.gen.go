// Code generated from openapi/openapi.yaml by openapi/sdk. DO NOT EDIT.

package hookline

import (
	"context"
	"iter"
)

// GetMe: Get the caller. The tenant, environment, permissions and user of the key in use. Works with every
// valid key; use it to test a credential.
func (c *Client) GetMe(ctx context.Context, options ...CallOption) (*Me, error) {
	r := request{method: "GET", path: "/api/v1/me"}
	return get[Me](ctx, c, r, options)
}

// ListKeys: List API keys. All keys of the tenant in the environment of the key in use, newest first. The
// secret part is never returned again. Needs the permission `read:keys`.
func (c *Client) ListKeys(ctx context.Context, params ListKeysParams, options ...CallOption) (*KeyList, error) {
	r := request{method: "GET", path: "/api/v1/keys", query: params.query()}
	return get[KeyList](ctx, c, r, options)
}

// ListKeysAll iterates over all entries of ListKeys, page by page. It ends with the first error.
func (c *Client) ListKeysAll(ctx context.Context, params ListKeysParams, options ...CallOption) iter.Seq2[Key, error] {
	return byPage(params.Page, func(page int64) ([]Key, PageMeta, error) {
		params.Page = page
		list, err := c.ListKeys(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// CreateKey: Create an API key. Returns the secret once. A key can't have permissions that the creating key
// doesn't have, and belongs to the creating key's environment. With `user_id` it belongs to that member.
// Needs the permission `write:keys`.
func (c *Client) CreateKey(ctx context.Context, body KeyCreate, options ...CallOption) (*KeyCreated, error) {
	r := request{method: "POST", path: "/api/v1/keys", body: body, keyed: true}
	return get[KeyCreated](ctx, c, r, options)
}

// GetKey: Get an API key. Needs the permission `read:keys`.
func (c *Client) GetKey(ctx context.Context, keyID string, options ...CallOption) (*Key, error) {
	r := request{method: "GET", path: "/api/v1/keys/{key_id}", in: []string{keyID}}
	return get[Key](ctx, c, r, options)
}

// UpdateKey: Change an API key. Changes the fields that are sent, at once on this process and within two
// seconds on all others. A key can't be given permissions that the calling key doesn't have, and a key with
// more permissions than the calling key can't be changed by it. Needs the permission `write:keys`.
func (c *Client) UpdateKey(ctx context.Context, keyID string, body KeyUpdate, options ...CallOption) (*Key, error) {
	r := request{method: "PATCH", path: "/api/v1/keys/{key_id}", in: []string{keyID}, body: body, keyed: true}
	return get[Key](ctx, c, r, options)
}

// RevokeKey: Revoke an API key. The key stops working at once and stays in the list with the time it was
// revoked. Revoking it again changes nothing. A key that can do more than the one in use is a 403; a key can
// always revoke itself. Needs the permission `write:keys`.
func (c *Client) RevokeKey(ctx context.Context, keyID string, options ...CallOption) error {
	r := request{method: "DELETE", path: "/api/v1/keys/{key_id}", in: []string{keyID}, keyed: true}
	return c.do(ctx, r, nil, options)
}

// RotateKey: Rotate an API key. Creates a key with the settings of the old one and returns its secret once.
// The old key stays valid for the grace period; with `0s` it is revoked at once. Needs the permission
// `write:keys`.
func (c *Client) RotateKey(ctx context.Context, keyID string, body *KeyRotate, options ...CallOption) (*KeyCreated, error) {
	r := request{method: "POST", path: "/api/v1/keys/{key_id}/rotate", in: []string{keyID}, body: optional(body), keyed: true}
	return get[KeyCreated](ctx, c, r, options)
}

// ListMembers: List members. The tenant's users, newest first. Members belong to the live environment; a test
// key is refused. Needs the permission `read:members`.
func (c *Client) ListMembers(ctx context.Context, params ListMembersParams, options ...CallOption) (*MemberList, error) {
	r := request{method: "GET", path: "/api/v1/members", query: params.query()}
	return get[MemberList](ctx, c, r, options)
}

// ListMembersAll iterates over all entries of ListMembers, page by page. It ends with the first error.
func (c *Client) ListMembersAll(ctx context.Context, params ListMembersParams, options ...CallOption) iter.Seq2[Member, error] {
	return byPage(params.Page, func(page int64) ([]Member, PageMeta, error) {
		params.Page = page
		list, err := c.ListMembers(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// CreateMember: Add a member. The person can sign in from then on. An email address can belong to one member
// per tenant, compared case-insensitively (409). A caller can't grant a role with more permissions than its
// own key (403). Needs the permission `write:members`.
func (c *Client) CreateMember(ctx context.Context, body MemberCreate, options ...CallOption) (*Member, error) {
	r := request{method: "POST", path: "/api/v1/members", body: body, keyed: true}
	return get[Member](ctx, c, r, options)
}

// GetMember: Get a member. Needs the permission `read:members`.
func (c *Client) GetMember(ctx context.Context, memberID string, options ...CallOption) (*Member, error) {
	r := request{method: "GET", path: "/api/v1/members/{member_id}", in: []string{memberID}}
	return get[Member](ctx, c, r, options)
}

// UpdateMember: Update a member. Changes the fields that are sent. Sessions of the member follow its role at
// once. The role of the last owner can't be changed (409). A caller can't grant a role, or change a member
// with a role, that has more permissions than its own key (403). Needs the permission `write:members`.
func (c *Client) UpdateMember(ctx context.Context, memberID string, body MemberUpdate, options ...CallOption) (*Member, error) {
	r := request{method: "PATCH", path: "/api/v1/members/{member_id}", in: []string{memberID}, body: body, keyed: true}
	return get[Member](ctx, c, r, options)
}

// DeleteMember: Remove a member. Ends the member's sessions, revokes its keys, and turns off the alert
// channels that send mail to its address, at once. The last owner can't be removed (409), nor can a member
// whose role has more permissions than the key in use (403). Needs the permission `write:members`.
func (c *Client) DeleteMember(ctx context.Context, memberID string, options ...CallOption) error {
	r := request{method: "DELETE", path: "/api/v1/members/{member_id}", in: []string{memberID}, keyed: true}
	return c.do(ctx, r, nil, options)
}

// ListSessions: List sessions in the dashboard. Active dashboard sessions, latest first. A signed-in member
// sees its own sessions; a caller with `write:members` in the live environment, keys included, sees those of
// all members and those that belong to no member. Keys have no sessions: a key without that permission gets
// an empty list.
func (c *Client) ListSessions(ctx context.Context, params ListSessionsParams, options ...CallOption) (*SessionList, error) {
	r := request{method: "GET", path: "/api/v1/sessions", query: params.query()}
	return get[SessionList](ctx, c, r, options)
}

// ListSessionsAll iterates over all entries of ListSessions, page by page. It ends with the first error.
func (c *Client) ListSessionsAll(ctx context.Context, params ListSessionsParams, options ...CallOption) iter.Seq2[Session, error] {
	return byPage(params.Page, func(page int64) ([]Session, PageMeta, error) {
		params.Page = page
		list, err := c.ListSessions(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// EndSession: End a session in the dashboard. The browser is signed out at once, and its live logs end. A
// session can be ended by everybody who can see it; other sessions are not found. Ending it again changes
// nothing. The person can sign in again: to prevent that, remove the member.
func (c *Client) EndSession(ctx context.Context, sessionID string, options ...CallOption) error {
	r := request{method: "DELETE", path: "/api/v1/sessions/{session_id}", in: []string{sessionID}, keyed: true}
	return c.do(ctx, r, nil, options)
}

// ListLeads: List and search leads. All conditions must match. Newest first, unless `sort` says otherwise.
// Needs the permission `read:leads`.
func (c *Client) ListLeads(ctx context.Context, params ListLeadsParams, options ...CallOption) (*LeadList, error) {
	r := request{method: "GET", path: "/api/v1/leads", query: params.query()}
	return get[LeadList](ctx, c, r, options)
}

// ListLeadsAll iterates over all entries of ListLeads, page by page. It ends with the first error.
func (c *Client) ListLeadsAll(ctx context.Context, params ListLeadsParams, options ...CallOption) iter.Seq2[Lead, error] {
	return byPage(params.Page, func(page int64) ([]Lead, PageMeta, error) {
		params.Page = page
		list, err := c.ListLeads(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// CreateLead: Create a lead. Fires `lead.created`. The event is stored in the same transaction as the lead.
// Needs the permission `write:leads`.
func (c *Client) CreateLead(ctx context.Context, body LeadCreate, options ...CallOption) (*Lead, error) {
	r := request{method: "POST", path: "/api/v1/leads", body: body, keyed: true}
	return get[Lead](ctx, c, r, options)
}

// CreateLeads: Create many leads. Creates up to 500 leads in one transaction and fires `lead.created` for
// each. Every row has its own result, in the order of the rows: rows that are not valid (`invalid`), or whose
// `external_id` another lead has (`conflict`), are reported and skipped; the others are created. With
// `all_or_nothing`, a single invalid or conflicting row prevents all: the response is then a 400 that lists
// every violation of every row, or a 409. Needs the permission `write:leads`.
func (c *Client) CreateLeads(ctx context.Context, body LeadBulk, options ...CallOption) (*LeadBulkResult, error) {
	r := request{method: "POST", path: "/api/v1/leads/bulk", body: body, keyed: true}
	return get[LeadBulkResult](ctx, c, r, options)
}

// UpsertLead: Create or update a lead by email address. Updates the lead with this address (200), or creates
// it (201). Concurrent calls for one address create one lead. If several leads have the address, the oldest
// is updated. Fires `lead.created` or `lead.updated`, and nothing when nothing changed. Needs the permission
// `write:leads`.
func (c *Client) UpsertLead(ctx context.Context, email string, body *LeadUpsert, options ...CallOption) (*Lead, error) {
	r := request{method: "PUT", path: "/api/v1/leads/by-email/{email}", in: []string{email}, body: optional(body), keyed: true}
	return get[Lead](ctx, c, r, options)
}

// GetLead: Get a lead. Needs the permission `read:leads`.
func (c *Client) GetLead(ctx context.Context, leadID string, options ...CallOption) (*Lead, error) {
	r := request{method: "GET", path: "/api/v1/leads/{lead_id}", in: []string{leadID}}
	return get[Lead](ctx, c, r, options)
}

// UpdateLead: Update a lead. Changes the fields that are sent; `null` clears one. Fires `lead.updated` with
// the changed fields, and nothing when nothing changed. Needs the permission `write:leads`.
func (c *Client) UpdateLead(ctx context.Context, leadID string, body LeadUpdate, options ...CallOption) (*Lead, error) {
	r := request{method: "PATCH", path: "/api/v1/leads/{lead_id}", in: []string{leadID}, body: body, keyed: true}
	return get[Lead](ctx, c, r, options)
}

// DeleteLead: Delete a lead. Its events stay in the event log. Needs the permission `write:leads`.
func (c *Client) DeleteLead(ctx context.Context, leadID string, options ...CallOption) error {
	r := request{method: "DELETE", path: "/api/v1/leads/{lead_id}", in: []string{leadID}, keyed: true}
	return c.do(ctx, r, nil, options)
}

// ListTickets: List tickets. All conditions must match. Newest first. Needs the permission `read:tickets`.
func (c *Client) ListTickets(ctx context.Context, params ListTicketsParams, options ...CallOption) (*TicketList, error) {
	r := request{method: "GET", path: "/api/v1/tickets", query: params.query()}
	return get[TicketList](ctx, c, r, options)
}

// ListTicketsAll iterates over all entries of ListTickets, page by page. It ends with the first error.
func (c *Client) ListTicketsAll(ctx context.Context, params ListTicketsParams, options ...CallOption) iter.Seq2[Ticket, error] {
	return byPage(params.Page, func(page int64) ([]Ticket, PageMeta, error) {
		params.Page = page
		list, err := c.ListTickets(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// CreateTicket: Create a ticket. Fires `ticket.created`, and `ticket.assigned` when it has an assignee.
// Tickets of a tenant are numbered without gaps (TCK-1, TCK-2, …), separately for live and test. An unknown
// inbox or member is a 422. Needs the permission `write:tickets`.
func (c *Client) CreateTicket(ctx context.Context, body TicketCreate, options ...CallOption) (*Ticket, error) {
	r := request{method: "POST", path: "/api/v1/tickets", body: body, keyed: true}
	return get[Ticket](ctx, c, r, options)
}

// GetTicket: Get a ticket. Needs the permission `read:tickets`.
func (c *Client) GetTicket(ctx context.Context, ticketID string, options ...CallOption) (*Ticket, error) {
	r := request{method: "GET", path: "/api/v1/tickets/{ticket_id}", in: []string{ticketID}}
	return get[Ticket](ctx, c, r, options)
}

// UpdateTicket: Update a ticket. Changes the fields that are sent; `assignee_id: null` unassigns it. Any
// change fires `ticket.updated`; a change of the assignee also fires `ticket.assigned`, a change of the
// status `ticket.status_changed`, and a change to `closed` also `ticket.closed`. All have the ticket as it is
// now and `changes`, the old and new value of each changed field. Nothing is fired when nothing changed. |
// status | can become | |---|---| | `open` | `pending`, `resolved`, `closed` | | `pending` | `open`,
// `resolved`, `closed` | | `resolved` | `open`, `closed` | | `closed` | `open` | Any other change of the
// status is a 409 that lists what is allowed. An inbox or a member that does not exist is a 422. Needs the
// permission `write:tickets`.
func (c *Client) UpdateTicket(ctx context.Context, ticketID string, body TicketUpdate, options ...CallOption) (*Ticket, error) {
	r := request{method: "PATCH", path: "/api/v1/tickets/{ticket_id}", in: []string{ticketID}, body: body, keyed: true}
	return get[Ticket](ctx, c, r, options)
}

// ListTicketMessages: List a ticket's messages. Messages received and sent, newest first. Internal notes are
// never returned. Needs the permission `read:messages`.
func (c *Client) ListTicketMessages(ctx context.Context, ticketID string, params ListTicketMessagesParams, options ...CallOption) (*MessageList, error) {
	r := request{method: "GET", path: "/api/v1/tickets/{ticket_id}/messages", in: []string{ticketID}, query: params.query()}
	return get[MessageList](ctx, c, r, options)
}

// ListTicketMessagesAll iterates over all entries of ListTicketMessages, page by page. It ends with the first error.
func (c *Client) ListTicketMessagesAll(ctx context.Context, ticketID string, params ListTicketMessagesParams, options ...CallOption) iter.Seq2[Message, error] {
	return byPage(params.Page, func(page int64) ([]Message, PageMeta, error) {
		params.Page = page
		list, err := c.ListTicketMessages(ctx, ticketID, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// CreateTicketMessage: Add an internal note to a ticket. Internal notes are visible to the tenant's members
// only: they are not sent, not part of any event, and not returned by this API. The API does not send
// outbound replies: any other `type` is a 422. Needs the permission `write:messages`.
func (c *Client) CreateTicketMessage(ctx context.Context, ticketID string, body MessageCreate, options ...CallOption) (*Message, error) {
	r := request{method: "POST", path: "/api/v1/tickets/{ticket_id}/messages", in: []string{ticketID}, body: body, keyed: true}
	return get[Message](ctx, c, r, options)
}

// ListTicketTags: List a ticket's tags. Sorted by name. Needs the permission `read:tickets`.
func (c *Client) ListTicketTags(ctx context.Context, ticketID string, options ...CallOption) (*TagsOfTicket, error) {
	r := request{method: "GET", path: "/api/v1/tickets/{ticket_id}/tags", in: []string{ticketID}}
	return get[TagsOfTicket](ctx, c, r, options)
}

// AddTicketTag: Tag a ticket. Adds the tag with `tag_id`, or the one named `tag_name` (case-insensitive),
// which is created if it does not exist. Adding a tag that the ticket already has changes nothing. Fires
// `ticket.updated` with the old and new tag names in `changes`. An unknown `tag_id` is a 422. A ticket has at
// most 50 tags (409). Needs the permission `write:tickets`.
func (c *Client) AddTicketTag(ctx context.Context, ticketID string, body TagAdd, options ...CallOption) (*TagsOfTicket, error) {
	r := request{method: "POST", path: "/api/v1/tickets/{ticket_id}/tags", in: []string{ticketID}, body: body, keyed: true}
	return get[TagsOfTicket](ctx, c, r, options)
}

// RemoveTicketTag: Remove a tag from a ticket. The tag itself is kept. Removing a tag that the ticket does
// not have changes nothing. Fires `ticket.updated` with the old and new tag names in `changes`. Needs the
// permission `write:tickets`.
func (c *Client) RemoveTicketTag(ctx context.Context, ticketID string, tagID string, options ...CallOption) error {
	r := request{method: "DELETE", path: "/api/v1/tickets/{ticket_id}/tags/{tag_id}", in: []string{ticketID, tagID}, keyed: true}
	return c.do(ctx, r, nil, options)
}

// ListTags: List tags. Newest first. Needs the permission `read:tags`.
func (c *Client) ListTags(ctx context.Context, params ListTagsParams, options ...CallOption) (*TagList, error) {
	r := request{method: "GET", path: "/api/v1/tags", query: params.query()}
	return get[TagList](ctx, c, r, options)
}

// ListTagsAll iterates over all entries of ListTags, page by page. It ends with the first error.
func (c *Client) ListTagsAll(ctx context.Context, params ListTagsParams, options ...CallOption) iter.Seq2[Tag, error] {
	return byPage(params.Page, func(page int64) ([]Tag, PageMeta, error) {
		params.Page = page
		list, err := c.ListTags(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// ListInboxes: List inboxes. Inboxes that receive customer messages. Newest first. Needs the permission
// `read:inboxes`.
func (c *Client) ListInboxes(ctx context.Context, params ListInboxesParams, options ...CallOption) (*InboxList, error) {
	r := request{method: "GET", path: "/api/v1/inboxes", query: params.query()}
	return get[InboxList](ctx, c, r, options)
}

// ListInboxesAll iterates over all entries of ListInboxes, page by page. It ends with the first error.
func (c *Client) ListInboxesAll(ctx context.Context, params ListInboxesParams, options ...CallOption) iter.Seq2[Inbox, error] {
	return byPage(params.Page, func(page int64) ([]Inbox, PageMeta, error) {
		params.Page = page
		list, err := c.ListInboxes(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// GetInbox: Get an inbox. Needs the permission `read:inboxes`.
func (c *Client) GetInbox(ctx context.Context, inboxID string, options ...CallOption) (*Inbox, error) {
	r := request{method: "GET", path: "/api/v1/inboxes/{inbox_id}", in: []string{inboxID}}
	return get[Inbox](ctx, c, r, options)
}

// ListEvents: List events. Newest first. With `order=asc` the list is an ordered pull: oldest first, in
// commit order, and no event ever appears before one that was already returned. Every page then has a
// `next_cursor`, including the last: store it and continue from it to miss nothing. An event becomes visible
// once every transaction that started before its own has ended, usually within milliseconds. With `type` or
// `sent`, a page scans at most 3,000 events: it may have fewer events than `limit`, or none, although more
// exist. Continue while there is a `next_cursor`. Needs the permission `read:events`.
func (c *Client) ListEvents(ctx context.Context, params ListEventsParams, options ...CallOption) (*EventList, error) {
	r := request{method: "GET", path: "/api/v1/events", query: params.query()}
	return get[EventList](ctx, c, r, options)
}

// ListEventsAll iterates over all entries of ListEvents, page by page. It ends with the first error.
func (c *Client) ListEventsAll(ctx context.Context, params ListEventsParams, options ...CallOption) iter.Seq2[Event, error] {
	return byCursor(params.Cursor, func(cursor string) ([]Event, CursorMeta, error) {
		params.Cursor = cursor
		list, err := c.ListEvents(ctx, params, options...)
		if err != nil {
			return nil, CursorMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// PublishEvent: Publish an event. Accepts an event of a type in the catalogue, or of your own, and delivers
// it to every subscribed endpoint. 202 means that the event is stored durably. `data` that does not match the
// schema of its type is a 422 that lists every violation. The schema of a type of your own is checked in at
// most 100,000 steps, about five per value; data that takes more, is more than 32 levels deep, or has numbers
// that common parsers can't read (more than 100 digits, exponents beyond 400) is a 422, too. Send your own
// `id` to make retries safe: the same id with the same content returns the existing event, other content is a
// 409. Needs the permission `write:events`.
func (c *Client) PublishEvent(ctx context.Context, body EventCreate, options ...CallOption) (*Event, error) {
	r := request{method: "POST", path: "/api/v1/events", body: body, keyed: true}
	return get[Event](ctx, c, r, options)
}

// PublishEvents: Publish many events. Accepts up to 500 events in one transaction. Every event has its own
// result, in the order of the events: events that are not valid (`invalid`), or whose `id` another event with
// other content has (`conflict`), are reported and skipped; the others are stored durably. An event whose
// `id` exists with the same content is `accepted` again, without being delivered again. Needs the permission
// `write:events`.
func (c *Client) PublishEvents(ctx context.Context, body EventBulk, options ...CallOption) (*EventBulkResult, error) {
	r := request{method: "POST", path: "/api/v1/events/bulk", body: body, keyed: true}
	return get[EventBulkResult](ctx, c, r, options)
}

// GetEvent: Get an event. Needs the permission `read:events`.
func (c *Client) GetEvent(ctx context.Context, eventID string, options ...CallOption) (*Event, error) {
	r := request{method: "GET", path: "/api/v1/events/{event_id}", in: []string{eventID}}
	return get[Event](ctx, c, r, options)
}

// ListEventTypes: List event types. Every type that can be published and subscribed to: those of the
// catalogue and, with `own: true`, those registered with `POST /api/v1/event-types`. `?deprecated=false`
// leaves out deprecated types. Needs the permission `read:events`.
func (c *Client) ListEventTypes(ctx context.Context, params ListEventTypesParams, options ...CallOption) (*EventTypeList, error) {
	r := request{method: "GET", path: "/api/v1/event-types", query: params.query()}
	return get[EventTypeList](ctx, c, r, options)
}

// CreateEventType: Register an event type of your own. From then on, events of the type can be published in
// the environment of the key in use, endpoints can subscribe to it, and data that does not match its `schema`
// is refused. Other processes know it within two seconds. `live` and `test` have separate types, so that a
// schema can be tested before consumers rely on it. A name that is taken, by the catalogue or by a type of
// your own, is a 409. Reserved names, such as those that a profile gives a type of the catalogue
// (`new_lead`), and names that start with `delivery.`, `endpoint.` or `key.`, are refused. All schemas and
// samples of an environment can have 4 million characters. The `schema` is JSON Schema, draft 2020-12, at
// most 64 KiB, 64 levels deep, with at most 500 schemas in it (every property is one), and of `type: object`.
// `$ref` reaches definitions in the same document (`#/$defs/name`, `#/definitions/name`), which may be
// recursive; nothing is ever fetched. `$id` (but for its own), `$anchor`, `$dynamicRef` and the like are
// refused. `format` is checked where the standard defines it; `pattern` is a regular expression of RE2, which
// has no look-around. Unknown keywords are ignored, as the standard says. Needs the permission
// `write:event_types`.
func (c *Client) CreateEventType(ctx context.Context, body EventTypeCreate, options ...CallOption) (*EventType, error) {
	r := request{method: "POST", path: "/api/v1/event-types", body: body, keyed: true}
	return get[EventType](ctx, c, r, options)
}

// CheckEventType: Check a schema and a sample. Reports everything that `POST /api/v1/event-types` would
// refuse in a `schema` and a `sample`, and returns a sample that is made from the schema. Nothing is stored.
// Needs the permission `write:event_types`.
func (c *Client) CheckEventType(ctx context.Context, body EventTypeCheck, options ...CallOption) (*EventTypeCheckResult, error) {
	r := request{method: "POST", path: "/api/v1/event-types/check", body: body, keyed: true}
	return get[EventTypeCheckResult](ctx, c, r, options)
}

// GetEventType: Get an event type. The JSON Schema of its `data` and a matching sample. `own` tells
// registered types from those of the catalogue. Needs the permission `read:events`.
func (c *Client) GetEventType(ctx context.Context, typeName string, options ...CallOption) (*EventType, error) {
	r := request{method: "GET", path: "/api/v1/event-types/{type}", in: []string{typeName}}
	return get[EventType](ctx, c, r, options)
}

// UpdateEventType: Change an event type of your own. Changes the fields that are sent. Types of the catalogue
// can't be changed. A new `schema` must not break consumers of the data. They rely on everything the current
// schema says, and ignore properties that it doesn't name; so the new one may allow less and name more
// properties, but not allow more. Allowed: new properties, required or not; a property that becomes required;
// narrower constraints (fewer values of an `enum`, a smaller `maximum`); other descriptions and examples.
// Refused, with a 409 whose `details` list each violation (at most 100): a removed property, one that is no
// longer required, another or a wider `type`, or none; more values of an `enum`, another `const`; wider
// limits; wider `additionalProperties`; a `pattern`, `format` or `multipleOf` that changes. Keywords are
// compared in place, at any depth: in `properties`, `items`, `additionalProperties`, behind a `$ref`, and in
// `allOf`, `anyOf` and `oneOf` member by member, so a new alternative is refused, and so may be a reordered
// one. `not`, `if`, `then`, `else`, `contains`, `dependentSchemas`, `dependentRequired`, `patternProperties`,
// `prefixItems`, `propertyNames`, `contentSchema`, `unevaluatedItems` and `unevaluatedProperties` are not
// compared: they must not change, and beside the last two nothing may. For an incompatible change, register a
// new type such as `order.created.v2`, publish both for a while, and deprecate the old one. A type that is
// `deprecated` works as before: it can be published, subscribed to, and is delivered; lists report
// `deprecated_at`, so that no new consumers choose it. Needs the permission `write:event_types`.
func (c *Client) UpdateEventType(ctx context.Context, typeName string, body EventTypeUpdate, options ...CallOption) (*EventType, error) {
	r := request{method: "PATCH", path: "/api/v1/event-types/{type}", in: []string{typeName}, body: body, keyed: true}
	return get[EventType](ctx, c, r, options)
}

// DeleteEventType: Delete an event type of your own. For types that were registered by mistake: the response
// is a 409 when an event of the type is stored, when the type is all that a pattern of an endpoint matches,
// or when an endpoint has a retry policy for it. Deprecate the type instead. Types of the catalogue can't be
// deleted. Needs the permission `write:event_types`.
func (c *Client) DeleteEventType(ctx context.Context, typeName string, options ...CallOption) error {
	r := request{method: "DELETE", path: "/api/v1/event-types/{type}", in: []string{typeName}, keyed: true}
	return c.do(ctx, r, nil, options)
}

// ListWebhooks: List endpoints. Newest first, unless `sort` says otherwise. Needs the permission
// `read:webhooks`.
func (c *Client) ListWebhooks(ctx context.Context, params ListWebhooksParams, options ...CallOption) (*WebhookList, error) {
	r := request{method: "GET", path: "/api/v1/webhooks", query: params.query()}
	return get[WebhookList](ctx, c, r, options)
}

// ListWebhooksAll iterates over all entries of ListWebhooks, page by page. It ends with the first error.
func (c *Client) ListWebhooksAll(ctx context.Context, params ListWebhooksParams, options ...CallOption) iter.Seq2[Webhook, error] {
	return byPage(params.Page, func(page int64) ([]Webhook, PageMeta, error) {
		params.Page = page
		list, err := c.ListWebhooks(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// CreateWebhook: Create an endpoint. Returns the signing `secret`. A `filter` is an expression in CEL
// (https://cel.dev) that is true or false, over `event.type`, `event.id`, `event.occurred_at` (a timestamp)
// and `data`, such as `data.score > 50 && data.email.endsWith("@example.com")`, such as `data.priority ==
// "high"`, such as `data.platform == "instagram"`. Events for which it is false get a cancelled delivery with
// the reason `filtered`; events for which it can't be evaluated, because of a missing field (test
// `has(data.field)` first) or too many steps, one with the reason `filter_error` and the message in `error`.
// Steps are counted, so a filter has the same result for the same event everywhere; a name that is compared
// with `event.type` must be that of an event type, as the profile calls it; the limit allows lists of about
// 10,000 elements and texts of 1 MiB. `matches` takes RE2 expressions of at most 1,000 bytes and, like a
// `pattern` in a schema, without large repetitions; the larger the expression, the shorter the text that it
// can be matched with. Test a filter with `POST /api/v1/webhooks/filter-test`. Credentials (values of
// `headers`, and in `auth` the password, the client secret and the private key) are shown masked. If they are
// sent back masked, or left out of a PATCH, they keep the stored value while the scheme, host and port of
// `url` stay the same, and for the client secret those of `token_url` as well. Otherwise the request is a 400
// that lists each: send the value again, or remove it. With a `source`, the same URL and events (in any
// order) from the same source are one endpoint: creating it again returns 200 and the existing endpoint,
// without its secret. It changes nothing, but enables an endpoint that Hookline disabled (`gone`, `failing`).
// One that its owner disabled is a 409. URLs are stored as they are sent: without white space around them, a
// host such as `bücher.example` in its `xn--` form, spaces and characters outside ASCII percent-encoded.
// Invisible characters are refused. Needs the permission `write:webhooks`.
func (c *Client) CreateWebhook(ctx context.Context, body WebhookCreate, options ...CallOption) (*WebhookCreated, error) {
	r := request{method: "POST", path: "/api/v1/webhooks", body: body, keyed: true}
	return get[WebhookCreated](ctx, c, r, options)
}

// GetWebhook: Get an endpoint. Needs the permission `read:webhooks`.
func (c *Client) GetWebhook(ctx context.Context, webhookID string, options ...CallOption) (*Webhook, error) {
	r := request{method: "GET", path: "/api/v1/webhooks/{webhook_id}", in: []string{webhookID}}
	return get[Webhook](ctx, c, r, options)
}

// ReplaceWebhook: Replace an endpoint. Every field that is left out is reset to its default. The secret and
// the source are kept. A header or a part of `auth` sent as `********` keeps its stored value. Needs the
// permission `write:webhooks`.
func (c *Client) ReplaceWebhook(ctx context.Context, webhookID string, body WebhookCreate, options ...CallOption) (*Webhook, error) {
	r := request{method: "PUT", path: "/api/v1/webhooks/{webhook_id}", in: []string{webhookID}, body: body, keyed: true}
	return get[Webhook](ctx, c, r, options)
}

// UpdateWebhook: Update an endpoint. Changes the fields that are sent. `url` or `events`, even unchanged,
// enable an endpoint that Hookline disabled (`gone`, `failing`), unless `enabled` is sent too. `headers`,
// `auth`, `metadata` and `retry_policies` are replaced as a whole; a header or a part of `auth` sent as
// `********` keeps its stored value. An empty `retry_policy` resets to the profile's. A new `profile` brings
// its own `retry_policy` and `signing` where the endpoint used those of the old one. Needs the permission
// `write:webhooks`.
func (c *Client) UpdateWebhook(ctx context.Context, webhookID string, body WebhookUpdate, options ...CallOption) (*Webhook, error) {
	r := request{method: "PATCH", path: "/api/v1/webhooks/{webhook_id}", in: []string{webhookID}, body: body, keyed: true}
	return get[Webhook](ctx, c, r, options)
}

// DeleteWebhook: Delete an endpoint. Due deliveries are cancelled with the reason `endpoint_deleted`; the
// delivery log is kept. Deleting it again changes nothing. Needs the permission `write:webhooks`.
func (c *Client) DeleteWebhook(ctx context.Context, webhookID string, options ...CallOption) error {
	r := request{method: "DELETE", path: "/api/v1/webhooks/{webhook_id}", in: []string{webhookID}, keyed: true}
	return c.do(ctx, r, nil, options)
}

// GetWebhookPublicKey: Get the public key of an endpoint. The key that verifies the `v1a` signatures of an
// endpoint whose `signing` is `ed25519` or `both`; 404 for any other. It stays the same until it is rotated;
// `previous` are replaced keys that still sign as well. Needs the permission `read:webhooks`.
func (c *Client) GetWebhookPublicKey(ctx context.Context, webhookID string, options ...CallOption) (*PublicKey, error) {
	r := request{method: "GET", path: "/api/v1/webhooks/{webhook_id}/public-key", in: []string{webhookID}}
	return get[PublicKey](ctx, c, r, options)
}

// CreateListener: Create a listener. A listener is a temporary endpoint without a URL: its requests come down
// a stream (`GET /api/v1/webhooks/listeners/{webhook_id}/stream`), and what you send back (`POST
// /api/v1/webhooks/listeners/{webhook_id}/responses`) becomes the outcome of the attempt. It is for
// development, on a machine that has no public URL; `hookline listen` uses it. The requests have the method,
// headers, signature and body that an endpoint of your profile gets. It subscribes to events from now on, in
// the environment of the key. A failed delivery is retried after 1, 2, 5, 10, 20 and 30 seconds. It ends when
// it is deleted (`DELETE /api/v1/webhooks/{webhook_id}`), and by itself a minute after its last connection;
// then its open deliveries are cancelled. A tenant may have 10 listeners in an environment, which don't count
// as endpoints of its plan. Needs the permission `write:webhooks`.
func (c *Client) CreateListener(ctx context.Context, body *ListenerCreate, options ...CallOption) (*Listener, error) {
	r := request{method: "POST", path: "/api/v1/webhooks/listeners", body: optional(body), keyed: true}
	return get[Listener](ctx, c, r, options)
}

// RespondToListener: Answer a request of a listener. Says what became of a request: the response that your
// server gave, or why there was none. A request can be answered once and until its `deadline`; after that it
// is a 409, and the attempt has failed or was answered. Needs the permission `write:webhooks`.
func (c *Client) RespondToListener(ctx context.Context, webhookID string, body ListenerResponse, options ...CallOption) error {
	r := request{method: "POST", path: "/api/v1/webhooks/listeners/{webhook_id}/responses", in: []string{webhookID}, body: body}
	return c.do(ctx, r, nil, options)
}

// TestFilter: Test a filter. Reports whether an event of the type with the data would pass the filter.
// Nothing is stored or sent. Needs the permission `write:webhooks`.
func (c *Client) TestFilter(ctx context.Context, body FilterTest, options ...CallOption) (*FilterTestResult, error) {
	r := request{method: "POST", path: "/api/v1/webhooks/filter-test", body: body, keyed: true}
	return get[FilterTestResult](ctx, c, r, options)
}

// RevealWebhookSecret: Show the signing secret. Every call is recorded in the audit log. Requires the
// permission to change endpoints, since read permission alone must not be enough to forge events. Some
// profiles, the tenant's or the endpoint's, show a secret once, when it is created or rotated, and never
// again: then this is a 403. Rotate a lost secret. `inboxops` is one of them. `leadie` is one of them. Needs
// the permission `write:webhooks`.
func (c *Client) RevealWebhookSecret(ctx context.Context, webhookID string, options ...CallOption) (*WebhookSecret, error) {
	r := request{method: "GET", path: "/api/v1/webhooks/{webhook_id}/secret", in: []string{webhookID}}
	return get[WebhookSecret](ctx, c, r, options)
}

// RotateWebhookSecret: Replace the signing secret. Until `grace` ends, requests carry a signature of the new
// secret and one of each replaced secret, so that consumers can migrate without downtime. At most five
// previous secrets can be valid at a time; a rotation beyond that is a 409. Needs the permission
// `write:webhooks`.
func (c *Client) RotateWebhookSecret(ctx context.Context, webhookID string, body *SecretRotate, options ...CallOption) (*WebhookSecret, error) {
	r := request{method: "POST", path: "/api/v1/webhooks/{webhook_id}/rotate-secret", in: []string{webhookID}, body: optional(body), keyed: true}
	return get[WebhookSecret](ctx, c, r, options)
}

// RotateWebhookKeyPair: Replace the key pair. For an endpoint whose `signing` is `ed25519` or `both`; 409 for
// any other. Until `grace` ends, requests carry a `v1a` signature of the new key and one of each replaced
// key, and all public keys are returned. At most five previous keys can be valid at a time; a rotation beyond
// that is a 409. Needs the permission `write:webhooks`.
func (c *Client) RotateWebhookKeyPair(ctx context.Context, webhookID string, body *KeyPairRotate, options ...CallOption) (*PublicKey, error) {
	r := request{method: "POST", path: "/api/v1/webhooks/{webhook_id}/rotate-key-pair", in: []string{webhookID}, body: optional(body), keyed: true}
	return get[PublicKey](ctx, c, r, options)
}

// EnableWebhook: Enable an endpoint. Clears the reason why it was disabled, and retries now: an open circuit
// breaker admits its next probe, and the next 1,000 deliveries with a pending retry become due, a few at a
// time at first. Also works for an enabled endpoint: call it after you have repaired a consumer; `PATCH` with
// `{"enabled": true}` does the same. Needs the permission `write:webhooks`.
func (c *Client) EnableWebhook(ctx context.Context, webhookID string, options ...CallOption) (*Webhook, error) {
	r := request{method: "POST", path: "/api/v1/webhooks/{webhook_id}/enable", in: []string{webhookID}, keyed: true}
	return get[Webhook](ctx, c, r, options)
}

// GetDeliveryStats: Get delivery statistics. Delivery statistics of the last hour, day, week or month: in
// total, over time, by HTTP status, by event type and by endpoint, the most failing first. Deliveries that
// succeeded, died or were cancelled count when they ended, all of them; deliveries in progress count in the
// last part of `series`, at most 5,000 of them, and `complete` says whether all were counted. `previous` is
// the period before. New results appear within seconds. Needs the permission `read:deliveries`.
func (c *Client) GetDeliveryStats(ctx context.Context, params GetDeliveryStatsParams, options ...CallOption) (*DeliveryStats, error) {
	r := request{method: "GET", path: "/api/v1/webhooks/stats", query: params.query()}
	return get[DeliveryStats](ctx, c, r, options)
}

// GetWebhookHealth: List failing endpoints. The endpoints that need attention, the worst first: those that
// Hookline disabled, whose circuit breaker is open, whose last attempt failed, or whose deliveries are
// deferred by their throttle. Each with the time of its first failure since the last success, its last error,
// its errors grouped, and the number of its deliveries that wait. At most 100 endpoints, those that have
// failed the longest; `GET /webhooks?state=failing` lists all of them. The newest 5,000 deliveries in
// progress and the newest 1,000 dead letters are counted. `complete` says whether these are all. Needs the
// permission `read:deliveries`.
func (c *Client) GetWebhookHealth(ctx context.Context, options ...CallOption) (*WebhookHealth, error) {
	r := request{method: "GET", path: "/api/v1/webhooks/health"}
	return get[WebhookHealth](ctx, c, r, options)
}

// TestWebhook: Send a test event. Sends a sample immediately, built, signed and authenticated exactly as a
// real event, and returns the request and the response. The id begins with `evt_test_`, in `webhook-id` and
// wherever the body contains it; Hookline never gives real events such an id. Also works while the endpoint
// is disabled, and ignores its filter. It is in the delivery log with `test: true`, `cancelled` if it failed,
// and is neither retried, replayed nor counted. A failure of the endpoint is a result, not an error. Needs
// the permission `write:webhooks`.
func (c *Client) TestWebhook(ctx context.Context, webhookID string, body *WebhookTest, options ...CallOption) (*WebhookTestResult, error) {
	r := request{method: "POST", path: "/api/v1/webhooks/{webhook_id}/test", in: []string{webhookID}, body: optional(body)}
	return get[WebhookTestResult](ctx, c, r, options)
}

// ListDeliveries: List deliveries. The delivery log, newest first, or oldest first with `order=asc`. Filters
// can be combined. A page takes about the same time whatever the filters: if few deliveries match, a page may
// have fewer than `limit`, or none, and still a `next_cursor` to continue from. With `event_id`, deliveries
// are listed as soon as the event is accepted. Needs the permission `read:deliveries`.
func (c *Client) ListDeliveries(ctx context.Context, params ListDeliveriesParams, options ...CallOption) (*DeliveryList, error) {
	r := request{method: "GET", path: "/api/v1/webhooks/deliveries", query: params.query()}
	return get[DeliveryList](ctx, c, r, options)
}

// ListDeliveriesAll iterates over all entries of ListDeliveries, page by page. It ends with the first error.
func (c *Client) ListDeliveriesAll(ctx context.Context, params ListDeliveriesParams, options ...CallOption) iter.Seq2[Delivery, error] {
	return byCursor(params.Cursor, func(cursor string) ([]Delivery, CursorMeta, error) {
		params.Cursor = cursor
		list, err := c.ListDeliveries(ctx, params, options...)
		if err != nil {
			return nil, CursorMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// ExportDeliveries: Export deliveries. The deliveries that match the filters, newest first, as a file: CSV
// with a line of column names, or NDJSON with a `Delivery` in each line. It is streamed, and has at most
// 100,000 deliveries: narrow it by time for more. A cell of CSV that a spreadsheet would take for a formula,
// because it begins with `=`, `+`, `-` or `@`, begins with `'` instead. A connection that closes early means
// that the file is incomplete. Needs the permission `read:deliveries`.
func (c *Client) ExportDeliveries(ctx context.Context, params ExportDeliveriesParams, options ...CallOption) ([]byte, error) {
	r := request{method: "GET", path: "/api/v1/webhooks/deliveries/export", query: params.query()}
	return text(ctx, c, r, options)
}

// GetDelivery: Get a delivery. Includes the exact body that is sent, and every attempt with its request and
// response. Values of your own headers are masked. Needs the permission `read:deliveries`.
func (c *Client) GetDelivery(ctx context.Context, deliveryID string, options ...CallOption) (*DeliveryDetail, error) {
	r := request{method: "GET", path: "/api/v1/deliveries/{delivery_id}", in: []string{deliveryID}}
	return get[DeliveryDetail](ctx, c, r, options)
}

// ListDeadLetters: List dead letters. Deliveries that used up their attempts, newest first. They are kept
// until they are replayed or their retention ends. Needs the permission `read:deliveries`.
func (c *Client) ListDeadLetters(ctx context.Context, params ListDeadLettersParams, options ...CallOption) (*DeliveryList, error) {
	r := request{method: "GET", path: "/api/v1/dead-letters", query: params.query()}
	return get[DeliveryList](ctx, c, r, options)
}

// ListDeadLettersAll iterates over all entries of ListDeadLetters, page by page. It ends with the first error.
func (c *Client) ListDeadLettersAll(ctx context.Context, params ListDeadLettersParams, options ...CallOption) iter.Seq2[Delivery, error] {
	return byCursor(params.Cursor, func(cursor string) ([]Delivery, CursorMeta, error) {
		params.Cursor = cursor
		list, err := c.ListDeadLetters(ctx, params, options...)
		if err != nil {
			return nil, CursorMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// ReplayDeadLetter: Replay a dead letter. Sends the same bytes again immediately, with the endpoint's full
// retry policy. A delivery that isn't dead is a 409. Needs the permission `write:deliveries`.
func (c *Client) ReplayDeadLetter(ctx context.Context, deliveryID string, options ...CallOption) (*Delivery, error) {
	r := request{method: "POST", path: "/api/v1/dead-letters/{delivery_id}/replay", in: []string{deliveryID}, keyed: true}
	return get[Delivery](ctx, c, r, options)
}

// ReplayDelivery: Replay a delivery. Sends the same bytes under the same `webhook-id` again immediately, with
// the endpoint's full retry policy, whether the delivery succeeded, is dead or was cancelled. A delivery in
// progress is a 409. Needs the permission `write:deliveries`.
func (c *Client) ReplayDelivery(ctx context.Context, deliveryID string, options ...CallOption) (*Delivery, error) {
	r := request{method: "POST", path: "/api/v1/deliveries/{delivery_id}/replay", in: []string{deliveryID}, keyed: true}
	return get[Delivery](ctx, c, r, options)
}

// ReplayDeliveries: Replay many deliveries. Sends every delivery that matches the filter and is over
// (succeeded, dead or cancelled) again, with the same bytes and the same `webhook-id`, in a background job
// that works in small steps. Tests are left out, and so is what is created while it runs. Deliveries are
// skipped, and counted with the reason, if the endpoint is deleted or disabled or the plan does not include
// webhooks. `dry_run` only counts. A filter that matches more than 10,000 deliveries, or needs to look at too
// many to find them, is a 400: narrow it by time, endpoint or status. Needs the permission
// `write:deliveries`.
func (c *Client) ReplayDeliveries(ctx context.Context, body DeliveryBulk, options ...CallOption) (*BulkPreviewOrJob, error) {
	r := request{method: "POST", path: "/api/v1/deliveries/replay", body: body, keyed: true}
	out := new(BulkPreviewOrJob)
	err := c.do(ctx, r, func(status int) any {
		switch status {
		case 200:
			out.BulkPreview = new(BulkPreview)
			return out.BulkPreview
		case 202:
			out.Job = new(Job)
			return out.Job
		}
		return nil
	}, options)
	return out, err
}

// ReplayDeadLetters: Replay many dead letters. Replays every dead letter that matches the filter, in a
// background job that works in small steps. Deliveries that die while it runs are not included. Dead letters
// are skipped, and counted with the reason, if the endpoint is deleted or disabled or the plan does not
// include webhooks. `dry_run` only counts. Needs the permission `write:deliveries`.
func (c *Client) ReplayDeadLetters(ctx context.Context, body DeadLetterBulk, options ...CallOption) (*BulkPreviewOrJob, error) {
	r := request{method: "POST", path: "/api/v1/dead-letters/replay", body: body, keyed: true}
	out := new(BulkPreviewOrJob)
	err := c.do(ctx, r, func(status int) any {
		switch status {
		case 200:
			out.BulkPreview = new(BulkPreview)
			return out.BulkPreview
		case 202:
			out.Job = new(Job)
			return out.Job
		}
		return nil
	}, options)
	return out, err
}

// PurgeDeadLetters: Delete many dead letters. Permanently deletes every dead letter that matches the filter,
// and its attempts, in a background job that works in small steps. Deliveries that die while it runs are not
// included. `dry_run` only counts. Needs the permission `write:deliveries`.
func (c *Client) PurgeDeadLetters(ctx context.Context, body DeadLetterBulk, options ...CallOption) (*BulkPreviewOrJob, error) {
	r := request{method: "POST", path: "/api/v1/dead-letters/purge", body: body, keyed: true}
	out := new(BulkPreviewOrJob)
	err := c.do(ctx, r, func(status int) any {
		switch status {
		case 200:
			out.BulkPreview = new(BulkPreview)
			return out.BulkPreview
		case 202:
			out.Job = new(Job)
			return out.Job
		}
		return nil
	}, options)
	return out, err
}

// RecoverWebhook: Recover missed events of an endpoint. Sends what the endpoint missed of the events accepted
// from `since` to `until`, in a background job: dead deliveries, deliveries that were cancelled for another
// reason than a filter, such as `endpoint_disabled`, and events without a delivery to it, because it did not
// exist or was not subscribed. Only types that it subscribes to now are sent; deliveries that succeeded or
// are in flight are left alone. The endpoint must be enabled. `since` can be as far back as events are kept;
// events without a delivery are found as far back as finished deliveries are kept (beyond that, a successful
// delivery can't be distinguished from one that never existed). Dead letters purged within that time count as
// missed. `dry_run` only counts, and `sample_ids` are event ids. Needs the permission `write:deliveries`.
func (c *Client) RecoverWebhook(ctx context.Context, webhookID string, body Recovery, options ...CallOption) (*BulkPreviewOrJob, error) {
	r := request{method: "POST", path: "/api/v1/webhooks/{webhook_id}/recover", in: []string{webhookID}, body: body, keyed: true}
	out := new(BulkPreviewOrJob)
	err := c.do(ctx, r, func(status int) any {
		switch status {
		case 200:
			out.BulkPreview = new(BulkPreview)
			return out.BulkPreview
		case 202:
			out.Job = new(Job)
			return out.Job
		}
		return nil
	}, options)
	return out, err
}

// GetDeadLetter: Get a dead letter. The same as `GET /api/v1/deliveries/{delivery_id}`, with the body and
// every attempt. A delivery that is not dead is a 404. Needs the permission `read:deliveries`.
func (c *Client) GetDeadLetter(ctx context.Context, deliveryID string, options ...CallOption) (*DeliveryDetail, error) {
	r := request{method: "GET", path: "/api/v1/dead-letters/{delivery_id}", in: []string{deliveryID}}
	return get[DeliveryDetail](ctx, c, r, options)
}

// ListJobs: List jobs. Newest first. Finished jobs are kept for 90 days. Needs the permission
// `read:deliveries`.
func (c *Client) ListJobs(ctx context.Context, params ListJobsParams, options ...CallOption) (*JobList, error) {
	r := request{method: "GET", path: "/api/v1/jobs", query: params.query()}
	return get[JobList](ctx, c, r, options)
}

// ListJobsAll iterates over all entries of ListJobs, page by page. It ends with the first error.
func (c *Client) ListJobsAll(ctx context.Context, params ListJobsParams, options ...CallOption) iter.Seq2[Job, error] {
	return byCursor(params.Cursor, func(cursor string) ([]Job, CursorMeta, error) {
		params.Cursor = cursor
		list, err := c.ListJobs(ctx, params, options...)
		if err != nil {
			return nil, CursorMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// GetJob: Get a job. Needs the permission `read:deliveries`.
func (c *Client) GetJob(ctx context.Context, jobID string, options ...CallOption) (*Job, error) {
	r := request{method: "GET", path: "/api/v1/jobs/{job_id}", in: []string{jobID}}
	return get[Job](ctx, c, r, options)
}

// CancelJob: Cancel a job. The job ends after its current step. Completed steps are not undone. A finished
// job is a 409, and so is a `followers.compare`, which can't be cancelled. Needs the permission
// `write:deliveries`.
func (c *Client) CancelJob(ctx context.Context, jobID string, options ...CallOption) (*Job, error) {
	r := request{method: "POST", path: "/api/v1/jobs/{job_id}/cancel", in: []string{jobID}, keyed: true}
	return get[Job](ctx, c, r, options)
}

// ListBlogPosts: List blog posts. Newest first. Needs the permission `read:blog`.
func (c *Client) ListBlogPosts(ctx context.Context, params ListBlogPostsParams, options ...CallOption) (*BlogPostList, error) {
	r := request{method: "GET", path: "/api/v1/blog-posts", query: params.query()}
	return get[BlogPostList](ctx, c, r, options)
}

// ListBlogPostsAll iterates over all entries of ListBlogPosts, page by page. It ends with the first error.
func (c *Client) ListBlogPostsAll(ctx context.Context, params ListBlogPostsParams, options ...CallOption) iter.Seq2[BlogPost, error] {
	return byPage(params.Page, func(page int64) ([]BlogPost, PageMeta, error) {
		params.Page = page
		list, err := c.ListBlogPosts(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// GenerateBlogPost: Generate a blog post. Starts an agent run that writes a draft from a brief. The response
// is immediate: the post exists with the status `generating`, and its `agent_run_id` is the run. When the run
// completes, the post becomes a `draft`, and `blog.created` and `agent.completed` are fired; when the run
// fails, the post becomes `failed` and `agent.failed` is fired, both with the reason. The credits are
// refunded when the run fails or is cancelled. Needs the permission `write:blog`.
func (c *Client) GenerateBlogPost(ctx context.Context, body BlogBrief, options ...CallOption) (*AgentRun, error) {
	r := request{method: "POST", path: "/api/v1/blog-posts/generate", body: body, keyed: true}
	return get[AgentRun](ctx, c, r, options)
}

// GetBlogPost: Get a blog post. Needs the permission `read:blog`.
func (c *Client) GetBlogPost(ctx context.Context, blogPostID string, options ...CallOption) (*BlogPost, error) {
	r := request{method: "GET", path: "/api/v1/blog-posts/{blog_post_id}", in: []string{blogPostID}}
	return get[BlogPost](ctx, c, r, options)
}

// ApproveBlogPost: Approve a blog post. Fires `blog.approved`. Only a `draft` can be approved; any other
// status is a 409 that lists what is allowed. Needs the permission `write:blog`.
func (c *Client) ApproveBlogPost(ctx context.Context, blogPostID string, options ...CallOption) (*BlogPost, error) {
	r := request{method: "POST", path: "/api/v1/blog-posts/{blog_post_id}/approve", in: []string{blogPostID}, keyed: true}
	return get[BlogPost](ctx, c, r, options)
}

// PublishBlogPost: Publish a blog post. Fires `blog.published`. Only an `approved` post can be published; any
// other status is a 409 that lists what is allowed. The receiver of the event publishes the post on your
// site. Needs the permission `write:blog`.
func (c *Client) PublishBlogPost(ctx context.Context, blogPostID string, options ...CallOption) (*BlogPost, error) {
	r := request{method: "POST", path: "/api/v1/blog-posts/{blog_post_id}/publish", in: []string{blogPostID}, keyed: true}
	return get[BlogPost](ctx, c, r, options)
}

// ListSocialPosts: List social posts. Newest first. Needs the permission `read:social`.
func (c *Client) ListSocialPosts(ctx context.Context, params ListSocialPostsParams, options ...CallOption) (*SocialPostList, error) {
	r := request{method: "GET", path: "/api/v1/social-posts", query: params.query()}
	return get[SocialPostList](ctx, c, r, options)
}

// ListSocialPostsAll iterates over all entries of ListSocialPosts, page by page. It ends with the first error.
func (c *Client) ListSocialPostsAll(ctx context.Context, params ListSocialPostsParams, options ...CallOption) iter.Seq2[SocialPost, error] {
	return byPage(params.Page, func(page int64) ([]SocialPost, PageMeta, error) {
		params.Page = page
		list, err := c.ListSocialPosts(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// GenerateSocialPost: Generate a social post. Starts an agent run that writes a draft from a brief. The
// response is immediate: the post exists with the status `generating`, and its `agent_run_id` is the run.
// When the run completes, the post becomes a `draft`, and `social.created` and `agent.completed` are fired;
// when the run fails, the post becomes `failed` and `agent.failed` is fired, both with the reason. The
// credits are refunded when the run fails or is cancelled. Needs the permission `write:social`.
func (c *Client) GenerateSocialPost(ctx context.Context, body SocialBrief, options ...CallOption) (*AgentRun, error) {
	r := request{method: "POST", path: "/api/v1/social-posts/generate", body: body, keyed: true}
	return get[AgentRun](ctx, c, r, options)
}

// GetSocialPost: Get a social post. Needs the permission `read:social`.
func (c *Client) GetSocialPost(ctx context.Context, socialPostID string, options ...CallOption) (*SocialPost, error) {
	r := request{method: "GET", path: "/api/v1/social-posts/{social_post_id}", in: []string{socialPostID}}
	return get[SocialPost](ctx, c, r, options)
}

// ApproveSocialPost: Approve a social post. Fires `social.approved`. Only a `draft` can be approved; any
// other status is a 409 that lists what is allowed. Needs the permission `write:social`.
func (c *Client) ApproveSocialPost(ctx context.Context, socialPostID string, options ...CallOption) (*SocialPost, error) {
	r := request{method: "POST", path: "/api/v1/social-posts/{social_post_id}/approve", in: []string{socialPostID}, keyed: true}
	return get[SocialPost](ctx, c, r, options)
}

// PublishSocialPost: Publish a social post. Fires `social.published`. Only an `approved` post can be
// published; any other status is a 409 that lists what is allowed. The receiver of the event publishes the
// post on the platform. Needs the permission `write:social`.
func (c *Client) PublishSocialPost(ctx context.Context, socialPostID string, options ...CallOption) (*SocialPost, error) {
	r := request{method: "POST", path: "/api/v1/social-posts/{social_post_id}/publish", in: []string{socialPostID}, keyed: true}
	return get[SocialPost](ctx, c, r, options)
}

// GetAgentRun: Get an agent run. Needs the permission `read:agents`.
func (c *Client) GetAgentRun(ctx context.Context, agentRunID string, options ...CallOption) (*AgentRun, error) {
	r := request{method: "GET", path: "/api/v1/agent-runs/{agent_run_id}", in: []string{agentRunID}}
	return get[AgentRun](ctx, c, r, options)
}

// CancelAgentRun: Cancel an agent run. The run ends as `cancelled` and its post as `failed`, the credits are
// refunded, and `agent.failed` is fired with the reason `cancelled`. A finished run is a 409. Needs the
// permission `write:agents`.
func (c *Client) CancelAgentRun(ctx context.Context, agentRunID string, options ...CallOption) (*AgentRun, error) {
	r := request{method: "POST", path: "/api/v1/agent-runs/{agent_run_id}/cancel", in: []string{agentRunID}, keyed: true}
	return get[AgentRun](ctx, c, r, options)
}

// GetAnalyticsOverview: Get an overview. Statistics from the first to the last day, both included, in UTC, in
// the environment of the key in use. Leads and content are grouped by the day they were created and by their
// current state; deliveries by the day they ended, and those in progress by the day they were created, at
// most 10,000 in each status. Needs the permission `read:analytics`.
func (c *Client) GetAnalyticsOverview(ctx context.Context, params GetAnalyticsOverviewParams, options ...CallOption) (*AnalyticsOverview, error) {
	r := request{method: "GET", path: "/api/v1/analytics/overview", query: params.query()}
	return get[AnalyticsOverview](ctx, c, r, options)
}

// GetAlertSettings: Get the automatic disabling settings. An endpoint that keeps failing is disabled with the
// reason `failing`. The limit applies to the time between the first and the latest failure without a success
// in between, so an endpoint without deliveries is never disabled. Warnings (`endpoint.failing`) are sent at
// 50, 70 and 90 per cent of the limit, and an endpoint is only disabled if it is still failing two hours
// after a warning. It is never deleted; enabling it resets its failures. Needs the permission `read:alerts`.
func (c *Client) GetAlertSettings(ctx context.Context, options ...CallOption) (*AlertSettings, error) {
	r := request{method: "GET", path: "/api/v1/alert-settings"}
	return get[AlertSettings](ctx, c, r, options)
}

// PutAlertSettings: Set the automatic disabling settings. A field that is left out is reset to the default of
// this installation. Needs the permission `write:alerts`.
func (c *Client) PutAlertSettings(ctx context.Context, body *AlertSettingsUpdate, options ...CallOption) (*AlertSettings, error) {
	r := request{method: "PUT", path: "/api/v1/alert-settings", body: optional(body), keyed: true}
	return get[AlertSettings](ctx, c, r, options)
}

// ListAlertChannels: List alert channels. Notification channels of alerts, newest first. The URL of a Slack
// or webhook channel is a secret and masked. Needs the permission `read:alerts`.
func (c *Client) ListAlertChannels(ctx context.Context, params ListAlertChannelsParams, options ...CallOption) (*AlertChannelList, error) {
	r := request{method: "GET", path: "/api/v1/alert-channels", query: params.query()}
	return get[AlertChannelList](ctx, c, r, options)
}

// ListAlertChannelsAll iterates over all entries of ListAlertChannels, page by page. It ends with the first error.
func (c *Client) ListAlertChannelsAll(ctx context.Context, params ListAlertChannelsParams, options ...CallOption) iter.Seq2[AlertChannel, error] {
	return byPage(params.Page, func(page int64) ([]AlertChannel, PageMeta, error) {
		params.Page = page
		list, err := c.ListAlertChannels(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// CreateAlertChannel: Add an alert channel. `email` sends mail to one address and requires mail to be
// configured on this installation (409 otherwise); `slack` posts `{"text": …}` to a Slack incoming-webhook
// URL, or to any compatible URL; `webhook` posts an `AlertWebhook` to any URL, signed as Standard Webhooks
// say (`webhook-id`, `webhook-timestamp`, `webhook-signature`) with the `secret` of this answer, which is
// never returned again. Every attempt of a notification has the same `webhook-id`. `POST
// /api/v1/alert-channels/{alert_channel_id}/rotate-secret` replaces the secret. Needs the permission
// `write:alerts`.
func (c *Client) CreateAlertChannel(ctx context.Context, body AlertChannelCreate, options ...CallOption) (*AlertChannelCreated, error) {
	r := request{method: "POST", path: "/api/v1/alert-channels", body: body, keyed: true}
	return get[AlertChannelCreated](ctx, c, r, options)
}

// GetAlertChannel: Get an alert channel. Needs the permission `read:alerts`.
func (c *Client) GetAlertChannel(ctx context.Context, alertChannelID string, options ...CallOption) (*AlertChannel, error) {
	r := request{method: "GET", path: "/api/v1/alert-channels/{alert_channel_id}", in: []string{alertChannelID}}
	return get[AlertChannel](ctx, c, r, options)
}

// UpdateAlertChannel: Change an alert channel. Changes the fields that are sent. The type can't be changed. A
// masked `target` that is sent back keeps the stored value; with another host it is a 400. Needs the
// permission `write:alerts`.
func (c *Client) UpdateAlertChannel(ctx context.Context, alertChannelID string, body AlertChannelUpdate, options ...CallOption) (*AlertChannel, error) {
	r := request{method: "PATCH", path: "/api/v1/alert-channels/{alert_channel_id}", in: []string{alertChannelID}, body: body, keyed: true}
	return get[AlertChannel](ctx, c, r, options)
}

// DeleteAlertChannel: Delete an alert channel. Unsent notifications to it are discarded. Needs the permission
// `write:alerts`.
func (c *Client) DeleteAlertChannel(ctx context.Context, alertChannelID string, options ...CallOption) error {
	r := request{method: "DELETE", path: "/api/v1/alert-channels/{alert_channel_id}", in: []string{alertChannelID}, keyed: true}
	return c.do(ctx, r, nil, options)
}

// RotateAlertChannelSecret: Replace the secret of an alert channel. For a channel of type `webhook`; 409 for
// any other. The new secret is in this answer only. Until `grace` ends, requests carry a signature of the new
// secret and one of each replaced secret, so that the receiver can migrate without losing an alert. A
// `secret` of your own is `whsec_` followed by 24 to 64 bytes in base64. At most five previous secrets can be
// valid at a time; a rotation beyond that is a 409. Needs the permission `write:alerts`.
func (c *Client) RotateAlertChannelSecret(ctx context.Context, alertChannelID string, body *SecretRotate, options ...CallOption) (*WebhookSecret, error) {
	r := request{method: "POST", path: "/api/v1/alert-channels/{alert_channel_id}/rotate-secret", in: []string{alertChannelID}, body: optional(body), keyed: true}
	return get[WebhookSecret](ctx, c, r, options)
}

// TestAlertChannel: Send a test alert. Sends one message immediately, even if the channel is off, and returns
// the result. Every call sends, so it takes no Idempotency-Key. Needs the permission `write:alerts`.
func (c *Client) TestAlertChannel(ctx context.Context, alertChannelID string, options ...CallOption) (*AlertTest, error) {
	r := request{method: "POST", path: "/api/v1/alert-channels/{alert_channel_id}/test", in: []string{alertChannelID}}
	return get[AlertTest](ctx, c, r, options)
}

// ListAlerts: List alerts. Newest first, with the state of their notifications. Each condition raises one
// alert, whatever the number of events. Needs the permission `read:alerts`.
func (c *Client) ListAlerts(ctx context.Context, params ListAlertsParams, options ...CallOption) (*AlertList, error) {
	r := request{method: "GET", path: "/api/v1/alerts", query: params.query()}
	return get[AlertList](ctx, c, r, options)
}

// ListAlertsAll iterates over all entries of ListAlerts, page by page. It ends with the first error.
func (c *Client) ListAlertsAll(ctx context.Context, params ListAlertsParams, options ...CallOption) iter.Seq2[Alert, error] {
	return byCursor(params.Cursor, func(cursor string) ([]Alert, CursorMeta, error) {
		params.Cursor = cursor
		list, err := c.ListAlerts(ctx, params, options...)
		if err != nil {
			return nil, CursorMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// ResolveAlert: Resolve an alert. Alerts about an endpoint are resolved automatically when it succeeds, is
// enabled or is deleted; use this for anything dealt with otherwise. Resolving again changes nothing. Needs
// the permission `write:alerts`.
func (c *Client) ResolveAlert(ctx context.Context, alertID string, options ...CallOption) (*Alert, error) {
	r := request{method: "POST", path: "/api/v1/alerts/{alert_id}/resolve", in: []string{alertID}, keyed: true}
	return get[Alert](ctx, c, r, options)
}

// ListAuditLog: List the audit log. Changes and who made them, newest first, in both environments. A test
// key, or a session in the test environment, sees only the changes in the test environment. Entries are never
// changed or deleted. Needs the permission `read:audit`.
func (c *Client) ListAuditLog(ctx context.Context, params ListAuditLogParams, options ...CallOption) (*AuditEntryList, error) {
	r := request{method: "GET", path: "/api/v1/audit-log", query: params.query()}
	return get[AuditEntryList](ctx, c, r, options)
}

// ListAuditLogAll iterates over all entries of ListAuditLog, page by page. It ends with the first error.
func (c *Client) ListAuditLogAll(ctx context.Context, params ListAuditLogParams, options ...CallOption) iter.Seq2[AuditEntry, error] {
	return byCursor(params.Cursor, func(cursor string) ([]AuditEntry, CursorMeta, error) {
		params.Cursor = cursor
		list, err := c.ListAuditLog(ctx, params, options...)
		if err != nil {
			return nil, CursorMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// GetCredits: Get the credit balance and ledger. The account that pays for calls with the key in use. The
// ledger lists every change of the balance, newest first, of both environments. Entries are never changed or
// deleted, and their amounts add up to the balance. Needs the permission `read:credits`.
func (c *Client) GetCredits(ctx context.Context, params GetCreditsParams, options ...CallOption) (*Credits, error) {
	r := request{method: "GET", path: "/api/v1/credits", query: params.query()}
	return get[Credits](ctx, c, r, options)
}

// GetCreditsAll iterates over all entries of GetCredits, page by page. It ends with the first error.
func (c *Client) GetCreditsAll(ctx context.Context, params GetCreditsParams, options ...CallOption) iter.Seq2[CreditEntry, error] {
	return byCursor(params.Cursor, func(cursor string) ([]CreditEntry, CursorMeta, error) {
		params.Cursor = cursor
		list, err := c.GetCredits(ctx, params, options...)
		if err != nil {
			return nil, CursorMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// GetUsage: Get API usage and quotas. What the tenant uses of each quota of its plan, and the calls. Number
// of calls with the tenant's keys, by UTC day, key and HTTP status, in the environment of the key in use,
// oldest first. Rejected calls count too if the key was valid. Days without calls are left out. Calls appear
// within 10 seconds; counts are kept for 400 days, and a server that crashes loses those of its last seconds,
// so don't bill by them. Needs the permission `read:usage`.
func (c *Client) GetUsage(ctx context.Context, params GetUsageParams, options ...CallOption) (*Usage, error) {
	r := request{method: "GET", path: "/api/v1/usage", query: params.query()}
	return get[Usage](ctx, c, r, options)
}

// ListTrackedAccounts: List tracked accounts. Newest first, each with its latest statistics. Needs the
// permission `read:tracking`.
func (c *Client) ListTrackedAccounts(ctx context.Context, params ListTrackedAccountsParams, options ...CallOption) (*TrackedAccountList, error) {
	r := request{method: "GET", path: "/api/v1/tracked-accounts", query: params.query()}
	return get[TrackedAccountList](ctx, c, r, options)
}

// ListTrackedAccountsAll iterates over all entries of ListTrackedAccounts, page by page. It ends with the first error.
func (c *Client) ListTrackedAccountsAll(ctx context.Context, params ListTrackedAccountsParams, options ...CallOption) iter.Seq2[TrackedAccount, error] {
	return byPage(params.Page, func(page int64) ([]TrackedAccount, PageMeta, error) {
		params.Page = page
		list, err := c.ListTrackedAccounts(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// CreateTrackedAccount: Track an account. The account gets a number, `tracked_user_id`, which events refer
// to. An account of a platform can be tracked once (409). Needs the permission `write:tracking`.
func (c *Client) CreateTrackedAccount(ctx context.Context, body TrackedAccountCreate, options ...CallOption) (*TrackedAccount, error) {
	r := request{method: "POST", path: "/api/v1/tracked-accounts", body: body, keyed: true}
	return get[TrackedAccount](ctx, c, r, options)
}

// GetTrackedAccount: Get a tracked account. Needs the permission `read:tracking`.
func (c *Client) GetTrackedAccount(ctx context.Context, trackedAccountID string, options ...CallOption) (*TrackedAccount, error) {
	r := request{method: "GET", path: "/api/v1/tracked-accounts/{tracked_account_id}", in: []string{trackedAccountID}}
	return get[TrackedAccount](ctx, c, r, options)
}

// UpdateTrackedAccount: Rename a tracked account. For accounts whose name on the platform has changed.
// Existing events keep the old name. Needs the permission `write:tracking`.
func (c *Client) UpdateTrackedAccount(ctx context.Context, trackedAccountID string, body TrackedAccountUpdate, options ...CallOption) (*TrackedAccount, error) {
	r := request{method: "PATCH", path: "/api/v1/tracked-accounts/{tracked_account_id}", in: []string{trackedAccountID}, body: body, keyed: true}
	return get[TrackedAccount](ctx, c, r, options)
}

// DeleteTrackedAccount: Stop tracking an account. Deletes its snapshots; its events and direct messages are
// kept. Its number is not reused. Needs the permission `write:tracking`.
func (c *Client) DeleteTrackedAccount(ctx context.Context, trackedAccountID string, options ...CallOption) error {
	r := request{method: "DELETE", path: "/api/v1/tracked-accounts/{tracked_account_id}", in: []string{trackedAccountID}, keyed: true}
	return c.do(ctx, r, nil, options)
}

// ListSnapshots: List snapshots of an account. Newest first. Needs the permission `read:tracking`.
func (c *Client) ListSnapshots(ctx context.Context, trackedAccountID string, params ListSnapshotsParams, options ...CallOption) (*SnapshotList, error) {
	r := request{method: "GET", path: "/api/v1/tracked-accounts/{tracked_account_id}/snapshots", in: []string{trackedAccountID}, query: params.query()}
	return get[SnapshotList](ctx, c, r, options)
}

// ListSnapshotsAll iterates over all entries of ListSnapshots, page by page. It ends with the first error.
func (c *Client) ListSnapshotsAll(ctx context.Context, trackedAccountID string, params ListSnapshotsParams, options ...CallOption) iter.Seq2[Snapshot, error] {
	return byPage(params.Page, func(page int64) ([]Snapshot, PageMeta, error) {
		params.Page = page
		list, err := c.ListSnapshots(ctx, trackedAccountID, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// CreateSnapshot: Record a snapshot. The result of a tracking run. Without `follower_list` it is finished
// immediately and fires `stats.updated`. With `follower_list` it is open: add the followers, up to 5,000 at a
// time (`POST /snapshots/{id}/followers`), and finish it (`POST /snapshots/{id}/finish`). A snapshot that is
// not finished within 24 hours is discarded. It must be later than the account's latest one (409). Costs the
// same with and without a list. Needs the permission `write:tracking`.
func (c *Client) CreateSnapshot(ctx context.Context, trackedAccountID string, body SnapshotCreate, options ...CallOption) (*Snapshot, error) {
	r := request{method: "POST", path: "/api/v1/tracked-accounts/{tracked_account_id}/snapshots", in: []string{trackedAccountID}, body: body, keyed: true}
	return get[Snapshot](ctx, c, r, options)
}

// GetSnapshot: Get a snapshot. Needs the permission `read:tracking`.
func (c *Client) GetSnapshot(ctx context.Context, snapshotID string, options ...CallOption) (*Snapshot, error) {
	r := request{method: "GET", path: "/api/v1/snapshots/{snapshot_id}", in: []string{snapshotID}}
	return get[Snapshot](ctx, c, r, options)
}

// GetSnapshotJob: Get the comparison of a snapshot's list. The job that compares the list with the previous
// one. 404 if there is none, or if it ended more than 90 days ago. Needs the permission `read:tracking`.
func (c *Client) GetSnapshotJob(ctx context.Context, snapshotID string, options ...CallOption) (*Job, error) {
	r := request{method: "GET", path: "/api/v1/snapshots/{snapshot_id}/job", in: []string{snapshotID}}
	return get[Job](ctx, c, r, options)
}

// AddFollowers: Add followers to a snapshot. Adding an existing follower changes nothing, so pages can be
// sent again and in any order. Only for an open snapshot that was created with `follower_list`, and at most
// 1,000,000 in total (409). Needs the permission `write:tracking`.
func (c *Client) AddFollowers(ctx context.Context, snapshotID string, body FollowersAdd, options ...CallOption) (*FollowersAdded, error) {
	r := request{method: "POST", path: "/api/v1/snapshots/{snapshot_id}/followers", in: []string{snapshotID}, body: body, keyed: true}
	return get[FollowersAdded](ctx, c, r, options)
}

// FinishSnapshot: Finish a snapshot. Fires `stats.updated`. A job (`job_id`) then compares the list with the
// account's previous one and fires `follower.gained` and `follower.lost` for each difference; the first list
// of an account is not compared. `followers` is the number of distinct followers in the list: if it differs
// from the number received, a page is missing, and the response is a 409. It is also a 409 while the previous
// list is still being compared, and when a later snapshot was finished meanwhile. Needs the permission
// `write:tracking`.
func (c *Client) FinishSnapshot(ctx context.Context, snapshotID string, body SnapshotFinish, options ...CallOption) (*Snapshot, error) {
	r := request{method: "POST", path: "/api/v1/snapshots/{snapshot_id}/finish", in: []string{snapshotID}, body: body, keyed: true}
	return get[Snapshot](ctx, c, r, options)
}

// ListStats: List the latest statistics. One entry per tracked account, in the form of `stats.updated`; the
// account added last comes first. Needs the permission `read:tracking`.
func (c *Client) ListStats(ctx context.Context, params ListStatsParams, options ...CallOption) (*StatsList, error) {
	r := request{method: "GET", path: "/api/v1/stats", query: params.query()}
	return get[StatsList](ctx, c, r, options)
}

// ListStatsAll iterates over all entries of ListStats, page by page. It ends with the first error.
func (c *Client) ListStatsAll(ctx context.Context, params ListStatsParams, options ...CallOption) iter.Seq2[StatsData, error] {
	return byPage(params.Page, func(page int64) ([]StatsData, PageMeta, error) {
		params.Page = page
		list, err := c.ListStats(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// ListTrackerEvents: List tracker events. Tracking events, newest first, of the types `stats.updated`,
// `follower.gained`, `follower.lost`, `dm.sent`, `dm.failed`, `job.completed` and `job.failed`, with the
// `data` that webhooks deliver. They are kept as long as other events. Needs the permission `read:tracking`.
func (c *Client) ListTrackerEvents(ctx context.Context, params ListTrackerEventsParams, options ...CallOption) (*TrackerEventList, error) {
	r := request{method: "GET", path: "/api/v1/tracker", query: params.query()}
	return get[TrackerEventList](ctx, c, r, options)
}

// ListTrackerEventsAll iterates over all entries of ListTrackerEvents, page by page. It ends with the first error.
func (c *Client) ListTrackerEventsAll(ctx context.Context, params ListTrackerEventsParams, options ...CallOption) iter.Seq2[TrackerEvent, error] {
	return byCursor(params.Cursor, func(cursor string) ([]TrackerEvent, CursorMeta, error) {
		params.Cursor = cursor
		list, err := c.ListTrackerEvents(ctx, params, options...)
		if err != nil {
			return nil, CursorMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// CreateDirectMessage: Send a direct message. Queues a message from the account. `dm.sent` or `dm.failed`
// reports the outcome; the cost of a failed message is refunded. Needs the permission
// `write:direct_messages`.
func (c *Client) CreateDirectMessage(ctx context.Context, trackedAccountID string, body DirectMessageCreate, options ...CallOption) (*DirectMessage, error) {
	r := request{method: "POST", path: "/api/v1/tracked-accounts/{tracked_account_id}/direct-messages", in: []string{trackedAccountID}, body: body, keyed: true}
	return get[DirectMessage](ctx, c, r, options)
}

// ListDirectMessages: List direct messages. Newest first. Needs the permission `read:direct_messages`.
func (c *Client) ListDirectMessages(ctx context.Context, params ListDirectMessagesParams, options ...CallOption) (*DirectMessageList, error) {
	r := request{method: "GET", path: "/api/v1/direct-messages", query: params.query()}
	return get[DirectMessageList](ctx, c, r, options)
}

// ListDirectMessagesAll iterates over all entries of ListDirectMessages, page by page. It ends with the first error.
func (c *Client) ListDirectMessagesAll(ctx context.Context, params ListDirectMessagesParams, options ...CallOption) iter.Seq2[DirectMessage, error] {
	return byPage(params.Page, func(page int64) ([]DirectMessage, PageMeta, error) {
		params.Page = page
		list, err := c.ListDirectMessages(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// GetDirectMessage: Get a direct message. Needs the permission `read:direct_messages`.
func (c *Client) GetDirectMessage(ctx context.Context, directMessageID string, options ...CallOption) (*DirectMessage, error) {
	r := request{method: "GET", path: "/api/v1/direct-messages/{direct_message_id}", in: []string{directMessageID}}
	return get[DirectMessage](ctx, c, r, options)
}

// ListTrackerJobs: List tracking jobs. Newest first. Needs the permission `read:tracking`.
func (c *Client) ListTrackerJobs(ctx context.Context, params ListTrackerJobsParams, options ...CallOption) (*TrackerJobList, error) {
	r := request{method: "GET", path: "/api/v1/tracker/jobs", query: params.query()}
	return get[TrackerJobList](ctx, c, r, options)
}

// ListTrackerJobsAll iterates over all entries of ListTrackerJobs, page by page. It ends with the first error.
func (c *Client) ListTrackerJobsAll(ctx context.Context, params ListTrackerJobsParams, options ...CallOption) iter.Seq2[TrackerJob, error] {
	return byPage(params.Page, func(page int64) ([]TrackerJob, PageMeta, error) {
		params.Page = page
		list, err := c.ListTrackerJobs(ctx, params, options...)
		if err != nil {
			return nil, PageMeta{}, err
		}
		return list.Data, list.Meta, nil
	})
}

// CreateTrackerJob: Start a tracking job. Queues the job. It gets a number, `job_id`, which events refer to;
// `job.completed` or `job.failed` reports the outcome. The cost of a failed job is refunded. Needs the
// permission `write:tracking`.
func (c *Client) CreateTrackerJob(ctx context.Context, body TrackerJobCreate, options ...CallOption) (*TrackerJob, error) {
	r := request{method: "POST", path: "/api/v1/tracker/jobs", body: body, keyed: true}
	return get[TrackerJob](ctx, c, r, options)
}

// GetTrackerJob: Get a tracking job. Needs the permission `read:tracking`.
func (c *Client) GetTrackerJob(ctx context.Context, trackerJobID string, options ...CallOption) (*TrackerJob, error) {
	r := request{method: "GET", path: "/api/v1/tracker/jobs/{tracker_job_id}", in: []string{trackerJobID}}
	return get[TrackerJob](ctx, c, r, options)
}

// BulkPreviewOrJob has the one of its fields that the response is.
type BulkPreviewOrJob struct {
	BulkPreview *BulkPreview // with the status 200
	Job         *Job         // with the status 202
}
