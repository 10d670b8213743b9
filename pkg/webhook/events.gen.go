// Code generated from openapi/openapi.yaml by openapi/sdk. DO NOT EDIT.

package webhook

import (
	"encoding/json"
	"time"
)

// known makes an event of a type of the catalogue, to be filled from a body.
func known(name string) Event {
	switch name {
	case "lead.created":
		return new(LeadCreatedEvent)
	case "lead.updated":
		return new(LeadUpdatedEvent)
	case "ticket.created":
		return new(TicketCreatedEvent)
	case "ticket.updated":
		return new(TicketUpdatedEvent)
	case "ticket.assigned":
		return new(TicketAssignedEvent)
	case "ticket.status_changed":
		return new(TicketStatusChangedEvent)
	case "ticket.closed":
		return new(TicketClosedEvent)
	case "message.received":
		return new(MessageReceivedEvent)
	case "message.sent":
		return new(MessageSentEvent)
	case "inbox.error":
		return new(InboxErrorEvent)
	case "stats.updated":
		return new(StatsUpdatedEvent)
	case "follower.gained":
		return new(FollowerGainedEvent)
	case "follower.lost":
		return new(FollowerLostEvent)
	case "dm.sent":
		return new(DmSentEvent)
	case "dm.failed":
		return new(DmFailedEvent)
	case "job.completed":
		return new(JobCompletedEvent)
	case "job.failed":
		return new(JobFailedEvent)
	case "blog.created":
		return new(BlogCreatedEvent)
	case "blog.approved":
		return new(BlogApprovedEvent)
	case "blog.published":
		return new(BlogPublishedEvent)
	case "social.created":
		return new(SocialCreatedEvent)
	case "social.approved":
		return new(SocialApprovedEvent)
	case "social.published":
		return new(SocialPublishedEvent)
	case "agent.completed":
		return new(AgentCompletedEvent)
	case "agent.failed":
		return new(AgentFailedEvent)
	case "key.leaked":
		return new(KeyLeakedEvent)
	case "invoice.paid":
		return new(InvoicePaidEvent)
	case "subscription.changed":
		return new(SubscriptionChangedEvent)
	case "delivery.dead":
		return new(DeliveryDeadEvent)
	case "endpoint.disabled":
		return new(EndpointDisabledEvent)
	case "endpoint.failing":
		return new(EndpointFailingEvent)
	case "endpoint.recovered":
		return new(EndpointRecoveredEvent)
	}
	return nil
}

// LeadCreatedEvent is lead.created. A lead was created.
type LeadCreatedEvent struct {
	Envelope
	Data LeadData `json:"data"`
}

// LeadUpdatedEvent is lead.updated. A lead was changed; `changes` has the old and the new value of every
// field that changed.
type LeadUpdatedEvent struct {
	Envelope
	Data LeadUpdatedData `json:"data"`
}

// TicketCreatedEvent is ticket.created. A ticket was created.
type TicketCreatedEvent struct {
	Envelope
	Data TicketData `json:"data"`
}

// TicketUpdatedEvent is ticket.updated. A ticket or its tags were changed; `changes` has the old and the new
// value of everything that changed.
type TicketUpdatedEvent struct {
	Envelope
	Data TicketChangedData `json:"data"`
}

// TicketAssignedEvent is ticket.assigned. The assignee of a ticket changed; null means unassigned.
type TicketAssignedEvent struct {
	Envelope
	Data TicketChangedData `json:"data"`
}

// TicketStatusChangedEvent is ticket.status_changed. The status of a ticket changed.
type TicketStatusChangedEvent struct {
	Envelope
	Data TicketChangedData `json:"data"`
}

// TicketClosedEvent is ticket.closed. A ticket was closed.
type TicketClosedEvent struct {
	Envelope
	Data TicketChangedData `json:"data"`
}

// MessageReceivedEvent is message.received. A message of a customer arrived.
type MessageReceivedEvent struct {
	Envelope
	Data MessageData `json:"data"`
}

