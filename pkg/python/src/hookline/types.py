"""The objects of the API, as dictionaries with known keys. There may be more keys, and new values of strings."""

# Code generated from openapi/openapi.yaml by openapi/sdk. DO NOT EDIT.

from __future__ import annotations

from typing import Any, Dict, List, Literal, Optional, TypedDict

CONTRACT_VERSION = "0.1.0"


Environment = Literal["live", "test"]
"""Live and test data never mix."""


Plan = Literal["free", "pro", "business", "enterprise"]
"""Plan of the tenant. `public_api` and `webhooks` come with business and enterprise."""


Profile = Literal["hookline", "leadmetrics", "inboxops", "leadhooks", "leadie", "savelead"]
"""A set of conventions for keys and webhooks; an endpoint may have another profile than its tenant."""


MemberRole = Literal["owner", "admin", "developer", "viewer"]
"""`owner` and `admin` may do everything, `developer` everything but change members, `viewer` only read."""


RateLimitPer = Literal["minute", "hour"]
"""`minute` by default."""


KeyRole = Literal["admin", "developer", "read_only"]
"""A named set of permissions: `admin` is all, `developer` all but changing keys and members, `read_only` every
`read:`.
"""


SessionOpenedBy = Literal["link", "single_sign_on", "operator"]
"""How the session was opened: with a `link` from your product, by `single_sign_on`, or by an `operator`."""


LeadBulkRowStatus = Literal["created", "invalid", "conflict"]
"""The result of the row."""


TicketStatus = Literal["open", "pending", "resolved", "closed"]
"""Status of the ticket."""


TicketPriority = Literal["low", "normal", "high", "urgent"]
"""Priority of the ticket."""


MessageType = Literal["inbound", "outbound", "internal_note"]
"""`inbound`: from a customer; `outbound`: to a customer; `internal_note`: visible to members only."""


InboxStatus = Literal["active", "error"]
"""`error` while messages can't be fetched from it."""


EventStatus = Literal["accepted", "dispatched"]
"""`accepted`: stored; `dispatched`: its endpoints are determined."""


EventBulkRowStatus = Literal["accepted", "invalid", "conflict"]
"""The result."""


Envelope = Literal["standard", "cloudevents"]
"""The format of the body: the profile's own, or CloudEvents, which the profile `hookline` offers. `standard` by
default.
"""


Signing = Literal["hmac", "ed25519", "both", "none"]
"""How requests are signed: with the secret, with a key pair, or with both. `hmac` by default. `none` only with
the profile `savelead`, whose default it is.
"""


EndpointRateLimitPer = Literal["second"]
"""`second` by default."""


WebhookAuthType = Literal["none", "basic", "oauth2", "mtls"]
"""Method of authentication; `none` disables it."""


WebhookAuthTokenEndpointAuthMethod = Literal["client_secret_basic", "client_secret_post"]
"""For `oauth2`: how the client authenticates at the token endpoint. Without it, both are tried once, the first
first, and the one that worked is used from then on.
"""


CircuitState = Literal["closed", "open", "half_open"]
"""`open` sends nothing, `half_open` one delivery as a probe, `closed` everything."""


WebhookState = Literal["enabled", "disabled", "circuit_open", "failing", "throttled"]
"""`enabled`: its deliveries are sent; the others as in `GET /webhooks/health`, but `disabled` also if its owner
disabled it. Left out in answers to changes.
"""


DeliveryStatus = Literal["pending", "delivering", "succeeded", "retrying", "dead", "cancelled"]
"""`pending`, `delivering`, then `succeeded`; or `retrying` until it is `dead`; or `cancelled`, always with a
reason.
"""


WebhookMethod = Literal["POST", "PUT", "PATCH", "GET"]
"""POST by default. GET sends no body, so the signature is over an empty one; the delivery shows the body that
was left out. Refused in the profile `savelead`, whose lead is in the body.
"""


PublicKeyAlgorithm = Literal["ed25519"]
"""Id of the key."""


ListenerResponseError = Literal["connect", "timeout", "dns", "tls", "protocol"]
"""Why there was no response."""


DeliveryStatsResponseClassClass = Literal["1xx", "2xx", "3xx", "4xx", "5xx", "none"]
"""Class of the HTTP status."""


WebhookIssueState = Literal["disabled", "circuit_open", "failing", "throttled"]
"""`disabled`: Hookline disabled it; `circuit_open`: only probes are sent; `failing`: the last attempt failed;
`throttled`: it gets a few deliveries at a time.
"""


HTTPClass = Literal["2xx", "3xx", "4xx", "5xx", "none"]
"""Class of the HTTP status of the last attempt; `none`: no response."""


AttemptStatus = Literal["running", "succeeded", "failed", "lease_expired"]
"""`lease_expired`: the worker ended before the response; the request may have arrived."""


DeliveryFilterStatus = Literal["succeeded", "dead", "cancelled"]
"""Only deliveries in this status."""


JobKind = Literal["dead_letters.replay", "dead_letters.purge", "deliveries.replay", "webhook.recover", "followers.compare"]
"""Kind of the job."""


JobStatus = Literal["queued", "running", "done", "failed", "cancelled"]
"""`queued`, `running`, then `done`, `failed` or `cancelled`."""


PostStatus = Literal["generating", "draft", "approved", "published", "failed"]
"""`generating → draft → approved → published`, or `failed` when it could not be written."""


Agent = Literal["blog_writer", "social_writer"]
"""Kind of post."""


AgentRunStatus = Literal["queued", "running", "completed", "failed", "cancelled"]
"""`queued`, `running`, then `completed`, `failed` or `cancelled`."""


SocialPlatform = Literal["linkedin", "x", "facebook", "instagram", "threads"]
"""The platform that the post is for."""


AlertChannelType = Literal["email", "slack", "webhook"]
"""How the notification is sent."""


AlertCondition = Literal["endpoint.failing", "endpoint.disabled", "endpoint.recovered", "delivery.dead", "key.leaked", "credits.low", "credits.exhausted"]
"""`endpoint.failing`: it will be disabled; one alert at 50, 70 and 90 per cent of the limit.
`endpoint.disabled`: Hookline disabled it. `endpoint.recovered`: it succeeds again. `delivery.dead`: a dead
letter; one alert per endpoint and hour. `key.leaked`: a key was found in public. `credits.low`: less than a
tenth of the month's credits is left. `credits.exhausted`: the balance is zero, or too low for a call that
was refused; both once until credits are granted, and always in `live`.
"""


AlertState = Literal["open", "resolved"]
"""`resolved` when the condition ended or the alert was resolved by hand."""


AlertNotificationAbout = Literal["raised", "resolved"]
"""Whether it reports the start or the end of the condition."""


AlertNotificationStatus = Literal["pending", "sent", "failed"]
"""`failed` is final: all 7 attempts within 5 hours failed, or the channel was turned off or deleted."""


AuditEntryActorType = Literal["key", "operator", "member", "session", "system"]
"""`session`: a dashboard session that belongs to no member."""


CreditEntryKind = Literal["grant", "charge", "refund", "monthly"]
"""`grant` by an operator, `charge` of a call, `refund` of a charge, `monthly` with the plan."""


QuotaName = Literal["endpoints", "endpoint_headers", "keys", "members", "event_types", "alert_channels", "tracked_accounts", "stored_bytes_per_day", "requests_per_minute"]
"""Something that a plan limits."""


SnapshotStatus = Literal["open", "finished"]
"""`open` until its list of followers is complete."""


TrackerEventType = Literal["stats.updated", "follower.gained", "follower.lost", "dm.sent", "dm.failed", "job.completed", "job.failed"]
"""Type of the event."""


DirectMessageStatus = Literal["queued", "sent", "failed"]
"""`queued`, then `sent` or `failed`."""


TrackerJobStatus = Literal["queued", "running", "finished", "failed"]
"""`queued`, `running`, then `finished` or `failed`."""


class Me(TypedDict):
    label: str
    """A connection name that no-code tools can show."""
    environment: Environment
    tenant: MeTenant
    """The tenant that the key belongs to."""
    key: MeKey
    """The key in use."""
    user: Optional[MeUser]
    """The member that the key belongs to; null for a key of the tenant itself."""


class MeTenant(TypedDict):
    """The tenant that the key belongs to."""

    id: str
    """Id of the tenant."""
    name: str
    """Name of the tenant."""
    plan: Plan
    profile: Profile
    entitlements: List[str]
    """The tenant's entitlements."""
    deliveries_paused: bool
    """Whether deliveries to all your endpoints are suspended. Events are still accepted, and suspended
    deliveries are sent afterwards.
    """
    deliveries_paused_since: Optional[str]
    """When the pause began; null while deliveries are not paused."""
    deliveries_paused_reason: Optional[str]
    """The reason for the pause, if there is one; null while deliveries are not paused."""


class MeKey(TypedDict):
    """The key in use."""

    id: str
    """Id of the key."""
    name: str
    """Name of the key."""
    permissions: List[str]
    """Effective permissions: for a key of a user only those that the member's role allows, too."""


class MeUser(TypedDict):
    """The member that the key belongs to; null for a key of the tenant itself."""

    number: int
    """Number of the member in the tenant, from 1; it is never given again. Events of the profile `leadie` carry
    it as `user_id`.
    """
    id: str
    """Id of the member."""
    name: str
    """Name of the member."""
    email: str
    """Email address of the member."""
    role: MemberRole


class KeyList(TypedDict):
    data: List[Key]
    """One page of keys."""
    meta: PageMeta


