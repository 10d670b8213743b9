// Code generated from openapi/openapi.yaml by openapi/sdk. DO NOT EDIT.

package hookline

import (
	"net/url"
	"time"
)

// ListKeysParams are the parameters of ListKeys. Zero values are left out.
type ListKeysParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
	// UserID: Only keys of this user.
	UserID string
}

func (p ListKeysParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	q.set("user_id", p.UserID)
	return url.Values(q)
}

// ListMembersParams are the parameters of ListMembers. Zero values are left out.
type ListMembersParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
}

func (p ListMembersParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	return url.Values(q)
}

// ListSessionsParams are the parameters of ListSessions. Zero values are left out.
type ListSessionsParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
	// MemberID: Only sessions of this member.
	MemberID string
}

func (p ListSessionsParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	q.set("member_id", p.MemberID)
	return url.Values(q)
}

// ListLeadsParams are the parameters of ListLeads. Zero values are left out.
type ListLeadsParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
	// Email: Only leads with exactly this address.
	Email string
	// Status: Only leads with this status.
	Status string
	// Source: Only leads from this source.
	Source string
	// ExternalID: Only the lead with exactly this external id.
	ExternalID string
	// ScoreMin: Only leads with at least this score.
	ScoreMin *int64
	// ScoreMax: Only leads with at most this score.
	ScoreMax *int64
	// CreatedFrom: Only leads created at this time or later.
	CreatedFrom time.Time
	// CreatedTo: Only leads created before this time.
	CreatedTo time.Time
	// UpdatedFrom: Only leads last changed at this time or later.
	UpdatedFrom time.Time
	// UpdatedTo: Only leads last changed before this time.
	UpdatedTo time.Time
	// Q: Only leads that match: each of these words must be the beginning of a word in the name, first name, last
	// name, email, company or phone, in any script, whatever its case or form (full width, composed or not): `ada
	// ex` finds Ada Lovelace with `ada@example.com`. Accents count, and `ı` and `İ` are an `i`. Notes are not
	// searched.
	Q string
	// Sort: Sort field, ascending; descending with a leading `-`. One of created_at, -created_at, updated_at,
	// -updated_at, score, -score.
	Sort string
}

func (p ListLeadsParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	q.set("email", p.Email)
	q.set("status", p.Status)
	q.set("source", p.Source)
	q.set("external_id", p.ExternalID)
	q.set("score_min", p.ScoreMin)
	q.set("score_max", p.ScoreMax)
	q.set("created_from", p.CreatedFrom)
	q.set("created_to", p.CreatedTo)
	q.set("updated_from", p.UpdatedFrom)
	q.set("updated_to", p.UpdatedTo)
	q.set("q", p.Q)
	q.set("sort", p.Sort)
	return url.Values(q)
}

// ListTicketsParams are the parameters of ListTickets. Zero values are left out.
type ListTicketsParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
	// Status: Only tickets in this status.
	Status TicketStatus
	// InboxID: Only tickets of this inbox.
	InboxID string
	// AssigneeID: Only tickets assigned to this member.
	AssigneeID string
	// Priority: Only tickets of this priority.
	Priority TicketPriority
	// CreatedFrom: Only tickets created at this time or later.
	CreatedFrom time.Time
	// CreatedTo: Only tickets created before this time.
	CreatedTo time.Time
	// Q: Only tickets whose subject matches: each of these words must be the beginning of a word in it, or any
	// part of one in a script without spaces, case-insensitively.
	Q string
}

func (p ListTicketsParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	q.set("status", string(p.Status))
	q.set("inbox_id", p.InboxID)
	q.set("assignee_id", p.AssigneeID)
	q.set("priority", string(p.Priority))
	q.set("created_from", p.CreatedFrom)
	q.set("created_to", p.CreatedTo)
	q.set("q", p.Q)
	return url.Values(q)
}

// ListTicketMessagesParams are the parameters of ListTicketMessages. Zero values are left out.
type ListTicketMessagesParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
}

func (p ListTicketMessagesParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	return url.Values(q)
}

// ListTagsParams are the parameters of ListTags. Zero values are left out.
type ListTagsParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
}

func (p ListTagsParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	return url.Values(q)
}

// ListInboxesParams are the parameters of ListInboxes. Zero values are left out.
type ListInboxesParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
}