// MessageSentEvent is message.sent. A message was sent to a customer.
type MessageSentEvent struct {
	Envelope
	Data MessageData `json:"data"`
}

// InboxErrorEvent is inbox.error. An inbox stopped working, or its error changed.
type InboxErrorEvent struct {
	Envelope
	Data InboxErrorData `json:"data"`
}

// StatsUpdatedEvent is stats.updated. A tracking run of an account finished.
type StatsUpdatedEvent struct {
	Envelope
	Data StatsData `json:"data"`
}

// FollowerGainedEvent is follower.gained. A tracked account gained a follower.
type FollowerGainedEvent struct {
	Envelope
	Data FollowerData `json:"data"`
}

// FollowerLostEvent is follower.lost. A tracked account lost a follower.
type FollowerLostEvent struct {
	Envelope
	Data FollowerData `json:"data"`
}

// DmSentEvent is dm.sent. A direct message was sent.
type DmSentEvent struct {
	Envelope
	Data DirectMessageData `json:"data"`
}

// DmFailedEvent is dm.failed. A direct message could not be sent; `error` says why.
type DmFailedEvent struct {
	Envelope
	Data DirectMessageData `json:"data"`
}

// JobCompletedEvent is job.completed. A job finished.
type JobCompletedEvent struct {
	Envelope
	Data JobData `json:"data"`
}

// JobFailedEvent is job.failed. A job failed; `error` says why.
type JobFailedEvent struct {
	Envelope
	Data JobData `json:"data"`
}

// BlogCreatedEvent is blog.created. A blog post was written; it is a draft.
type BlogCreatedEvent struct {
	Envelope
	Data BlogPost `json:"data"`
}

// BlogApprovedEvent is blog.approved. A draft of a blog post was approved.
type BlogApprovedEvent struct {
	Envelope
	Data BlogPost `json:"data"`
}

// BlogPublishedEvent is blog.published. A blog post was published.
type BlogPublishedEvent struct {
	Envelope
	Data BlogPost `json:"data"`
}

// SocialCreatedEvent is social.created. A social post was written; it is a draft.
type SocialCreatedEvent struct {
	Envelope
	Data SocialPost `json:"data"`
}

// SocialApprovedEvent is social.approved. A draft of a social post was approved.
type SocialApprovedEvent struct {
	Envelope
	Data SocialPost `json:"data"`
}

// SocialPublishedEvent is social.published. A social post was published.
type SocialPublishedEvent struct {
	Envelope
	Data SocialPost `json:"data"`
}

// AgentCompletedEvent is agent.completed. An agent run wrote its post.
type AgentCompletedEvent struct {
	Envelope
	Data AgentData `json:"data"`
}

// AgentFailedEvent is agent.failed. An agent run ended without a post; `reason` and `error` say why. Also
// fired for a cancelled run. Its credits are refunded.
type AgentFailedEvent struct {
	Envelope
	Data AgentData `json:"data"`
}

// KeyLeakedEvent is key.leaked. An API key of the tenant was found in public and revoked. Create a new one,
// and remove the old one from where it was found.
type KeyLeakedEvent struct {
	Envelope
	Data KeyLeakedData `json:"data"`
}

// InvoicePaidEvent is invoice.paid. An invoice of the tenant was paid.
type InvoicePaidEvent struct {
	Envelope
	Data InvoiceData `json:"data"`
}

// SubscriptionChangedEvent is subscription.changed. The tenant's plan changed.
type SubscriptionChangedEvent struct {
	Envelope
	Data SubscriptionData `json:"data"`
}

// DeliveryDeadEvent is delivery.dead. A delivery used up its attempts and is a dead letter. Not emitted for
// deliveries of Hookline's own events. Emitted by Hookline itself; `*` does not include it, name it or its
// group.
type DeliveryDeadEvent struct {
	Envelope
	Data DeliveryDeadData `json:"data"`
}