class Key(TypedDict):
    id: str
    """Id of the key."""
    name: str
    """Name of the key."""
    environment: Environment
    prefix: str
    """Prefix of the secret, which depends on the profile."""
    hint: str
    """The first characters of the key."""
    key_prefix: str
    """The same as `hint`. In the profile `inboxops` the first 8 characters."""
    permissions: List[str]
    """Permissions of the key."""
    created_at: str
    """When it was created."""
    last_used_at: Optional[str]
    """Accurate to a minute."""
    revoked_at: Optional[str]
    """When the key was revoked; null if it was not."""
    expires_at: Optional[str]
    """When the key expires; null for never."""
    role: Optional[str]
    """The role that the permissions come from."""
    allowed_cidrs: List[str]
    """Networks that the key may be used from; empty means any."""
    rate_limit: RateLimit
    user_id: Optional[str]
    """The member that the key belongs to; null for a key of the tenant itself."""


class RateLimit(TypedDict, total=False):
    """A rate limit of the key's own, counted in a sliding window; `{}` means the profile's or else the plan's.
    Rates are compared, so `per` does not matter: a tenant can set at most the rate that its plan allows a
    key, operators can set more. Refused where keys share a limit.
    """

    requests: int
    """Number of requests that the key may make in the window."""
    per: RateLimitPer
    """`minute` by default."""


class PageMeta(TypedDict):
    """Page number and number of entries."""

    page: int
    """Page number, from 1."""
    per_page: int
    """Maximum number of entries per page."""
    total: int
    """Number of entries on all pages. Counted up to 10,000: a total of 10,000 or more is a lower bound, and it
    is larger than the number of entries up to this page as long as there is a next one.
    """


class _KeyCreate(TypedDict):
    name: str
    """Name of the key."""


class KeyCreate(_KeyCreate, total=False):
    """Takes `permissions` or `role`, not both. With neither, the key has the default role of the profile, which
    is `developer` in all of them, or those of its permissions that its maker has.
    """

    permissions: List[str]
    """Permissions of the key."""
    role: KeyRole
    expires_at: str
    """When the key expires; never by default."""
    allowed_cidrs: List[str]
    rate_limit: RateLimit
    user_id: str
    """The member that the key belongs to. By default the user of the key in use, if it has one, else none. In
    the profile `leadie` it is then required.
    """


class KeyCreated(TypedDict):
    id: str
    """Id of the key."""
    name: str
    """Name of the key."""
    environment: Environment
    prefix: str
    """Prefix of the secret, which depends on the profile."""
    hint: str
    """The first characters of the key."""
    key_prefix: str
    """The same as `hint`. In the profile `inboxops` the first 8 characters."""
    permissions: List[str]
    """Permissions of the key."""
    created_at: str
    """When it was created."""
    last_used_at: Optional[str]
    """Accurate to a minute."""
    revoked_at: Optional[str]
    """When the key was revoked; null if it was not."""
    expires_at: Optional[str]
    """When the key expires; null for never."""
    role: Optional[str]
    """The role that the permissions come from."""
    allowed_cidrs: List[str]
    """Networks that the key may be used from; empty means any."""
    rate_limit: RateLimit
    user_id: Optional[str]
    """The member that the key belongs to; null for a key of the tenant itself."""
    key: str
    """The secret itself. Returned once."""


class KeyUpdate(TypedDict, total=False):
    """Takes `permissions` or `role`, not both."""

    name: str
    """Name of the key."""
    permissions: List[str]
    """Permissions of the key."""
    role: KeyRole
    expires_at: Optional[str]
    """Null means never."""
    allowed_cidrs: List[str]
    rate_limit: RateLimit


class KeyRotate(TypedDict, total=False):
    grace: str
    """How long the old key stays valid: `0s` to `7d`, `24h` by default."""


class MemberList(TypedDict):
    data: List[Member]
    """One page of members."""
    meta: PageMeta


class Member(TypedDict):
    number: int
    """Number of the member in the tenant, from 1; it is never given again. Events of the profile `leadie` carry
    it as `user_id`.
    """
    id: str
    """Id of the member."""
    email: str
    """Email address for signing in."""
    name: str
    """Name of the person."""
    role: MemberRole
    created_at: str
    """When it was created."""
    updated_at: str
    """When it was last updated."""
    last_sign_in_at: Optional[str]
    """When the person last signed in; null for never."""


class MemberCreate(TypedDict):
    email: str
    """Email address for signing in."""
    name: str
    """Name of the person."""
    role: MemberRole


class MemberUpdate(TypedDict, total=False):
    name: str
    """Name of the person."""
    role: MemberRole


class SessionList(TypedDict):
    data: List[Session]
    """One page of sessions."""
    meta: PageMeta


class Session(TypedDict):
    """A dashboard session in one browser."""

    id: str
    """Id of the session."""
    member: Optional[SessionMember]
    """The member who is signed in; null for a session that belongs to no member."""
    environment: Environment
    opened_by: SessionOpenedBy
    """How the session was opened: with a `link` from your product, by `single_sign_on`, or by an `operator`."""
    address: Optional[str]
    """IP address of the browser at sign-in; null if it was not recorded."""
    user_agent: Optional[str]
    """User agent of the browser at sign-in, at most 300 characters; null if it sent none."""
    created_at: str
    """When the session was created; for a session opened by a link, when the link was created."""
    last_seen_at: str
    """Last request, accurate to a minute."""
    expires_at: str
    """When the session expires at the latest."""
    current: bool
    """Whether this is the calling session; always false for a key."""


class SessionMember(TypedDict):
    """The member who is signed in; null for a session that belongs to no member."""

    id: str
    """Id of the member."""
    name: str
    """Name of the member."""
    email: str
    """The member's email address."""


class LeadList(TypedDict):
    data: List[Lead]
    """One page of leads."""
    meta: PageMeta


class Lead(TypedDict):
    id: str
    """Id of the lead."""
    name: Optional[str]
    """Full name; null when not known."""
    email: Optional[str]
    """Email address; null when not known."""
    company: Optional[str]
    """Company the person works for; null when not known."""
    first_name: Optional[str]
    """First name; null when not known."""
    last_name: Optional[str]
    """Last name; null when not known."""
    phone: Optional[str]
    """Phone number, as given; null when not known."""
    website: Optional[str]
    """Address of a website; null when not known."""
    position: Optional[str]
    """Position in the company; null when not known."""
    twitter: Optional[str]
    """Name or address on X, formerly Twitter; null when not known."""
    linkedin: Optional[str]
    """Address of the LinkedIn profile; null when not known."""
    notes: Optional[str]
    """Free text about the lead; null when not known."""
    score: int
    """Score of the lead, on your own scale, from 0."""
    source: Optional[str]
    """Source of the lead, such as website; null when not known."""
    status: str
    """Status of the lead, in your own terms."""
    external_id: Optional[str]
    """Id of the lead in your own system; null if it has none."""
    created_at: str
    """When it was created."""
    updated_at: str
    """When it was last updated."""


class LeadCreate(TypedDict, total=False):
    name: Optional[str]
    """Full name."""
    email: Optional[str]
    """Email address."""
    company: Optional[str]
    """Company the person works for."""
    first_name: Optional[str]
    """First name."""
    last_name: Optional[str]
    """Last name."""
    phone: Optional[str]
    """Phone number, as given."""
    website: Optional[str]
    """Address of a website."""
    position: Optional[str]
    """Position in the company."""
    twitter: Optional[str]
    """Name or address on X, formerly Twitter."""
    linkedin: Optional[str]
    """Address of the LinkedIn profile."""
    notes: Optional[str]
    """Free text about the lead."""
    score: int
    """0 by default."""
    source: Optional[str]
    """Source of the lead, e.g. website."""
    status: str
    """A status of your own; `new` by default."""
    external_id: Optional[str]
    """Id of the lead in your own system. Unique (409), separately for live and test."""


class _LeadBulk(TypedDict):
    leads: List[LeadCreate]
    """Each has the fields of LeadCreate."""


class LeadBulk(_LeadBulk, total=False):
    all_or_nothing: bool
    """Whether one row that can't be created prevents all others; false by default."""


class LeadBulkResult(TypedDict):
    data: List[LeadBulkRow]
    """The result of each row, in the order they were sent."""
    meta: LeadBulkResultMeta
    """Totals by result."""


class _LeadBulkRow(TypedDict):
    index: int
    """Index of the row, from 0."""
    status: LeadBulkRowStatus
    """The result of the row."""
    errors: List[ErrorDetail]
    """Why the row was not created: every violation until the response has 100, from then on the first of each
    row.
    """


class LeadBulkRow(_LeadBulkRow, total=False):
    lead: Lead
    """Only for created rows."""


class ErrorDetail(TypedDict):
    field: str
    """The location: a path in the body such as `events[0]`, or the name of a parameter."""
    message: str
    """The violation."""


class LeadBulkResultMeta(TypedDict):
    """Totals by result."""

    created: int
    """Number of created rows."""
    failed: int
    """Number of rejected entries."""


class LeadUpsert(TypedDict, total=False):
    name: Optional[str]
    """Full name."""
    company: Optional[str]
    """Company the person works for."""
    first_name: Optional[str]
    """First name."""
    last_name: Optional[str]
    """Last name."""
    phone: Optional[str]
    """Phone number, as given."""
    website: Optional[str]
    """Address of a website."""
    position: Optional[str]
    """Position in the company."""
    twitter: Optional[str]
    """Name or address on X, formerly Twitter."""
    linkedin: Optional[str]
    """Address of the LinkedIn profile."""
    notes: Optional[str]
    """Free text about the lead."""
    score: int
    """0 by default for a new lead."""
    source: Optional[str]
    """Source of the lead, e.g. website."""
    status: str
    """A status of your own; `new` by default for a new lead."""
    external_id: Optional[str]
    """Id of the lead in your own system. Unique (409), separately for live and test."""