func (p ListInboxesParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	return url.Values(q)
}

// ListEventsParams are the parameters of ListEvents. Zero values are left out.
type ListEventsParams struct {
	// Cursor: `next_cursor` of the previous page; leave it out for the first.
	Cursor string
	// Limit: Number of entries per page.
	Limit int64
	// Type: Only events of this type, which must exist; several are separated by commas.
	Type string
	// From: Only events accepted at this time or later.
	From time.Time
	// To: Only events accepted before this time; not before `from`.
	To time.Time
	// Sent: `false`: only events without a delivery, because no endpoint subscribed; `true`: only events with
	// one.
	Sent *bool
	// Order: `desc`: newest first; `asc`: an ordered pull. One of desc, asc.
	Order string
}

func (p ListEventsParams) query() url.Values {
	q := query{}
	q.set("cursor", p.Cursor)
	q.set("limit", p.Limit)
	q.set("type", p.Type)
	q.set("from", p.From)
	q.set("to", p.To)
	q.set("sent", p.Sent)
	q.set("order", p.Order)
	return url.Values(q)
}

// ListEventTypesParams are the parameters of ListEventTypes. Zero values are left out.
type ListEventTypesParams struct {
	// Own: Only types of your own, or only those of the catalogue.
	Own *bool
	// Deprecated: Only types that are deprecated, or only those that are not.
	Deprecated *bool
}

func (p ListEventTypesParams) query() url.Values {
	q := query{}
	q.set("own", p.Own)
	q.set("deprecated", p.Deprecated)
	return url.Values(q)
}

// ListWebhooksParams are the parameters of ListWebhooks. Zero values are left out.
type ListWebhooksParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
	// URL: Only endpoints with exactly this URL.
	URL string
	// Search: Only endpoints whose name or URL contains this text. Upper and lower case, ß and ss, composed and
	// decomposed accents, full-width and ligature forms, and i with and without a dot are the same; letters with
	// and without an accent are not.
	Search string
	// WebhookID: Only the endpoint with this id; several, at most 100, are separated by commas.
	WebhookID string
	// State: `enabled` or `disabled`; `failing`: the last attempt failed, the circuit breaker is not closed, or
	// Hookline disabled it, as counted by `GET /webhooks/health`; `throttled`: not failing, and its throttle
	// defers deliveries. One of enabled, disabled, failing, throttled.
	State string
	// Sort: Newest first, oldest first, by name (endpoints without one are listed by their URL), or by
	// `failure_rate`: the highest share of failed deliveries in the last 24 hours first, as in the statistics,
	// and those without deliveries last. One of newest, oldest, name, failure_rate.
	Sort string
}

func (p ListWebhooksParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	q.set("url", p.URL)
	q.set("search", p.Search)
	q.set("webhook_id", p.WebhookID)
	q.set("state", p.State)
	q.set("sort", p.Sort)
	return url.Values(q)
}

// GetDeliveryStatsParams are the parameters of GetDeliveryStats. Zero values are left out.
type GetDeliveryStatsParams struct {
	// Period: The period, up to now. One of 1h, 24h, 7d, 30d.
	Period string
	// WebhookID: Only deliveries to this endpoint; several, at most 100, are separated by commas.
	WebhookID string
}

func (p GetDeliveryStatsParams) query() url.Values {
	q := query{}
	q.set("period", p.Period)
	q.set("webhook_id", p.WebhookID)
	return url.Values(q)
}

// ListDeliveriesParams are the parameters of ListDeliveries. Zero values are left out.
type ListDeliveriesParams struct {
	// Cursor: `next_cursor` of the previous page; leave it out for the first.
	Cursor string
	// Limit: Number of entries per page.
	Limit int64
	// Status: Only deliveries in this status.
	Status DeliveryStatus
	// WebhookID: Only deliveries to this endpoint.
	WebhookID string
	// EventID: Only deliveries of this event.
	EventID string
	// EventType: Only deliveries of events of this type, which must exist; several are separated by commas.
	EventType string
	// HTTPClass: Only deliveries whose `response_status` is of this class; `none`: no response.
	HTTPClass HTTPClass
	// HTTPStatus: Only deliveries with this `response_status`.
	HTTPStatus int64
	// Reason: Only deliveries with this `reason`.
	Reason string
	// Text: Only deliveries whose event data contain this text, with case and Unicode forms folded as in `search`
	// of `GET /webhooks`. A page searches at most 1,000 deliveries.
	Text string
	// From: Only deliveries created at this time or later.
	From time.Time
	// To: Only deliveries created before this time; not before `from`.
	To time.Time
	// Order: `desc`: newest first; `asc`: oldest first. One of desc, asc.
	Order string
}