// EndpointDisabledEvent is endpoint.disabled. Hookline disabled an endpoint. Emitted by Hookline itself; `*`
// does not include it, name it or its group.
type EndpointDisabledEvent struct {
	Envelope
	Data EndpointDisabledData `json:"data"`
}

// EndpointFailingEvent is endpoint.failing. An endpoint keeps failing and will be disabled; a warning at 50,
// 70 and 90 per cent of the limit. Emitted by Hookline itself; `*` does not include it, name it or its group.
type EndpointFailingEvent struct {
	Envelope
	Data EndpointFailingData `json:"data"`
}

// EndpointRecoveredEvent is endpoint.recovered. An endpoint succeeds again after a warning. Emitted by
// Hookline itself; `*` does not include it, name it or its group.
type EndpointRecoveredEvent struct {
	Envelope
	Data EndpointRecoveredData `json:"data"`
}

// LeadData is a part of events. The lead, as of the event.
type LeadData struct {
	// ID: Id of the lead.
	ID string `json:"id"`
	// Name: Full name; null when not known.
	Name *string `json:"name"`
	// Email: Email address; null when not known.
	Email *string `json:"email"`
	// Company: Company the person works for; null when not known.
	Company *string `json:"company"`
	// FirstName: First name; null when not known.
	FirstName *string `json:"first_name"`
	// LastName: Last name; null when not known.
	LastName *string `json:"last_name"`
	// Phone: Phone number, as given; null when not known.
	Phone *string `json:"phone"`
	// Website: Address of a website; null when not known.
	Website *string `json:"website"`
	// Position: Position in the company; null when not known.
	Position *string `json:"position"`
	// Twitter: Name or address on X, formerly Twitter; null when not known.
	Twitter *string `json:"twitter"`
	// Linkedin: Address of the LinkedIn profile; null when not known.
	Linkedin *string `json:"linkedin"`
	// Notes: Free text about the lead; null when not known.
	Notes *string `json:"notes"`
	// Score: Score of the lead, on your own scale, from 0.
	Score int64 `json:"score"`
	// Source: Source of the lead, such as website; null when not known.
	Source *string `json:"source"`
	// Status: Status of the lead, in your own terms.
	Status string `json:"status"`
	// ExternalID: Id of the lead in your own system; null if it has none.
	ExternalID *string `json:"external_id,omitempty"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt: When it was last updated.
	UpdatedAt time.Time `json:"updated_at"`
}

// LeadUpdatedData is a part of events. The lead after the change.
type LeadUpdatedData struct {
	// ID: Id of the lead.
	ID string `json:"id"`
	// Name: Full name; null when not known.
	Name *string `json:"name"`
	// Email: Email address; null when not known.
	Email *string `json:"email"`
	// Company: Company the person works for; null when not known.
	Company *string `json:"company"`
	// FirstName: First name; null when not known.
	FirstName *string `json:"first_name"`
	// LastName: Last name; null when not known.
	LastName *string `json:"last_name"`
	// Phone: Phone number, as given; null when not known.
	Phone *string `json:"phone"`
	// Website: Address of a website; null when not known.
	Website *string `json:"website"`
	// Position: Position in the company; null when not known.
	Position *string `json:"position"`
	// Twitter: Name or address on X, formerly Twitter; null when not known.
	Twitter *string `json:"twitter"`
	// Linkedin: Address of the LinkedIn profile; null when not known.
	Linkedin *string `json:"linkedin"`
	// Notes: Free text about the lead; null when not known.
	Notes *string `json:"notes"`
	// Score: Score of the lead, on your own scale, from 0.
	Score int64 `json:"score"`
	// Source: Source of the lead, such as website; null when not known.
	Source *string `json:"source"`
	// Status: Status of the lead, in your own terms.
	Status string `json:"status"`
	// ExternalID: Id of the lead in your own system; null if it has none.
	ExternalID *string `json:"external_id,omitempty"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt: When it was last updated.
	UpdatedAt time.Time `json:"updated_at"`
	// Changes: Changed fields: the value before and after. Unchanged fields are left out.
	Changes map[string]Change `json:"changes"`
}