class LeadUpdate(TypedDict, total=False):
    name: Optional[str]
    """Full name."""
    email: Optional[str]
    """Email address."""
    company: Optional[str]
    """Company the person works for."""
    first_name: Optional[str]
    """First name."""
    last_name: Optional[str]
    """Last name."""
    phone: Optional[str]
    """Phone number, as given."""
    website: Optional[str]
    """Address of a website."""
    position: Optional[str]
    """Position in the company."""
    twitter: Optional[str]
    """Name or address on X, formerly Twitter."""
    linkedin: Optional[str]
    """Address of the LinkedIn profile."""
    notes: Optional[str]
    """Free text about the lead."""
    score: int
    """Score of the lead, on your own scale."""
    source: Optional[str]
    """Source of the lead, e.g. website."""
    status: str
    """A status of your own."""
    external_id: Optional[str]
    """Id of the lead in your own system. Unique (409), separately for live and test."""


class TicketList(TypedDict):
    data: List[Ticket]
    """One page of tickets."""
    meta: PageMeta


class Ticket(TypedDict):
    id: str
    """Id of the ticket."""
    ticket_number: str
    """Such as TCK-42."""
    subject: str
    """Subject line."""
    status: TicketStatus
    priority: TicketPriority
    inbox_id: str
    """Id of the ticket's inbox."""
    assignee_id: Optional[str]
    """The assigned member; null for none. A member who was removed later is still named."""
    created_at: str
    """When it was created."""
    updated_at: str
    """When it was last updated."""


class _TicketCreate(TypedDict):
    subject: str
    """Subject line."""
    inbox_id: str
    """Id of the ticket's inbox."""


class TicketCreate(_TicketCreate, total=False):
    priority: TicketPriority
    """`normal` by default."""
    assignee_id: Optional[str]
    """A member of the tenant."""


class TicketUpdate(TypedDict, total=False):
    subject: str
    """Subject line."""
    status: TicketStatus
    priority: TicketPriority
    inbox_id: str
    """Id of the ticket's inbox."""
    assignee_id: Optional[str]
    """A member of the tenant; null unassigns the ticket."""


class MessageList(TypedDict):
    data: List[Message]
    """One page of messages."""
    meta: PageMeta


_MessageFields = TypedDict(
    "_MessageFields",
    {
        "id": "str",
        "ticket_id": "str",
        "ticket_number": "str",
        "inbox_id": "str",
        "type": "MessageType",
        "from": "Optional[str]",
        "body_html": "Optional[str]",
        "body_text": "Optional[str]",
        "created_at": "str",
    },
)


class Message(_MessageFields):
    pass


class _MessageCreate(TypedDict):
    type: str
    """Only `internal_note`; anything else is a 422, since the API sends no replies."""


class MessageCreate(_MessageCreate, total=False):
    """At least one of `body_html` and `body_text` is required."""

    body_html: str
    """The note in HTML."""
    body_text: str
    """The note as plain text."""


class TagsOfTicket(TypedDict):
    data: List[Tag]
    """The tags of the ticket."""


class Tag(TypedDict):
    id: str
    """Id of the tag."""
    name: str
    """Name of the tag."""
    created_at: str
    """When it was created."""


class TagAdd(TypedDict, total=False):
    """Either one or the other."""

    tag_id: str
    """Id of an existing tag."""
    tag_name: str
    """Surrounding spaces are removed."""


class TagList(TypedDict):
    data: List[Tag]
    """One page of tags."""
    meta: PageMeta


class InboxList(TypedDict):
    data: List[Inbox]
    """One page of inboxes."""
    meta: PageMeta


class Inbox(TypedDict):
    id: str
    """Id of the inbox."""
    name: str
    """Name of the inbox."""
    address: str
    """Address that customers write to."""
    status: InboxStatus
    error: Optional[str]
    """Why the inbox does not work; null while it works."""
    failed_since: Optional[str]
    """When the error began."""
    created_at: str
    """When it was created."""
    updated_at: str
    """When it was last updated."""


class EventList(TypedDict):
    data: List[Event]
    """One page of events."""
    meta: CursorMeta


class Event(TypedDict):
    id: str
    """Id of the event."""
    type: str
    """Type of the event."""
    data: Dict[str, Any]
    """The data of the event, as its type's schema describes it."""
    environment: Environment
    occurred_at: str
    """The time of the event."""
    created_at: str
    """When the event was accepted."""
    status: EventStatus
    """`accepted`: stored; `dispatched`: its endpoints are determined."""
    deliveries: int
    """Number of deliveries."""
    reason: Optional[str]
    """`no_endpoint` if no endpoint was subscribed."""


class CursorMeta(TypedDict):
    """Where the next page begins."""

    next_cursor: Optional[str]
    """Pass it as `cursor` to get the next page; null on the last page."""


class _EventCreate(TypedDict):
    type: str
    """A type of the catalogue, or one of your own: see `POST /api/v1/event-types`."""
    data: Dict[str, Any]
    """Must match the schema of the type. In the profile `leadhooks`, a lead needs only the fields that its type
    requires: the others are null by default, `score` is 0, `status` is `new`, and the times are that of the
    event. A change may be `{old, new}`; the old value is null by default. In the profile `savelead`, it has
    the fields that bodies have. Other fields are stored, and sent to endpoints of the profile `hookline`
    alone.
    """


class EventCreate(_EventCreate, total=False):
    id: str
    """Your own id; it makes publishing idempotent and is sent as `webhook-id`. Generated by default."""
    occurred_at: str
    """When it happened; now by default."""


class EventBulk(TypedDict):
    events: List[EventCreate]
    """Each has the fields of EventCreate."""


class EventBulkResult(TypedDict):
    data: List[EventBulkRow]
    """The result of each event, in the order they were sent."""
    meta: EventBulkResultMeta
    """Totals by result."""


class _EventBulkRow(TypedDict):
    index: int
    """Index of the event, from 0."""
    status: EventBulkRowStatus
    """The result."""
    errors: List[ErrorDetail]
    """Why the event was not accepted: every violation until the response has 100, from then on the first of
    each event.
    """


class EventBulkRow(_EventBulkRow, total=False):
    event: Event
    """Only for accepted events."""


class EventBulkResultMeta(TypedDict):
    """Totals by result."""

    accepted: int
    """Number of accepted events."""
    failed: int
    """Number of rejected entries."""


class EventTypeList(TypedDict):
    data: List[EventType]
    """All types."""
    meta: EventTypeListMeta
    """Number of types."""


class EventType(TypedDict):
    type: str
    """Name of the type."""
    own: bool
    """Whether you registered the type; false for types of the catalogue."""
    names: Dict[str, str]
    """Names of the type in profiles that use another one: your profile, or all of them if yours is `hookline`."""
    group: str
    """Group in lists of types."""
    description: str
    """Meaning of the event."""
    schema: Dict[str, Any]
    """JSON Schema of `data`."""
    sample: Dict[str, Any]
    """A `data` that matches the schema."""
    deprecated_at: Optional[str]
    """When the type was deprecated; null if it is not."""


class EventTypeListMeta(TypedDict):
    """Number of types."""

    total: int
    """Number of types."""


class _EventTypeCreate(TypedDict):
    type: str
    """Words of lower-case letters, digits and `_`, separated by dots: `order.created`. Endpoints can subscribe
    to a common prefix: `order.*`.
    """
    description: str
    """Meaning of the event."""
    schema: Dict[str, Any]
    """JSON Schema of `data`."""
    sample: Dict[str, Any]
    """A `data` that matches the schema, for docs and for `POST /api/v1/webhooks/{webhook_id}/test`; at most 64
    KiB.
    """


class EventTypeCreate(_EventTypeCreate, total=False):
    group: str
    """Group in lists; the first word of `type` by default."""


class _EventTypeCheck(TypedDict):
    schema: Dict[str, Any]
    """JSON Schema of `data`."""


class EventTypeCheck(_EventTypeCheck, total=False):
    sample: Dict[str, Any]
    """A `data` to compare with the schema."""


class EventTypeCheckResult(TypedDict):
    problems: List[ErrorDetail]
    """All problems, those of the schema first; empty if there are none."""
    generated: Optional[Dict[str, Any]]
    """A `data` made from the schema, which matches it unless the schema is unusual; null if the schema has
    problems.
    """


class EventTypeUpdate(TypedDict, total=False):
    description: str
    """Meaning of the event."""
    group: str
    """Group in lists of types."""
    schema: Dict[str, Any]
    """Must be compatible with the current schema. If the current sample doesn't match it, send a new `sample`,
    too.
    """
    sample: Dict[str, Any]
    """A `data` that matches the schema."""
    deprecated: bool
    """Deprecating a type again keeps the first time; `false` removes the deprecation."""


class WebhookList(TypedDict):
    data: List[Webhook]
    """One page of endpoints."""
    meta: PageMeta


class _Webhook(TypedDict):
    id: str
    """Id of the endpoint."""
    name: str
    """Name of the endpoint."""
    description: str
    """For people."""
    metadata: Dict[str, str]
    url: str
    """URL that receives the requests."""
    events: List[str]
    """Subscribed types; `*` and `lead.*` match several."""
    method: str
    """HTTP method of the requests."""
    headers: Dict[str, str]
    """Values are masked."""
    profile: Profile
    envelope: Envelope
    signing: Signing
    public_key: Optional[str]
    """`whpk_` and the base64 of the ed25519 public key; null unless `signing` is `ed25519` or `both`."""
    filter: Optional[str]
    """Null if there is no filter."""
    retry_policy: RetryPolicy
    retry_preview: List[str]
    """When each attempt would be made if all previous ones failed immediately: from the first, which is made
    immediately, and without jitter.
    """
    rate_limit: EndpointRateLimit
    retry_policies: Dict[str, RetryPolicy]
    timeout: Optional[str]
    """Null for the server's default."""
    trace_context: bool
    """Whether requests carry the header `traceparent`."""
    auth: WebhookAuth
    source: Optional[str]
    """The tool that subscribed."""
    listener: bool
    """Whether this is a listener: its requests go down a stream and not to a URL, it has no headers or auth of
    its own, and it ends by itself.
    """
    enabled: bool
    """Whether the endpoint receives events."""
    environment: Environment
    disabled_reason: Optional[str]
    """Why the endpoint is disabled: `manual` if you disabled it, `gone` if it answered 410."""
    circuit: Circuit
    created_at: str
    """When it was created."""
    updated_at: str
    """When it was last updated."""