func (p ListDeliveriesParams) query() url.Values {
	q := query{}
	q.set("cursor", p.Cursor)
	q.set("limit", p.Limit)
	q.set("status", string(p.Status))
	q.set("webhook_id", p.WebhookID)
	q.set("event_id", p.EventID)
	q.set("event_type", p.EventType)
	q.set("http_class", string(p.HTTPClass))
	q.set("http_status", p.HTTPStatus)
	q.set("reason", p.Reason)
	q.set("text", p.Text)
	q.set("from", p.From)
	q.set("to", p.To)
	q.set("order", p.Order)
	return url.Values(q)
}

// ExportDeliveriesParams are the parameters of ExportDeliveries. Zero values are left out.
type ExportDeliveriesParams struct {
	// Format: The format of the file. One of csv, ndjson.
	Format string
	// Status: Only deliveries in this status.
	Status DeliveryStatus
	// WebhookID: Only deliveries to this endpoint.
	WebhookID string
	// EventID: Only deliveries of this event.
	EventID string
	// EventType: Only deliveries of events of this type, which must exist; several are separated by commas.
	EventType string
	// HTTPClass: Only deliveries whose `response_status` is of this class; `none`: no response.
	HTTPClass HTTPClass
	// HTTPStatus: Only deliveries with this `response_status`.
	HTTPStatus int64
	// Reason: Only deliveries with this `reason`.
	Reason string
	// Text: Only deliveries whose event data contain this text, with case and Unicode forms folded as in `search`
	// of `GET /webhooks`. A page searches at most 1,000 deliveries.
	Text string
	// From: Only deliveries created at this time or later.
	From time.Time
	// To: Only deliveries created before this time; not before `from`.
	To time.Time
}

func (p ExportDeliveriesParams) query() url.Values {
	q := query{}
	q.set("format", p.Format)
	q.set("status", string(p.Status))
	q.set("webhook_id", p.WebhookID)
	q.set("event_id", p.EventID)
	q.set("event_type", p.EventType)
	q.set("http_class", string(p.HTTPClass))
	q.set("http_status", p.HTTPStatus)
	q.set("reason", p.Reason)
	q.set("text", p.Text)
	q.set("from", p.From)
	q.set("to", p.To)
	return url.Values(q)
}

// ListDeadLettersParams are the parameters of ListDeadLetters. Zero values are left out.
type ListDeadLettersParams struct {
	// Cursor: `next_cursor` of the previous page; leave it out for the first.
	Cursor string
	// Limit: Number of entries per page.
	Limit int64
	// WebhookID: Only dead letters of this endpoint.
	WebhookID string
	// EventType: Only dead letters of events of this type, which must exist; several are separated by commas.
	EventType string
	// Reason: Only dead letters with this `reason`, or whose last attempt failed with it: `exhausted`,
	// `http_status`, `timeout`, `dns` (the name does not exist, or has no public address), `connect`, `tls`…
	Reason string
	// HTTPStatus: Only dead letters whose last response had this HTTP status.
	HTTPStatus int64
	// HTTPClass: Only dead letters whose last response had a status of this class, or that had no response
	// (`none`).
	HTTPClass HTTPClass
	// CreatedFrom: Only entries created at this time or later.
	CreatedFrom time.Time
	// CreatedTo: Only entries created before this time.
	CreatedTo time.Time
	// DiedFrom: Only deliveries that died at this time or later.
	DiedFrom time.Time
	// DiedTo: Only deliveries that died before this time.
	DiedTo time.Time
}

func (p ListDeadLettersParams) query() url.Values {
	q := query{}
	q.set("cursor", p.Cursor)
	q.set("limit", p.Limit)
	q.set("webhook_id", p.WebhookID)
	q.set("event_type", p.EventType)
	q.set("reason", p.Reason)
	q.set("http_status", p.HTTPStatus)
	q.set("http_class", string(p.HTTPClass))
	q.set("created_from", p.CreatedFrom)
	q.set("created_to", p.CreatedTo)
	q.set("died_from", p.DiedFrom)
	q.set("died_to", p.DiedTo)
	return url.Values(q)
}