// Change is a part of events.
type Change struct {
	// Old: The value before.
	Old json.RawMessage `json:"old"`
	// New: The value after.
	New json.RawMessage `json:"new"`
}

// TicketData is a part of events. The ticket, as of the event.
type TicketData struct {
	// ID: Id of the ticket.
	ID string `json:"id"`
	// TicketNumber: Such as TCK-42.
	TicketNumber string `json:"ticket_number"`
	// Subject: Subject line.
	Subject string `json:"subject"`
	// Status:
	Status TicketStatus `json:"status"`
	// Priority:
	Priority TicketPriority `json:"priority"`
	// InboxID: Id of the ticket's inbox.
	InboxID string `json:"inbox_id"`
	// AssigneeID: The assigned member; null for none. A member who was removed later is still named.
	AssigneeID *string `json:"assignee_id"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt: When it was last updated.
	UpdatedAt time.Time `json:"updated_at"`
}

// TicketStatus is a string with known values, and there may be new ones. Status of the ticket.
type TicketStatus string

// Values of TicketStatus.
const (
	TicketStatusOpen     TicketStatus = "open"
	TicketStatusPending  TicketStatus = "pending"
	TicketStatusResolved TicketStatus = "resolved"
	TicketStatusClosed   TicketStatus = "closed"
)

// TicketPriority is a string with known values, and there may be new ones. Priority of the ticket.
type TicketPriority string

// Values of TicketPriority.
const (
	TicketPriorityLow    TicketPriority = "low"
	TicketPriorityNormal TicketPriority = "normal"
	TicketPriorityHigh   TicketPriority = "high"
	TicketPriorityUrgent TicketPriority = "urgent"
)

// TicketChangedData is a part of events. The ticket after the change.
type TicketChangedData struct {
	// ID: Id of the ticket.
	ID string `json:"id"`
	// TicketNumber: Such as TCK-42.
	TicketNumber string `json:"ticket_number"`
	// Subject: Subject line.
	Subject string `json:"subject"`
	// Status:
	Status TicketStatus `json:"status"`
	// Priority:
	Priority TicketPriority `json:"priority"`
	// InboxID: Id of the ticket's inbox.
	InboxID string `json:"inbox_id"`
	// AssigneeID: The assigned member; null for none. A member who was removed later is still named.
	AssigneeID *string `json:"assignee_id"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt: When it was last updated.
	UpdatedAt time.Time `json:"updated_at"`
	// Changes: Changed fields: the value before and after. Unchanged fields are left out.
	Changes map[string]Change `json:"changes"`
}

// MessageData is a part of events. A message of a ticket.
type MessageData struct {
	// ID: Id of the message.
	ID string `json:"id"`
	// TicketID: Id of the ticket.
	TicketID string `json:"ticket_id"`
	// TicketNumber: Number of the ticket, such as TCK-42.
	TicketNumber string `json:"ticket_number"`
	// InboxID: Id of the ticket's inbox.
	InboxID string `json:"inbox_id"`
	// Type: `inbound`: from a customer; `outbound`: to a customer.
	Type MessageDataType `json:"type"`
	// From: The author; of a note the name of the user or key.
	From *string `json:"from"`
	// BodyHtml: As received; sanitize it before you show it.
	BodyHtml *string `json:"body_html"`
	// BodyText: The message as plain text; null if there is only `body_html`.
	BodyText *string `json:"body_text"`
	// CreatedAt: When it was recorded.
	CreatedAt time.Time `json:"created_at"`
}

// MessageDataType is a string with known values, and there may be new ones. `inbound`: from a customer;
// `outbound`: to a customer.
type MessageDataType string

// Values of MessageDataType.
const (
	MessageDataTypeInbound  MessageDataType = "inbound"
	MessageDataTypeOutbound MessageDataType = "outbound"
)

