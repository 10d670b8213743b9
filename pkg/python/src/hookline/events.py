"""The events of webhooks, as dictionaries with known keys. ``type`` tells them apart."""

# Code generated from openapi/openapi.yaml by openapi/sdk. DO NOT EDIT.

from __future__ import annotations

from typing import Any, Dict, List, Literal, Optional, TypedDict, Union


TicketStatus = Literal["open", "pending", "resolved", "closed"]
"""Status of the ticket."""


TicketPriority = Literal["low", "normal", "high", "urgent"]
"""Priority of the ticket."""


MessageDataType = Literal["inbound", "outbound"]
"""`inbound`: from a customer; `outbound`: to a customer."""


PostStatus = Literal["generating", "draft", "approved", "published", "failed"]
"""`generating → draft → approved → published`, or `failed` when it could not be written."""


SocialPlatform = Literal["linkedin", "x", "facebook", "instagram", "threads"]
"""The platform that the post is for."""


Agent = Literal["blog_writer", "social_writer"]
"""Kind of post."""


AgentDataStatus = Literal["completed", "failed", "cancelled"]
"""Outcome of the run."""


class _LeadData(TypedDict):
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
    created_at: str
    """When it was created."""
    updated_at: str
    """When it was last updated."""


class LeadData(_LeadData, total=False):
    """The lead, as of the event."""

    external_id: Optional[str]
    """Id of the lead in your own system; null if it has none."""


class _LeadUpdatedData(TypedDict):
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
    created_at: str
    """When it was created."""
    updated_at: str
    """When it was last updated."""
    changes: Dict[str, Change]
    """Changed fields: the value before and after. Unchanged fields are left out."""


class LeadUpdatedData(_LeadUpdatedData, total=False):
    """The lead after the change."""

    external_id: Optional[str]
    """Id of the lead in your own system; null if it has none."""


class Change(TypedDict):
    old: Any
    """The value before."""
    new: Any
    """The value after."""


class TicketData(TypedDict):
    """The ticket, as of the event."""

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


class TicketChangedData(TypedDict):
    """The ticket after the change."""

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
    changes: Dict[str, Change]
    """Changed fields: the value before and after. Unchanged fields are left out."""


_MessageDataFields = TypedDict(
    "_MessageDataFields",
    {
        "id": "str",
        "ticket_id": "str",
        "ticket_number": "str",
        "inbox_id": "str",
        "type": "MessageDataType",
        "from": "Optional[str]",
        "body_html": "Optional[str]",
        "body_text": "Optional[str]",
        "created_at": "str",
    },
)


class MessageData(_MessageDataFields):
    """A message of a ticket."""


class InboxErrorData(TypedDict):
    """The inbox that stopped working."""

    inbox_id: str
    """Id of the inbox."""
    name: str
    """Name of the inbox."""
    address: str
    """Address that customers write to."""
    error: str
    """Why the inbox does not work, for people."""
    failed_since: str
    """When the error began."""


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


class FollowerData(TypedDict):
    """A follower that a tracked account gained or lost."""

    platform: str
    """Name of the platform, such as instagram."""
    tracked_username: str
    """Name of the tracked account on the platform."""
    target_username: str
    """Name of the follower on the platform."""
    target_user_id: str
    """Id of the follower on the platform."""
    occurred_at: str
    """Time of the snapshot that shows it; the exact time is not known."""
    change_date: str
    """The day of `occurred_at` in UTC."""


class _DirectMessageData(TypedDict):
    platform: str
    """Name of the platform, such as instagram."""
    tracked_username: str
    """Name of the sending account."""
    target_username: str
    """Name of the recipient."""
    occurred_at: str
    """When the message was sent or failed."""


class DirectMessageData(_DirectMessageData, total=False):
    """A direct message that was sent or failed."""

    message: str
    """The text of the message."""
    device_id: str
    """Device that sent or tried to send it; left out when not known."""
    error: str
    """Only for `dm.failed`."""