class Webhook(_Webhook, total=False):
    state: WebhookState
    """`enabled`: its deliveries are sent; the others as in `GET /webhooks/health`, but `disabled` also if its
    owner disabled it. Left out in answers to changes.
    """
    last_delivery_status: DeliveryStatus
    """Status of the delivery that was attempted last; left out before the first attempt, and in answers to
    changes.
    """


class RetryPolicy(TypedDict, total=False):
    """Either `schedule`, the delays before each retry (n delays are n+1 attempts), or an exponential rule: the
    first delay is `initial`, each next one `multiplier` times longer up to `max_interval`, and
    `max_attempts` counts every attempt, the first included. Durations are like `500ms`, `5s`, `30m`, `2h`.
    """

    schedule: List[str]
    """The delays before each retry."""
    initial: str
    """The first delay; that of the profile's own policy by default."""
    multiplier: float
    """2 by default."""
    max_attempts: int
    """6 by default."""
    max_interval: str
    """The longest delay."""
    jitter: float
    """Each delay is changed at random by up to this share; 0.2 by default."""


class EndpointRateLimit(TypedDict, total=False):
    """Maximum rate of requests to the endpoint, retries included, evenly spaced; further deliveries are
    deferred. `{}`, the default, means no limit.
    """

    requests: int
    """Number of requests."""
    per: EndpointRateLimitPer
    """`second` by default."""


class _WebhookAuth(TypedDict):
    type: WebhookAuthType
    """Method of authentication; `none` disables it."""


class WebhookAuth(_WebhookAuth, total=False):
    """How requests authenticate, in addition to the signature. Stored encrypted; `password`, `client_secret`
    and `private_key` are shown as `********`, which keeps the stored value if sent back. `basic` takes
    `username` and `password`, of which one may be empty. `oauth2` takes `token_url`, `client_id`,
    `client_secret` and optionally `scope` and `token_endpoint_auth_method` (client credentials, RFC 6749):
    the token is cached until it expires, and fetched again once if the endpoint answers 401, within the
    timeout of the attempt; if no token can be fetched, the attempt fails with `auth_failed`. `mtls` takes a
    client `certificate`, its chain included, and its `private_key`, both PEM; the URL must be https. Neither
    `basic` nor `oauth2` can be combined with an Authorization header of your own.
    """

    username: str
    """For `basic`."""
    password: str
    """For `basic`."""
    token_url: str
    """For `oauth2`: URL of the token endpoint."""
    client_id: str
    """For `oauth2`."""
    client_secret: str
    """For `oauth2`."""
    scope: str
    """Separated by spaces."""
    token_endpoint_auth_method: WebhookAuthTokenEndpointAuthMethod
    """For `oauth2`: how the client authenticates at the token endpoint. Without it, both are tried once, the
    first first, and the one that worked is used from then on.
    """
    certificate: str
    """For `mtls`: the certificate and its chain, PEM."""
    private_key: str
    """For `mtls`: the certificate's key, PEM."""
    certificate_expires_at: str
    """Shown with `mtls`; ignored when sent."""


class Circuit(TypedDict):
    """The throttle and the circuit breaker of an endpoint that fails or is overloaded. A healthy endpoint has
    neither: `closed`, and `concurrency_limit` is null. An endpoint with too many requests in flight, one
    that answers 429, 502, 503 or 504, and one with a rate limit get at most `concurrency_limit` deliveries
    at a time; the limit grows with each success and halves with failures. After 10 consecutive failures the
    circuit breaker opens: nothing is sent until `next_probe_at`, then one delivery is the probe. Deferred
    deliveries use up no attempts.
    """

    state: CircuitState
    """`open` sends nothing, `half_open` one delivery as a probe, `closed` everything."""
    opened_at: Optional[str]
    """When the circuit breaker last left `closed`; null while it is closed."""
    next_probe_at: Optional[str]
    """When the next probe is sent; null unless the circuit breaker is open."""
    concurrency_limit: Optional[int]
    """Maximum number of deliveries in flight; null when the endpoint is not throttled."""


class _WebhookCreate(TypedDict):
    url: str
    """HTTPS."""


class WebhookCreate(_WebhookCreate, total=False):
    name: str
    """Empty by default. Required in the profile `savelead`, where no two endpoints of an account have the same,
    whatever the profile of the account: an endpoint of `savelead` has a unique name. To that of an endpoint
    with a `source`, which may be empty, a suffix is added that makes it unique.
    """
    description: str
    """For people."""
    metadata: Dict[str, str]
    events: List[str]
    """Types of the catalogue, or what the profile calls them; `lead.*` is a group, `*` everything but
    `endpoint.*`, `delivery.*` and `key.*`, which Hookline emits about itself: name those that you want.
    Required. Not required in the profile `savelead`, which has one event.
    """
    method: WebhookMethod
    headers: Dict[str, str]
    profile: Profile
    envelope: Envelope
    signing: Signing
    filter: Optional[str]
    """Only events for which this is true, as described above; all events by default, or if null or empty."""
    retry_policy: RetryPolicy
    rate_limit: EndpointRateLimit
    retry_policies: Dict[str, RetryPolicy]
    timeout: Optional[str]
    trace_context: bool
    """Whether requests carry the header `traceparent` (W3C Trace Context), which continues the trace of the
    request that published the event; false by default. There is none if the publisher sent none and the
    trace is not sampled.
    """
    auth: WebhookAuth
    enabled: bool
    """Whether the endpoint receives events; true by default."""
    secret: str
    """A signing secret of your own; generated by default. For the profile `hookline` it is `whsec_` and 24 to
    64 bytes in base64, for others 16 to 256 printable characters. Only on creation: rotate it later.
    """
    source: str
    """The tool that subscribes, such as `zapier`. Creating the same URL and events again with the same source
    returns the existing endpoint. Only on creation.
    """


class _WebhookCreated(TypedDict):
    id: str
    """Id of the endpoint."""
    name: str
    """Name of the endpoint."""
    description: str
    """For people."""
    metadata: Dict[str, str]
    url: str
    """URL that receives the requests."""
    events: List[str]
    """Subscribed types; `*` and `lead.*` match several."""
    method: str
    """HTTP method of the requests."""
    headers: Dict[str, str]
    """Values are masked."""
    profile: Profile
    envelope: Envelope
    signing: Signing
    public_key: Optional[str]
    """`whpk_` and the base64 of the ed25519 public key; null unless `signing` is `ed25519` or `both`."""
    filter: Optional[str]
    """Null if there is no filter."""
    retry_policy: RetryPolicy
    retry_preview: List[str]
    """When each attempt would be made if all previous ones failed immediately: from the first, which is made
    immediately, and without jitter.
    """
    rate_limit: EndpointRateLimit
    retry_policies: Dict[str, RetryPolicy]
    timeout: Optional[str]
    """Null for the server's default."""
    trace_context: bool
    """Whether requests carry the header `traceparent`."""
    auth: WebhookAuth
    source: Optional[str]
    """The tool that subscribed."""
    listener: bool
    """Whether this is a listener: its requests go down a stream and not to a URL, it has no headers or auth of
    its own, and it ends by itself.
    """
    enabled: bool
    """Whether the endpoint receives events."""
    environment: Environment
    disabled_reason: Optional[str]
    """Why the endpoint is disabled: `manual` if you disabled it, `gone` if it answered 410."""
    circuit: Circuit
    created_at: str
    """When it was created."""
    updated_at: str
    """When it was last updated."""


class WebhookCreated(_WebhookCreated, total=False):
    secret: str
    """The signing secret; left out of a 200, whose endpoint existed before."""


class WebhookUpdate(TypedDict, total=False):
    name: str
    """Name of the endpoint. Not empty in the profile `savelead`, also when an endpoint is given that profile."""
    description: str
    """For people."""
    metadata: Dict[str, str]
    url: str
    """URL that receives the requests."""
    events: List[str]
    """Subscribed types; `*` and `lead.*` match several."""
    method: WebhookMethod
    headers: Dict[str, str]
    profile: Profile
    envelope: Envelope
    signing: Signing
    filter: Optional[str]
    """Only events for which this is true, as described above; all events by default, or if null or empty."""
    retry_policy: RetryPolicy
    rate_limit: EndpointRateLimit
    retry_policies: Dict[str, RetryPolicy]
    timeout: Optional[str]
    trace_context: bool
    """Whether requests carry the header `traceparent` (W3C Trace Context), which continues the trace of the
    request that published the event; false by default. There is none if the publisher sent none and the
    trace is not sampled.
    """
    auth: WebhookAuth
    enabled: bool
    """Whether the endpoint receives events."""


class PublicKey(TypedDict):
    algorithm: PublicKeyAlgorithm
    """Id of the key."""
    public_key: str
    """`whpk_` and the base64 of the key."""
    previous: List[PreviousPublicKey]
    """Replaced keys that still sign as well, newest first."""


class PreviousPublicKey(TypedDict):
    public_key: str
    """`whpk_` and the base64 of the key."""
    valid_until: str
    """Until when the replaced key signs."""


class ListenerCreate(TypedDict, total=False):
    events: List[str]
    """Types of the catalogue, or what the profile calls them; `lead.*` is a group, `*` everything, which is the
    default, but `endpoint.*`, `delivery.*` and `key.*`, which Hookline emits about itself: name those that
    you want.
    """
    description: str
    """For people, such as the name of the machine."""