// InboxErrorData is a part of events. The inbox that stopped working.
type InboxErrorData struct {
	// InboxID: Id of the inbox.
	InboxID string `json:"inbox_id"`
	// Name: Name of the inbox.
	Name string `json:"name"`
	// Address: Address that customers write to.
	Address string `json:"address"`
	// Error: Why the inbox does not work, for people.
	Error string `json:"error"`
	// FailedSince: When the error began.
	FailedSince time.Time `json:"failed_since"`
}

// StatsData is a part of events. Data of an account in a snapshot.
type StatsData struct {
	// Platform: Name of the platform, such as instagram.
	Platform string `json:"platform"`
	// AccountID: The account's id on the platform.
	AccountID string `json:"account_id"`
	// TrackedUserID: Number of the account in your tenant, as in `GET /tracked-accounts`.
	TrackedUserID int64 `json:"tracked_user_id"`
	// Username: The account's name on the platform.
	Username string `json:"username"`
	// FollowerCount: Number of followers.
	FollowerCount int64 `json:"follower_count"`
	// FollowingCount: Number of followed accounts.
	FollowingCount int64 `json:"following_count"`
	// PostsCount: Number of posts.
	PostsCount int64 `json:"posts_count"`
	// TrackedAt: When the data was collected.
	TrackedAt time.Time `json:"tracked_at"`
}

// FollowerData is a part of events. A follower that a tracked account gained or lost.
type FollowerData struct {
	// Platform: Name of the platform, such as instagram.
	Platform string `json:"platform"`
	// TrackedUsername: Name of the tracked account on the platform.
	TrackedUsername string `json:"tracked_username"`
	// TargetUsername: Name of the follower on the platform.
	TargetUsername string `json:"target_username"`
	// TargetUserID: Id of the follower on the platform.
	TargetUserID string `json:"target_user_id"`
	// OccurredAt: Time of the snapshot that shows it; the exact time is not known.
	OccurredAt time.Time `json:"occurred_at"`
	// ChangeDate: The day of `occurred_at` in UTC.
	ChangeDate string `json:"change_date"`
}

// DirectMessageData is a part of events. A direct message that was sent or failed.
type DirectMessageData struct {
	// Platform: Name of the platform, such as instagram.
	Platform string `json:"platform"`
	// TrackedUsername: Name of the sending account.
	TrackedUsername string `json:"tracked_username"`
	// TargetUsername: Name of the recipient.
	TargetUsername string `json:"target_username"`
	// OccurredAt: When the message was sent or failed.
	OccurredAt time.Time `json:"occurred_at"`
	// Message: The text of the message.
	Message *string `json:"message,omitempty"`
	// DeviceID: Device that sent or tried to send it; left out when not known.
	DeviceID *string `json:"device_id,omitempty"`
	// Error: Only for `dm.failed`.
	Error *string `json:"error,omitempty"`
}

// JobData is a part of events. A tracking job that ended.
type JobData struct {
	// JobID: Number of the job in your tenant, as in `GET /tracker/jobs`.
	JobID int64 `json:"job_id"`
	// JobType: Type of the job, as the tracker defines it.
	JobType string `json:"job_type"`
	// Status: `finished` or `failed`.
	Status string `json:"status"`
	// StartedAt: When it began.
	StartedAt time.Time `json:"started_at"`
	// FinishedAt: When it ended.
	FinishedAt *time.Time `json:"finished_at,omitempty"`
	// TotalLeadsStored: Number of leads stored.
	TotalLeadsStored *int64 `json:"total_leads_stored,omitempty"`
	// Error: Only for `job.failed`.
	Error *string `json:"error,omitempty"`
}