class _JobData(TypedDict):
    job_id: int
    """Number of the job in your tenant, as in `GET /tracker/jobs`."""
    job_type: str
    """Type of the job, as the tracker defines it."""
    status: str
    """`finished` or `failed`."""
    started_at: str
    """When it began."""


class JobData(_JobData, total=False):
    """A tracking job that ended."""

    finished_at: str
    """When it ended."""
    total_leads_stored: int
    """Number of leads stored."""
    error: str
    """Only for `job.failed`."""


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


class AgentData(TypedDict):
    """An agent run that ended."""

    id: str
    """Id of the run."""
    agent: Agent
    status: AgentDataStatus
    """Outcome of the run."""
    post_id: str
    """Id of the post."""
    generator: Optional[str]
    """Generator, `openai` or `outline`; null when nothing was written."""
    model: Optional[str]
    """The model that wrote the post; null without one."""
    reason: Optional[str]
    """As of the run."""
    error: Optional[str]
    """Why the run failed, for people; null if it did not."""
    created_at: str
    """When it was requested."""
    started_at: Optional[str]
    """When the run last began; null if it never did."""
    finished_at: str
    """When it ended."""


class _KeyLeakedData(TypedDict):
    key_id: str
    """Id of the key."""
    name: str
    """Name of the key."""
    hint: str
    """The first characters of the key."""
    url: str
    """Where the key was found, the first of `places`; empty when not known."""
    source: str
    """Kind of place."""
    places: List[LeakPlace]
    """Every place that the report lists for this key."""
    revoked_at: str
    """When the key was revoked."""


class KeyLeakedData(_KeyLeakedData, total=False):
    """A key that was found in public, and where."""

    key_prefix: str
    """The same as `hint`. In the profile `inboxops` the first 8 characters."""


class LeakPlace(TypedDict):
    url: str
    """Where the key was found; empty when not known."""
    source: str
    """Kind of place, as the finder calls it: `content`, `commit`, `issue_comment`, `npm` and the like; empty
    when not known.
    """


class InvoiceData(TypedDict):
    """An invoice that was paid."""

    invoice_id: str
    """Id of the invoice."""
    tenant_id: str
    """Id of the tenant that paid it."""
    number: str
    """Invoice number."""
    amount: int
    """In the currency's smallest unit."""
    currency: str
    """Such as `eur`."""
    description: str
    """Description; may be empty."""
    external_id: Optional[str]
    """Id at the payment provider."""
    period_start: Optional[str]
    """Start of the billing period; null if there is none."""
    period_end: Optional[str]
    """End of the billing period; null if there is none."""
    paid_at: str
    """When the invoice was paid."""


class SubscriptionData(TypedDict):
    """A change of the tenant's plan."""

    tenant_id: str
    """Id of the tenant."""
    old_plan: str
    """The plan before."""
    new_plan: str
    """The plan now."""
    entitlements: List[str]
    """Entitlements of the tenant now."""
    changed_at: str
    """When the plan was changed."""


class DeliveryDeadData(TypedDict):
    """A delivery that used up its attempts."""

    delivery_id: str
    """Id of the delivery."""
    event_id: str
    """Id of the event."""
    event_type: str
    """Type of the event."""
    webhook_id: str
    """Id of the endpoint."""
    attempts: int
    """Total number of attempts."""
    response_status: Optional[int]
    """HTTP status of the last response; null if there was none."""
    error: Optional[str]
    """Why the last attempt failed."""
    died_at: str
    """When the delivery became a dead letter."""


class EndpointDisabledData(TypedDict):
    """A disabled endpoint."""

    webhook_id: str
    """Id of the endpoint."""
    name: str
    """Name of the endpoint; may be empty."""
    url: str
    """URL that receives the requests."""
    reason: str
    """`failing`: it failed for too long. `gone`: it answered 410."""
    failing_since: Optional[str]
    """Time of the first failure since the last success; null if it was not failing."""
    consecutive_failures: int
    """Number of consecutive failed attempts."""
    disabled_at: str
    """When the endpoint was disabled."""