class Listener(TypedDict):
    id: str
    """Id of the endpoint that the listener is, as in lists of endpoints and deliveries."""
    description: str
    """For people."""
    events: List[str]
    """Subscribed types; `*` and `lead.*` match several."""
    profile: Profile
    envelope: Envelope
    signing: Signing
    environment: Environment
    secret: str
    """The signing secret of its requests."""
    ends_at: str
    """When it ends unless its stream is opened before."""
    created_at: str
    """When it was created."""


class _ListenerResponse(TypedDict):
    request_id: str
    """Id of the request."""


class ListenerResponse(_ListenerResponse, total=False):
    """Exactly one of `status` and `error`."""

    status: int
    """Status that your server answered."""
    headers: Dict[str, str]
    """Headers of the response."""
    body: str
    """The first 16 KiB of the body of the response, in base64."""
    truncated: bool
    """Whether the body was longer than that; false by default."""
    error: ListenerResponseError
    """Why there was no response."""
    duration_ms: float
    """How long the response took."""


class _FilterTest(TypedDict):
    filter: str
    """The filter to test, in CEL."""


class FilterTest(_FilterTest, total=False):
    event_type: str
    """Type of the test event; the first of the catalogue by default."""
    data: Dict[str, Any]
    """Data as the endpoint's consumer gets them; the sample of the event type by default."""
    profile: Profile
    """Profile of the endpoint that the filter is for; yours by default."""


class FilterTestResult(TypedDict):
    matches: Optional[bool]
    """Null if there is an error."""
    error: Optional[str]
    """Why there is no result: the error in the filter, or the data that it can't be evaluated on."""


class WebhookSecret(TypedDict):
    secret: str
    """The signing secret."""
    previous: List[PreviousSecret]
    """Replaced secrets that still sign as well, newest first."""


class PreviousSecret(TypedDict):
    valid_until: str
    """Until when the replaced key signs."""


class SecretRotate(TypedDict, total=False):
    grace: str
    """How long the current secret stays valid, at most 7d; 24h by default. With 0s only the new one is valid,
    and the grace periods of earlier ones end too.
    """
    secret: str
    """A secret of your own; generated by default."""


class KeyPairRotate(TypedDict, total=False):
    grace: str
    """How long the current key stays valid, at most 7d; 24h by default. With 0s only the new one is valid, and
    the grace periods of earlier ones end too.
    """


_DeliveryStatsFields = TypedDict(
    "_DeliveryStatsFields",
    {
        "period": "str",
        "from": "str",
        "to": "str",
        "complete": "bool",
        "total": "int",
        "succeeded": "int",
        "failing": "int",
        "dead": "int",
        "cancelled": "int",
        "waiting": "int",
        "throttled": "int",
        "success_rate": "Optional[float]",
        "latency": "DeliveryLatency",
        "response_time": "ResponseTime",
        "previous": "PreviousDeliveryStats",
        "bucket_seconds": "int",
        "series": "List[DeliveryStatsPoint]",
        "response_classes": "List[DeliveryStatsResponseClass]",
        "event_types": "List[EventTypeStats]",
        "endpoints": "List[WebhookStats]",
    },
)


class DeliveryStats(_DeliveryStatsFields):
    pass


class DeliveryLatency(TypedDict):
    """Time from creation to success of successful deliveries, delays and retries included, rounded up to
    histogram buckets; null if there are none.
    """

    p50_ms: Optional[int]
    """50th percentile in milliseconds."""
    p95_ms: Optional[int]
    """95th percentile in milliseconds."""
    p99_ms: Optional[int]
    """99th percentile in milliseconds."""


class ResponseTime(TypedDict):
    """Duration of the requests that were answered, whatever the status, rounded up to histogram buckets; null
    if there are none.
    """

    p50_ms: Optional[int]
    """50th percentile in milliseconds."""
    p95_ms: Optional[int]
    """95th percentile in milliseconds."""
    p99_ms: Optional[int]
    """99th percentile in milliseconds."""


class PreviousDeliveryStats(TypedDict):
    """The deliveries that ended in the period before, which is as long."""

    total: int
    """Number of deliveries that ended."""
    succeeded: int
    """Number of successful deliveries."""
    dead: int
    """Number of deliveries that used up their attempts."""
    cancelled: int
    """Number of cancelled deliveries."""
    success_rate: Optional[float]
    """Successful deliveries as a share of those that succeeded or died; null if there are none."""
    latency: DeliveryLatency
    response_time: ResponseTime


class DeliveryStatsPoint(TypedDict):
    at: str
    """Start of the part."""
    succeeded: int
    """Number of successful deliveries."""
    failed: int
    """Number of dead or failing deliveries."""
    other: int
    """Number of pending or cancelled deliveries."""
    p50_ms: Optional[int]
    """50th percentile of the time to success in milliseconds; null if none succeeded."""
    p95_ms: Optional[int]
    """95th percentile of the time to success in milliseconds; null if none succeeded."""
    response_p50_ms: Optional[int]
    """50th percentile of the response time in milliseconds; null if no request was answered."""
    response_p95_ms: Optional[int]
    """95th percentile of the response time in milliseconds; null if no request was answered."""


_DeliveryStatsResponseClassFields = TypedDict(
    "_DeliveryStatsResponseClassFields",
    {
        "class": "DeliveryStatsResponseClassClass",
        "count": "int",
    },
)


class DeliveryStatsResponseClass(_DeliveryStatsResponseClassFields):
    pass


class EventTypeStats(TypedDict):
    event_type: str
    """The event type."""
    total: int
    """Number of its deliveries that ended or are in progress."""
    succeeded: int
    """Number of successful deliveries."""
    failed: int
    """Number of dead or failing deliveries."""
    success_rate: Optional[float]
    """As the total `success_rate`; null if there are none."""


class WebhookStats(TypedDict):
    webhook_id: str
    """Id of the endpoint."""
    total: int
    """Number of deliveries to it that ended or are in progress."""
    succeeded: int
    """Number of successful deliveries."""
    failed: int
    """Number of dead or failing deliveries."""
    retrying: int
    """Number of failed deliveries that will be retried."""
    waiting: int
    """Number of deliveries not attempted yet or being attempted, with those that wait for a throttled endpoint."""
    dead: int
    """Number of deliveries that died in the period."""
    success_rate: Optional[float]
    """As the total `success_rate`; null if there are none."""
    last_delivery_at: str
    """When its newest delivery was created."""
    failures: List[Optional[float]]
    """For each part of `series`, the share of failed deliveries; null if there were none."""


class WebhookHealth(TypedDict):
    data: List[WebhookIssue]
    """The worst first."""
    failing: int
    """Number of failing endpoints, all states but `throttled`; also of those beyond the 100 in `data`."""
    complete: bool
    """Whether every endpoint that needs attention is listed, and every delivery in progress and every dead
    letter was counted.
    """


class WebhookIssue(TypedDict):
    webhook_id: str
    """Id of the endpoint."""
    name: str
    """Name of the endpoint."""
    url: str
    """URL of the endpoint."""
    state: WebhookIssueState
    """`disabled`: Hookline disabled it; `circuit_open`: only probes are sent; `failing`: the last attempt
    failed; `throttled`: it gets a few deliveries at a time.
    """
    since: Optional[str]
    """Time of the first failure since the last success; null if nothing failed."""
    disabled_reason: Optional[str]
    """As that of the endpoint."""
    consecutive_failures: int
    """Number of attempts that failed since the last success."""
    last_success_at: Optional[str]
    """When an attempt last succeeded, to the minute; null if none did."""
    last_error: WebhookLastError
    errors: List[WebhookErrorGroup]
    """Deliveries in progress and dead letters by their last error, the most frequent first."""
    waiting: int
    """Number of deliveries in progress."""
    throttled: int
    """Number of them that the throttle defers."""
    dead: int
    """Number of dead letters."""
    next_attempt_at: Optional[str]
    """When the next of them is attempted; null if none waits."""


class WebhookLastError(TypedDict):
    """The error of the newest delivery that failed; the fields are null if there is none."""

    reason: Optional[str]
    """As `reason` of a delivery."""
    response_status: Optional[int]
    """HTTP status; null if there was no response."""
    message: Optional[str]
    """The error, for people."""
    delivery_id: Optional[str]
    """Id of the delivery."""


class WebhookErrorGroup(TypedDict):
    reason: str
    """As `reason` of a delivery."""
    response_status: Optional[int]
    """HTTP status; null if there was no response."""
    count: int
    """Number of deliveries."""


class WebhookTest(TypedDict, total=False):
    event_type: str
    """A type of the catalogue; the first type that the endpoint subscribes to by default."""
    data: Dict[str, Any]
    """Must match the schema of the type; its sample by default."""


class _WebhookTestResult(TypedDict):
    succeeded: bool
    """Whether the endpoint answered 2xx in time."""
    delivery_id: str
    """Id of its entry in the delivery log."""
    event_id: str
    """Begins with `evt_test_`."""
    event_type: str
    """Type of the sample."""
    request: WebhookTestResultRequest
    """The request."""
    error_code: Optional[str]
    """As `reason` of a delivery."""
    error: Optional[str]
    """The error, for people; null if there is none."""
    duration_ms: float
    """Milliseconds from the request to the end of the response."""


class WebhookTestResult(_WebhookTestResult, total=False):
    response: WebhookTestResponse


class WebhookTestResultRequest(TypedDict):
    """The request."""

    method: str
    """HTTP method."""
    url: str
    """URL of the request."""
    headers: Dict[str, str]
    """Values of your own headers are masked."""
    body: str
    """The body, byte for byte."""


class WebhookTestResponse(TypedDict):
    """The response; left out if there was none."""

    status: int
    """HTTP status."""
    headers: Dict[str, str]
    """Headers of the response, with the endpoint's secrets masked."""
    body: str
    """The first 16 KiB, with the endpoint's secrets masked; empty for a compressed body."""
    truncated: bool
    """Whether the body was longer, or compressed."""