// ListJobsParams are the parameters of ListJobs. Zero values are left out.
type ListJobsParams struct {
	// Cursor: `next_cursor` of the previous page; leave it out for the first.
	Cursor string
	// Limit: Number of entries per page.
	Limit int64
}

func (p ListJobsParams) query() url.Values {
	q := query{}
	q.set("cursor", p.Cursor)
	q.set("limit", p.Limit)
	return url.Values(q)
}

// ListBlogPostsParams are the parameters of ListBlogPosts. Zero values are left out.
type ListBlogPostsParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
	// Status: Only posts with this status.
	Status PostStatus
	// Q: Only posts whose title or topic contains this text, case-insensitively.
	Q string
	// CreatedFrom: Only posts created at this time or later.
	CreatedFrom time.Time
	// CreatedTo: Only posts created before this time.
	CreatedTo time.Time
}

func (p ListBlogPostsParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	q.set("status", string(p.Status))
	q.set("q", p.Q)
	q.set("created_from", p.CreatedFrom)
	q.set("created_to", p.CreatedTo)
	return url.Values(q)
}

// ListSocialPostsParams are the parameters of ListSocialPosts. Zero values are left out.
type ListSocialPostsParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
	// Status: Only posts with this status.
	Status PostStatus
	// Platform: Only posts for this platform.
	Platform SocialPlatform
	// Q: Only posts whose text or topic contains this text, case-insensitively.
	Q string
	// CreatedFrom: Only posts created at this time or later.
	CreatedFrom time.Time
	// CreatedTo: Only posts created before this time.
	CreatedTo time.Time
}

func (p ListSocialPostsParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	q.set("status", string(p.Status))
	q.set("platform", string(p.Platform))
	q.set("q", p.Q)
	q.set("created_from", p.CreatedFrom)
	q.set("created_to", p.CreatedTo)
	return url.Values(q)
}

// GetAnalyticsOverviewParams are the parameters of GetAnalyticsOverview. Zero values are left out.
type GetAnalyticsOverviewParams struct {
	// From: First day; 29 days before `to` by default.
	From string
	// To: Last day; today by default. At most 366 days from the first to the last.
	To string
}

func (p GetAnalyticsOverviewParams) query() url.Values {
	q := query{}
	q.set("from", p.From)
	q.set("to", p.To)
	return url.Values(q)
}

// ListAlertChannelsParams are the parameters of ListAlertChannels. Zero values are left out.
type ListAlertChannelsParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
}

func (p ListAlertChannelsParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	return url.Values(q)
}

// ListAlertsParams are the parameters of ListAlerts. Zero values are left out.
type ListAlertsParams struct {
	// Cursor: `next_cursor` of the previous page; leave it out for the first.
	Cursor string
	// Limit: Number of entries per page.
	Limit int64
	// State: Only alerts in this state.
	State AlertState
	// Condition: Only alerts of this condition.
	Condition AlertCondition
	// Subject: Only alerts about the endpoint or key with this id.
	Subject string
}

func (p ListAlertsParams) query() url.Values {
	q := query{}
	q.set("cursor", p.Cursor)
	q.set("limit", p.Limit)
	q.set("state", string(p.State))
	q.set("condition", string(p.Condition))
	q.set("subject", p.Subject)
	return url.Values(q)
}

// ListAuditLogParams are the parameters of ListAuditLog. Zero values are left out.
type ListAuditLogParams struct {
	// Cursor: `next_cursor` of the previous page; leave it out for the first.
	Cursor string
	// Limit: Number of entries per page.
	Limit int64
	// Action: Only this action, such as `webhook.updated`.
	Action string
	// ActorID: Only changes by this key, operator, member or session.
	ActorID string
	// Target: Only changes of the object with this id.
	Target string
	// From: Only changes at this time or later.
	From time.Time
	// To: Only changes before this time.
	To time.Time
}

func (p ListAuditLogParams) query() url.Values {
	q := query{}
	q.set("cursor", p.Cursor)
	q.set("limit", p.Limit)
	q.set("action", p.Action)
	q.set("actor_id", p.ActorID)
	q.set("target", p.Target)
	q.set("from", p.From)
	q.set("to", p.To)
	return url.Values(q)
}