class EndpointFailingData(TypedDict):
    """An endpoint that will be disabled if it keeps failing."""

    webhook_id: str
    """Id of the endpoint."""
    name: str
    """Name of the endpoint; may be empty."""
    url: str
    """URL that receives the requests."""
    percent: int
    """Share of the limit reached, in per cent."""
    failing_since: str
    """Time of the first failure since the last success."""
    consecutive_failures: int
    """Number of consecutive failed attempts."""
    warned_at: str
    """When the warning was raised."""


class EndpointRecoveredData(TypedDict):
    """An endpoint that succeeds again."""

    webhook_id: str
    """Id of the endpoint."""
    name: str
    """Name of the endpoint; may be empty."""
    url: str
    """URL that receives the requests."""
    recovered_at: str
    """Time of the success."""



class LeadCreatedEvent(TypedDict):
    """A lead was created."""

    type: Literal["lead.created"]
    timestamp: str
    data: LeadData



class LeadUpdatedEvent(TypedDict):
    """A lead was changed; `changes` has the old and the new value of every field that changed."""

    type: Literal["lead.updated"]
    timestamp: str
    data: LeadUpdatedData



class TicketCreatedEvent(TypedDict):
    """A ticket was created."""

    type: Literal["ticket.created"]
    timestamp: str
    data: TicketData



class TicketUpdatedEvent(TypedDict):
    """A ticket or its tags were changed; `changes` has the old and the new value of everything that changed."""

    type: Literal["ticket.updated"]
    timestamp: str
    data: TicketChangedData



class TicketAssignedEvent(TypedDict):
    """The assignee of a ticket changed; null means unassigned."""

    type: Literal["ticket.assigned"]
    timestamp: str
    data: TicketChangedData



class TicketStatusChangedEvent(TypedDict):
    """The status of a ticket changed."""

    type: Literal["ticket.status_changed"]
    timestamp: str
    data: TicketChangedData



class TicketClosedEvent(TypedDict):
    """A ticket was closed."""

    type: Literal["ticket.closed"]
    timestamp: str
    data: TicketChangedData



class MessageReceivedEvent(TypedDict):
    """A message of a customer arrived."""

    type: Literal["message.received"]
    timestamp: str
    data: MessageData



class MessageSentEvent(TypedDict):
    """A message was sent to a customer."""

    type: Literal["message.sent"]
    timestamp: str
    data: MessageData



class InboxErrorEvent(TypedDict):
    """An inbox stopped working, or its error changed."""

    type: Literal["inbox.error"]
    timestamp: str
    data: InboxErrorData



class StatsUpdatedEvent(TypedDict):
    """A tracking run of an account finished."""

    type: Literal["stats.updated"]
    timestamp: str
    data: StatsData



class FollowerGainedEvent(TypedDict):
    """A tracked account gained a follower."""

    type: Literal["follower.gained"]
    timestamp: str
    data: FollowerData



class FollowerLostEvent(TypedDict):
    """A tracked account lost a follower."""

    type: Literal["follower.lost"]
    timestamp: str
    data: FollowerData



class DmSentEvent(TypedDict):
    """A direct message was sent."""

    type: Literal["dm.sent"]
    timestamp: str
    data: DirectMessageData



class DmFailedEvent(TypedDict):
    """A direct message could not be sent; `error` says why."""

    type: Literal["dm.failed"]
    timestamp: str
    data: DirectMessageData



class JobCompletedEvent(TypedDict):
    """A job finished."""

    type: Literal["job.completed"]
    timestamp: str
    data: JobData



class JobFailedEvent(TypedDict):
    """A job failed; `error` says why."""

    type: Literal["job.failed"]
    timestamp: str
    data: JobData



class BlogCreatedEvent(TypedDict):
    """A blog post was written; it is a draft."""

    type: Literal["blog.created"]
    timestamp: str
    data: BlogPost



class BlogApprovedEvent(TypedDict):
    """A draft of a blog post was approved."""

    type: Literal["blog.approved"]
    timestamp: str
    data: BlogPost