class DeliveryList(TypedDict):
    data: List[Delivery]
    """One page of deliveries."""
    meta: CursorMeta


class _Delivery(TypedDict):
    id: str
    """Id of the delivery."""
    event_id: str
    """Id of the event."""
    event_type: str
    """Type of the event."""
    webhook_id: str
    """Id of the endpoint."""
    environment: Environment
    status: DeliveryStatus
    reason: Optional[str]
    """Why the delivery has not succeeded: `http_status`, `timeout`, `dns` (the name does not exist, or has no
    public address), `connect`, `tls`, `protocol`, `answer_too_large` (a body of more than 1 MiB),
    `blocked_address` (the URL has a private one), `invalid_url`, `invalid_request`, `lease_expired` (the
    worker ended before the response), `auth_failed`, `no_listener` (a listener had no connection),
    `exhausted`, `throttled` (the endpoint gets a few deliveries at a time, or none for now;
    `next_attempt_at` is the next try), `filtered` (the endpoint's filter is false), `filter_error` (the
    filter can't be evaluated), `endpoint_disabled`, `endpoint_deleted`, `gone` (the endpoint answered 410),
    `entitlement_required` (suspended until the plan includes webhooks again), `paused` (suspended by an
    operator), `internal` (an internal error before the request was sent, which is no attempt).
    """
    attempt_count: int
    """Number of attempts so far."""
    max_attempts: int
    """Maximum number of attempts by the endpoint's retry policy."""
    next_attempt_at: Optional[str]
    """Time of the next attempt; null if there is none."""
    response_status: Optional[int]
    """HTTP status of the latest response."""
    error: Optional[str]
    """Error of the latest attempt."""
    created_at: str
    """When it was created."""
    finished_at: Optional[str]
    """When the delivery became final; null while it is not."""
    test: bool
    """Whether it is a test (`POST /webhooks/{id}/test`) and not the delivery of an event."""


class Delivery(_Delivery, total=False):
    duration_ms: float
    """Duration of the latest attempt in milliseconds; only in lists, and left out without a finished attempt."""


class DeliveryDetail(TypedDict):
    id: str
    """Id of the delivery."""
    event_id: str
    """Id of the event."""
    event_type: str
    """Type of the event."""
    webhook_id: str
    """Id of the endpoint."""
    environment: Environment
    status: DeliveryStatus
    reason: Optional[str]
    """Why the delivery has not succeeded: `http_status`, `timeout`, `dns` (the name does not exist, or has no
    public address), `connect`, `tls`, `protocol`, `answer_too_large` (a body of more than 1 MiB),
    `blocked_address` (the URL has a private one), `invalid_url`, `invalid_request`, `lease_expired` (the
    worker ended before the response), `auth_failed`, `no_listener` (a listener had no connection),
    `exhausted`, `throttled` (the endpoint gets a few deliveries at a time, or none for now;
    `next_attempt_at` is the next try), `filtered` (the endpoint's filter is false), `filter_error` (the
    filter can't be evaluated), `endpoint_disabled`, `endpoint_deleted`, `gone` (the endpoint answered 410),
    `entitlement_required` (suspended until the plan includes webhooks again), `paused` (suspended by an
    operator), `internal` (an internal error before the request was sent, which is no attempt).
    """
    attempt_count: int
    """Number of attempts so far."""
    max_attempts: int
    """Maximum number of attempts by the endpoint's retry policy."""
    next_attempt_at: Optional[str]
    """Time of the next attempt; null if there is none."""
    response_status: Optional[int]
    """HTTP status of the latest response."""
    error: Optional[str]
    """Error of the latest attempt."""
    created_at: str
    """When it was created."""
    finished_at: Optional[str]
    """When the delivery became final; null while it is not."""
    test: bool
    """Whether it is a test (`POST /webhooks/{id}/test`) and not the delivery of an event."""
    content_type: str
    """Content-Type of the body."""
    body: str
    """The exact bytes that are signed and sent."""
    attempts: List[Attempt]
    """Every request, oldest first."""


class Attempt(TypedDict):
    id: str
    """Id of the attempt."""
    number: int
    """Number of the attempt, from 1."""
    status: AttemptStatus
    """`lease_expired`: the worker ended before the response; the request may have arrived."""
    method: str
    """HTTP method."""
    url: str
    """URL of the request."""
    request_headers: Dict[str, str]
    """The request; values of your own headers are masked."""
    response_status: Optional[int]
    """HTTP status; null if there was no response."""
    response_headers: Dict[str, str]
    """Several values of one header are separated by line breaks."""
    response_body: str
    """The first 16 KiB. The endpoint's secrets (values of your own headers, passwords, tokens, signing secrets)
    are masked, in headers too; a compressed body, which Hookline does not ask for, is not stored. A response
    with a body of more than 1 MiB, or one that does not end in time, is a failure whatever its status.
    """
    response_truncated: bool
    """Whether the body of the response was longer than the stored part."""
    error_code: Optional[str]
    """As `reason` of a delivery; null if the attempt succeeded."""
    error: Optional[str]
    """The error, for people; null if there is none."""
    timings: AttemptTimings
    started_at: str
    """When it began."""
    duration_ms: Optional[float]
    """From the record of the attempt to the record of its outcome."""


class AttemptTimings(TypedDict):
    """Duration of the phases of the request, in milliseconds. A phase that was skipped or not completed is
    null; all are if no request was made.
    """

    dns_ms: Optional[float]
    """DNS lookup."""
    connect_ms: Optional[float]
    """TCP connect."""
    tls_ms: Optional[float]
    """TLS handshake."""
    wait_ms: Optional[float]
    """Time to first byte: from the last byte of the request to the first of the response."""
    total_ms: Optional[float]
    """Total: to the last byte of the response or the failure."""
    reused: bool
    """Whether the connection was reused, without lookup, connect and handshake."""
    http_version: Optional[str]
    """HTTP version, such as HTTP/2.0."""


class _DeliveryBulk(TypedDict):
    filter: DeliveryFilter


class DeliveryBulk(_DeliveryBulk, total=False):
    dry_run: bool
    """Only count; false by default."""


_DeliveryFilterFields = TypedDict(
    "_DeliveryFilterFields",
    {
        "status": "DeliveryFilterStatus",
        "webhook_id": "str",
        "event_id": "str",
        "event_type": "str",
        "reason": "str",
        "http_status": "int",
        "http_class": "HTTPClass",
        "text": "str",
        "from": "str",
        "to": "str",
    },
    total=False,
)


class DeliveryFilter(_DeliveryFilterFields, total=False):
    """All conditions must match; `{}` matches every delivery that is over."""


class BulkPreview(TypedDict):
    total: int
    """Number of matches."""
    skipped: int
    """Number of matches that would be skipped."""
    skip_reasons: Dict[str, int]
    """Skipped matches by reason."""
    sample_ids: List[str]
    """Ids of the first matches."""


class Job(TypedDict):
    id: str
    """Id of the job."""
    kind: JobKind
    """Kind of the job."""
    status: JobStatus
    """`queued`, `running`, then `done`, `failed` or `cancelled`."""
    total: int
    """Number of items when the job was created."""
    done: int
    """Number of processed items."""
    skipped: int
    """Number of skipped items."""
    skip_reasons: Dict[str, int]
    """Skipped items by reason: `endpoint_deleted`, `endpoint_disabled`, `entitlement_required`, `changed` (no
    longer in the required state), or the reason of a new delivery that was cancelled immediately.
    """
    filter: Dict[str, Any]
    """Parameters of the job."""
    error: Optional[str]
    """Why it failed."""
    created_at: str
    """When it was created."""
    started_at: Optional[str]
    """When it began; null before."""
    finished_at: Optional[str]
    """When it ended; null before."""


class _DeadLetterBulk(TypedDict):
    filter: DeadLetterFilter


class DeadLetterBulk(_DeadLetterBulk, total=False):
    dry_run: bool
    """Only count; false by default."""


class DeadLetterFilter(TypedDict, total=False):
    """All conditions must match; `{}` matches every dead letter."""

    webhook_id: str
    """Only dead letters of this endpoint."""
    event_type: str
    """Only dead letters of events of this type, which must exist; several are separated by commas."""
    reason: str
    """Only dead letters with this `reason`, or whose last attempt failed with it: `exhausted`, `http_status`,
    `timeout`, `dns` (the name does not exist, or has no public address), `connect`, `tls`…
    """
    http_status: int
    """Only dead letters whose last response had this HTTP status."""
    http_class: HTTPClass
    created_from: str
    """Only entries created at this time or later."""
    created_to: str
    """Only entries created before this time."""
    died_from: str
    """Only deliveries that died at this time or later."""
    died_to: str
    """Only deliveries that died before this time."""


class _Recovery(TypedDict):
    since: str
    """Events accepted at this time or later."""


class Recovery(_Recovery, total=False):
    until: str
    """Events accepted before this time; up to now by default."""
    event_types: List[str]
    """Only these of the subscribed types: names, or groups such as `lead.*`."""
    dry_run: bool
    """Only count; false by default."""


class JobList(TypedDict):
    data: List[Job]
    """One page of jobs."""
    meta: CursorMeta


class BlogPostList(TypedDict):
    data: List[BlogPost]
    """One page of blog posts."""
    meta: PageMeta


class BlogPost(TypedDict):
    """A blog post and its state."""

    id: str
    """Id of the post."""
    status: PostStatus
    brief: BlogBrief
    title: Optional[str]
    """Null before it is written."""
    excerpt: Optional[str]
    """A summary of a few sentences; null before it is written."""
    body: Optional[str]
    """Markdown."""
    keywords: List[str]
    """Keywords for search engines."""
    generator: Optional[str]
    """Generator: `openai` is a language model; `outline` is an outline of the brief, made without any model,
    and says so. Null before it is written.
    """
    agent_run_id: str
    """The run that writes or wrote the post."""
    reason: Optional[str]
    """Why generation failed, for programs; `reason` of the run."""
    error: Optional[str]
    """Why it failed, for people."""
    created_at: str
    """When it was requested."""
    updated_at: str
    """When it was last updated."""
    approved_at: Optional[str]
    """When the post was approved; null before."""
    published_at: Optional[str]
    """When the post was published; null before."""