// GetCreditsParams are the parameters of GetCredits. Zero values are left out.
type GetCreditsParams struct {
	// Cursor: `next_cursor` of the previous page; leave it out for the first.
	Cursor string
	// Limit: Number of entries per page.
	Limit int64
}

func (p GetCreditsParams) query() url.Values {
	q := query{}
	q.set("cursor", p.Cursor)
	q.set("limit", p.Limit)
	return url.Values(q)
}

// GetUsageParams are the parameters of GetUsage. Zero values are left out.
type GetUsageParams struct {
	// From: First day; 29 days before `to` by default.
	From string
	// To: Last day; today by default. At most 366 days from the first to the last.
	To string
	// KeyID: Only calls with this key.
	KeyID string
}

func (p GetUsageParams) query() url.Values {
	q := query{}
	q.set("from", p.From)
	q.set("to", p.To)
	q.set("key_id", p.KeyID)
	return url.Values(q)
}

// ListTrackedAccountsParams are the parameters of ListTrackedAccounts. Zero values are left out.
type ListTrackedAccountsParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
	// Platform: Only accounts of this platform.
	Platform string
	// Username: Only accounts with exactly this name.
	Username string
}

func (p ListTrackedAccountsParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	q.set("platform", p.Platform)
	q.set("username", p.Username)
	return url.Values(q)
}

// ListSnapshotsParams are the parameters of ListSnapshots. Zero values are left out.
type ListSnapshotsParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
	// From: Only snapshots taken at this time or later.
	From time.Time
	// To: Only snapshots taken before this time.
	To time.Time
}

func (p ListSnapshotsParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	q.set("from", p.From)
	q.set("to", p.To)
	return url.Values(q)
}

// ListStatsParams are the parameters of ListStats. Zero values are left out.
type ListStatsParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
	// Platform: Only accounts of this platform.
	Platform string
	// Username: Only accounts with exactly this name.
	Username string
	// From: Only snapshots taken at this time or later.
	From time.Time
	// To: Only snapshots taken before this time.
	To time.Time
}

func (p ListStatsParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	q.set("platform", p.Platform)
	q.set("username", p.Username)
	q.set("from", p.From)
	q.set("to", p.To)
	return url.Values(q)
}

// ListTrackerEventsParams are the parameters of ListTrackerEvents. Zero values are left out.
type ListTrackerEventsParams struct {
	// Cursor: `next_cursor` of the previous page; leave it out for the first.
	Cursor string
	// Limit: Number of entries per page.
	Limit int64
	// Event: Only events of this type.
	Event TrackerEventType
	// From: Only events recorded at this time or later.
	From time.Time
	// To: Only events recorded before this time.
	To time.Time
}

func (p ListTrackerEventsParams) query() url.Values {
	q := query{}
	q.set("cursor", p.Cursor)
	q.set("limit", p.Limit)
	q.set("event", string(p.Event))
	q.set("from", p.From)
	q.set("to", p.To)
	return url.Values(q)
}

// ListDirectMessagesParams are the parameters of ListDirectMessages. Zero values are left out.
type ListDirectMessagesParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
	// Status: Only entries in this status.
	Status DirectMessageStatus
	// TrackedAccountID: Only messages from this account.
	TrackedAccountID string
	// TargetUsername: Only messages to exactly this name.
	TargetUsername string
}

func (p ListDirectMessagesParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	q.set("status", string(p.Status))
	q.set("tracked_account_id", p.TrackedAccountID)
	q.set("target_username", p.TargetUsername)
	return url.Values(q)
}

// ListTrackerJobsParams are the parameters of ListTrackerJobs. Zero values are left out.
type ListTrackerJobsParams struct {
	// Page: Page number, from 1.
	Page int64
	// PerPage: Number of entries per page.
	PerPage int64
	// Status: Only entries in this status.
	Status TrackerJobStatus
	// JobType: Only jobs of this type.
	JobType string
}

func (p ListTrackerJobsParams) query() url.Values {
	q := query{}
	q.set("page", p.Page)
	q.set("per_page", p.PerPage)
	q.set("status", string(p.Status))
	q.set("job_type", p.JobType)
	return url.Values(q)
}
