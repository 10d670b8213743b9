# Code generated from openapi/openapi.yaml by openapi/sdk. DO NOT EDIT.

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Optional, Union, cast

from . import types as t
from ._call import Caller, path
from ._list import List


class Methods(Caller):
    """A method for each operation of the published document."""

    def get_me(
        self,
        *,
        timeout: Optional[float] = None,
    ) -> t.Me:
        """Get the caller. The tenant, environment, permissions and user of the key in use. Works with every
        valid key; use it to test a credential.
        """
        return cast(Any, self._request("GET", "/api/v1/me", timeout=timeout))

    def list_keys(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        user_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> List[t.KeyList, t.Key]:
        """List API keys. All keys of the tenant in the environment of the key in use, newest first. The secret
        part is never returned again. Needs the permission `read:keys`.
        """
        return List(self, "/api/v1/keys", query={"page": page, "per_page": per_page, "user_id": user_id}, timeout=timeout)

    def create_key(
        self,
        body: t.KeyCreate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.KeyCreated:
        """Create an API key. Returns the secret once. A key can't have permissions that the creating key
        doesn't have, and belongs to the creating key's environment. With `user_id` it belongs to that
        member. Needs the permission `write:keys`.
        """
        return cast(Any, self._request("POST", "/api/v1/keys", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_key(
        self,
        key_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.Key:
        """Get an API key. Needs the permission `read:keys`."""
        return cast(Any, self._request("GET", path("/api/v1/keys/{key_id}", key_id), timeout=timeout))

    def update_key(
        self,
        key_id: str,
        body: t.KeyUpdate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Key:
        """Change an API key. Changes the fields that are sent, at once on this process and within two seconds
        on all others. A key can't be given permissions that the calling key doesn't have, and a key with
        more permissions than the calling key can't be changed by it. Needs the permission `write:keys`.
        """
        return cast(Any, self._request("PATCH", path("/api/v1/keys/{key_id}", key_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def revoke_key(
        self,
        key_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> None:
        """Revoke an API key. The key stops working at once and stays in the list with the time it was revoked.
        Revoking it again changes nothing. A key that can do more than the one in use is a 403; a key can
        always revoke itself. Needs the permission `write:keys`.
        """
        self._request("DELETE", path("/api/v1/keys/{key_id}", key_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout)

    def rotate_key(
        self,
        key_id: str,
        body: Optional[t.KeyRotate] = None,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.KeyCreated:
        """Rotate an API key. Creates a key with the settings of the old one and returns its secret once. The
        old key stays valid for the grace period; with `0s` it is revoked at once. Needs the permission
        `write:keys`.
        """
        return cast(Any, self._request("POST", path("/api/v1/keys/{key_id}/rotate", key_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def list_members(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        timeout: Optional[float] = None,
    ) -> List[t.MemberList, t.Member]:
        """List members. The tenant's users, newest first. Members belong to the live environment; a test key is
        refused. Needs the permission `read:members`.
        """
        return List(self, "/api/v1/members", query={"page": page, "per_page": per_page}, timeout=timeout)

    def create_member(
        self,
        body: t.MemberCreate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Member:
        """Add a member. The person can sign in from then on. An email address can belong to one member per
        tenant, compared case-insensitively (409). A caller can't grant a role with more permissions than its
        own key (403). Needs the permission `write:members`.
        """
        return cast(Any, self._request("POST", "/api/v1/members", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_member(
        self,
        member_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.Member:
        """Get a member. Needs the permission `read:members`."""
        return cast(Any, self._request("GET", path("/api/v1/members/{member_id}", member_id), timeout=timeout))

    def update_member(
        self,
        member_id: str,
        body: t.MemberUpdate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Member:
        """Update a member. Changes the fields that are sent. Sessions of the member follow its role at once.
        The role of the last owner can't be changed (409). A caller can't grant a role, or change a member
        with a role, that has more permissions than its own key (403). Needs the permission `write:members`.
        """
        return cast(Any, self._request("PATCH", path("/api/v1/members/{member_id}", member_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def delete_member(
        self,
        member_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> None:
        """Remove a member. Ends the member's sessions, revokes its keys, and turns off the alert channels that
        send mail to its address, at once. The last owner can't be removed (409), nor can a member whose role
        has more permissions than the key in use (403). Needs the permission `write:members`.
        """
        self._request("DELETE", path("/api/v1/members/{member_id}", member_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout)

    def list_sessions(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        member_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> List[t.SessionList, t.Session]:
        """List sessions in the dashboard. Active dashboard sessions, latest first. A signed-in member sees its
        own sessions; a caller with `write:members` in the live environment, keys included, sees those of all
        members and those that belong to no member. Keys have no sessions: a key without that permission gets
        an empty list.
        """
        return List(self, "/api/v1/sessions", query={"page": page, "per_page": per_page, "member_id": member_id}, timeout=timeout)

    def end_session(
        self,
        session_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> None:
        """End a session in the dashboard. The browser is signed out at once, and its live logs end. A session
        can be ended by everybody who can see it; other sessions are not found. Ending it again changes
        nothing. The person can sign in again: to prevent that, remove the member.
        """
        self._request("DELETE", path("/api/v1/sessions/{session_id}", session_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout)

    def list_leads(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        email: Optional[str] = None,
        status: Optional[str] = None,
        source: Optional[str] = None,
        external_id: Optional[str] = None,
        score_min: Optional[int] = None,
        score_max: Optional[int] = None,
        created_from: Optional[Union[str, datetime]] = None,
        created_to: Optional[Union[str, datetime]] = None,
        updated_from: Optional[Union[str, datetime]] = None,
        updated_to: Optional[Union[str, datetime]] = None,
        q: Optional[str] = None,
        sort: Optional[Literal["created_at", "-created_at", "updated_at", "-updated_at", "score", "-score"]] = None,
        timeout: Optional[float] = None,
    ) -> List[t.LeadList, t.Lead]:
        """List and search leads. All conditions must match. Newest first, unless `sort` says otherwise. Needs
        the permission `read:leads`.
        """
        return List(self, "/api/v1/leads", query={"page": page, "per_page": per_page, "email": email, "status": status, "source": source, "external_id": external_id, "score_min": score_min, "score_max": score_max, "created_from": created_from, "created_to": created_to, "updated_from": updated_from, "updated_to": updated_to, "q": q, "sort": sort}, timeout=timeout)

    def create_lead(
        self,
        body: t.LeadCreate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Lead:
        """Create a lead. Fires `lead.created`. The event is stored in the same transaction as the lead. Needs
        the permission `write:leads`.
        """
        return cast(Any, self._request("POST", "/api/v1/leads", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def create_leads(
        self,
        body: t.LeadBulk,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.LeadBulkResult:
        """Create many leads. Creates up to 500 leads in one transaction and fires `lead.created` for each.
        Every row has its own result, in the order of the rows: rows that are not valid (`invalid`), or whose
        `external_id` another lead has (`conflict`), are reported and skipped; the others are created. With
        `all_or_nothing`, a single invalid or conflicting row prevents all: the response is then a 400 that
        lists every violation of every row, or a 409. Needs the permission `write:leads`.
        """
        return cast(Any, self._request("POST", "/api/v1/leads/bulk", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def upsert_lead(
        self,
        email: str,
        body: Optional[t.LeadUpsert] = None,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Lead:
        """Create or update a lead by email address. Updates the lead with this address (200), or creates it
        (201). Concurrent calls for one address create one lead. If several leads have the address, the
        oldest is updated. Fires `lead.created` or `lead.updated`, and nothing when nothing changed. Needs
        the permission `write:leads`.
        """
        return cast(Any, self._request("PUT", path("/api/v1/leads/by-email/{email}", email), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_lead(
        self,
        lead_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.Lead:
        """Get a lead. Needs the permission `read:leads`."""
        return cast(Any, self._request("GET", path("/api/v1/leads/{lead_id}", lead_id), timeout=timeout))

    def update_lead(
        self,
        lead_id: str,
        body: t.LeadUpdate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Lead:
        """Update a lead. Changes the fields that are sent; `null` clears one. Fires `lead.updated` with the
        changed fields, and nothing when nothing changed. Needs the permission `write:leads`.
        """
        return cast(Any, self._request("PATCH", path("/api/v1/leads/{lead_id}", lead_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def delete_lead(
        self,
        lead_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> None:
        """Delete a lead. Its events stay in the event log. Needs the permission `write:leads`."""
        self._request("DELETE", path("/api/v1/leads/{lead_id}", lead_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout)

    def list_tickets(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        status: Optional[t.TicketStatus] = None,
        inbox_id: Optional[str] = None,
        assignee_id: Optional[str] = None,
        priority: Optional[t.TicketPriority] = None,
        created_from: Optional[Union[str, datetime]] = None,
        created_to: Optional[Union[str, datetime]] = None,
        q: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> List[t.TicketList, t.Ticket]:
        """List tickets. All conditions must match. Newest first. Needs the permission `read:tickets`."""
        return List(self, "/api/v1/tickets", query={"page": page, "per_page": per_page, "status": status, "inbox_id": inbox_id, "assignee_id": assignee_id, "priority": priority, "created_from": created_from, "created_to": created_to, "q": q}, timeout=timeout)

    def create_ticket(
        self,
        body: t.TicketCreate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Ticket:
        """Create a ticket. Fires `ticket.created`, and `ticket.assigned` when it has an assignee. Tickets of a
        tenant are numbered without gaps (TCK-1, TCK-2, …), separately for live and test. An unknown inbox
        or member is a 422. Needs the permission `write:tickets`.
        """
        return cast(Any, self._request("POST", "/api/v1/tickets", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_ticket(
        self,
        ticket_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.Ticket:
        """Get a ticket. Needs the permission `read:tickets`."""
        return cast(Any, self._request("GET", path("/api/v1/tickets/{ticket_id}", ticket_id), timeout=timeout))

    def update_ticket(
        self,
        ticket_id: str,
        body: t.TicketUpdate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Ticket:
        """Update a ticket. Changes the fields that are sent; `assignee_id: null` unassigns it. Any change fires
        `ticket.updated`; a change of the assignee also fires `ticket.assigned`, a change of the status
        `ticket.status_changed`, and a change to `closed` also `ticket.closed`. All have the ticket as it is
        now and `changes`, the old and new value of each changed field. Nothing is fired when nothing
        changed. | status | can become | |---|---| | `open` | `pending`, `resolved`, `closed` | | `pending` |
        `open`, `resolved`, `closed` | | `resolved` | `open`, `closed` | | `closed` | `open` | Any other
        change of the status is a 409 that lists what is allowed. An inbox or a member that does not exist is
        a 422. Needs the permission `write:tickets`.
        """
        return cast(Any, self._request("PATCH", path("/api/v1/tickets/{ticket_id}", ticket_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def list_ticket_messages(
        self,
        ticket_id: str,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        timeout: Optional[float] = None,
    ) -> List[t.MessageList, t.Message]:
        """List a ticket's messages. Messages received and sent, newest first. Internal notes are never
        returned. Needs the permission `read:messages`.
        """
        return List(self, path("/api/v1/tickets/{ticket_id}/messages", ticket_id), query={"page": page, "per_page": per_page}, timeout=timeout)

    def create_ticket_message(
        self,
        ticket_id: str,
        body: t.MessageCreate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Message:
        """Add an internal note to a ticket. Internal notes are visible to the tenant's members only: they are
        not sent, not part of any event, and not returned by this API. The API does not send outbound
        replies: any other `type` is a 422. Needs the permission `write:messages`.
        """
        return cast(Any, self._request("POST", path("/api/v1/tickets/{ticket_id}/messages", ticket_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def list_ticket_tags(
        self,
        ticket_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.TagsOfTicket:
        """List a ticket's tags. Sorted by name. Needs the permission `read:tickets`."""
        return cast(Any, self._request("GET", path("/api/v1/tickets/{ticket_id}/tags", ticket_id), timeout=timeout))

    def add_ticket_tag(
        self,
        ticket_id: str,
        body: t.TagAdd,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.TagsOfTicket:
        """Tag a ticket. Adds the tag with `tag_id`, or the one named `tag_name` (case-insensitive), which is
        created if it does not exist. Adding a tag that the ticket already has changes nothing. Fires
        `ticket.updated` with the old and new tag names in `changes`. An unknown `tag_id` is a 422. A ticket
        has at most 50 tags (409). Needs the permission `write:tickets`.
        """
        return cast(Any, self._request("POST", path("/api/v1/tickets/{ticket_id}/tags", ticket_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def remove_ticket_tag(
        self,
        ticket_id: str,
        tag_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> None:
        """Remove a tag from a ticket. The tag itself is kept. Removing a tag that the ticket does not have
        changes nothing. Fires `ticket.updated` with the old and new tag names in `changes`. Needs the
        permission `write:tickets`.
        """
        self._request("DELETE", path("/api/v1/tickets/{ticket_id}/tags/{tag_id}", ticket_id, tag_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout)

    def list_tags(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        timeout: Optional[float] = None,
    ) -> List[t.TagList, t.Tag]:
        """List tags. Newest first. Needs the permission `read:tags`."""
        return List(self, "/api/v1/tags", query={"page": page, "per_page": per_page}, timeout=timeout)

    def list_inboxes(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        timeout: Optional[float] = None,
    ) -> List[t.InboxList, t.Inbox]:
        """List inboxes. Inboxes that receive customer messages. Newest first. Needs the permission
        `read:inboxes`.
        """
        return List(self, "/api/v1/inboxes", query={"page": page, "per_page": per_page}, timeout=timeout)

    def get_inbox(
        self,
        inbox_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.Inbox:
        """Get an inbox. Needs the permission `read:inboxes`."""
        return cast(Any, self._request("GET", path("/api/v1/inboxes/{inbox_id}", inbox_id), timeout=timeout))

    def list_events(
        self,
        *,
        cursor: Optional[str] = None,
        limit: Optional[int] = None,
        type: Optional[str] = None,
        from_: Optional[Union[str, datetime]] = None,
        to: Optional[Union[str, datetime]] = None,
        sent: Optional[bool] = None,
        order: Optional[Literal["desc", "asc"]] = None,
        timeout: Optional[float] = None,
    ) -> List[t.EventList, t.Event]:
        """List events. Newest first. With `order=asc` the list is an ordered pull: oldest first, in commit
        order, and no event ever appears before one that was already returned. Every page then has a
        `next_cursor`, including the last: store it and continue from it to miss nothing. An event becomes
        visible once every transaction that started before its own has ended, usually within milliseconds.
        With `type` or `sent`, a page scans at most 3,000 events: it may have fewer events than `limit`, or
        none, although more exist. Continue while there is a `next_cursor`. Needs the permission
        `read:events`.
        """
        return List(self, "/api/v1/events", query={"cursor": cursor, "limit": limit, "type": type, "from": from_, "to": to, "sent": sent, "order": order}, timeout=timeout)

    def publish_event(
        self,
        body: t.EventCreate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Event:
        """Publish an event. Accepts an event of a type in the catalogue, or of your own, and delivers it to
        every subscribed endpoint. 202 means that the event is stored durably. `data` that does not match the
        schema of its type is a 422 that lists every violation. The schema of a type of your own is checked
        in at most 100,000 steps, about five per value; data that takes more, is more than 32 levels deep, or
        has numbers that common parsers can't read (more than 100 digits, exponents beyond 400) is a 422,
        too. Send your own `id` to make retries safe: the same id with the same content returns the existing
        event, other content is a 409. Needs the permission `write:events`.
        """
        return cast(Any, self._request("POST", "/api/v1/events", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def publish_events(
        self,
        body: t.EventBulk,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.EventBulkResult:
        """Publish many events. Accepts up to 500 events in one transaction. Every event has its own result, in
        the order of the events: events that are not valid (`invalid`), or whose `id` another event with
        other content has (`conflict`), are reported and skipped; the others are stored durably. An event
        whose `id` exists with the same content is `accepted` again, without being delivered again. Needs the
        permission `write:events`.
        """
        return cast(Any, self._request("POST", "/api/v1/events/bulk", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_event(
        self,
        event_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.Event:
        """Get an event. Needs the permission `read:events`."""
        return cast(Any, self._request("GET", path("/api/v1/events/{event_id}", event_id), timeout=timeout))

    def list_event_types(
        self,
        *,
        own: Optional[bool] = None,
        deprecated: Optional[bool] = None,
        timeout: Optional[float] = None,
    ) -> t.EventTypeList:
        """List event types. Every type that can be published and subscribed to: those of the catalogue and,
        with `own: true`, those registered with `POST /api/v1/event-types`. `?deprecated=false` leaves out
        deprecated types. Needs the permission `read:events`.
        """
        return cast(Any, self._request("GET", "/api/v1/event-types", query={"own": own, "deprecated": deprecated}, timeout=timeout))

    def create_event_type(
        self,
        body: t.EventTypeCreate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.EventType:
        """Register an event type of your own. From then on, events of the type can be published in the
        environment of the key in use, endpoints can subscribe to it, and data that does not match its
        `schema` is refused. Other processes know it within two seconds. `live` and `test` have separate
        types, so that a schema can be tested before consumers rely on it. A name that is taken, by the
        catalogue or by a type of your own, is a 409. Reserved names, such as those that a profile gives a
        type of the catalogue (`new_lead`), and names that start with `delivery.`, `endpoint.` or `key.`, are
        refused. All schemas and samples of an environment can have 4 million characters. The `schema` is
        JSON Schema, draft 2020-12, at most 64 KiB, 64 levels deep, with at most 500 schemas in it (every
        property is one), and of `type: object`. `$ref` reaches definitions in the same document
        (`#/$defs/name`, `#/definitions/name`), which may be recursive; nothing is ever fetched. `$id` (but
        for its own), `$anchor`, `$dynamicRef` and the like are refused. `format` is checked where the
        standard defines it; `pattern` is a regular expression of RE2, which has no look-around. Unknown
        keywords are ignored, as the standard says. Needs the permission `write:event_types`.
        """
        return cast(Any, self._request("POST", "/api/v1/event-types", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def check_event_type(
        self,
        body: t.EventTypeCheck,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.EventTypeCheckResult:
        """Check a schema and a sample. Reports everything that `POST /api/v1/event-types` would refuse in a
        `schema` and a `sample`, and returns a sample that is made from the schema. Nothing is stored. Needs
        the permission `write:event_types`.
        """
        return cast(Any, self._request("POST", "/api/v1/event-types/check", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_event_type(
        self,
        type: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.EventType:
        """Get an event type. The JSON Schema of its `data` and a matching sample. `own` tells registered types
        from those of the catalogue. Needs the permission `read:events`.
        """
        return cast(Any, self._request("GET", path("/api/v1/event-types/{type}", type), timeout=timeout))

    def update_event_type(
        self,
        type: str,
        body: t.EventTypeUpdate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.EventType:
        """Change an event type of your own. Changes the fields that are sent. Types of the catalogue can't be
        changed. A new `schema` must not break consumers of the data. They rely on everything the current
        schema says, and ignore properties that it doesn't name; so the new one may allow less and name more
        properties, but not allow more. Allowed: new properties, required or not; a property that becomes
        required; narrower constraints (fewer values of an `enum`, a smaller `maximum`); other descriptions
        and examples. Refused, with a 409 whose `details` list each violation (at most 100): a removed
        property, one that is no longer required, another or a wider `type`, or none; more values of an
        `enum`, another `const`; wider limits; wider `additionalProperties`; a `pattern`, `format` or
        `multipleOf` that changes. Keywords are compared in place, at any depth: in `properties`, `items`,
        `additionalProperties`, behind a `$ref`, and in `allOf`, `anyOf` and `oneOf` member by member, so a
        new alternative is refused, and so may be a reordered one. `not`, `if`, `then`, `else`, `contains`,
        `dependentSchemas`, `dependentRequired`, `patternProperties`, `prefixItems`, `propertyNames`,
        `contentSchema`, `unevaluatedItems` and `unevaluatedProperties` are not compared: they must not
        change, and beside the last two nothing may. For an incompatible change, register a new type such as
        `order.created.v2`, publish both for a while, and deprecate the old one. A type that is `deprecated`
        works as before: it can be published, subscribed to, and is delivered; lists report `deprecated_at`,
        so that no new consumers choose it. Needs the permission `write:event_types`.
        """
        return cast(Any, self._request("PATCH", path("/api/v1/event-types/{type}", type), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def delete_event_type(
        self,
        type: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> None:
        """Delete an event type of your own. For types that were registered by mistake: the response is a 409
        when an event of the type is stored, when the type is all that a pattern of an endpoint matches, or
        when an endpoint has a retry policy for it. Deprecate the type instead. Types of the catalogue can't
        be deleted. Needs the permission `write:event_types`.
        """
        self._request("DELETE", path("/api/v1/event-types/{type}", type), keyed=True, idempotency_key=idempotency_key, timeout=timeout)

    def list_webhooks(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        url: Optional[str] = None,
        search: Optional[str] = None,
        webhook_id: Optional[str] = None,
        state: Optional[Literal["enabled", "disabled", "failing", "throttled"]] = None,
        sort: Optional[Literal["newest", "oldest", "name", "failure_rate"]] = None,
        timeout: Optional[float] = None,
    ) -> List[t.WebhookList, t.Webhook]:
        """List endpoints. Newest first, unless `sort` says otherwise. Needs the permission `read:webhooks`."""
        return List(self, "/api/v1/webhooks", query={"page": page, "per_page": per_page, "url": url, "search": search, "webhook_id": webhook_id, "state": state, "sort": sort}, timeout=timeout)

    def create_webhook(
        self,
        body: t.WebhookCreate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.WebhookCreated:
        """Create an endpoint. Returns the signing `secret`. A `filter` is an expression in CEL
        (https://cel.dev) that is true or false, over `event.type`, `event.id`, `event.occurred_at` (a
        timestamp) and `data`, such as `data.score > 50 && data.email.endsWith("@example.com")`, such as
        `data.priority == "high"`, such as `data.platform == "instagram"`. Events for which it is false get a
        cancelled delivery with the reason `filtered`; events for which it can't be evaluated, because of a
        missing field (test `has(data.field)` first) or too many steps, one with the reason `filter_error`
        and the message in `error`. Steps are counted, so a filter has the same result for the same event
        everywhere; a name that is compared with `event.type` must be that of an event type, as the profile
        calls it; the limit allows lists of about 10,000 elements and texts of 1 MiB. `matches` takes RE2
        expressions of at most 1,000 bytes and, like a `pattern` in a schema, without large repetitions; the
        larger the expression, the shorter the text that it can be matched with. Test a filter with `POST
        /api/v1/webhooks/filter-test`. Credentials (values of `headers`, and in `auth` the password, the
        client secret and the private key) are shown masked. If they are sent back masked, or left out of a
        PATCH, they keep the stored value while the scheme, host and port of `url` stay the same, and for the
        client secret those of `token_url` as well. Otherwise the request is a 400 that lists each: send the
        value again, or remove it. With a `source`, the same URL and events (in any order) from the same
        source are one endpoint: creating it again returns 200 and the existing endpoint, without its secret.
        It changes nothing, but enables an endpoint that Hookline disabled (`gone`, `failing`). One that its
        owner disabled is a 409. URLs are stored as they are sent: without white space around them, a host
        such as `bücher.example` in its `xn--` form, spaces and characters outside ASCII percent-encoded.
        Invisible characters are refused. Needs the permission `write:webhooks`.
        """
        return cast(Any, self._request("POST", "/api/v1/webhooks", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_webhook(
        self,
        webhook_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.Webhook:
        """Get an endpoint. Needs the permission `read:webhooks`."""
        return cast(Any, self._request("GET", path("/api/v1/webhooks/{webhook_id}", webhook_id), timeout=timeout))

    def replace_webhook(
        self,
        webhook_id: str,
        body: t.WebhookCreate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Webhook:
        """Replace an endpoint. Every field that is left out is reset to its default. The secret and the source
        are kept. A header or a part of `auth` sent as `********` keeps its stored value. Needs the
        permission `write:webhooks`.
        """
        return cast(Any, self._request("PUT", path("/api/v1/webhooks/{webhook_id}", webhook_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def update_webhook(
        self,
        webhook_id: str,
        body: t.WebhookUpdate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Webhook:
        """Update an endpoint. Changes the fields that are sent. `url` or `events`, even unchanged, enable an
        endpoint that Hookline disabled (`gone`, `failing`), unless `enabled` is sent too. `headers`, `auth`,
        `metadata` and `retry_policies` are replaced as a whole; a header or a part of `auth` sent as
        `********` keeps its stored value. An empty `retry_policy` resets to the profile's. A new `profile`
        brings its own `retry_policy` and `signing` where the endpoint used those of the old one. Needs the
        permission `write:webhooks`.
        """
        return cast(Any, self._request("PATCH", path("/api/v1/webhooks/{webhook_id}", webhook_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def delete_webhook(
        self,
        webhook_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> None:
        """Delete an endpoint. Due deliveries are cancelled with the reason `endpoint_deleted`; the delivery log
        is kept. Deleting it again changes nothing. Needs the permission `write:webhooks`.
        """
        self._request("DELETE", path("/api/v1/webhooks/{webhook_id}", webhook_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout)

    def get_webhook_public_key(
        self,
        webhook_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.PublicKey:
        """Get the public key of an endpoint. The key that verifies the `v1a` signatures of an endpoint whose
        `signing` is `ed25519` or `both`; 404 for any other. It stays the same until it is rotated;
        `previous` are replaced keys that still sign as well. Needs the permission `read:webhooks`.
        """
        return cast(Any, self._request("GET", path("/api/v1/webhooks/{webhook_id}/public-key", webhook_id), timeout=timeout))

    def create_listener(
        self,
        body: Optional[t.ListenerCreate] = None,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Listener:
        """Create a listener. A listener is a temporary endpoint without a URL: its requests come down a stream
        (`GET /api/v1/webhooks/listeners/{webhook_id}/stream`), and what you send back (`POST
        /api/v1/webhooks/listeners/{webhook_id}/responses`) becomes the outcome of the attempt. It is for
        development, on a machine that has no public URL; `hookline listen` uses it. The requests have the
        method, headers, signature and body that an endpoint of your profile gets. It subscribes to events
        from now on, in the environment of the key. A failed delivery is retried after 1, 2, 5, 10, 20 and 30
        seconds. It ends when it is deleted (`DELETE /api/v1/webhooks/{webhook_id}`), and by itself a minute
        after its last connection; then its open deliveries are cancelled. A tenant may have 10 listeners in
        an environment, which don't count as endpoints of its plan. Needs the permission `write:webhooks`.
        """
        return cast(Any, self._request("POST", "/api/v1/webhooks/listeners", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def respond_to_listener(
        self,
        webhook_id: str,
        body: t.ListenerResponse,
        *,
        timeout: Optional[float] = None,
    ) -> None:
        """Answer a request of a listener. Says what became of a request: the response that your server gave, or
        why there was none. A request can be answered once and until its `deadline`; after that it is a 409,
        and the attempt has failed or was answered. Needs the permission `write:webhooks`.
        """
        self._request("POST", path("/api/v1/webhooks/listeners/{webhook_id}/responses", webhook_id), body=body, timeout=timeout)

    def test_filter(
        self,
        body: t.FilterTest,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.FilterTestResult:
        """Test a filter. Reports whether an event of the type with the data would pass the filter. Nothing is
        stored or sent. Needs the permission `write:webhooks`.
        """
        return cast(Any, self._request("POST", "/api/v1/webhooks/filter-test", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def reveal_webhook_secret(
        self,
        webhook_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.WebhookSecret:
        """Show the signing secret. Every call is recorded in the audit log. Requires the permission to change
        endpoints, since read permission alone must not be enough to forge events. Some profiles, the
        tenant's or the endpoint's, show a secret once, when it is created or rotated, and never again: then
        this is a 403. Rotate a lost secret. `inboxops` is one of them. `leadie` is one of them. Needs the
        permission `write:webhooks`.
        """
        return cast(Any, self._request("GET", path("/api/v1/webhooks/{webhook_id}/secret", webhook_id), timeout=timeout))

    def rotate_webhook_secret(
        self,
        webhook_id: str,
        body: Optional[t.SecretRotate] = None,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.WebhookSecret:
        """Replace the signing secret. Until `grace` ends, requests carry a signature of the new secret and one
        of each replaced secret, so that consumers can migrate without downtime. At most five previous
        secrets can be valid at a time; a rotation beyond that is a 409. Needs the permission
        `write:webhooks`.
        """
        return cast(Any, self._request("POST", path("/api/v1/webhooks/{webhook_id}/rotate-secret", webhook_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def rotate_webhook_key_pair(
        self,
        webhook_id: str,
        body: Optional[t.KeyPairRotate] = None,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.PublicKey:
        """Replace the key pair. For an endpoint whose `signing` is `ed25519` or `both`; 409 for any other.
        Until `grace` ends, requests carry a `v1a` signature of the new key and one of each replaced key, and
        all public keys are returned. At most five previous keys can be valid at a time; a rotation beyond
        that is a 409. Needs the permission `write:webhooks`.
        """
        return cast(Any, self._request("POST", path("/api/v1/webhooks/{webhook_id}/rotate-key-pair", webhook_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def enable_webhook(
        self,
        webhook_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Webhook:
        """Enable an endpoint. Clears the reason why it was disabled, and retries now: an open circuit breaker
        admits its next probe, and the next 1,000 deliveries with a pending retry become due, a few at a time
        at first. Also works for an enabled endpoint: call it after you have repaired a consumer; `PATCH`
        with `{"enabled": true}` does the same. Needs the permission `write:webhooks`.
        """
        return cast(Any, self._request("POST", path("/api/v1/webhooks/{webhook_id}/enable", webhook_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_delivery_stats(
        self,
        *,
        period: Optional[Literal["1h", "24h", "7d", "30d"]] = None,
        webhook_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.DeliveryStats:
        """Get delivery statistics. Delivery statistics of the last hour, day, week or month: in total, over
        time, by HTTP status, by event type and by endpoint, the most failing first. Deliveries that
        succeeded, died or were cancelled count when they ended, all of them; deliveries in progress count in
        the last part of `series`, at most 5,000 of them, and `complete` says whether all were counted.
        `previous` is the period before. New results appear within seconds. Needs the permission
        `read:deliveries`.
        """
        return cast(Any, self._request("GET", "/api/v1/webhooks/stats", query={"period": period, "webhook_id": webhook_id}, timeout=timeout))

    def get_webhook_health(
        self,
        *,
        timeout: Optional[float] = None,
    ) -> t.WebhookHealth:
        """List failing endpoints. The endpoints that need attention, the worst first: those that Hookline
        disabled, whose circuit breaker is open, whose last attempt failed, or whose deliveries are deferred
        by their throttle. Each with the time of its first failure since the last success, its last error,
        its errors grouped, and the number of its deliveries that wait. At most 100 endpoints, those that
        have failed the longest; `GET /webhooks?state=failing` lists all of them. The newest 5,000 deliveries
        in progress and the newest 1,000 dead letters are counted. `complete` says whether these are all.
        Needs the permission `read:deliveries`.
        """
        return cast(Any, self._request("GET", "/api/v1/webhooks/health", timeout=timeout))

    def test_webhook(
        self,
        webhook_id: str,
        body: Optional[t.WebhookTest] = None,
        *,
        timeout: Optional[float] = None,
    ) -> t.WebhookTestResult:
        """Send a test event. Sends a sample immediately, built, signed and authenticated exactly as a real
        event, and returns the request and the response. The id begins with `evt_test_`, in `webhook-id` and
        wherever the body contains it; Hookline never gives real events such an id. Also works while the
        endpoint is disabled, and ignores its filter. It is in the delivery log with `test: true`,
        `cancelled` if it failed, and is neither retried, replayed nor counted. A failure of the endpoint is
        a result, not an error. Needs the permission `write:webhooks`.
        """
        return cast(Any, self._request("POST", path("/api/v1/webhooks/{webhook_id}/test", webhook_id), body=body, timeout=timeout))

    def list_deliveries(
        self,
        *,
        cursor: Optional[str] = None,
        limit: Optional[int] = None,
        status: Optional[t.DeliveryStatus] = None,
        webhook_id: Optional[str] = None,
        event_id: Optional[str] = None,
        event_type: Optional[str] = None,
        http_class: Optional[t.HTTPClass] = None,
        http_status: Optional[int] = None,
        reason: Optional[str] = None,
        text: Optional[str] = None,
        from_: Optional[Union[str, datetime]] = None,
        to: Optional[Union[str, datetime]] = None,
        order: Optional[Literal["desc", "asc"]] = None,
        timeout: Optional[float] = None,
    ) -> List[t.DeliveryList, t.Delivery]:
        """List deliveries. The delivery log, newest first, or oldest first with `order=asc`. Filters can be
        combined. A page takes about the same time whatever the filters: if few deliveries match, a page may
        have fewer than `limit`, or none, and still a `next_cursor` to continue from. With `event_id`,
        deliveries are listed as soon as the event is accepted. Needs the permission `read:deliveries`.
        """
        return List(self, "/api/v1/webhooks/deliveries", query={"cursor": cursor, "limit": limit, "status": status, "webhook_id": webhook_id, "event_id": event_id, "event_type": event_type, "http_class": http_class, "http_status": http_status, "reason": reason, "text": text, "from": from_, "to": to, "order": order}, timeout=timeout)

    def export_deliveries(
        self,
        *,
        format: Optional[Literal["csv", "ndjson"]] = None,
        status: Optional[t.DeliveryStatus] = None,
        webhook_id: Optional[str] = None,
        event_id: Optional[str] = None,
        event_type: Optional[str] = None,
        http_class: Optional[t.HTTPClass] = None,
        http_status: Optional[int] = None,
        reason: Optional[str] = None,
        text: Optional[str] = None,
        from_: Optional[Union[str, datetime]] = None,
        to: Optional[Union[str, datetime]] = None,
        timeout: Optional[float] = None,
    ) -> str:
        """Export deliveries. The deliveries that match the filters, newest first, as a file: CSV with a line of
        column names, or NDJSON with a `Delivery` in each line. It is streamed, and has at most 100,000
        deliveries: narrow it by time for more. A cell of CSV that a spreadsheet would take for a formula,
        because it begins with `=`, `+`, `-` or `@`, begins with `'` instead. A connection that closes early
        means that the file is incomplete. Needs the permission `read:deliveries`.
        """
        return cast(Any, self._request("GET", "/api/v1/webhooks/deliveries/export", query={"format": format, "status": status, "webhook_id": webhook_id, "event_id": event_id, "event_type": event_type, "http_class": http_class, "http_status": http_status, "reason": reason, "text": text, "from": from_, "to": to}, timeout=timeout, text=True))

    def get_delivery(
        self,
        delivery_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.DeliveryDetail:
        """Get a delivery. Includes the exact body that is sent, and every attempt with its request and
        response. Values of your own headers are masked. Needs the permission `read:deliveries`.
        """
        return cast(Any, self._request("GET", path("/api/v1/deliveries/{delivery_id}", delivery_id), timeout=timeout))

    def list_dead_letters(
        self,
        *,
        cursor: Optional[str] = None,
        limit: Optional[int] = None,
        webhook_id: Optional[str] = None,
        event_type: Optional[str] = None,
        reason: Optional[str] = None,
        http_status: Optional[int] = None,
        http_class: Optional[t.HTTPClass] = None,
        created_from: Optional[Union[str, datetime]] = None,
        created_to: Optional[Union[str, datetime]] = None,
        died_from: Optional[Union[str, datetime]] = None,
        died_to: Optional[Union[str, datetime]] = None,
        timeout: Optional[float] = None,
    ) -> List[t.DeliveryList, t.Delivery]:
        """List dead letters. Deliveries that used up their attempts, newest first. They are kept until they are
        replayed or their retention ends. Needs the permission `read:deliveries`.
        """
        return List(self, "/api/v1/dead-letters", query={"cursor": cursor, "limit": limit, "webhook_id": webhook_id, "event_type": event_type, "reason": reason, "http_status": http_status, "http_class": http_class, "created_from": created_from, "created_to": created_to, "died_from": died_from, "died_to": died_to}, timeout=timeout)

    def replay_dead_letter(
        self,
        delivery_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Delivery:
        """Replay a dead letter. Sends the same bytes again immediately, with the endpoint's full retry policy.
        A delivery that isn't dead is a 409. Needs the permission `write:deliveries`.
        """
        return cast(Any, self._request("POST", path("/api/v1/dead-letters/{delivery_id}/replay", delivery_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def replay_delivery(
        self,
        delivery_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Delivery:
        """Replay a delivery. Sends the same bytes under the same `webhook-id` again immediately, with the
        endpoint's full retry policy, whether the delivery succeeded, is dead or was cancelled. A delivery in
        progress is a 409. Needs the permission `write:deliveries`.
        """
        return cast(Any, self._request("POST", path("/api/v1/deliveries/{delivery_id}/replay", delivery_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def replay_deliveries(
        self,
        body: t.DeliveryBulk,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Union[t.BulkPreview, t.Job]:
        """Replay many deliveries. Sends every delivery that matches the filter and is over (succeeded, dead or
        cancelled) again, with the same bytes and the same `webhook-id`, in a background job that works in
        small steps. Tests are left out, and so is what is created while it runs. Deliveries are skipped, and
        counted with the reason, if the endpoint is deleted or disabled or the plan does not include
        webhooks. `dry_run` only counts. A filter that matches more than 10,000 deliveries, or needs to look
        at too many to find them, is a 400: narrow it by time, endpoint or status. Needs the permission
        `write:deliveries`.
        """
        return cast(Any, self._request("POST", "/api/v1/deliveries/replay", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def replay_dead_letters(
        self,
        body: t.DeadLetterBulk,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Union[t.BulkPreview, t.Job]:
        """Replay many dead letters. Replays every dead letter that matches the filter, in a background job that
        works in small steps. Deliveries that die while it runs are not included. Dead letters are skipped,
        and counted with the reason, if the endpoint is deleted or disabled or the plan does not include
        webhooks. `dry_run` only counts. Needs the permission `write:deliveries`.
        """
        return cast(Any, self._request("POST", "/api/v1/dead-letters/replay", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def purge_dead_letters(
        self,
        body: t.DeadLetterBulk,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Union[t.BulkPreview, t.Job]:
        """Delete many dead letters. Permanently deletes every dead letter that matches the filter, and its
        attempts, in a background job that works in small steps. Deliveries that die while it runs are not
        included. `dry_run` only counts. Needs the permission `write:deliveries`.
        """
        return cast(Any, self._request("POST", "/api/v1/dead-letters/purge", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def recover_webhook(
        self,
        webhook_id: str,
        body: t.Recovery,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> Union[t.BulkPreview, t.Job]:
        """Recover missed events of an endpoint. Sends what the endpoint missed of the events accepted from
        `since` to `until`, in a background job: dead deliveries, deliveries that were cancelled for another
        reason than a filter, such as `endpoint_disabled`, and events without a delivery to it, because it
        did not exist or was not subscribed. Only types that it subscribes to now are sent; deliveries that
        succeeded or are in flight are left alone. The endpoint must be enabled. `since` can be as far back
        as events are kept; events without a delivery are found as far back as finished deliveries are kept
        (beyond that, a successful delivery can't be distinguished from one that never existed). Dead letters
        purged within that time count as missed. `dry_run` only counts, and `sample_ids` are event ids. Needs
        the permission `write:deliveries`.
        """
        return cast(Any, self._request("POST", path("/api/v1/webhooks/{webhook_id}/recover", webhook_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_dead_letter(
        self,
        delivery_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.DeliveryDetail:
        """Get a dead letter. The same as `GET /api/v1/deliveries/{delivery_id}`, with the body and every
        attempt. A delivery that is not dead is a 404. Needs the permission `read:deliveries`.
        """
        return cast(Any, self._request("GET", path("/api/v1/dead-letters/{delivery_id}", delivery_id), timeout=timeout))

    def list_jobs(
        self,
        *,
        cursor: Optional[str] = None,
        limit: Optional[int] = None,
        timeout: Optional[float] = None,
    ) -> List[t.JobList, t.Job]:
        """List jobs. Newest first. Finished jobs are kept for 90 days. Needs the permission `read:deliveries`."""
        return List(self, "/api/v1/jobs", query={"cursor": cursor, "limit": limit}, timeout=timeout)

    def get_job(
        self,
        job_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.Job:
        """Get a job. Needs the permission `read:deliveries`."""
        return cast(Any, self._request("GET", path("/api/v1/jobs/{job_id}", job_id), timeout=timeout))

    def cancel_job(
        self,
        job_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Job:
        """Cancel a job. The job ends after its current step. Completed steps are not undone. A finished job is
        a 409, and so is a `followers.compare`, which can't be cancelled. Needs the permission
        `write:deliveries`.
        """
        return cast(Any, self._request("POST", path("/api/v1/jobs/{job_id}/cancel", job_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def list_blog_posts(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        status: Optional[t.PostStatus] = None,
        q: Optional[str] = None,
        created_from: Optional[Union[str, datetime]] = None,
        created_to: Optional[Union[str, datetime]] = None,
        timeout: Optional[float] = None,
    ) -> List[t.BlogPostList, t.BlogPost]:
        """List blog posts. Newest first. Needs the permission `read:blog`."""
        return List(self, "/api/v1/blog-posts", query={"page": page, "per_page": per_page, "status": status, "q": q, "created_from": created_from, "created_to": created_to}, timeout=timeout)

    def generate_blog_post(
        self,
        body: t.BlogBrief,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.AgentRun:
        """Generate a blog post. Starts an agent run that writes a draft from a brief. The response is
        immediate: the post exists with the status `generating`, and its `agent_run_id` is the run. When the
        run completes, the post becomes a `draft`, and `blog.created` and `agent.completed` are fired; when
        the run fails, the post becomes `failed` and `agent.failed` is fired, both with the reason. The
        credits are refunded when the run fails or is cancelled. Needs the permission `write:blog`.
        """
        return cast(Any, self._request("POST", "/api/v1/blog-posts/generate", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_blog_post(
        self,
        blog_post_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.BlogPost:
        """Get a blog post. Needs the permission `read:blog`."""
        return cast(Any, self._request("GET", path("/api/v1/blog-posts/{blog_post_id}", blog_post_id), timeout=timeout))

    def approve_blog_post(
        self,
        blog_post_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.BlogPost:
        """Approve a blog post. Fires `blog.approved`. Only a `draft` can be approved; any other status is a 409
        that lists what is allowed. Needs the permission `write:blog`.
        """
        return cast(Any, self._request("POST", path("/api/v1/blog-posts/{blog_post_id}/approve", blog_post_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def publish_blog_post(
        self,
        blog_post_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.BlogPost:
        """Publish a blog post. Fires `blog.published`. Only an `approved` post can be published; any other
        status is a 409 that lists what is allowed. The receiver of the event publishes the post on your
        site. Needs the permission `write:blog`.
        """
        return cast(Any, self._request("POST", path("/api/v1/blog-posts/{blog_post_id}/publish", blog_post_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def list_social_posts(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        status: Optional[t.PostStatus] = None,
        platform: Optional[t.SocialPlatform] = None,
        q: Optional[str] = None,
        created_from: Optional[Union[str, datetime]] = None,
        created_to: Optional[Union[str, datetime]] = None,
        timeout: Optional[float] = None,
    ) -> List[t.SocialPostList, t.SocialPost]:
        """List social posts. Newest first. Needs the permission `read:social`."""
        return List(self, "/api/v1/social-posts", query={"page": page, "per_page": per_page, "status": status, "platform": platform, "q": q, "created_from": created_from, "created_to": created_to}, timeout=timeout)

    def generate_social_post(
        self,
        body: t.SocialBrief,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.AgentRun:
        """Generate a social post. Starts an agent run that writes a draft from a brief. The response is
        immediate: the post exists with the status `generating`, and its `agent_run_id` is the run. When the
        run completes, the post becomes a `draft`, and `social.created` and `agent.completed` are fired; when
        the run fails, the post becomes `failed` and `agent.failed` is fired, both with the reason. The
        credits are refunded when the run fails or is cancelled. Needs the permission `write:social`.
        """
        return cast(Any, self._request("POST", "/api/v1/social-posts/generate", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_social_post(
        self,
        social_post_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.SocialPost:
        """Get a social post. Needs the permission `read:social`."""
        return cast(Any, self._request("GET", path("/api/v1/social-posts/{social_post_id}", social_post_id), timeout=timeout))

    def approve_social_post(
        self,
        social_post_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.SocialPost:
        """Approve a social post. Fires `social.approved`. Only a `draft` can be approved; any other status is a
        409 that lists what is allowed. Needs the permission `write:social`.
        """
        return cast(Any, self._request("POST", path("/api/v1/social-posts/{social_post_id}/approve", social_post_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def publish_social_post(
        self,
        social_post_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.SocialPost:
        """Publish a social post. Fires `social.published`. Only an `approved` post can be published; any other
        status is a 409 that lists what is allowed. The receiver of the event publishes the post on the
        platform. Needs the permission `write:social`.
        """
        return cast(Any, self._request("POST", path("/api/v1/social-posts/{social_post_id}/publish", social_post_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_agent_run(
        self,
        agent_run_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.AgentRun:
        """Get an agent run. Needs the permission `read:agents`."""
        return cast(Any, self._request("GET", path("/api/v1/agent-runs/{agent_run_id}", agent_run_id), timeout=timeout))

    def cancel_agent_run(
        self,
        agent_run_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.AgentRun:
        """Cancel an agent run. The run ends as `cancelled` and its post as `failed`, the credits are refunded,
        and `agent.failed` is fired with the reason `cancelled`. A finished run is a 409. Needs the
        permission `write:agents`.
        """
        return cast(Any, self._request("POST", path("/api/v1/agent-runs/{agent_run_id}/cancel", agent_run_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_analytics_overview(
        self,
        *,
        from_: Optional[str] = None,
        to: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.AnalyticsOverview:
        """Get an overview. Statistics from the first to the last day, both included, in UTC, in the environment
        of the key in use. Leads and content are grouped by the day they were created and by their current
        state; deliveries by the day they ended, and those in progress by the day they were created, at most
        10,000 in each status. Needs the permission `read:analytics`.
        """
        return cast(Any, self._request("GET", "/api/v1/analytics/overview", query={"from": from_, "to": to}, timeout=timeout))

    def get_alert_settings(
        self,
        *,
        timeout: Optional[float] = None,
    ) -> t.AlertSettings:
        """Get the automatic disabling settings. An endpoint that keeps failing is disabled with the reason
        `failing`. The limit applies to the time between the first and the latest failure without a success
        in between, so an endpoint without deliveries is never disabled. Warnings (`endpoint.failing`) are
        sent at 50, 70 and 90 per cent of the limit, and an endpoint is only disabled if it is still failing
        two hours after a warning. It is never deleted; enabling it resets its failures. Needs the permission
        `read:alerts`.
        """
        return cast(Any, self._request("GET", "/api/v1/alert-settings", timeout=timeout))

    def put_alert_settings(
        self,
        body: Optional[t.AlertSettingsUpdate] = None,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.AlertSettings:
        """Set the automatic disabling settings. A field that is left out is reset to the default of this
        installation. Needs the permission `write:alerts`.
        """
        return cast(Any, self._request("PUT", "/api/v1/alert-settings", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def list_alert_channels(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        timeout: Optional[float] = None,
    ) -> List[t.AlertChannelList, t.AlertChannel]:
        """List alert channels. Notification channels of alerts, newest first. The URL of a Slack or webhook
        channel is a secret and masked. Needs the permission `read:alerts`.
        """
        return List(self, "/api/v1/alert-channels", query={"page": page, "per_page": per_page}, timeout=timeout)

    def create_alert_channel(
        self,
        body: t.AlertChannelCreate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.AlertChannelCreated:
        """Add an alert channel. `email` sends mail to one address and requires mail to be configured on this
        installation (409 otherwise); `slack` posts `{"text": …}` to a Slack incoming-webhook URL, or to
        any compatible URL; `webhook` posts an `AlertWebhook` to any URL, signed as Standard Webhooks say
        (`webhook-id`, `webhook-timestamp`, `webhook-signature`) with the `secret` of this answer, which is
        never returned again. Every attempt of a notification has the same `webhook-id`. `POST
        /api/v1/alert-channels/{alert_channel_id}/rotate-secret` replaces the secret. Needs the permission
        `write:alerts`.
        """
        return cast(Any, self._request("POST", "/api/v1/alert-channels", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_alert_channel(
        self,
        alert_channel_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.AlertChannel:
        """Get an alert channel. Needs the permission `read:alerts`."""
        return cast(Any, self._request("GET", path("/api/v1/alert-channels/{alert_channel_id}", alert_channel_id), timeout=timeout))

    def update_alert_channel(
        self,
        alert_channel_id: str,
        body: t.AlertChannelUpdate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.AlertChannel:
        """Change an alert channel. Changes the fields that are sent. The type can't be changed. A masked
        `target` that is sent back keeps the stored value; with another host it is a 400. Needs the
        permission `write:alerts`.
        """
        return cast(Any, self._request("PATCH", path("/api/v1/alert-channels/{alert_channel_id}", alert_channel_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def delete_alert_channel(
        self,
        alert_channel_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> None:
        """Delete an alert channel. Unsent notifications to it are discarded. Needs the permission
        `write:alerts`.
        """
        self._request("DELETE", path("/api/v1/alert-channels/{alert_channel_id}", alert_channel_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout)

    def rotate_alert_channel_secret(
        self,
        alert_channel_id: str,
        body: Optional[t.SecretRotate] = None,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.WebhookSecret:
        """Replace the secret of an alert channel. For a channel of type `webhook`; 409 for any other. The new
        secret is in this answer only. Until `grace` ends, requests carry a signature of the new secret and
        one of each replaced secret, so that the receiver can migrate without losing an alert. A `secret` of
        your own is `whsec_` followed by 24 to 64 bytes in base64. At most five previous secrets can be valid
        at a time; a rotation beyond that is a 409. Needs the permission `write:alerts`.
        """
        return cast(Any, self._request("POST", path("/api/v1/alert-channels/{alert_channel_id}/rotate-secret", alert_channel_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def test_alert_channel(
        self,
        alert_channel_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.AlertTest:
        """Send a test alert. Sends one message immediately, even if the channel is off, and returns the result.
        Every call sends, so it takes no Idempotency-Key. Needs the permission `write:alerts`.
        """
        return cast(Any, self._request("POST", path("/api/v1/alert-channels/{alert_channel_id}/test", alert_channel_id), timeout=timeout))

    def list_alerts(
        self,
        *,
        cursor: Optional[str] = None,
        limit: Optional[int] = None,
        state: Optional[t.AlertState] = None,
        condition: Optional[t.AlertCondition] = None,
        subject: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> List[t.AlertList, t.Alert]:
        """List alerts. Newest first, with the state of their notifications. Each condition raises one alert,
        whatever the number of events. Needs the permission `read:alerts`.
        """
        return List(self, "/api/v1/alerts", query={"cursor": cursor, "limit": limit, "state": state, "condition": condition, "subject": subject}, timeout=timeout)

    def resolve_alert(
        self,
        alert_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Alert:
        """Resolve an alert. Alerts about an endpoint are resolved automatically when it succeeds, is enabled or
        is deleted; use this for anything dealt with otherwise. Resolving again changes nothing. Needs the
        permission `write:alerts`.
        """
        return cast(Any, self._request("POST", path("/api/v1/alerts/{alert_id}/resolve", alert_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def list_audit_log(
        self,
        *,
        cursor: Optional[str] = None,
        limit: Optional[int] = None,
        action: Optional[str] = None,
        actor_id: Optional[str] = None,
        target: Optional[str] = None,
        from_: Optional[Union[str, datetime]] = None,
        to: Optional[Union[str, datetime]] = None,
        timeout: Optional[float] = None,
    ) -> List[t.AuditEntryList, t.AuditEntry]:
        """List the audit log. Changes and who made them, newest first, in both environments. A test key, or a
        session in the test environment, sees only the changes in the test environment. Entries are never
        changed or deleted. Needs the permission `read:audit`.
        """
        return List(self, "/api/v1/audit-log", query={"cursor": cursor, "limit": limit, "action": action, "actor_id": actor_id, "target": target, "from": from_, "to": to}, timeout=timeout)

    def get_credits(
        self,
        *,
        cursor: Optional[str] = None,
        limit: Optional[int] = None,
        timeout: Optional[float] = None,
    ) -> List[t.Credits, t.CreditEntry]:
        """Get the credit balance and ledger. The account that pays for calls with the key in use. The ledger
        lists every change of the balance, newest first, of both environments. Entries are never changed or
        deleted, and their amounts add up to the balance. Needs the permission `read:credits`.
        """
        return List(self, "/api/v1/credits", query={"cursor": cursor, "limit": limit}, timeout=timeout)

    def get_usage(
        self,
        *,
        from_: Optional[str] = None,
        to: Optional[str] = None,
        key_id: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Usage:
        """Get API usage and quotas. What the tenant uses of each quota of its plan, and the calls. Number of
        calls with the tenant's keys, by UTC day, key and HTTP status, in the environment of the key in use,
        oldest first. Rejected calls count too if the key was valid. Days without calls are left out. Calls
        appear within 10 seconds; counts are kept for 400 days, and a server that crashes loses those of its
        last seconds, so don't bill by them. Needs the permission `read:usage`.
        """
        return cast(Any, self._request("GET", "/api/v1/usage", query={"from": from_, "to": to, "key_id": key_id}, timeout=timeout))

    def list_tracked_accounts(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        platform: Optional[str] = None,
        username: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> List[t.TrackedAccountList, t.TrackedAccount]:
        """List tracked accounts. Newest first, each with its latest statistics. Needs the permission
        `read:tracking`.
        """
        return List(self, "/api/v1/tracked-accounts", query={"page": page, "per_page": per_page, "platform": platform, "username": username}, timeout=timeout)

    def create_tracked_account(
        self,
        body: t.TrackedAccountCreate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.TrackedAccount:
        """Track an account. The account gets a number, `tracked_user_id`, which events refer to. An account of
        a platform can be tracked once (409). Needs the permission `write:tracking`.
        """
        return cast(Any, self._request("POST", "/api/v1/tracked-accounts", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_tracked_account(
        self,
        tracked_account_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.TrackedAccount:
        """Get a tracked account. Needs the permission `read:tracking`."""
        return cast(Any, self._request("GET", path("/api/v1/tracked-accounts/{tracked_account_id}", tracked_account_id), timeout=timeout))

    def update_tracked_account(
        self,
        tracked_account_id: str,
        body: t.TrackedAccountUpdate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.TrackedAccount:
        """Rename a tracked account. For accounts whose name on the platform has changed. Existing events keep
        the old name. Needs the permission `write:tracking`.
        """
        return cast(Any, self._request("PATCH", path("/api/v1/tracked-accounts/{tracked_account_id}", tracked_account_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def delete_tracked_account(
        self,
        tracked_account_id: str,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> None:
        """Stop tracking an account. Deletes its snapshots; its events and direct messages are kept. Its number
        is not reused. Needs the permission `write:tracking`.
        """
        self._request("DELETE", path("/api/v1/tracked-accounts/{tracked_account_id}", tracked_account_id), keyed=True, idempotency_key=idempotency_key, timeout=timeout)

    def list_snapshots(
        self,
        tracked_account_id: str,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        from_: Optional[Union[str, datetime]] = None,
        to: Optional[Union[str, datetime]] = None,
        timeout: Optional[float] = None,
    ) -> List[t.SnapshotList, t.Snapshot]:
        """List snapshots of an account. Newest first. Needs the permission `read:tracking`."""
        return List(self, path("/api/v1/tracked-accounts/{tracked_account_id}/snapshots", tracked_account_id), query={"page": page, "per_page": per_page, "from": from_, "to": to}, timeout=timeout)

    def create_snapshot(
        self,
        tracked_account_id: str,
        body: t.SnapshotCreate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Snapshot:
        """Record a snapshot. The result of a tracking run. Without `follower_list` it is finished immediately
        and fires `stats.updated`. With `follower_list` it is open: add the followers, up to 5,000 at a time
        (`POST /snapshots/{id}/followers`), and finish it (`POST /snapshots/{id}/finish`). A snapshot that is
        not finished within 24 hours is discarded. It must be later than the account's latest one (409).
        Costs the same with and without a list. Needs the permission `write:tracking`.
        """
        return cast(Any, self._request("POST", path("/api/v1/tracked-accounts/{tracked_account_id}/snapshots", tracked_account_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_snapshot(
        self,
        snapshot_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.Snapshot:
        """Get a snapshot. Needs the permission `read:tracking`."""
        return cast(Any, self._request("GET", path("/api/v1/snapshots/{snapshot_id}", snapshot_id), timeout=timeout))

    def get_snapshot_job(
        self,
        snapshot_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.Job:
        """Get the comparison of a snapshot's list. The job that compares the list with the previous one. 404 if
        there is none, or if it ended more than 90 days ago. Needs the permission `read:tracking`.
        """
        return cast(Any, self._request("GET", path("/api/v1/snapshots/{snapshot_id}/job", snapshot_id), timeout=timeout))

    def add_followers(
        self,
        snapshot_id: str,
        body: t.FollowersAdd,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.FollowersAdded:
        """Add followers to a snapshot. Adding an existing follower changes nothing, so pages can be sent again
        and in any order. Only for an open snapshot that was created with `follower_list`, and at most
        1,000,000 in total (409). Needs the permission `write:tracking`.
        """
        return cast(Any, self._request("POST", path("/api/v1/snapshots/{snapshot_id}/followers", snapshot_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def finish_snapshot(
        self,
        snapshot_id: str,
        body: t.SnapshotFinish,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.Snapshot:
        """Finish a snapshot. Fires `stats.updated`. A job (`job_id`) then compares the list with the account's
        previous one and fires `follower.gained` and `follower.lost` for each difference; the first list of
        an account is not compared. `followers` is the number of distinct followers in the list: if it
        differs from the number received, a page is missing, and the response is a 409. It is also a 409
        while the previous list is still being compared, and when a later snapshot was finished meanwhile.
        Needs the permission `write:tracking`.
        """
        return cast(Any, self._request("POST", path("/api/v1/snapshots/{snapshot_id}/finish", snapshot_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def list_stats(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        platform: Optional[str] = None,
        username: Optional[str] = None,
        from_: Optional[Union[str, datetime]] = None,
        to: Optional[Union[str, datetime]] = None,
        timeout: Optional[float] = None,
    ) -> List[t.StatsList, t.StatsData]:
        """List the latest statistics. One entry per tracked account, in the form of `stats.updated`; the
        account added last comes first. Needs the permission `read:tracking`.
        """
        return List(self, "/api/v1/stats", query={"page": page, "per_page": per_page, "platform": platform, "username": username, "from": from_, "to": to}, timeout=timeout)

    def list_tracker_events(
        self,
        *,
        cursor: Optional[str] = None,
        limit: Optional[int] = None,
        event: Optional[t.TrackerEventType] = None,
        from_: Optional[Union[str, datetime]] = None,
        to: Optional[Union[str, datetime]] = None,
        timeout: Optional[float] = None,
    ) -> List[t.TrackerEventList, t.TrackerEvent]:
        """List tracker events. Tracking events, newest first, of the types `stats.updated`, `follower.gained`,
        `follower.lost`, `dm.sent`, `dm.failed`, `job.completed` and `job.failed`, with the `data` that
        webhooks deliver. They are kept as long as other events. Needs the permission `read:tracking`.
        """
        return List(self, "/api/v1/tracker", query={"cursor": cursor, "limit": limit, "event": event, "from": from_, "to": to}, timeout=timeout)

    def create_direct_message(
        self,
        tracked_account_id: str,
        body: t.DirectMessageCreate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.DirectMessage:
        """Send a direct message. Queues a message from the account. `dm.sent` or `dm.failed` reports the
        outcome; the cost of a failed message is refunded. Needs the permission `write:direct_messages`.
        """
        return cast(Any, self._request("POST", path("/api/v1/tracked-accounts/{tracked_account_id}/direct-messages", tracked_account_id), body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def list_direct_messages(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        status: Optional[t.DirectMessageStatus] = None,
        tracked_account_id: Optional[str] = None,
        target_username: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> List[t.DirectMessageList, t.DirectMessage]:
        """List direct messages. Newest first. Needs the permission `read:direct_messages`."""
        return List(self, "/api/v1/direct-messages", query={"page": page, "per_page": per_page, "status": status, "tracked_account_id": tracked_account_id, "target_username": target_username}, timeout=timeout)

    def get_direct_message(
        self,
        direct_message_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.DirectMessage:
        """Get a direct message. Needs the permission `read:direct_messages`."""
        return cast(Any, self._request("GET", path("/api/v1/direct-messages/{direct_message_id}", direct_message_id), timeout=timeout))

    def list_tracker_jobs(
        self,
        *,
        page: Optional[int] = None,
        per_page: Optional[int] = None,
        status: Optional[t.TrackerJobStatus] = None,
        job_type: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> List[t.TrackerJobList, t.TrackerJob]:
        """List tracking jobs. Newest first. Needs the permission `read:tracking`."""
        return List(self, "/api/v1/tracker/jobs", query={"page": page, "per_page": per_page, "status": status, "job_type": job_type}, timeout=timeout)

    def create_tracker_job(
        self,
        body: t.TrackerJobCreate,
        *,
        idempotency_key: Optional[str] = None,
        timeout: Optional[float] = None,
    ) -> t.TrackerJob:
        """Start a tracking job. Queues the job. It gets a number, `job_id`, which events refer to;
        `job.completed` or `job.failed` reports the outcome. The cost of a failed job is refunded. Needs the
        permission `write:tracking`.
        """
        return cast(Any, self._request("POST", "/api/v1/tracker/jobs", body=body, keyed=True, idempotency_key=idempotency_key, timeout=timeout))

    def get_tracker_job(
        self,
        tracker_job_id: str,
        *,
        timeout: Optional[float] = None,
    ) -> t.TrackerJob:
        """Get a tracking job. Needs the permission `read:tracking`."""
        return cast(Any, self._request("GET", path("/api/v1/tracker/jobs/{tracker_job_id}", tracker_job_id), timeout=timeout))