class _BlogBrief(TypedDict):
    topic: str
    """Topic of the post."""


class BlogBrief(_BlogBrief, total=False):
    """The brief of a blog post."""

    keywords: List[str]
    """Keywords for search engines."""
    tone: str
    """Tone of the post, in your own words."""
    audience: str
    """Audience of the post."""
    language: str
    """Language, such as en or pt-BR; `en` by default."""
    word_count: int
    """Approximate number of words; 800 by default."""
    instructions: str
    """Further instructions, in your own words."""


class AgentRun(TypedDict):
    id: str
    """Id of the run."""
    agent: Agent
    status: AgentRunStatus
    """`queued`, `running`, then `completed`, `failed` or `cancelled`."""
    post_id: str
    """The blog post or social post of the run."""
    generator: Optional[str]
    """Generator, `openai` or `outline`; null until the run is done."""
    model: Optional[str]
    """The model that wrote the post; null without one."""
    reason: Optional[str]
    """Why the run failed, for programs: `timeout`, `refused` (by the model), `invalid_answer` (unusable
    output), `cut_off` (output longer than the limit), `rate_limited`, `unavailable`, `misconfigured` (by the
    operator), `interrupted` (repeatedly), `cancelled` or `internal`.
    """
    error: Optional[str]
    """Why it failed, for people."""
    input_tokens: Optional[int]
    """Input tokens, as the model counts them; null if it does not."""
    output_tokens: Optional[int]
    """Output tokens, as the model counts them; null if it does not."""
    charge_id: Optional[str]
    """The entry of `GET /credits` that paid for the run."""
    refund_id: Optional[str]
    """The entry that refunded it."""
    created_at: str
    """When it was requested."""
    started_at: Optional[str]
    """When the run last began; null if it never did."""
    finished_at: Optional[str]
    """When it ended; null before."""


class SocialPostList(TypedDict):
    data: List[SocialPost]
    """One page of social posts."""
    meta: PageMeta


class SocialPost(TypedDict):
    """A social post and its state."""

    id: str
    """Id of the post."""
    status: PostStatus
    platform: SocialPlatform
    brief: SocialBrief
    text: Optional[str]
    """Null before it is written. On x at most 280 characters, hashtags not counted."""
    hashtags: List[str]
    """Without the leading `#`."""
    generator: Optional[str]
    """Generator: `openai` is a language model; `outline` is an outline of the brief, made without any model,
    and says so. Null before it is written.
    """
    agent_run_id: str
    """The run that writes or wrote the post."""
    reason: Optional[str]
    """Why generation failed, for programs; `reason` of the run."""
    error: Optional[str]
    """Why it failed, for people."""
    created_at: str
    """When it was requested."""
    updated_at: str
    """When it was last updated."""
    approved_at: Optional[str]
    """When the post was approved; null before."""
    published_at: Optional[str]
    """When the post was published; null before."""


class _SocialBrief(TypedDict):
    topic: str
    """Topic of the post."""
    platform: SocialPlatform


class SocialBrief(_SocialBrief, total=False):
    """The brief of a social post."""

    keywords: List[str]
    """Keywords, which become hashtags."""
    tone: str
    """Tone of the post, in your own words."""
    audience: str
    """Audience of the post."""
    language: str
    """Language, such as en or pt-BR; `en` by default."""
    instructions: str
    """Further instructions, in your own words."""


class _AnalyticsOverview(TypedDict):
    period: AnalyticsOverviewPeriod
    """The days covered, in UTC."""
    leads: AnalyticsLeads
    content: AnalyticsOverviewContent
    """Posts by kind."""
    deliveries: AnalyticsDeliveries


class AnalyticsOverview(_AnalyticsOverview, total=False):
    tickets: AnalyticsTickets
    followers: AnalyticsFollowers


_AnalyticsOverviewPeriodFields = TypedDict(
    "_AnalyticsOverviewPeriodFields",
    {
        "from": "str",
        "to": "str",
    },
)


class AnalyticsOverviewPeriod(_AnalyticsOverviewPeriodFields):
    """The days covered, in UTC."""


class AnalyticsLeads(TypedDict):
    """Leads by creation time."""

    total: int
    """Number of leads created."""
    by_source: List[AnalyticsSource]
    """The 100 most frequent, most frequent first. Null: without a source."""
    by_status: List[AnalyticsStatus]
    """The 100 most frequent, most frequent first."""


class AnalyticsSource(TypedDict):
    source: Optional[str]
    """Source; null for leads without one."""
    count: int
    """Number of leads."""


class AnalyticsStatus(TypedDict):
    status: str
    """Current status."""
    count: int
    """Number of leads."""


class AnalyticsOverviewContent(TypedDict):
    """Posts by kind."""

    blog_posts: AnalyticsPosts
    """Blog posts."""
    social_posts: AnalyticsPosts


class AnalyticsPosts(TypedDict):
    """Posts by creation time and current status."""

    total: int
    """Number of posts created."""
    by_status: AnalyticsPostsByStatus
    """Number by current status."""


class AnalyticsPostsByStatus(TypedDict):
    """Number by current status."""

    generating: int
    """Number of `generating` posts."""
    draft: int
    """Number of `draft` posts."""
    approved: int
    """Number of `approved` posts."""
    published: int
    """Number of `published` posts."""
    failed: int
    """Number of `failed` posts."""


class AnalyticsTickets(TypedDict):
    """Tickets by creation time and current status."""

    total: int
    """Number of tickets created."""
    by_status: AnalyticsTicketsByStatus
    """Number by current status."""


class AnalyticsTicketsByStatus(TypedDict):
    """Number by current status."""

    open: int
    """Number of `open` tickets."""
    pending: int
    """Number of `pending` tickets."""
    resolved: int
    """Number of `resolved` tickets."""
    closed: int
    """Number of `closed` tickets."""


class AnalyticsDeliveries(TypedDict):
    """Deliveries by the day they ended; those in progress by the day they were created."""

    total: int
    """Number of deliveries that ended or are in progress."""
    succeeded: int
    """Number of successful deliveries."""
    dead: int
    """Number of dead letters."""
    cancelled: int
    """Number of cancelled deliveries; each has its reason."""
    under_way: int
    """Number of deliveries in progress: pending, delivering or retrying."""
    success_rate: Optional[float]
    """Successful deliveries as a share of those that succeeded or died, from 0 to 1; null if there are none."""


class AnalyticsFollowers(TypedDict):
    """Total number of followers of all tracked accounts by their snapshots, at the end and at the start of the
    period. For an account without a snapshot before the period its first one counts as the start.
    """

    accounts: int
    """Number of accounts with a snapshot by the end of the period."""
    at_start: int
    """Number of followers at the start."""
    at_end: int
    """Number of followers at the end."""
    net: int
    """The difference; negative for a loss."""


class AlertSettings(TypedDict):
    disable_after_hours: int
    """An endpoint that has been failing for this long without a success is disabled; 0 disables the rule."""
    disable_failures: int
    """An endpoint with this many consecutive failures is disabled, once it has been failing for 24 hours; 0
    disables the rule.
    """
    custom: bool
    """Whether any setting differs from the installation's defaults."""


class AlertSettingsUpdate(TypedDict, total=False):
    disable_after_hours: int
    """0 disables the rule; otherwise at least 24."""
    disable_failures: int
    """0 disables the rule."""


class AlertChannelList(TypedDict):
    data: List[AlertChannel]
    """One page of channels."""
    meta: PageMeta


class AlertChannel(TypedDict):
    id: str
    """Id of the channel."""
    name: str
    """Name of the channel."""
    type: AlertChannelType
    target: str
    """URLs are masked after the host."""
    conditions: List[AlertCondition]
    """The conditions it is notified of."""
    enabled: bool
    """Whether the channel receives notifications."""
    environment: Environment
    created_at: str
    """When it was created."""
    updated_at: str
    """When it was last updated."""


class _AlertChannelCreate(TypedDict):
    type: AlertChannelType
    target: str
    """An email address, or the URL to post to."""


class AlertChannelCreate(_AlertChannelCreate, total=False):
    name: str
    """Name of the channel; empty by default."""
    conditions: List[AlertCondition]
    """The conditions it is notified of; all by default."""
    enabled: bool
    """Whether the channel receives notifications; true by default."""


class AlertChannelCreated(TypedDict):
    id: str
    """Id of the channel."""
    name: str
    """Name of the channel."""
    type: AlertChannelType
    target: str
    """URLs are masked after the host."""
    conditions: List[AlertCondition]
    """The conditions it is notified of."""
    enabled: bool
    """Whether the channel receives notifications."""
    environment: Environment
    created_at: str
    """When it was created."""
    updated_at: str
    """When it was last updated."""
    secret: Optional[str]
    """The secret that signs the requests of a webhook channel. It is never returned again; a lost one is
    rotated.
    """


class AlertChannelUpdate(TypedDict, total=False):
    name: str
    """Name of the channel."""
    target: str
    """An email address, or the URL to post to."""
    conditions: List[AlertCondition]
    """The conditions it is notified of."""
    enabled: bool
    """Whether the channel receives notifications."""


class AlertTest(TypedDict):
    sent: bool
    """Whether the message was accepted."""
    error: Optional[str]
    """Why it was not."""


class AlertList(TypedDict):
    data: List[Alert]
    """One page of alerts."""
    meta: CursorMeta