class BlogPublishedEvent(TypedDict):
    """A blog post was published."""

    type: Literal["blog.published"]
    timestamp: str
    data: BlogPost



class SocialCreatedEvent(TypedDict):
    """A social post was written; it is a draft."""

    type: Literal["social.created"]
    timestamp: str
    data: SocialPost



class SocialApprovedEvent(TypedDict):
    """A draft of a social post was approved."""

    type: Literal["social.approved"]
    timestamp: str
    data: SocialPost



class SocialPublishedEvent(TypedDict):
    """A social post was published."""

    type: Literal["social.published"]
    timestamp: str
    data: SocialPost



class AgentCompletedEvent(TypedDict):
    """An agent run wrote its post."""

    type: Literal["agent.completed"]
    timestamp: str
    data: AgentData



class AgentFailedEvent(TypedDict):
    """An agent run ended without a post; `reason` and `error` say why. Also fired for a cancelled run. Its
    credits are refunded.
    """

    type: Literal["agent.failed"]
    timestamp: str
    data: AgentData



class KeyLeakedEvent(TypedDict):
    """An API key of the tenant was found in public and revoked. Create a new one, and remove the old one from
    where it was found.
    """

    type: Literal["key.leaked"]
    timestamp: str
    data: KeyLeakedData



class InvoicePaidEvent(TypedDict):
    """An invoice of the tenant was paid."""

    type: Literal["invoice.paid"]
    timestamp: str
    data: InvoiceData



class SubscriptionChangedEvent(TypedDict):
    """The tenant's plan changed."""

    type: Literal["subscription.changed"]
    timestamp: str
    data: SubscriptionData



class DeliveryDeadEvent(TypedDict):
    """A delivery used up its attempts and is a dead letter. Not emitted for deliveries of Hookline's own
    events. Emitted by Hookline itself; `*` does not include it, name it or its group.
    """

    type: Literal["delivery.dead"]
    timestamp: str
    data: DeliveryDeadData



class EndpointDisabledEvent(TypedDict):
    """Hookline disabled an endpoint. Emitted by Hookline itself; `*` does not include it, name it or its group."""

    type: Literal["endpoint.disabled"]
    timestamp: str
    data: EndpointDisabledData



class EndpointFailingEvent(TypedDict):
    """An endpoint keeps failing and will be disabled; a warning at 50, 70 and 90 per cent of the limit. Emitted
    by Hookline itself; `*` does not include it, name it or its group.
    """

    type: Literal["endpoint.failing"]
    timestamp: str
    data: EndpointFailingData



class EndpointRecoveredEvent(TypedDict):
    """An endpoint succeeds again after a warning. Emitted by Hookline itself; `*` does not include it, name it
    or its group.
    """

    type: Literal["endpoint.recovered"]
    timestamp: str
    data: EndpointRecoveredData


Event = Union[
    LeadCreatedEvent,
    LeadUpdatedEvent,
    TicketCreatedEvent,
    TicketUpdatedEvent,
    TicketAssignedEvent,
    TicketStatusChangedEvent,
    TicketClosedEvent,
    MessageReceivedEvent,
    MessageSentEvent,
    InboxErrorEvent,
    StatsUpdatedEvent,
    FollowerGainedEvent,
    FollowerLostEvent,
    DmSentEvent,
    DmFailedEvent,
    JobCompletedEvent,
    JobFailedEvent,
    BlogCreatedEvent,
    BlogApprovedEvent,
    BlogPublishedEvent,
    SocialCreatedEvent,
    SocialApprovedEvent,
    SocialPublishedEvent,
    AgentCompletedEvent,
    AgentFailedEvent,
    KeyLeakedEvent,
    InvoicePaidEvent,
    SubscriptionChangedEvent,
    DeliveryDeadEvent,
    EndpointDisabledEvent,
    EndpointFailingEvent,
    EndpointRecoveredEvent,
]
"""An event of the catalogue. Events of your own types have the same three keys."""