// BlogPost is a part of events. A blog post and its state.
type BlogPost struct {
	// ID: Id of the post.
	ID string `json:"id"`
	// Status:
	Status PostStatus `json:"status"`
	// Brief:
	Brief BlogBrief `json:"brief"`
	// Title: Null before it is written.
	Title *string `json:"title"`
	// Excerpt: A summary of a few sentences; null before it is written.
	Excerpt *string `json:"excerpt"`
	// Body: Markdown.
	Body *string `json:"body"`
	// Keywords: Keywords for search engines.
	Keywords []string `json:"keywords"`
	// Generator: Generator: `openai` is a language model; `outline` is an outline of the brief, made without any
	// model, and says so. Null before it is written.
	Generator *string `json:"generator"`
	// AgentRunID: The run that writes or wrote the post.
	AgentRunID string `json:"agent_run_id"`
	// Reason: Why generation failed, for programs; `reason` of the run.
	Reason *string `json:"reason"`
	// Error: Why it failed, for people.
	Error *string `json:"error"`
	// CreatedAt: When it was requested.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt: When it was last updated.
	UpdatedAt time.Time `json:"updated_at"`
	// ApprovedAt: When the post was approved; null before.
	ApprovedAt *time.Time `json:"approved_at"`
	// PublishedAt: When the post was published; null before.
	PublishedAt *time.Time `json:"published_at"`
}

// PostStatus is a string with known values, and there may be new ones. `generating → draft → approved →
// published`, or `failed` when it could not be written.
type PostStatus string

// Values of PostStatus.
const (
	PostStatusGenerating PostStatus = "generating"
	PostStatusDraft      PostStatus = "draft"
	PostStatusApproved   PostStatus = "approved"
	PostStatusPublished  PostStatus = "published"
	PostStatusFailed     PostStatus = "failed"
)

// BlogBrief is a part of events. The brief of a blog post.
type BlogBrief struct {
	// Topic: Topic of the post.
	Topic string `json:"topic"`
	// Keywords: Keywords for search engines.
	Keywords []string `json:"keywords,omitzero"`
	// Tone: Tone of the post, in your own words.
	Tone *string `json:"tone,omitempty"`
	// Audience: Audience of the post.
	Audience *string `json:"audience,omitempty"`
	// Language: Language, such as en or pt-BR; `en` by default.
	Language *string `json:"language,omitempty"`
	// WordCount: Approximate number of words; 800 by default.
	WordCount *int64 `json:"word_count,omitempty"`
	// Instructions: Further instructions, in your own words.
	Instructions *string `json:"instructions,omitempty"`
}

// SocialPost is a part of events. A social post and its state.
type SocialPost struct {
	// ID: Id of the post.
	ID string `json:"id"`
	// Status:
	Status PostStatus `json:"status"`
	// Platform:
	Platform SocialPlatform `json:"platform"`
	// Brief:
	Brief SocialBrief `json:"brief"`
	// Text: Null before it is written. On x at most 280 characters, hashtags not counted.
	Text *string `json:"text"`
	// Hashtags: Without the leading `#`.
	Hashtags []string `json:"hashtags"`
	// Generator: Generator: `openai` is a language model; `outline` is an outline of the brief, made without any
	// model, and says so. Null before it is written.
	Generator *string `json:"generator"`
	// AgentRunID: The run that writes or wrote the post.
	AgentRunID string `json:"agent_run_id"`
	// Reason: Why generation failed, for programs; `reason` of the run.
	Reason *string `json:"reason"`
	// Error: Why it failed, for people.
	Error *string `json:"error"`
	// CreatedAt: When it was requested.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt: When it was last updated.
	UpdatedAt time.Time `json:"updated_at"`
	// ApprovedAt: When the post was approved; null before.
	ApprovedAt *time.Time `json:"approved_at"`
	// PublishedAt: When the post was published; null before.
	PublishedAt *time.Time `json:"published_at"`
}

// SocialPlatform is a string with known values, and there may be new ones. The platform that the post is for.
type SocialPlatform string

// Values of SocialPlatform.
const (
	SocialPlatformLinkedin  SocialPlatform = "linkedin"
	SocialPlatformX         SocialPlatform = "x"
	SocialPlatformFacebook  SocialPlatform = "facebook"
	SocialPlatformInstagram SocialPlatform = "instagram"
	SocialPlatformThreads   SocialPlatform = "threads"
)