class Alert(TypedDict):
    id: str
    """Id of the alert."""
    condition: AlertCondition
    subject: str
    """Id of the endpoint or key concerned."""
    title: str
    """Summary in one line."""
    message: str
    """The problem, its cause, when it began, and the remedy."""
    since: str
    """When the condition began."""
    environment: Environment
    state: AlertState
    created_at: str
    """When it was created."""
    resolved_at: Optional[str]
    """When the alert was resolved; null while it is open."""
    notifications: List[AlertNotification]
    """Notifications of the alert and their state."""


class AlertNotification(TypedDict):
    channel_id: str
    """Id of the channel."""
    about: AlertNotificationAbout
    """Whether it reports the start or the end of the condition."""
    status: AlertNotificationStatus
    """`failed` is final: all 7 attempts within 5 hours failed, or the channel was turned off or deleted."""
    attempts: int
    """Number of attempts."""
    error: Optional[str]
    """Why the last attempt failed; null while one is in progress."""
    next_attempt_at: Optional[str]
    """Time of the next attempt; null if there is none."""
    sent_at: Optional[str]
    """When the notification was sent; null before."""


class AuditEntryList(TypedDict):
    data: List[AuditEntry]
    """One page of entries, the latest first."""
    meta: CursorMeta


class AuditEntry(TypedDict):
    id: str
    """Id of the entry."""
    tenant_id: Optional[str]
    """Id of the tenant; null if the change concerns none."""
    environment: Optional[str]
    """Null for changes by an operator."""
    actor: AuditEntryActor
    """The actor."""
    address: str
    """IP address of the request."""
    request_id: str
    """X-Request-Id of the call."""
    action: str
    """The change, such as `key.created`."""
    target: str
    """Id of the changed object."""
    before: Optional[Dict[str, Any]]
    """Null for a new object."""
    after: Optional[Dict[str, Any]]
    """Null for a deleted object."""
    created_at: str
    """Time of the change."""


class AuditEntryActor(TypedDict):
    """The actor."""

    type: AuditEntryActorType
    """`session`: a dashboard session that belongs to no member."""
    id: str
    """Id of the key, member or session, or the address of an operator."""
    name: str
    """Name of the actor."""
    role: Optional[str]
    """Role of an operator at that time: `admin`, `support` or `backend`; null for others."""


class Credits(TypedDict):
    balance: int
    """Current balance."""
    monthly_grant: int
    """Credits from the plan this month."""
    data: List[CreditEntry]
    """The ledger, the latest entry first."""
    meta: CursorMeta


class CreditEntry(TypedDict):
    id: str
    """Id of the entry."""
    kind: CreditEntryKind
    """`grant` by an operator, `charge` of a call, `refund` of a charge, `monthly` with the plan."""
    amount: int
    """Amount; negative for a charge."""
    balance: int
    """The balance after it."""
    user_id: Optional[str]
    """The user who owns the account where each user has one."""
    reason: str
    """Reason: the operation of a charge, the text of a grant."""
    reference: str
    """Reference: the request of a charge or a grant, the charge of a refund, the month and the plan's amount of
    a monthly entry.
    """
    created_at: str
    """Time of the entry."""


class Usage(TypedDict):
    data: List[UsageCount]
    """Calls by day, key and status."""
    quotas: List[Quota]
    """The quotas of the tenant's plan, now, whatever the period."""
    meta: UsageMeta
    """Totals of the period."""


class UsageCount(TypedDict):
    date: str
    """The day, in UTC."""
    key_id: str
    """Id of the key."""
    status: int
    """HTTP status of the responses."""
    calls: int
    """Number of calls."""


class Quota(TypedDict):
    name: QuotaName
    limit: int
    """What the tenant may have, in both environments together."""
    used: Optional[int]
    """What it has; of `endpoint_headers` the endpoint that has the most, of `stored_bytes_per_day` today's
    bytes. Null for `requests_per_minute`: see the header RateLimit.
    """


_UsageMetaFields = TypedDict(
    "_UsageMetaFields",
    {
        "from": "str",
        "to": "str",
        "total": "int",
    },
)


class UsageMeta(_UsageMetaFields):
    """Totals of the period."""


class TrackedAccountList(TypedDict):
    data: List[TrackedAccount]
    """One page of accounts."""
    meta: PageMeta


class TrackedAccount(TypedDict):
    id: str
    """Id of the account."""
    tracked_user_id: int
    """Number of the account in your tenant; live and test accounts are numbered separately."""
    platform: str
    """Name of the platform, such as instagram."""
    account_id: str
    """The account's id on the platform."""
    username: str
    """The account's name on the platform."""
    follower_count: Optional[int]
    """From the latest snapshot, like the others; null before the first."""
    following_count: Optional[int]
    """Number of followed accounts; null before the first snapshot."""
    posts_count: Optional[int]
    """Number of posts; null before the first snapshot."""
    tracked_at: Optional[str]
    """Time of the latest snapshot; null before the first."""
    created_at: str
    """When it was created."""
    updated_at: str
    """When it was last updated."""


class TrackedAccountCreate(TypedDict):
    platform: str
    """Platform, such as `instagram`, in lower case."""
    account_id: str
    """The account's id on the platform."""
    username: str
    """The account's name on the platform."""


class TrackedAccountUpdate(TypedDict):
    username: str
    """The account's name on the platform."""


class SnapshotList(TypedDict):
    data: List[Snapshot]
    """One page of snapshots."""
    meta: PageMeta


class Snapshot(TypedDict):
    id: str
    """Id of the snapshot."""
    tracked_account_id: str
    """Id of the account."""
    status: SnapshotStatus
    """`open` until its list of followers is complete."""
    follower_list: bool
    """Whether the snapshot has a list of followers."""
    followers_received: int
    """Number of distinct followers in the list so far."""
    follower_count: int
    """Number of followers."""
    following_count: int
    """Number of followed accounts."""
    posts_count: int
    """Number of posts."""
    tracked_at: str
    """When the data was collected."""
    compared_with: Optional[str]
    """The snapshot that the list is compared with."""
    job_id: Optional[str]
    """The job that compares them; see `GET /jobs/{id}`."""
    created_at: str
    """When it was created."""
    finished_at: Optional[str]
    """When the snapshot was finished; null while it is open."""


class _SnapshotCreate(TypedDict):
    follower_count: int
    """Number of followers."""
    following_count: int
    """Number of followed accounts."""
    posts_count: int
    """Number of posts."""


class SnapshotCreate(_SnapshotCreate, total=False):
    tracked_at: str
    """When the data was collected; now by default."""
    follower_list: bool
    """Whether a list of followers will be sent; false by default."""


class FollowersAdd(TypedDict):
    followers: List[Follower]
    """A part of the list, in any order; sending a follower again changes nothing."""


class Follower(TypedDict):
    user_id: str
    """Id on the platform; it identifies the follower."""
    username: str
    """Name on the platform."""


class FollowersAdded(TypedDict):
    followers_received: int
    """Number of distinct followers in the list so far."""


class SnapshotFinish(TypedDict):
    followers: int
    """Number of distinct followers in the list."""


class StatsList(TypedDict):
    data: List[StatsData]
    """One page of statistics, one entry per account."""
    meta: PageMeta


class StatsData(TypedDict):
    """Data of an account in a snapshot."""

    platform: str
    """Name of the platform, such as instagram."""
    account_id: str
    """The account's id on the platform."""
    tracked_user_id: int
    """Number of the account in your tenant, as in `GET /tracked-accounts`."""
    username: str
    """The account's name on the platform."""
    follower_count: int
    """Number of followers."""
    following_count: int
    """Number of followed accounts."""
    posts_count: int
    """Number of posts."""
    tracked_at: str
    """When the data was collected."""


class TrackerEventList(TypedDict):
    data: List[TrackerEvent]
    """One page of events."""
    meta: CursorMeta


class TrackerEvent(TypedDict):
    id: str
    """Id of the event."""
    event: TrackerEventType
    data: Dict[str, Any]
    """Data of the event, as described by its type."""
    created_at: str
    """When it was recorded."""


class _DirectMessageCreate(TypedDict):
    target_username: str
    """Name of the recipient on the platform."""
    message: str
    """Text of the message."""


class DirectMessageCreate(_DirectMessageCreate, total=False):
    device_id: str
    """Device that must send it; any by default."""


class DirectMessage(TypedDict):
    id: str
    """Id of the message."""
    tracked_account_id: str
    """Id of the sending account."""
    platform: str
    """Name of the platform, such as instagram."""
    tracked_username: str
    """Name of the sending account."""
    target_username: str
    """Name of the recipient."""
    message: str
    """Text of the message."""
    device_id: Optional[str]
    """Device that must send it, or sent it; null for any."""
    status: DirectMessageStatus
    error: Optional[str]
    """Why it failed."""
    occurred_at: Optional[str]
    """When the message was sent or failed."""
    created_at: str
    """When it was requested."""


class DirectMessageList(TypedDict):
    data: List[DirectMessage]
    """One page of messages."""
    meta: PageMeta


class TrackerJobList(TypedDict):
    data: List[TrackerJob]
    """One page of jobs."""
    meta: PageMeta


class TrackerJob(TypedDict):
    id: str
    """Id of the job."""
    job_id: int
    """Number of the job in your tenant; live and test jobs are numbered separately."""
    job_type: str
    """Type of the job, as the tracker defines it."""
    parameters: Dict[str, Any]
    """Parameters of the job, as the tracker defines them."""
    status: TrackerJobStatus
    total_leads_stored: int
    """Number of leads stored so far."""
    error: Optional[str]
    """Why the job failed; null if it did not."""
    created_at: str
    """When it was created."""
    started_at: Optional[str]
    """When it began; null before."""
    finished_at: Optional[str]
    """When it ended; null before."""


class _TrackerJobCreate(TypedDict):
    job_type: str
    """Type of the job, such as `hashtag`."""


class TrackerJobCreate(_TrackerJobCreate, total=False):
    parameters: Dict[str, Any]
    """Parameters of the job."""