// SocialBrief is a part of events. The brief of a social post.
type SocialBrief struct {
	// Topic: Topic of the post.
	Topic string `json:"topic"`
	// Platform:
	Platform SocialPlatform `json:"platform"`
	// Keywords: Keywords, which become hashtags.
	Keywords []string `json:"keywords,omitzero"`
	// Tone: Tone of the post, in your own words.
	Tone *string `json:"tone,omitempty"`
	// Audience: Audience of the post.
	Audience *string `json:"audience,omitempty"`
	// Language: Language, such as en or pt-BR; `en` by default.
	Language *string `json:"language,omitempty"`
	// Instructions: Further instructions, in your own words.
	Instructions *string `json:"instructions,omitempty"`
}

// AgentData is a part of events. An agent run that ended.
type AgentData struct {
	// ID: Id of the run.
	ID string `json:"id"`
	// Agent:
	Agent Agent `json:"agent"`
	// Status: Outcome of the run.
	Status AgentDataStatus `json:"status"`
	// PostID: Id of the post.
	PostID string `json:"post_id"`
	// Generator: Generator, `openai` or `outline`; null when nothing was written.
	Generator *string `json:"generator"`
	// Model: The model that wrote the post; null without one.
	Model *string `json:"model"`
	// Reason: As of the run.
	Reason *string `json:"reason"`
	// Error: Why the run failed, for people; null if it did not.
	Error *string `json:"error"`
	// CreatedAt: When it was requested.
	CreatedAt time.Time `json:"created_at"`
	// StartedAt: When the run last began; null if it never did.
	StartedAt *time.Time `json:"started_at"`
	// FinishedAt: When it ended.
	FinishedAt time.Time `json:"finished_at"`
}

// Agent is a string with known values, and there may be new ones. Kind of post.
type Agent string

// Values of Agent.
const (
	AgentBlogWriter   Agent = "blog_writer"
	AgentSocialWriter Agent = "social_writer"
)

// AgentDataStatus is a string with known values, and there may be new ones. Outcome of the run.
type AgentDataStatus string

// Values of AgentDataStatus.
const (
	AgentDataStatusCompleted AgentDataStatus = "completed"
	AgentDataStatusFailed    AgentDataStatus = "failed"
	AgentDataStatusCancelled AgentDataStatus = "cancelled"
)

// KeyLeakedData is a part of events. A key that was found in public, and where.
type KeyLeakedData struct {
	// KeyID: Id of the key.
	KeyID string `json:"key_id"`
	// Name: Name of the key.
	Name string `json:"name"`
	// Hint: The first characters of the key.
	Hint string `json:"hint"`
	// KeyPrefix: The same as `hint`. In the profile `inboxops` the first 8 characters.
	KeyPrefix *string `json:"key_prefix,omitempty"`
	// URL: Where the key was found, the first of `places`; empty when not known.
	URL string `json:"url"`
	// Source: Kind of place.
	Source string `json:"source"`
	// Places: Every place that the report lists for this key.
	Places []LeakPlace `json:"places"`
	// RevokedAt: When the key was revoked.
	RevokedAt time.Time `json:"revoked_at"`
}

// LeakPlace is a part of events.
type LeakPlace struct {
	// URL: Where the key was found; empty when not known.
	URL string `json:"url"`
	// Source: Kind of place, as the finder calls it: `content`, `commit`, `issue_comment`, `npm` and the like;
	// empty when not known.
	Source string `json:"source"`
}

// InvoiceData is a part of events. An invoice that was paid.
type InvoiceData struct {
	// InvoiceID: Id of the invoice.
	InvoiceID string `json:"invoice_id"`
	// TenantID: Id of the tenant that paid it.
	TenantID string `json:"tenant_id"`
	// Number: Invoice number.
	Number string `json:"number"`
	// Amount: In the currency's smallest unit.
	Amount int64 `json:"amount"`
	// Currency: Such as `eur`.
	Currency string `json:"currency"`
	// Description: Description; may be empty.
	Description string `json:"description"`
	// ExternalID: Id at the payment provider.
	ExternalID *string `json:"external_id"`
	// PeriodStart: Start of the billing period; null if there is none.
	PeriodStart *time.Time `json:"period_start"`
	// PeriodEnd: End of the billing period; null if there is none.
	PeriodEnd *time.Time `json:"period_end"`
	// PaidAt: When the invoice was paid.
	PaidAt time.Time `json:"paid_at"`
}

// SubscriptionData is a part of events. A change of the tenant's plan.
type SubscriptionData struct {
	// TenantID: Id of the tenant.
	TenantID string `json:"tenant_id"`
	// OldPlan: The plan before.
	OldPlan string `json:"old_plan"`
	// NewPlan: The plan now.
	NewPlan string `json:"new_plan"`
	// Entitlements: Entitlements of the tenant now.
	Entitlements []string `json:"entitlements"`
	// ChangedAt: When the plan was changed.
	ChangedAt time.Time `json:"changed_at"`
}

// DeliveryDeadData is a part of events. A delivery that used up its attempts.
type DeliveryDeadData struct {
	// DeliveryID: Id of the delivery.
	DeliveryID string `json:"delivery_id"`
	// EventID: Id of the event.
	EventID string `json:"event_id"`
	// EventType: Type of the event.
	EventType string `json:"event_type"`
	// WebhookID: Id of the endpoint.
	WebhookID string `json:"webhook_id"`
	// Attempts: Total number of attempts.
	Attempts int64 `json:"attempts"`
	// ResponseStatus: HTTP status of the last response; null if there was none.
	ResponseStatus *int64 `json:"response_status"`
	// Error: Why the last attempt failed.
	Error *string `json:"error"`
	// DiedAt: When the delivery became a dead letter.
	DiedAt time.Time `json:"died_at"`
}

// EndpointDisabledData is a part of events. A disabled endpoint.
type EndpointDisabledData struct {
	// WebhookID: Id of the endpoint.
	WebhookID string `json:"webhook_id"`
	// Name: Name of the endpoint; may be empty.
	Name string `json:"name"`
	// URL: URL that receives the requests.
	URL string `json:"url"`
	// Reason: `failing`: it failed for too long. `gone`: it answered 410.
	Reason string `json:"reason"`
	// FailingSince: Time of the first failure since the last success; null if it was not failing.
	FailingSince *time.Time `json:"failing_since"`
	// ConsecutiveFailures: Number of consecutive failed attempts.
	ConsecutiveFailures int64 `json:"consecutive_failures"`
	// DisabledAt: When the endpoint was disabled.
	DisabledAt time.Time `json:"disabled_at"`
}

// EndpointFailingData is a part of events. An endpoint that will be disabled if it keeps failing.
type EndpointFailingData struct {
	// WebhookID: Id of the endpoint.
	WebhookID string `json:"webhook_id"`
	// Name: Name of the endpoint; may be empty.
	Name string `json:"name"`
	// URL: URL that receives the requests.
	URL string `json:"url"`
	// Percent: Share of the limit reached, in per cent.
	Percent int64 `json:"percent"`
	// FailingSince: Time of the first failure since the last success.
	FailingSince time.Time `json:"failing_since"`
	// ConsecutiveFailures: Number of consecutive failed attempts.
	ConsecutiveFailures int64 `json:"consecutive_failures"`
	// WarnedAt: When the warning was raised.
	WarnedAt time.Time `json:"warned_at"`
}

// EndpointRecoveredData is a part of events. An endpoint that succeeds again.
type EndpointRecoveredData struct {
	// WebhookID: Id of the endpoint.
	WebhookID string `json:"webhook_id"`
	// Name: Name of the endpoint; may be empty.
	Name string `json:"name"`
	// URL: URL that receives the requests.
	URL string `json:"url"`
	// RecoveredAt: Time of the success.
	RecoveredAt time.Time `json:"recovered_at"`
}
