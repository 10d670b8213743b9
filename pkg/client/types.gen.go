// Code generated from openapi/openapi.yaml by openapi/sdk. DO NOT EDIT.

package hookline

import (
	"encoding/json"
	"time"
)

// ContractVersion is the version of the API's document that this package was made from.
const ContractVersion = "0.1.0"

// Me is an object of the API.
type Me struct {
	// Label: A connection name that no-code tools can show.
	Label string `json:"label"`
	// Environment:
	Environment Environment `json:"environment"`
	// Tenant: The tenant that the key belongs to.
	Tenant MeTenant `json:"tenant"`
	// Key: The key in use.
	Key MeKey `json:"key"`
	// User: The member that the key belongs to; null for a key of the tenant itself.
	User *MeUser `json:"user"`
}

// Environment is a string with known values, and there may be new ones. Live and test data never mix.
type Environment string

// Values of Environment.
const (
	EnvironmentLive Environment = "live"
	EnvironmentTest Environment = "test"
)

// MeTenant is an object of the API. The tenant that the key belongs to.
type MeTenant struct {
	// ID: Id of the tenant.
	ID string `json:"id"`
	// Name: Name of the tenant.
	Name string `json:"name"`
	// Plan:
	Plan Plan `json:"plan"`
	// Profile:
	Profile Profile `json:"profile"`
	// Entitlements: The tenant's entitlements.
	Entitlements []string `json:"entitlements"`
	// DeliveriesPaused: Whether deliveries to all your endpoints are suspended. Events are still accepted, and
	// suspended deliveries are sent afterwards.
	DeliveriesPaused bool `json:"deliveries_paused"`
	// DeliveriesPausedSince: When the pause began; null while deliveries are not paused.
	DeliveriesPausedSince *time.Time `json:"deliveries_paused_since"`
	// DeliveriesPausedReason: The reason for the pause, if there is one; null while deliveries are not paused.
	DeliveriesPausedReason *string `json:"deliveries_paused_reason"`
}

// Plan is a string with known values, and there may be new ones. Plan of the tenant. `public_api` and
// `webhooks` come with business and enterprise.
type Plan string

// Values of Plan.
const (
	PlanFree       Plan = "free"
	PlanPro        Plan = "pro"
	PlanBusiness   Plan = "business"
	PlanEnterprise Plan = "enterprise"
)

// Profile is a string with known values, and there may be new ones. A set of conventions for keys and
// webhooks; an endpoint may have another profile than its tenant.
type Profile string

// Values of Profile.
const (
	ProfileHookline    Profile = "hookline"
	ProfileLeadmetrics Profile = "leadmetrics"
	ProfileInboxops    Profile = "inboxops"
	ProfileLeadhooks   Profile = "leadhooks"
	ProfileLeadie      Profile = "leadie"
	ProfileSavelead    Profile = "savelead"
)

// MeKey is an object of the API. The key in use.
type MeKey struct {
	// ID: Id of the key.
	ID string `json:"id"`
	// Name: Name of the key.
	Name string `json:"name"`
	// Permissions: Effective permissions: for a key of a user only those that the member's role allows, too.
	Permissions []string `json:"permissions"`
}

// MeUser is an object of the API. The member that the key belongs to; null for a key of the tenant itself.
type MeUser struct {
	// Number: Number of the member in the tenant, from 1; it is never given again. Events of the profile `leadie`
	// carry it as `user_id`.
	Number int64 `json:"number"`
	// ID: Id of the member.
	ID string `json:"id"`
	// Name: Name of the member.
	Name string `json:"name"`
	// Email: Email address of the member.
	Email string `json:"email"`
	// Role:
	Role MemberRole `json:"role"`
}

// MemberRole is a string with known values, and there may be new ones. `owner` and `admin` may do everything,
// `developer` everything but change members, `viewer` only read.
type MemberRole string

// Values of MemberRole.
const (
	MemberRoleOwner     MemberRole = "owner"
	MemberRoleAdmin     MemberRole = "admin"
	MemberRoleDeveloper MemberRole = "developer"
	MemberRoleViewer    MemberRole = "viewer"
)

// KeyList is an object of the API.
type KeyList struct {
	// Data: One page of keys.
	Data []Key `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// Key is an object of the API.
type Key struct {
	// ID: Id of the key.
	ID string `json:"id"`
	// Name: Name of the key.
	Name string `json:"name"`
	// Environment:
	Environment Environment `json:"environment"`
	// Prefix: Prefix of the secret, which depends on the profile.
	Prefix string `json:"prefix"`
	// Hint: The first characters of the key.
	Hint string `json:"hint"`
	// KeyPrefix: The same as `hint`. In the profile `inboxops` the first 8 characters.
	KeyPrefix string `json:"key_prefix"`
	// Permissions: Permissions of the key.
	Permissions []string `json:"permissions"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// LastUsedAt: Accurate to a minute.
	LastUsedAt *time.Time `json:"last_used_at"`
	// RevokedAt: When the key was revoked; null if it was not.
	RevokedAt *time.Time `json:"revoked_at"`
	// ExpiresAt: When the key expires; null for never.
	ExpiresAt *time.Time `json:"expires_at"`
	// Role: The role that the permissions come from.
	Role *string `json:"role"`
	// AllowedCIDRs: Networks that the key may be used from; empty means any.
	AllowedCIDRs []string `json:"allowed_cidrs"`
	// RateLimit:
	RateLimit RateLimit `json:"rate_limit"`
	// UserID: The member that the key belongs to; null for a key of the tenant itself.
	UserID *string `json:"user_id"`
}

// RateLimit is an object of the API. A rate limit of the key's own, counted in a sliding window; `{}` means
// the profile's or else the plan's. Rates are compared, so `per` does not matter: a tenant can set at most
// the rate that its plan allows a key, operators can set more. Refused where keys share a limit.
type RateLimit struct {
	// Requests: Number of requests that the key may make in the window.
	Requests *int64 `json:"requests,omitempty"`
	// Per: `minute` by default.
	Per *RateLimitPer `json:"per,omitempty"`
}

// RateLimitPer is a string with known values, and there may be new ones. `minute` by default.
type RateLimitPer string

// Values of RateLimitPer.
const (
	RateLimitPerMinute RateLimitPer = "minute"
	RateLimitPerHour   RateLimitPer = "hour"
)

// PageMeta is an object of the API. Page number and number of entries.
type PageMeta struct {
	// Page: Page number, from 1.
	Page int64 `json:"page"`
	// PerPage: Maximum number of entries per page.
	PerPage int64 `json:"per_page"`
	// Total: Number of entries on all pages. Counted up to 10,000: a total of 10,000 or more is a lower bound,
	// and it is larger than the number of entries up to this page as long as there is a next one.
	Total int64 `json:"total"`
}

// KeyCreate is an object of the API. Takes `permissions` or `role`, not both. With neither, the key has the
// default role of the profile, which is `developer` in all of them, or those of its permissions that its
// maker has.
type KeyCreate struct {
	// Name: Name of the key.
	Name string `json:"name"`
	// Permissions: Permissions of the key.
	Permissions []string `json:"permissions,omitzero"`
	// Role:
	Role *KeyRole `json:"role,omitempty"`
	// ExpiresAt: When the key expires; never by default.
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	// AllowedCIDRs:
	AllowedCIDRs []string `json:"allowed_cidrs,omitzero"`
	// RateLimit:
	RateLimit *RateLimit `json:"rate_limit,omitempty"`
	// UserID: The member that the key belongs to. By default the user of the key in use, if it has one, else
	// none. In the profile `leadie` it is then required.
	UserID *string `json:"user_id,omitempty"`
}

// KeyRole is a string with known values, and there may be new ones. A named set of permissions: `admin` is
// all, `developer` all but changing keys and members, `read_only` every `read:`.
type KeyRole string

// Values of KeyRole.
const (
	KeyRoleAdmin     KeyRole = "admin"
	KeyRoleDeveloper KeyRole = "developer"
	KeyRoleReadOnly  KeyRole = "read_only"
)

// KeyCreated is an object of the API.
type KeyCreated struct {
	// ID: Id of the key.
	ID string `json:"id"`
	// Name: Name of the key.
	Name string `json:"name"`
	// Environment:
	Environment Environment `json:"environment"`
	// Prefix: Prefix of the secret, which depends on the profile.
	Prefix string `json:"prefix"`
	// Hint: The first characters of the key.
	Hint string `json:"hint"`
	// KeyPrefix: The same as `hint`. In the profile `inboxops` the first 8 characters.
	KeyPrefix string `json:"key_prefix"`
	// Permissions: Permissions of the key.
	Permissions []string `json:"permissions"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// LastUsedAt: Accurate to a minute.
	LastUsedAt *time.Time `json:"last_used_at"`
	// RevokedAt: When the key was revoked; null if it was not.
	RevokedAt *time.Time `json:"revoked_at"`
	// ExpiresAt: When the key expires; null for never.
	ExpiresAt *time.Time `json:"expires_at"`
	// Role: The role that the permissions come from.
	Role *string `json:"role"`
	// AllowedCIDRs: Networks that the key may be used from; empty means any.
	AllowedCIDRs []string `json:"allowed_cidrs"`
	// RateLimit:
	RateLimit RateLimit `json:"rate_limit"`
	// UserID: The member that the key belongs to; null for a key of the tenant itself.
	UserID *string `json:"user_id"`
	// Key: The secret itself. Returned once.
	Key string `json:"key"`
}

// KeyUpdate is an object of the API. Takes `permissions` or `role`, not both.
type KeyUpdate struct {
	// Name: Name of the key.
	Name *string `json:"name,omitempty"`
	// Permissions: Permissions of the key.
	Permissions []string `json:"permissions,omitzero"`
	// Role:
	Role *KeyRole `json:"role,omitempty"`
	// ExpiresAt: Null means never.
	ExpiresAt Nullable[time.Time] `json:"expires_at,omitzero"`
	// AllowedCIDRs:
	AllowedCIDRs []string `json:"allowed_cidrs,omitzero"`
	// RateLimit:
	RateLimit *RateLimit `json:"rate_limit,omitempty"`
}

// KeyRotate is an object of the API.
type KeyRotate struct {
	// Grace: How long the old key stays valid: `0s` to `7d`, `24h` by default.
	Grace *string `json:"grace,omitempty"`
}

// MemberList is an object of the API.
type MemberList struct {
	// Data: One page of members.
	Data []Member `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// Member is an object of the API.
type Member struct {
	// Number: Number of the member in the tenant, from 1; it is never given again. Events of the profile `leadie`
	// carry it as `user_id`.
	Number int64 `json:"number"`
	// ID: Id of the member.
	ID string `json:"id"`
	// Email: Email address for signing in.
	Email string `json:"email"`
	// Name: Name of the person.
	Name string `json:"name"`
	// Role:
	Role MemberRole `json:"role"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt: When it was last updated.
	UpdatedAt time.Time `json:"updated_at"`
	// LastSignInAt: When the person last signed in; null for never.
	LastSignInAt *time.Time `json:"last_sign_in_at"`
}

// MemberCreate is an object of the API.
type MemberCreate struct {
	// Email: Email address for signing in.
	Email string `json:"email"`
	// Name: Name of the person.
	Name string `json:"name"`
	// Role:
	Role MemberRole `json:"role"`
}

// MemberUpdate is an object of the API.
type MemberUpdate struct {
	// Name: Name of the person.
	Name *string `json:"name,omitempty"`
	// Role:
	Role *MemberRole `json:"role,omitempty"`
}

// SessionList is an object of the API.
type SessionList struct {
	// Data: One page of sessions.
	Data []Session `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// Session is an object of the API. A dashboard session in one browser.
type Session struct {
	// ID: Id of the session.
	ID string `json:"id"`
	// Member: The member who is signed in; null for a session that belongs to no member.
	Member *SessionMember `json:"member"`
	// Environment:
	Environment Environment `json:"environment"`
	// OpenedBy: How the session was opened: with a `link` from your product, by `single_sign_on`, or by an
	// `operator`.
	OpenedBy SessionOpenedBy `json:"opened_by"`
	// Address: IP address of the browser at sign-in; null if it was not recorded.
	Address *string `json:"address"`
	// UserAgent: User agent of the browser at sign-in, at most 300 characters; null if it sent none.
	UserAgent *string `json:"user_agent"`
	// CreatedAt: When the session was created; for a session opened by a link, when the link was created.
	CreatedAt time.Time `json:"created_at"`
	// LastSeenAt: Last request, accurate to a minute.
	LastSeenAt time.Time `json:"last_seen_at"`
	// ExpiresAt: When the session expires at the latest.
	ExpiresAt time.Time `json:"expires_at"`
	// Current: Whether this is the calling session; always false for a key.
	Current bool `json:"current"`
}

// SessionMember is an object of the API. The member who is signed in; null for a session that belongs to no
// member.
type SessionMember struct {
	// ID: Id of the member.
	ID string `json:"id"`
	// Name: Name of the member.
	Name string `json:"name"`
	// Email: The member's email address.
	Email string `json:"email"`
}

// SessionOpenedBy is a string with known values, and there may be new ones. How the session was opened: with
// a `link` from your product, by `single_sign_on`, or by an `operator`.
type SessionOpenedBy string

// Values of SessionOpenedBy.
const (
	SessionOpenedByLink         SessionOpenedBy = "link"
	SessionOpenedBySingleSignOn SessionOpenedBy = "single_sign_on"
	SessionOpenedByOperator     SessionOpenedBy = "operator"
)

// LeadList is an object of the API.
type LeadList struct {
	// Data: One page of leads.
	Data []Lead `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// Lead is an object of the API.
type Lead struct {
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
	ExternalID *string `json:"external_id"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt: When it was last updated.
	UpdatedAt time.Time `json:"updated_at"`
}

// LeadCreate is an object of the API.
type LeadCreate struct {
	// Name: Full name.
	Name *string `json:"name,omitempty"`
	// Email: Email address.
	Email *string `json:"email,omitempty"`
	// Company: Company the person works for.
	Company *string `json:"company,omitempty"`
	// FirstName: First name.
	FirstName *string `json:"first_name,omitempty"`
	// LastName: Last name.
	LastName *string `json:"last_name,omitempty"`
	// Phone: Phone number, as given.
	Phone *string `json:"phone,omitempty"`
	// Website: Address of a website.
	Website *string `json:"website,omitempty"`
	// Position: Position in the company.
	Position *string `json:"position,omitempty"`
	// Twitter: Name or address on X, formerly Twitter.
	Twitter *string `json:"twitter,omitempty"`
	// Linkedin: Address of the LinkedIn profile.
	Linkedin *string `json:"linkedin,omitempty"`
	// Notes: Free text about the lead.
	Notes *string `json:"notes,omitempty"`
	// Score: 0 by default.
	Score *int64 `json:"score,omitempty"`
	// Source: Source of the lead, e.g. website.
	Source *string `json:"source,omitempty"`
	// Status: A status of your own; `new` by default.
	Status *string `json:"status,omitempty"`
	// ExternalID: Id of the lead in your own system. Unique (409), separately for live and test.
	ExternalID *string `json:"external_id,omitempty"`
}

// LeadBulk is an object of the API.
type LeadBulk struct {
	// Leads: Each has the fields of LeadCreate.
	Leads []LeadCreate `json:"leads"`
	// AllOrNothing: Whether one row that can't be created prevents all others; false by default.
	AllOrNothing *bool `json:"all_or_nothing,omitempty"`
}

// LeadBulkResult is an object of the API.
type LeadBulkResult struct {
	// Data: The result of each row, in the order they were sent.
	Data []LeadBulkRow `json:"data"`
	// Meta: Totals by result.
	Meta LeadBulkResultMeta `json:"meta"`
}

// LeadBulkRow is an object of the API.
type LeadBulkRow struct {
	// Index: Index of the row, from 0.
	Index int64 `json:"index"`
	// Status: The result of the row.
	Status LeadBulkRowStatus `json:"status"`
	// Lead: Only for created rows.
	Lead *Lead `json:"lead,omitempty"`
	// Errors: Why the row was not created: every violation until the response has 100, from then on the first of
	// each row.
	Errors []ErrorDetail `json:"errors"`
}

// LeadBulkRowStatus is a string with known values, and there may be new ones. The result of the row.
type LeadBulkRowStatus string

// Values of LeadBulkRowStatus.
const (
	LeadBulkRowStatusCreated  LeadBulkRowStatus = "created"
	LeadBulkRowStatusInvalid  LeadBulkRowStatus = "invalid"
	LeadBulkRowStatusConflict LeadBulkRowStatus = "conflict"
)

// ErrorDetail is an object of the API.
type ErrorDetail struct {
	// Field: The location: a path in the body such as `events[0]`, or the name of a parameter.
	Field string `json:"field"`
	// Message: The violation.
	Message string `json:"message"`
}

// LeadBulkResultMeta is an object of the API. Totals by result.
type LeadBulkResultMeta struct {
	// Created: Number of created rows.
	Created int64 `json:"created"`
	// Failed: Number of rejected entries.
	Failed int64 `json:"failed"`
}

// LeadUpsert is an object of the API.
type LeadUpsert struct {
	// Name: Full name.
	Name Nullable[string] `json:"name,omitzero"`
	// Company: Company the person works for.
	Company Nullable[string] `json:"company,omitzero"`
	// FirstName: First name.
	FirstName Nullable[string] `json:"first_name,omitzero"`
	// LastName: Last name.
	LastName Nullable[string] `json:"last_name,omitzero"`
	// Phone: Phone number, as given.
	Phone Nullable[string] `json:"phone,omitzero"`
	// Website: Address of a website.
	Website Nullable[string] `json:"website,omitzero"`
	// Position: Position in the company.
	Position Nullable[string] `json:"position,omitzero"`
	// Twitter: Name or address on X, formerly Twitter.
	Twitter Nullable[string] `json:"twitter,omitzero"`
	// Linkedin: Address of the LinkedIn profile.
	Linkedin Nullable[string] `json:"linkedin,omitzero"`
	// Notes: Free text about the lead.
	Notes Nullable[string] `json:"notes,omitzero"`
	// Score: 0 by default for a new lead.
	Score *int64 `json:"score,omitempty"`
	// Source: Source of the lead, e.g. website.
	Source Nullable[string] `json:"source,omitzero"`
	// Status: A status of your own; `new` by default for a new lead.
	Status *string `json:"status,omitempty"`
	// ExternalID: Id of the lead in your own system. Unique (409), separately for live and test.
	ExternalID Nullable[string] `json:"external_id,omitzero"`
}

// LeadUpdate is an object of the API.
type LeadUpdate struct {
	// Name: Full name.
	Name Nullable[string] `json:"name,omitzero"`
	// Email: Email address.
	Email Nullable[string] `json:"email,omitzero"`
	// Company: Company the person works for.
	Company Nullable[string] `json:"company,omitzero"`
	// FirstName: First name.
	FirstName Nullable[string] `json:"first_name,omitzero"`
	// LastName: Last name.
	LastName Nullable[string] `json:"last_name,omitzero"`
	// Phone: Phone number, as given.
	Phone Nullable[string] `json:"phone,omitzero"`
	// Website: Address of a website.
	Website Nullable[string] `json:"website,omitzero"`
	// Position: Position in the company.
	Position Nullable[string] `json:"position,omitzero"`
	// Twitter: Name or address on X, formerly Twitter.
	Twitter Nullable[string] `json:"twitter,omitzero"`
	// Linkedin: Address of the LinkedIn profile.
	Linkedin Nullable[string] `json:"linkedin,omitzero"`
	// Notes: Free text about the lead.
	Notes Nullable[string] `json:"notes,omitzero"`
	// Score: Score of the lead, on your own scale.
	Score *int64 `json:"score,omitempty"`
	// Source: Source of the lead, e.g. website.
	Source Nullable[string] `json:"source,omitzero"`
	// Status: A status of your own.
	Status *string `json:"status,omitempty"`
	// ExternalID: Id of the lead in your own system. Unique (409), separately for live and test.
	ExternalID Nullable[string] `json:"external_id,omitzero"`
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

// TicketList is an object of the API.
type TicketList struct {
	// Data: One page of tickets.
	Data []Ticket `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// Ticket is an object of the API.
type Ticket struct {
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

// TicketCreate is an object of the API.
type TicketCreate struct {
	// Subject: Subject line.
	Subject string `json:"subject"`
	// InboxID: Id of the ticket's inbox.
	InboxID string `json:"inbox_id"`
	// Priority: `normal` by default.
	Priority *TicketPriority `json:"priority,omitempty"`
	// AssigneeID: A member of the tenant.
	AssigneeID *string `json:"assignee_id,omitempty"`
}

// TicketUpdate is an object of the API.
type TicketUpdate struct {
	// Subject: Subject line.
	Subject *string `json:"subject,omitempty"`
	// Status:
	Status *TicketStatus `json:"status,omitempty"`
	// Priority:
	Priority *TicketPriority `json:"priority,omitempty"`
	// InboxID: Id of the ticket's inbox.
	InboxID *string `json:"inbox_id,omitempty"`
	// AssigneeID: A member of the tenant; null unassigns the ticket.
	AssigneeID Nullable[string] `json:"assignee_id,omitzero"`
}

// MessageList is an object of the API.
type MessageList struct {
	// Data: One page of messages.
	Data []Message `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// Message is an object of the API.
type Message struct {
	// ID: Id of the message.
	ID string `json:"id"`
	// TicketID: Id of the ticket.
	TicketID string `json:"ticket_id"`
	// TicketNumber: Number of the ticket, such as TCK-42.
	TicketNumber string `json:"ticket_number"`
	// InboxID: Id of the ticket's inbox.
	InboxID string `json:"inbox_id"`
	// Type: `inbound`: from a customer; `outbound`: to a customer; `internal_note`: visible to members only.
	Type MessageType `json:"type"`
	// From: The author; of a note the name of the user or key.
	From *string `json:"from"`
	// BodyHtml: As received; sanitize it before you show it.
	BodyHtml *string `json:"body_html"`
	// BodyText: The message as plain text; null if there is only `body_html`.
	BodyText *string `json:"body_text"`
	// CreatedAt: When it was recorded.
	CreatedAt time.Time `json:"created_at"`
}

// MessageType is a string with known values, and there may be new ones. `inbound`: from a customer;
// `outbound`: to a customer; `internal_note`: visible to members only.
type MessageType string

// Values of MessageType.
const (
	MessageTypeInbound      MessageType = "inbound"
	MessageTypeOutbound     MessageType = "outbound"
	MessageTypeInternalNote MessageType = "internal_note"
)

// MessageCreate is an object of the API. At least one of `body_html` and `body_text` is required.
type MessageCreate struct {
	// Type: Only `internal_note`; anything else is a 422, since the API sends no replies.
	Type string `json:"type"`
	// BodyHtml: The note in HTML.
	BodyHtml *string `json:"body_html,omitempty"`
	// BodyText: The note as plain text.
	BodyText *string `json:"body_text,omitempty"`
}

// TagsOfTicket is an object of the API.
type TagsOfTicket struct {
	// Data: The tags of the ticket.
	Data []Tag `json:"data"`
}

// Tag is an object of the API.
type Tag struct {
	// ID: Id of the tag.
	ID string `json:"id"`
	// Name: Name of the tag.
	Name string `json:"name"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
}

// TagAdd is an object of the API. Either one or the other.
type TagAdd struct {
	// TagID: Id of an existing tag.
	TagID *string `json:"tag_id,omitempty"`
	// TagName: Surrounding spaces are removed.
	TagName *string `json:"tag_name,omitempty"`
}

// TagList is an object of the API.
type TagList struct {
	// Data: One page of tags.
	Data []Tag `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// InboxList is an object of the API.
type InboxList struct {
	// Data: One page of inboxes.
	Data []Inbox `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// Inbox is an object of the API.
type Inbox struct {
	// ID: Id of the inbox.
	ID string `json:"id"`
	// Name: Name of the inbox.
	Name string `json:"name"`
	// Address: Address that customers write to.
	Address string `json:"address"`
	// Status:
	Status InboxStatus `json:"status"`
	// Error: Why the inbox does not work; null while it works.
	Error *string `json:"error"`
	// FailedSince: When the error began.
	FailedSince *time.Time `json:"failed_since"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt: When it was last updated.
	UpdatedAt time.Time `json:"updated_at"`
}

// InboxStatus is a string with known values, and there may be new ones. `error` while messages can't be
// fetched from it.
type InboxStatus string

// Values of InboxStatus.
const (
	InboxStatusActive InboxStatus = "active"
	InboxStatusError  InboxStatus = "error"
)

// EventList is an object of the API.
type EventList struct {
	// Data: One page of events.
	Data []Event `json:"data"`
	// Meta:
	Meta CursorMeta `json:"meta"`
}

// Event is an object of the API.
type Event struct {
	// ID: Id of the event.
	ID string `json:"id"`
	// Type: Type of the event.
	Type string `json:"type"`
	// Data: The data of the event, as its type's schema describes it.
	Data json.RawMessage `json:"data"`
	// Environment:
	Environment Environment `json:"environment"`
	// OccurredAt: The time of the event.
	OccurredAt time.Time `json:"occurred_at"`
	// CreatedAt: When the event was accepted.
	CreatedAt time.Time `json:"created_at"`
	// Status: `accepted`: stored; `dispatched`: its endpoints are determined.
	Status EventStatus `json:"status"`
	// Deliveries: Number of deliveries.
	Deliveries int64 `json:"deliveries"`
	// Reason: `no_endpoint` if no endpoint was subscribed.
	Reason *string `json:"reason"`
}

// EventStatus is a string with known values, and there may be new ones. `accepted`: stored; `dispatched`: its
// endpoints are determined.
type EventStatus string

// Values of EventStatus.
const (
	EventStatusAccepted   EventStatus = "accepted"
	EventStatusDispatched EventStatus = "dispatched"
)

// CursorMeta is an object of the API. Where the next page begins.
type CursorMeta struct {
	// NextCursor: Pass it as `cursor` to get the next page; null on the last page.
	NextCursor *string `json:"next_cursor"`
}

// EventCreate is an object of the API.
type EventCreate struct {
	// ID: Your own id; it makes publishing idempotent and is sent as `webhook-id`. Generated by default.
	ID *string `json:"id,omitempty"`
	// Type: A type of the catalogue, or one of your own: see `POST /api/v1/event-types`.
	Type string `json:"type"`
	// Data: Must match the schema of the type. In the profile `leadhooks`, a lead needs only the fields that its
	// type requires: the others are null by default, `score` is 0, `status` is `new`, and the times are that of
	// the event. A change may be `{old, new}`; the old value is null by default. In the profile `savelead`, it
	// has the fields that bodies have. Other fields are stored, and sent to endpoints of the profile `hookline`
	// alone.
	Data any `json:"data"`
	// OccurredAt: When it happened; now by default.
	OccurredAt *time.Time `json:"occurred_at,omitempty"`
}

// EventBulk is an object of the API.
type EventBulk struct {
	// Events: Each has the fields of EventCreate.
	Events []EventCreate `json:"events"`
}

// EventBulkResult is an object of the API.
type EventBulkResult struct {
	// Data: The result of each event, in the order they were sent.
	Data []EventBulkRow `json:"data"`
	// Meta: Totals by result.
	Meta EventBulkResultMeta `json:"meta"`
}

// EventBulkRow is an object of the API.
type EventBulkRow struct {
	// Index: Index of the event, from 0.
	Index int64 `json:"index"`
	// Status: The result.
	Status EventBulkRowStatus `json:"status"`
	// Event: Only for accepted events.
	Event *Event `json:"event,omitempty"`
	// Errors: Why the event was not accepted: every violation until the response has 100, from then on the first
	// of each event.
	Errors []ErrorDetail `json:"errors"`
}

// EventBulkRowStatus is a string with known values, and there may be new ones. The result.
type EventBulkRowStatus string

// Values of EventBulkRowStatus.
const (
	EventBulkRowStatusAccepted EventBulkRowStatus = "accepted"
	EventBulkRowStatusInvalid  EventBulkRowStatus = "invalid"
	EventBulkRowStatusConflict EventBulkRowStatus = "conflict"
)

// EventBulkResultMeta is an object of the API. Totals by result.
type EventBulkResultMeta struct {
	// Accepted: Number of accepted events.
	Accepted int64 `json:"accepted"`
	// Failed: Number of rejected entries.
	Failed int64 `json:"failed"`
}

// EventTypeList is an object of the API.
type EventTypeList struct {
	// Data: All types.
	Data []EventType `json:"data"`
	// Meta: Number of types.
	Meta EventTypeListMeta `json:"meta"`
}

// EventType is an object of the API.
type EventType struct {
	// Type: Name of the type.
	Type string `json:"type"`
	// Own: Whether you registered the type; false for types of the catalogue.
	Own bool `json:"own"`
	// Names: Names of the type in profiles that use another one: your profile, or all of them if yours is
	// `hookline`.
	Names map[string]string `json:"names"`
	// Group: Group in lists of types.
	Group string `json:"group"`
	// Description: Meaning of the event.
	Description string `json:"description"`
	// Schema: JSON Schema of `data`.
	Schema json.RawMessage `json:"schema"`
	// Sample: A `data` that matches the schema.
	Sample json.RawMessage `json:"sample"`
	// DeprecatedAt: When the type was deprecated; null if it is not.
	DeprecatedAt *time.Time `json:"deprecated_at"`
}

// EventTypeListMeta is an object of the API. Number of types.
type EventTypeListMeta struct {
	// Total: Number of types.
	Total int64 `json:"total"`
}

// EventTypeCreate is an object of the API.
type EventTypeCreate struct {
	// Type: Words of lower-case letters, digits and `_`, separated by dots: `order.created`. Endpoints can
	// subscribe to a common prefix: `order.*`.
	Type string `json:"type"`
	// Description: Meaning of the event.
	Description string `json:"description"`
	// Group: Group in lists; the first word of `type` by default.
	Group *string `json:"group,omitempty"`
	// Schema: JSON Schema of `data`.
	Schema any `json:"schema"`
	// Sample: A `data` that matches the schema, for docs and for `POST /api/v1/webhooks/{webhook_id}/test`; at
	// most 64 KiB.
	Sample any `json:"sample"`
}

// EventTypeCheck is an object of the API.
type EventTypeCheck struct {
	// Schema: JSON Schema of `data`.
	Schema any `json:"schema"`
	// Sample: A `data` to compare with the schema.
	Sample any `json:"sample,omitzero"`
}

// EventTypeCheckResult is an object of the API.
type EventTypeCheckResult struct {
	// Problems: All problems, those of the schema first; empty if there are none.
	Problems []ErrorDetail `json:"problems"`
	// Generated: A `data` made from the schema, which matches it unless the schema is unusual; null if the schema
	// has problems.
	Generated json.RawMessage `json:"generated"`
}

// EventTypeUpdate is an object of the API.
type EventTypeUpdate struct {
	// Description: Meaning of the event.
	Description *string `json:"description,omitempty"`
	// Group: Group in lists of types.
	Group *string `json:"group,omitempty"`
	// Schema: Must be compatible with the current schema. If the current sample doesn't match it, send a new
	// `sample`, too.
	Schema any `json:"schema,omitzero"`
	// Sample: A `data` that matches the schema.
	Sample any `json:"sample,omitzero"`
	// Deprecated: Deprecating a type again keeps the first time; `false` removes the deprecation.
	Deprecated *bool `json:"deprecated,omitempty"`
}

// WebhookList is an object of the API.
type WebhookList struct {
	// Data: One page of endpoints.
	Data []Webhook `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// Webhook is an object of the API.
type Webhook struct {
	// ID: Id of the endpoint.
	ID string `json:"id"`
	// Name: Name of the endpoint.
	Name string `json:"name"`
	// Description: For people.
	Description string `json:"description"`
	// Metadata:
	Metadata map[string]string `json:"metadata"`
	// URL: URL that receives the requests.
	URL string `json:"url"`
	// Events: Subscribed types; `*` and `lead.*` match several.
	Events []string `json:"events"`
	// Method: HTTP method of the requests.
	Method string `json:"method"`
	// Headers: Values are masked.
	Headers map[string]string `json:"headers"`
	// Profile:
	Profile Profile `json:"profile"`
	// Envelope:
	Envelope Envelope `json:"envelope"`
	// Signing:
	Signing Signing `json:"signing"`
	// PublicKey: `whpk_` and the base64 of the ed25519 public key; null unless `signing` is `ed25519` or `both`.
	PublicKey *string `json:"public_key"`
	// Filter: Null if there is no filter.
	Filter *string `json:"filter"`
	// RetryPolicy:
	RetryPolicy RetryPolicy `json:"retry_policy"`
	// RetryPreview: When each attempt would be made if all previous ones failed immediately: from the first,
	// which is made immediately, and without jitter.
	RetryPreview []string `json:"retry_preview"`
	// RateLimit:
	RateLimit EndpointRateLimit `json:"rate_limit"`
	// RetryPolicies:
	RetryPolicies map[string]RetryPolicy `json:"retry_policies"`
	// Timeout: Null for the server's default.
	Timeout *string `json:"timeout"`
	// TraceContext: Whether requests carry the header `traceparent`.
	TraceContext bool `json:"trace_context"`
	// Auth:
	Auth WebhookAuth `json:"auth"`
	// Source: The tool that subscribed.
	Source *string `json:"source"`
	// Listener: Whether this is a listener: its requests go down a stream and not to a URL, it has no headers or
	// auth of its own, and it ends by itself.
	Listener bool `json:"listener"`
	// Enabled: Whether the endpoint receives events.
	Enabled bool `json:"enabled"`
	// Environment:
	Environment Environment `json:"environment"`
	// DisabledReason: Why the endpoint is disabled: `manual` if you disabled it, `gone` if it answered 410.
	DisabledReason *string `json:"disabled_reason"`
	// Circuit:
	Circuit Circuit `json:"circuit"`
	// State: `enabled`: its deliveries are sent; the others as in `GET /webhooks/health`, but `disabled` also if
	// its owner disabled it. Left out in answers to changes.
	State *WebhookState `json:"state,omitempty"`
	// LastDeliveryStatus: Status of the delivery that was attempted last; left out before the first attempt, and
	// in answers to changes.
	LastDeliveryStatus *DeliveryStatus `json:"last_delivery_status,omitempty"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt: When it was last updated.
	UpdatedAt time.Time `json:"updated_at"`
}

// Envelope is a string with known values, and there may be new ones. The format of the body: the profile's
// own, or CloudEvents, which the profile `hookline` offers. `standard` by default.
type Envelope string

// Values of Envelope.
const (
	EnvelopeStandard    Envelope = "standard"
	EnvelopeCloudevents Envelope = "cloudevents"
)

// Signing is a string with known values, and there may be new ones. How requests are signed: with the secret,
// with a key pair, or with both. `hmac` by default. `none` only with the profile `savelead`, whose default it
// is.
type Signing string

// Values of Signing.
const (
	SigningHmac    Signing = "hmac"
	SigningEd25519 Signing = "ed25519"
	SigningBoth    Signing = "both"
	SigningNone    Signing = "none"
)

// RetryPolicy is an object of the API. Either `schedule`, the delays before each retry (n delays are n+1
// attempts), or an exponential rule: the first delay is `initial`, each next one `multiplier` times longer up
// to `max_interval`, and `max_attempts` counts every attempt, the first included. Durations are like `500ms`,
// `5s`, `30m`, `2h`.
type RetryPolicy struct {
	// Schedule: The delays before each retry.
	Schedule []string `json:"schedule,omitzero"`
	// Initial: The first delay; that of the profile's own policy by default.
	Initial *string `json:"initial,omitempty"`
	// Multiplier: 2 by default.
	Multiplier *float64 `json:"multiplier,omitempty"`
	// MaxAttempts: 6 by default.
	MaxAttempts *int64 `json:"max_attempts,omitempty"`
	// MaxInterval: The longest delay.
	MaxInterval *string `json:"max_interval,omitempty"`
	// Jitter: Each delay is changed at random by up to this share; 0.2 by default.
	Jitter *float64 `json:"jitter,omitempty"`
}

// EndpointRateLimit is an object of the API. Maximum rate of requests to the endpoint, retries included,
// evenly spaced; further deliveries are deferred. `{}`, the default, means no limit.
type EndpointRateLimit struct {
	// Requests: Number of requests.
	Requests *int64 `json:"requests,omitempty"`
	// Per: `second` by default.
	Per *EndpointRateLimitPer `json:"per,omitempty"`
}

// EndpointRateLimitPer is a string with known values, and there may be new ones. `second` by default.
type EndpointRateLimitPer string

// Values of EndpointRateLimitPer.
const (
	EndpointRateLimitPerSecond EndpointRateLimitPer = "second"
)

// WebhookAuth is an object of the API. How requests authenticate, in addition to the signature. Stored
// encrypted; `password`, `client_secret` and `private_key` are shown as `********`, which keeps the stored
// value if sent back. `basic` takes `username` and `password`, of which one may be empty. `oauth2` takes
// `token_url`, `client_id`, `client_secret` and optionally `scope` and `token_endpoint_auth_method` (client
// credentials, RFC 6749): the token is cached until it expires, and fetched again once if the endpoint
// answers 401, within the timeout of the attempt; if no token can be fetched, the attempt fails with
// `auth_failed`. `mtls` takes a client `certificate`, its chain included, and its `private_key`, both PEM;
// the URL must be https. Neither `basic` nor `oauth2` can be combined with an Authorization header of your
// own.
type WebhookAuth struct {
	// Type: Method of authentication; `none` disables it.
	Type WebhookAuthType `json:"type"`
	// Username: For `basic`.
	Username *string `json:"username,omitempty"`
	// Password: For `basic`.
	Password *string `json:"password,omitempty"`
	// TokenURL: For `oauth2`: URL of the token endpoint.
	TokenURL *string `json:"token_url,omitempty"`
	// ClientID: For `oauth2`.
	ClientID *string `json:"client_id,omitempty"`
	// ClientSecret: For `oauth2`.
	ClientSecret *string `json:"client_secret,omitempty"`
	// Scope: Separated by spaces.
	Scope *string `json:"scope,omitempty"`
	// TokenEndpointAuthMethod: For `oauth2`: how the client authenticates at the token endpoint. Without it, both
	// are tried once, the first first, and the one that worked is used from then on.
	TokenEndpointAuthMethod *WebhookAuthTokenEndpointAuthMethod `json:"token_endpoint_auth_method,omitempty"`
	// Certificate: For `mtls`: the certificate and its chain, PEM.
	Certificate *string `json:"certificate,omitempty"`
	// PrivateKey: For `mtls`: the certificate's key, PEM.
	PrivateKey *string `json:"private_key,omitempty"`
	// CertificateExpiresAt: Shown with `mtls`; ignored when sent.
	CertificateExpiresAt *time.Time `json:"certificate_expires_at,omitempty"`
}

// WebhookAuthType is a string with known values, and there may be new ones. Method of authentication; `none`
// disables it.
type WebhookAuthType string

// Values of WebhookAuthType.
const (
	WebhookAuthTypeNone   WebhookAuthType = "none"
	WebhookAuthTypeBasic  WebhookAuthType = "basic"
	WebhookAuthTypeOauth2 WebhookAuthType = "oauth2"
	WebhookAuthTypeMtls   WebhookAuthType = "mtls"
)

// WebhookAuthTokenEndpointAuthMethod is a string with known values, and there may be new ones. For `oauth2`:
// how the client authenticates at the token endpoint. Without it, both are tried once, the first first, and
// the one that worked is used from then on.
type WebhookAuthTokenEndpointAuthMethod string

// Values of WebhookAuthTokenEndpointAuthMethod.
const (
	WebhookAuthTokenEndpointAuthMethodClientSecretBasic WebhookAuthTokenEndpointAuthMethod = "client_secret_basic"
	WebhookAuthTokenEndpointAuthMethodClientSecretPost  WebhookAuthTokenEndpointAuthMethod = "client_secret_post"
)

// Circuit is an object of the API. The throttle and the circuit breaker of an endpoint that fails or is
// overloaded. A healthy endpoint has neither: `closed`, and `concurrency_limit` is null. An endpoint with too
// many requests in flight, one that answers 429, 502, 503 or 504, and one with a rate limit get at most
// `concurrency_limit` deliveries at a time; the limit grows with each success and halves with failures. After
// 10 consecutive failures the circuit breaker opens: nothing is sent until `next_probe_at`, then one delivery
// is the probe. Deferred deliveries use up no attempts.
type Circuit struct {
	// State: `open` sends nothing, `half_open` one delivery as a probe, `closed` everything.
	State CircuitState `json:"state"`
	// OpenedAt: When the circuit breaker last left `closed`; null while it is closed.
	OpenedAt *time.Time `json:"opened_at"`
	// NextProbeAt: When the next probe is sent; null unless the circuit breaker is open.
	NextProbeAt *time.Time `json:"next_probe_at"`
	// ConcurrencyLimit: Maximum number of deliveries in flight; null when the endpoint is not throttled.
	ConcurrencyLimit *int64 `json:"concurrency_limit"`
}

// CircuitState is a string with known values, and there may be new ones. `open` sends nothing, `half_open`
// one delivery as a probe, `closed` everything.
type CircuitState string

// Values of CircuitState.
const (
	CircuitStateClosed   CircuitState = "closed"
	CircuitStateOpen     CircuitState = "open"
	CircuitStateHalfOpen CircuitState = "half_open"
)

// WebhookState is a string with known values, and there may be new ones. `enabled`: its deliveries are sent;
// the others as in `GET /webhooks/health`, but `disabled` also if its owner disabled it. Left out in answers
// to changes.
type WebhookState string

// Values of WebhookState.
const (
	WebhookStateEnabled     WebhookState = "enabled"
	WebhookStateDisabled    WebhookState = "disabled"
	WebhookStateCircuitOpen WebhookState = "circuit_open"
	WebhookStateFailing     WebhookState = "failing"
	WebhookStateThrottled   WebhookState = "throttled"
)

// DeliveryStatus is a string with known values, and there may be new ones. `pending`, `delivering`, then
// `succeeded`; or `retrying` until it is `dead`; or `cancelled`, always with a reason.
type DeliveryStatus string

// Values of DeliveryStatus.
const (
	DeliveryStatusPending    DeliveryStatus = "pending"
	DeliveryStatusDelivering DeliveryStatus = "delivering"
	DeliveryStatusSucceeded  DeliveryStatus = "succeeded"
	DeliveryStatusRetrying   DeliveryStatus = "retrying"
	DeliveryStatusDead       DeliveryStatus = "dead"
	DeliveryStatusCancelled  DeliveryStatus = "cancelled"
)

// WebhookCreate is an object of the API.
type WebhookCreate struct {
	// Name: Empty by default. Required in the profile `savelead`, where no two endpoints of an account have the
	// same, whatever the profile of the account: an endpoint of `savelead` has a unique name. To that of an
	// endpoint with a `source`, which may be empty, a suffix is added that makes it unique.
	Name *string `json:"name,omitempty"`
	// Description: For people.
	Description *string `json:"description,omitempty"`
	// Metadata:
	Metadata map[string]string `json:"metadata,omitzero"`
	// URL: HTTPS.
	URL string `json:"url"`
	// Events: Types of the catalogue, or what the profile calls them; `lead.*` is a group, `*` everything but
	// `endpoint.*`, `delivery.*` and `key.*`, which Hookline emits about itself: name those that you want.
	// Required. Not required in the profile `savelead`, which has one event.
	Events []string `json:"events,omitzero"`
	// Method:
	Method *WebhookMethod `json:"method,omitempty"`
	// Headers:
	Headers map[string]string `json:"headers,omitzero"`
	// Profile:
	Profile *Profile `json:"profile,omitempty"`
	// Envelope:
	Envelope *Envelope `json:"envelope,omitempty"`
	// Signing:
	Signing *Signing `json:"signing,omitempty"`
	// Filter: Only events for which this is true, as described above; all events by default, or if null or empty.
	Filter *string `json:"filter,omitempty"`
	// RetryPolicy:
	RetryPolicy *RetryPolicy `json:"retry_policy,omitempty"`
	// RateLimit:
	RateLimit *EndpointRateLimit `json:"rate_limit,omitempty"`
	// RetryPolicies:
	RetryPolicies map[string]RetryPolicy `json:"retry_policies,omitzero"`
	// Timeout:
	Timeout *string `json:"timeout,omitempty"`
	// TraceContext: Whether requests carry the header `traceparent` (W3C Trace Context), which continues the
	// trace of the request that published the event; false by default. There is none if the publisher sent none
	// and the trace is not sampled.
	TraceContext *bool `json:"trace_context,omitempty"`
	// Auth:
	Auth *WebhookAuth `json:"auth,omitempty"`
	// Enabled: Whether the endpoint receives events; true by default.
	Enabled *bool `json:"enabled,omitempty"`
	// Secret: A signing secret of your own; generated by default. For the profile `hookline` it is `whsec_` and
	// 24 to 64 bytes in base64, for others 16 to 256 printable characters. Only on creation: rotate it later.
	Secret *string `json:"secret,omitempty"`
	// Source: The tool that subscribes, such as `zapier`. Creating the same URL and events again with the same
	// source returns the existing endpoint. Only on creation.
	Source *string `json:"source,omitempty"`
}

// WebhookMethod is a string with known values, and there may be new ones. POST by default. GET sends no body,
// so the signature is over an empty one; the delivery shows the body that was left out. Refused in the
// profile `savelead`, whose lead is in the body.
type WebhookMethod string

// Values of WebhookMethod.
const (
	WebhookMethodPOST  WebhookMethod = "POST"
	WebhookMethodPUT   WebhookMethod = "PUT"
	WebhookMethodPATCH WebhookMethod = "PATCH"
	WebhookMethodGET   WebhookMethod = "GET"
)

// WebhookCreated is an object of the API.
type WebhookCreated struct {
	// ID: Id of the endpoint.
	ID string `json:"id"`
	// Name: Name of the endpoint.
	Name string `json:"name"`
	// Description: For people.
	Description string `json:"description"`
	// Metadata:
	Metadata map[string]string `json:"metadata"`
	// URL: URL that receives the requests.
	URL string `json:"url"`
	// Events: Subscribed types; `*` and `lead.*` match several.
	Events []string `json:"events"`
	// Method: HTTP method of the requests.
	Method string `json:"method"`
	// Headers: Values are masked.
	Headers map[string]string `json:"headers"`
	// Profile:
	Profile Profile `json:"profile"`
	// Envelope:
	Envelope Envelope `json:"envelope"`
	// Signing:
	Signing Signing `json:"signing"`
	// PublicKey: `whpk_` and the base64 of the ed25519 public key; null unless `signing` is `ed25519` or `both`.
	PublicKey *string `json:"public_key"`
	// Filter: Null if there is no filter.
	Filter *string `json:"filter"`
	// RetryPolicy:
	RetryPolicy RetryPolicy `json:"retry_policy"`
	// RetryPreview: When each attempt would be made if all previous ones failed immediately: from the first,
	// which is made immediately, and without jitter.
	RetryPreview []string `json:"retry_preview"`
	// RateLimit:
	RateLimit EndpointRateLimit `json:"rate_limit"`
	// RetryPolicies:
	RetryPolicies map[string]RetryPolicy `json:"retry_policies"`
	// Timeout: Null for the server's default.
	Timeout *string `json:"timeout"`
	// TraceContext: Whether requests carry the header `traceparent`.
	TraceContext bool `json:"trace_context"`
	// Auth:
	Auth WebhookAuth `json:"auth"`
	// Source: The tool that subscribed.
	Source *string `json:"source"`
	// Listener: Whether this is a listener: its requests go down a stream and not to a URL, it has no headers or
	// auth of its own, and it ends by itself.
	Listener bool `json:"listener"`
	// Enabled: Whether the endpoint receives events.
	Enabled bool `json:"enabled"`
	// Environment:
	Environment Environment `json:"environment"`
	// DisabledReason: Why the endpoint is disabled: `manual` if you disabled it, `gone` if it answered 410.
	DisabledReason *string `json:"disabled_reason"`
	// Circuit:
	Circuit Circuit `json:"circuit"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt: When it was last updated.
	UpdatedAt time.Time `json:"updated_at"`
	// Secret: The signing secret; left out of a 200, whose endpoint existed before.
	Secret *string `json:"secret,omitempty"`
}

// WebhookUpdate is an object of the API.
type WebhookUpdate struct {
	// Name: Name of the endpoint. Not empty in the profile `savelead`, also when an endpoint is given that
	// profile.
	Name *string `json:"name,omitempty"`
	// Description: For people.
	Description *string `json:"description,omitempty"`
	// Metadata:
	Metadata map[string]string `json:"metadata,omitzero"`
	// URL: URL that receives the requests.
	URL *string `json:"url,omitempty"`
	// Events: Subscribed types; `*` and `lead.*` match several.
	Events []string `json:"events,omitzero"`
	// Method:
	Method *WebhookMethod `json:"method,omitempty"`
	// Headers:
	Headers map[string]string `json:"headers,omitzero"`
	// Profile:
	Profile *Profile `json:"profile,omitempty"`
	// Envelope:
	Envelope *Envelope `json:"envelope,omitempty"`
	// Signing:
	Signing *Signing `json:"signing,omitempty"`
	// Filter: Only events for which this is true, as described above; all events by default, or if null or empty.
	Filter Nullable[string] `json:"filter,omitzero"`
	// RetryPolicy:
	RetryPolicy *RetryPolicy `json:"retry_policy,omitempty"`
	// RateLimit:
	RateLimit *EndpointRateLimit `json:"rate_limit,omitempty"`
	// RetryPolicies:
	RetryPolicies map[string]RetryPolicy `json:"retry_policies,omitzero"`
	// Timeout:
	Timeout Nullable[string] `json:"timeout,omitzero"`
	// TraceContext: Whether requests carry the header `traceparent` (W3C Trace Context), which continues the
	// trace of the request that published the event; false by default. There is none if the publisher sent none
	// and the trace is not sampled.
	TraceContext *bool `json:"trace_context,omitempty"`
	// Auth:
	Auth *WebhookAuth `json:"auth,omitempty"`
	// Enabled: Whether the endpoint receives events.
	Enabled *bool `json:"enabled,omitempty"`
}

// PublicKey is an object of the API.
type PublicKey struct {
	// Algorithm: Id of the key.
	Algorithm PublicKeyAlgorithm `json:"algorithm"`
	// PublicKey: `whpk_` and the base64 of the key.
	PublicKey string `json:"public_key"`
	// Previous: Replaced keys that still sign as well, newest first.
	Previous []PreviousPublicKey `json:"previous"`
}

// PublicKeyAlgorithm is a string with known values, and there may be new ones. Id of the key.
type PublicKeyAlgorithm string

// Values of PublicKeyAlgorithm.
const (
	PublicKeyAlgorithmEd25519 PublicKeyAlgorithm = "ed25519"
)

// PreviousPublicKey is an object of the API.
type PreviousPublicKey struct {
	// PublicKey: `whpk_` and the base64 of the key.
	PublicKey string `json:"public_key"`
	// ValidUntil: Until when the replaced key signs.
	ValidUntil time.Time `json:"valid_until"`
}

// ListenerCreate is an object of the API.
type ListenerCreate struct {
	// Events: Types of the catalogue, or what the profile calls them; `lead.*` is a group, `*` everything, which
	// is the default, but `endpoint.*`, `delivery.*` and `key.*`, which Hookline emits about itself: name those
	// that you want.
	Events []string `json:"events,omitzero"`
	// Description: For people, such as the name of the machine.
	Description *string `json:"description,omitempty"`
}

// Listener is an object of the API.
type Listener struct {
	// ID: Id of the endpoint that the listener is, as in lists of endpoints and deliveries.
	ID string `json:"id"`
	// Description: For people.
	Description string `json:"description"`
	// Events: Subscribed types; `*` and `lead.*` match several.
	Events []string `json:"events"`
	// Profile:
	Profile Profile `json:"profile"`
	// Envelope:
	Envelope Envelope `json:"envelope"`
	// Signing:
	Signing Signing `json:"signing"`
	// Environment:
	Environment Environment `json:"environment"`
	// Secret: The signing secret of its requests.
	Secret string `json:"secret"`
	// EndsAt: When it ends unless its stream is opened before.
	EndsAt time.Time `json:"ends_at"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
}

// ListenerResponse is an object of the API. Exactly one of `status` and `error`.
type ListenerResponse struct {
	// RequestID: Id of the request.
	RequestID string `json:"request_id"`
	// Status: Status that your server answered.
	Status *int64 `json:"status,omitempty"`
	// Headers: Headers of the response.
	Headers map[string]string `json:"headers,omitzero"`
	// Body: The first 16 KiB of the body of the response, in base64.
	Body *string `json:"body,omitempty"`
	// Truncated: Whether the body was longer than that; false by default.
	Truncated *bool `json:"truncated,omitempty"`
	// Error: Why there was no response.
	Error *ListenerResponseError `json:"error,omitempty"`
	// DurationMS: How long the response took.
	DurationMS *float64 `json:"duration_ms,omitempty"`
}

// ListenerResponseError is a string with known values, and there may be new ones. Why there was no response.
type ListenerResponseError string

// Values of ListenerResponseError.
const (
	ListenerResponseErrorConnect  ListenerResponseError = "connect"
	ListenerResponseErrorTimeout  ListenerResponseError = "timeout"
	ListenerResponseErrorDNS      ListenerResponseError = "dns"
	ListenerResponseErrorTLS      ListenerResponseError = "tls"
	ListenerResponseErrorProtocol ListenerResponseError = "protocol"
)

// FilterTest is an object of the API.
type FilterTest struct {
	// Filter: The filter to test, in CEL.
	Filter string `json:"filter"`
	// EventType: Type of the test event; the first of the catalogue by default.
	EventType *string `json:"event_type,omitempty"`
	// Data: Data as the endpoint's consumer gets them; the sample of the event type by default.
	Data any `json:"data,omitzero"`
	// Profile: Profile of the endpoint that the filter is for; yours by default.
	Profile *Profile `json:"profile,omitempty"`
}

// FilterTestResult is an object of the API.
type FilterTestResult struct {
	// Matches: Null if there is an error.
	Matches *bool `json:"matches"`
	// Error: Why there is no result: the error in the filter, or the data that it can't be evaluated on.
	Error *string `json:"error"`
}

// WebhookSecret is an object of the API.
type WebhookSecret struct {
	// Secret: The signing secret.
	Secret string `json:"secret"`
	// Previous: Replaced secrets that still sign as well, newest first.
	Previous []PreviousSecret `json:"previous"`
}

// PreviousSecret is an object of the API.
type PreviousSecret struct {
	// ValidUntil: Until when the replaced key signs.
	ValidUntil time.Time `json:"valid_until"`
}

// SecretRotate is an object of the API.
type SecretRotate struct {
	// Grace: How long the current secret stays valid, at most 7d; 24h by default. With 0s only the new one is
	// valid, and the grace periods of earlier ones end too.
	Grace *string `json:"grace,omitempty"`
	// Secret: A secret of your own; generated by default.
	Secret *string `json:"secret,omitempty"`
}

// KeyPairRotate is an object of the API.
type KeyPairRotate struct {
	// Grace: How long the current key stays valid, at most 7d; 24h by default. With 0s only the new one is valid,
	// and the grace periods of earlier ones end too.
	Grace *string `json:"grace,omitempty"`
}

// DeliveryStats is an object of the API.
type DeliveryStats struct {
	// Period: The requested period.
	Period string `json:"period"`
	// From: Start of the first part of the period.
	From time.Time `json:"from"`
	// To: When the data was collected.
	To time.Time `json:"to"`
	// Complete: Whether every delivery in progress was counted.
	Complete bool `json:"complete"`
	// Total: Number of deliveries that ended in the period or are in progress.
	Total int64 `json:"total"`
	// Succeeded: Number of successful deliveries.
	Succeeded int64 `json:"succeeded"`
	// Failing: Number of failed deliveries that will be retried.
	Failing int64 `json:"failing"`
	// Dead: Number of dead letters.
	Dead int64 `json:"dead"`
	// Cancelled: Number of cancelled deliveries.
	Cancelled int64 `json:"cancelled"`
	// Waiting: Number of deliveries not attempted yet or being attempted.
	Waiting int64 `json:"waiting"`
	// Throttled: Number of failing or waiting deliveries that the throttle of their endpoint defers.
	Throttled int64 `json:"throttled"`
	// SuccessRate: Successful deliveries as a share of those that succeeded, are dead or are failing; null if
	// there are none.
	SuccessRate *float64 `json:"success_rate"`
	// Latency:
	Latency DeliveryLatency `json:"latency"`
	// ResponseTime:
	ResponseTime ResponseTime `json:"response_time"`
	// Previous:
	Previous PreviousDeliveryStats `json:"previous"`
	// BucketSeconds: Duration of each part of `series`.
	BucketSeconds int64 `json:"bucket_seconds"`
	// Series: Oldest first, without gaps.
	Series []DeliveryStatsPoint `json:"series"`
	// ResponseClasses: Attempts of the period by HTTP status class; `none`: no response.
	ResponseClasses []DeliveryStatsResponseClass `json:"response_classes"`
	// EventTypes: The 20 most frequent.
	EventTypes []EventTypeStats `json:"event_types"`
	// Endpoints: The most failing first, at most 100.
	Endpoints []WebhookStats `json:"endpoints"`
}

// DeliveryLatency is an object of the API. Time from creation to success of successful deliveries, delays and
// retries included, rounded up to histogram buckets; null if there are none.
type DeliveryLatency struct {
	// P50MS: 50th percentile in milliseconds.
	P50MS *int64 `json:"p50_ms"`
	// P95MS: 95th percentile in milliseconds.
	P95MS *int64 `json:"p95_ms"`
	// P99MS: 99th percentile in milliseconds.
	P99MS *int64 `json:"p99_ms"`
}

// ResponseTime is an object of the API. Duration of the requests that were answered, whatever the status,
// rounded up to histogram buckets; null if there are none.
type ResponseTime struct {
	// P50MS: 50th percentile in milliseconds.
	P50MS *int64 `json:"p50_ms"`
	// P95MS: 95th percentile in milliseconds.
	P95MS *int64 `json:"p95_ms"`
	// P99MS: 99th percentile in milliseconds.
	P99MS *int64 `json:"p99_ms"`
}

// PreviousDeliveryStats is an object of the API. The deliveries that ended in the period before, which is as
// long.
type PreviousDeliveryStats struct {
	// Total: Number of deliveries that ended.
	Total int64 `json:"total"`
	// Succeeded: Number of successful deliveries.
	Succeeded int64 `json:"succeeded"`
	// Dead: Number of deliveries that used up their attempts.
	Dead int64 `json:"dead"`
	// Cancelled: Number of cancelled deliveries.
	Cancelled int64 `json:"cancelled"`
	// SuccessRate: Successful deliveries as a share of those that succeeded or died; null if there are none.
	SuccessRate *float64 `json:"success_rate"`
	// Latency:
	Latency DeliveryLatency `json:"latency"`
	// ResponseTime:
	ResponseTime ResponseTime `json:"response_time"`
}

// DeliveryStatsPoint is an object of the API.
type DeliveryStatsPoint struct {
	// At: Start of the part.
	At time.Time `json:"at"`
	// Succeeded: Number of successful deliveries.
	Succeeded int64 `json:"succeeded"`
	// Failed: Number of dead or failing deliveries.
	Failed int64 `json:"failed"`
	// Other: Number of pending or cancelled deliveries.
	Other int64 `json:"other"`
	// P50MS: 50th percentile of the time to success in milliseconds; null if none succeeded.
	P50MS *int64 `json:"p50_ms"`
	// P95MS: 95th percentile of the time to success in milliseconds; null if none succeeded.
	P95MS *int64 `json:"p95_ms"`
	// ResponseP50MS: 50th percentile of the response time in milliseconds; null if no request was answered.
	ResponseP50MS *int64 `json:"response_p50_ms"`
	// ResponseP95MS: 95th percentile of the response time in milliseconds; null if no request was answered.
	ResponseP95MS *int64 `json:"response_p95_ms"`
}

// DeliveryStatsResponseClass is an object of the API.
type DeliveryStatsResponseClass struct {
	// Class: Class of the HTTP status.
	Class DeliveryStatsResponseClassClass `json:"class"`
	// Count: Number of attempts.
	Count int64 `json:"count"`
}

// DeliveryStatsResponseClassClass is a string with known values, and there may be new ones. Class of the HTTP
// status.
type DeliveryStatsResponseClassClass string

// Values of DeliveryStatsResponseClassClass.
const (
	DeliveryStatsResponseClassClass1xx  DeliveryStatsResponseClassClass = "1xx"
	DeliveryStatsResponseClassClass2xx  DeliveryStatsResponseClassClass = "2xx"
	DeliveryStatsResponseClassClass3xx  DeliveryStatsResponseClassClass = "3xx"
	DeliveryStatsResponseClassClass4xx  DeliveryStatsResponseClassClass = "4xx"
	DeliveryStatsResponseClassClass5xx  DeliveryStatsResponseClassClass = "5xx"
	DeliveryStatsResponseClassClassNone DeliveryStatsResponseClassClass = "none"
)

// EventTypeStats is an object of the API.
type EventTypeStats struct {
	// EventType: The event type.
	EventType string `json:"event_type"`
	// Total: Number of its deliveries that ended or are in progress.
	Total int64 `json:"total"`
	// Succeeded: Number of successful deliveries.
	Succeeded int64 `json:"succeeded"`
	// Failed: Number of dead or failing deliveries.
	Failed int64 `json:"failed"`
	// SuccessRate: As the total `success_rate`; null if there are none.
	SuccessRate *float64 `json:"success_rate"`
}

// WebhookStats is an object of the API.
type WebhookStats struct {
	// WebhookID: Id of the endpoint.
	WebhookID string `json:"webhook_id"`
	// Total: Number of deliveries to it that ended or are in progress.
	Total int64 `json:"total"`
	// Succeeded: Number of successful deliveries.
	Succeeded int64 `json:"succeeded"`
	// Failed: Number of dead or failing deliveries.
	Failed int64 `json:"failed"`
	// Retrying: Number of failed deliveries that will be retried.
	Retrying int64 `json:"retrying"`
	// Waiting: Number of deliveries not attempted yet or being attempted, with those that wait for a throttled
	// endpoint.
	Waiting int64 `json:"waiting"`
	// Dead: Number of deliveries that died in the period.
	Dead int64 `json:"dead"`
	// SuccessRate: As the total `success_rate`; null if there are none.
	SuccessRate *float64 `json:"success_rate"`
	// LastDeliveryAt: When its newest delivery was created.
	LastDeliveryAt time.Time `json:"last_delivery_at"`
	// Failures: For each part of `series`, the share of failed deliveries; null if there were none.
	Failures []*float64 `json:"failures"`
}

// WebhookHealth is an object of the API.
type WebhookHealth struct {
	// Data: The worst first.
	Data []WebhookIssue `json:"data"`
	// Failing: Number of failing endpoints, all states but `throttled`; also of those beyond the 100 in `data`.
	Failing int64 `json:"failing"`
	// Complete: Whether every endpoint that needs attention is listed, and every delivery in progress and every
	// dead letter was counted.
	Complete bool `json:"complete"`
}

// WebhookIssue is an object of the API.
type WebhookIssue struct {
	// WebhookID: Id of the endpoint.
	WebhookID string `json:"webhook_id"`
	// Name: Name of the endpoint.
	Name string `json:"name"`
	// URL: URL of the endpoint.
	URL string `json:"url"`
	// State: `disabled`: Hookline disabled it; `circuit_open`: only probes are sent; `failing`: the last attempt
	// failed; `throttled`: it gets a few deliveries at a time.
	State WebhookIssueState `json:"state"`
	// Since: Time of the first failure since the last success; null if nothing failed.
	Since *time.Time `json:"since"`
	// DisabledReason: As that of the endpoint.
	DisabledReason *string `json:"disabled_reason"`
	// ConsecutiveFailures: Number of attempts that failed since the last success.
	ConsecutiveFailures int64 `json:"consecutive_failures"`
	// LastSuccessAt: When an attempt last succeeded, to the minute; null if none did.
	LastSuccessAt *time.Time `json:"last_success_at"`
	// LastError:
	LastError WebhookLastError `json:"last_error"`
	// Errors: Deliveries in progress and dead letters by their last error, the most frequent first.
	Errors []WebhookErrorGroup `json:"errors"`
	// Waiting: Number of deliveries in progress.
	Waiting int64 `json:"waiting"`
	// Throttled: Number of them that the throttle defers.
	Throttled int64 `json:"throttled"`
	// Dead: Number of dead letters.
	Dead int64 `json:"dead"`
	// NextAttemptAt: When the next of them is attempted; null if none waits.
	NextAttemptAt *time.Time `json:"next_attempt_at"`
}

// WebhookIssueState is a string with known values, and there may be new ones. `disabled`: Hookline disabled
// it; `circuit_open`: only probes are sent; `failing`: the last attempt failed; `throttled`: it gets a few
// deliveries at a time.
type WebhookIssueState string

// Values of WebhookIssueState.
const (
	WebhookIssueStateDisabled    WebhookIssueState = "disabled"
	WebhookIssueStateCircuitOpen WebhookIssueState = "circuit_open"
	WebhookIssueStateFailing     WebhookIssueState = "failing"
	WebhookIssueStateThrottled   WebhookIssueState = "throttled"
)

// WebhookLastError is an object of the API. The error of the newest delivery that failed; the fields are null
// if there is none.
type WebhookLastError struct {
	// Reason: As `reason` of a delivery.
	Reason *string `json:"reason"`
	// ResponseStatus: HTTP status; null if there was no response.
	ResponseStatus *int64 `json:"response_status"`
	// Message: The error, for people.
	Message *string `json:"message"`
	// DeliveryID: Id of the delivery.
	DeliveryID *string `json:"delivery_id"`
}

// WebhookErrorGroup is an object of the API.
type WebhookErrorGroup struct {
	// Reason: As `reason` of a delivery.
	Reason string `json:"reason"`
	// ResponseStatus: HTTP status; null if there was no response.
	ResponseStatus *int64 `json:"response_status"`
	// Count: Number of deliveries.
	Count int64 `json:"count"`
}

// WebhookTest is an object of the API.
type WebhookTest struct {
	// EventType: A type of the catalogue; the first type that the endpoint subscribes to by default.
	EventType *string `json:"event_type,omitempty"`
	// Data: Must match the schema of the type; its sample by default.
	Data any `json:"data,omitzero"`
}

// WebhookTestResult is an object of the API.
type WebhookTestResult struct {
	// Succeeded: Whether the endpoint answered 2xx in time.
	Succeeded bool `json:"succeeded"`
	// DeliveryID: Id of its entry in the delivery log.
	DeliveryID string `json:"delivery_id"`
	// EventID: Begins with `evt_test_`.
	EventID string `json:"event_id"`
	// EventType: Type of the sample.
	EventType string `json:"event_type"`
	// Request: The request.
	Request WebhookTestResultRequest `json:"request"`
	// Response:
	Response *WebhookTestResponse `json:"response,omitempty"`
	// ErrorCode: As `reason` of a delivery.
	ErrorCode *string `json:"error_code"`
	// Error: The error, for people; null if there is none.
	Error *string `json:"error"`
	// DurationMS: Milliseconds from the request to the end of the response.
	DurationMS float64 `json:"duration_ms"`
}

// WebhookTestResultRequest is an object of the API. The request.
type WebhookTestResultRequest struct {
	// Method: HTTP method.
	Method string `json:"method"`
	// URL: URL of the request.
	URL string `json:"url"`
	// Headers: Values of your own headers are masked.
	Headers map[string]string `json:"headers"`
	// Body: The body, byte for byte.
	Body string `json:"body"`
}

// WebhookTestResponse is an object of the API. The response; left out if there was none.
type WebhookTestResponse struct {
	// Status: HTTP status.
	Status int64 `json:"status"`
	// Headers: Headers of the response, with the endpoint's secrets masked.
	Headers map[string]string `json:"headers"`
	// Body: The first 16 KiB, with the endpoint's secrets masked; empty for a compressed body.
	Body string `json:"body"`
	// Truncated: Whether the body was longer, or compressed.
	Truncated bool `json:"truncated"`
}

// HTTPClass is a string with known values, and there may be new ones. Class of the HTTP status of the last
// attempt; `none`: no response.
type HTTPClass string

// Values of HTTPClass.
const (
	HTTPClass2xx  HTTPClass = "2xx"
	HTTPClass3xx  HTTPClass = "3xx"
	HTTPClass4xx  HTTPClass = "4xx"
	HTTPClass5xx  HTTPClass = "5xx"
	HTTPClassNone HTTPClass = "none"
)

// DeliveryList is an object of the API.
type DeliveryList struct {
	// Data: One page of deliveries.
	Data []Delivery `json:"data"`
	// Meta:
	Meta CursorMeta `json:"meta"`
}

// Delivery is an object of the API.
type Delivery struct {
	// ID: Id of the delivery.
	ID string `json:"id"`
	// EventID: Id of the event.
	EventID string `json:"event_id"`
	// EventType: Type of the event.
	EventType string `json:"event_type"`
	// WebhookID: Id of the endpoint.
	WebhookID string `json:"webhook_id"`
	// Environment:
	Environment Environment `json:"environment"`
	// Status:
	Status DeliveryStatus `json:"status"`
	// Reason: Why the delivery has not succeeded: `http_status`, `timeout`, `dns` (the name does not exist, or
	// has no public address), `connect`, `tls`, `protocol`, `answer_too_large` (a body of more than 1 MiB),
	// `blocked_address` (the URL has a private one), `invalid_url`, `invalid_request`, `lease_expired` (the
	// worker ended before the response), `auth_failed`, `no_listener` (a listener had no connection),
	// `exhausted`, `throttled` (the endpoint gets a few deliveries at a time, or none for now; `next_attempt_at`
	// is the next try), `filtered` (the endpoint's filter is false), `filter_error` (the filter can't be
	// evaluated), `endpoint_disabled`, `endpoint_deleted`, `gone` (the endpoint answered 410),
	// `entitlement_required` (suspended until the plan includes webhooks again), `paused` (suspended by an
	// operator), `internal` (an internal error before the request was sent, which is no attempt).
	Reason *string `json:"reason"`
	// AttemptCount: Number of attempts so far.
	AttemptCount int64 `json:"attempt_count"`
	// MaxAttempts: Maximum number of attempts by the endpoint's retry policy.
	MaxAttempts int64 `json:"max_attempts"`
	// NextAttemptAt: Time of the next attempt; null if there is none.
	NextAttemptAt *time.Time `json:"next_attempt_at"`
	// ResponseStatus: HTTP status of the latest response.
	ResponseStatus *int64 `json:"response_status"`
	// Error: Error of the latest attempt.
	Error *string `json:"error"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// FinishedAt: When the delivery became final; null while it is not.
	FinishedAt *time.Time `json:"finished_at"`
	// Test: Whether it is a test (`POST /webhooks/{id}/test`) and not the delivery of an event.
	Test bool `json:"test"`
	// DurationMS: Duration of the latest attempt in milliseconds; only in lists, and left out without a finished
	// attempt.
	DurationMS *float64 `json:"duration_ms,omitempty"`
}

// DeliveryDetail is an object of the API.
type DeliveryDetail struct {
	// ID: Id of the delivery.
	ID string `json:"id"`
	// EventID: Id of the event.
	EventID string `json:"event_id"`
	// EventType: Type of the event.
	EventType string `json:"event_type"`
	// WebhookID: Id of the endpoint.
	WebhookID string `json:"webhook_id"`
	// Environment:
	Environment Environment `json:"environment"`
	// Status:
	Status DeliveryStatus `json:"status"`
	// Reason: Why the delivery has not succeeded: `http_status`, `timeout`, `dns` (the name does not exist, or
	// has no public address), `connect`, `tls`, `protocol`, `answer_too_large` (a body of more than 1 MiB),
	// `blocked_address` (the URL has a private one), `invalid_url`, `invalid_request`, `lease_expired` (the
	// worker ended before the response), `auth_failed`, `no_listener` (a listener had no connection),
	// `exhausted`, `throttled` (the endpoint gets a few deliveries at a time, or none for now; `next_attempt_at`
	// is the next try), `filtered` (the endpoint's filter is false), `filter_error` (the filter can't be
	// evaluated), `endpoint_disabled`, `endpoint_deleted`, `gone` (the endpoint answered 410),
	// `entitlement_required` (suspended until the plan includes webhooks again), `paused` (suspended by an
	// operator), `internal` (an internal error before the request was sent, which is no attempt).
	Reason *string `json:"reason"`
	// AttemptCount: Number of attempts so far.
	AttemptCount int64 `json:"attempt_count"`
	// MaxAttempts: Maximum number of attempts by the endpoint's retry policy.
	MaxAttempts int64 `json:"max_attempts"`
	// NextAttemptAt: Time of the next attempt; null if there is none.
	NextAttemptAt *time.Time `json:"next_attempt_at"`
	// ResponseStatus: HTTP status of the latest response.
	ResponseStatus *int64 `json:"response_status"`
	// Error: Error of the latest attempt.
	Error *string `json:"error"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// FinishedAt: When the delivery became final; null while it is not.
	FinishedAt *time.Time `json:"finished_at"`
	// Test: Whether it is a test (`POST /webhooks/{id}/test`) and not the delivery of an event.
	Test bool `json:"test"`
	// ContentType: Content-Type of the body.
	ContentType string `json:"content_type"`
	// Body: The exact bytes that are signed and sent.
	Body string `json:"body"`
	// Attempts: Every request, oldest first.
	Attempts []Attempt `json:"attempts"`
}

// Attempt is an object of the API.
type Attempt struct {
	// ID: Id of the attempt.
	ID string `json:"id"`
	// Number: Number of the attempt, from 1.
	Number int64 `json:"number"`
	// Status: `lease_expired`: the worker ended before the response; the request may have arrived.
	Status AttemptStatus `json:"status"`
	// Method: HTTP method.
	Method string `json:"method"`
	// URL: URL of the request.
	URL string `json:"url"`
	// RequestHeaders: The request; values of your own headers are masked.
	RequestHeaders map[string]string `json:"request_headers"`
	// ResponseStatus: HTTP status; null if there was no response.
	ResponseStatus *int64 `json:"response_status"`
	// ResponseHeaders: Several values of one header are separated by line breaks.
	ResponseHeaders map[string]string `json:"response_headers"`
	// ResponseBody: The first 16 KiB. The endpoint's secrets (values of your own headers, passwords, tokens,
	// signing secrets) are masked, in headers too; a compressed body, which Hookline does not ask for, is not
	// stored. A response with a body of more than 1 MiB, or one that does not end in time, is a failure whatever
	// its status.
	ResponseBody string `json:"response_body"`
	// ResponseTruncated: Whether the body of the response was longer than the stored part.
	ResponseTruncated bool `json:"response_truncated"`
	// ErrorCode: As `reason` of a delivery; null if the attempt succeeded.
	ErrorCode *string `json:"error_code"`
	// Error: The error, for people; null if there is none.
	Error *string `json:"error"`
	// Timings:
	Timings AttemptTimings `json:"timings"`
	// StartedAt: When it began.
	StartedAt time.Time `json:"started_at"`
	// DurationMS: From the record of the attempt to the record of its outcome.
	DurationMS *float64 `json:"duration_ms"`
}

// AttemptStatus is a string with known values, and there may be new ones. `lease_expired`: the worker ended
// before the response; the request may have arrived.
type AttemptStatus string

// Values of AttemptStatus.
const (
	AttemptStatusRunning      AttemptStatus = "running"
	AttemptStatusSucceeded    AttemptStatus = "succeeded"
	AttemptStatusFailed       AttemptStatus = "failed"
	AttemptStatusLeaseExpired AttemptStatus = "lease_expired"
)

// AttemptTimings is an object of the API. Duration of the phases of the request, in milliseconds. A phase
// that was skipped or not completed is null; all are if no request was made.
type AttemptTimings struct {
	// DNSMS: DNS lookup.
	DNSMS *float64 `json:"dns_ms"`
	// ConnectMS: TCP connect.
	ConnectMS *float64 `json:"connect_ms"`
	// TLSMS: TLS handshake.
	TLSMS *float64 `json:"tls_ms"`
	// WaitMS: Time to first byte: from the last byte of the request to the first of the response.
	WaitMS *float64 `json:"wait_ms"`
	// TotalMS: Total: to the last byte of the response or the failure.
	TotalMS *float64 `json:"total_ms"`
	// Reused: Whether the connection was reused, without lookup, connect and handshake.
	Reused bool `json:"reused"`
	// HTTPVersion: HTTP version, such as HTTP/2.0.
	HTTPVersion *string `json:"http_version"`
}

// DeliveryBulk is an object of the API.
type DeliveryBulk struct {
	// Filter:
	Filter DeliveryFilter `json:"filter"`
	// DryRun: Only count; false by default.
	DryRun *bool `json:"dry_run,omitempty"`
}

// DeliveryFilter is an object of the API. All conditions must match; `{}` matches every delivery that is
// over.
type DeliveryFilter struct {
	// Status: Only deliveries in this status.
	Status *DeliveryFilterStatus `json:"status,omitempty"`
	// WebhookID: Only deliveries to this endpoint.
	WebhookID *string `json:"webhook_id,omitempty"`
	// EventID: Only deliveries of this event.
	EventID *string `json:"event_id,omitempty"`
	// EventType: Only deliveries of events of this type; several are separated by commas.
	EventType *string `json:"event_type,omitempty"`
	// Reason: Only deliveries with this `reason`.
	Reason *string `json:"reason,omitempty"`
	// HTTPStatus: Only deliveries with this `response_status`.
	HTTPStatus *int64 `json:"http_status,omitempty"`
	// HTTPClass:
	HTTPClass *HTTPClass `json:"http_class,omitempty"`
	// Text: Only deliveries whose event data contain this text, with case and Unicode forms folded as in `search`
	// of `GET /webhooks`.
	Text *string `json:"text,omitempty"`
	// From: Only deliveries created at this time or later.
	From *time.Time `json:"from,omitempty"`
	// To: Only deliveries created before this time; not before `from`.
	To *time.Time `json:"to,omitempty"`
}

// DeliveryFilterStatus is a string with known values, and there may be new ones. Only deliveries in this
// status.
type DeliveryFilterStatus string

// Values of DeliveryFilterStatus.
const (
	DeliveryFilterStatusSucceeded DeliveryFilterStatus = "succeeded"
	DeliveryFilterStatusDead      DeliveryFilterStatus = "dead"
	DeliveryFilterStatusCancelled DeliveryFilterStatus = "cancelled"
)

// BulkPreview is an object of the API.
type BulkPreview struct {
	// Total: Number of matches.
	Total int64 `json:"total"`
	// Skipped: Number of matches that would be skipped.
	Skipped int64 `json:"skipped"`
	// SkipReasons: Skipped matches by reason.
	SkipReasons map[string]int64 `json:"skip_reasons"`
	// SampleIDs: Ids of the first matches.
	SampleIDs []string `json:"sample_ids"`
}

// Job is an object of the API.
type Job struct {
	// ID: Id of the job.
	ID string `json:"id"`
	// Kind: Kind of the job.
	Kind JobKind `json:"kind"`
	// Status: `queued`, `running`, then `done`, `failed` or `cancelled`.
	Status JobStatus `json:"status"`
	// Total: Number of items when the job was created.
	Total int64 `json:"total"`
	// Done: Number of processed items.
	Done int64 `json:"done"`
	// Skipped: Number of skipped items.
	Skipped int64 `json:"skipped"`
	// SkipReasons: Skipped items by reason: `endpoint_deleted`, `endpoint_disabled`, `entitlement_required`,
	// `changed` (no longer in the required state), or the reason of a new delivery that was cancelled
	// immediately.
	SkipReasons map[string]int64 `json:"skip_reasons"`
	// Filter: Parameters of the job.
	Filter json.RawMessage `json:"filter"`
	// Error: Why it failed.
	Error *string `json:"error"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// StartedAt: When it began; null before.
	StartedAt *time.Time `json:"started_at"`
	// FinishedAt: When it ended; null before.
	FinishedAt *time.Time `json:"finished_at"`
}

// JobKind is a string with known values, and there may be new ones. Kind of the job.
type JobKind string

// Values of JobKind.
const (
	JobKindDeadLettersReplay JobKind = "dead_letters.replay"
	JobKindDeadLettersPurge  JobKind = "dead_letters.purge"
	JobKindDeliveriesReplay  JobKind = "deliveries.replay"
	JobKindWebhookRecover    JobKind = "webhook.recover"
	JobKindFollowersCompare  JobKind = "followers.compare"
)

// JobStatus is a string with known values, and there may be new ones. `queued`, `running`, then `done`,
// `failed` or `cancelled`.
type JobStatus string

// Values of JobStatus.
const (
	JobStatusQueued    JobStatus = "queued"
	JobStatusRunning   JobStatus = "running"
	JobStatusDone      JobStatus = "done"
	JobStatusFailed    JobStatus = "failed"
	JobStatusCancelled JobStatus = "cancelled"
)

// DeadLetterBulk is an object of the API.
type DeadLetterBulk struct {
	// Filter:
	Filter DeadLetterFilter `json:"filter"`
	// DryRun: Only count; false by default.
	DryRun *bool `json:"dry_run,omitempty"`
}

// DeadLetterFilter is an object of the API. All conditions must match; `{}` matches every dead letter.
type DeadLetterFilter struct {
	// WebhookID: Only dead letters of this endpoint.
	WebhookID *string `json:"webhook_id,omitempty"`
	// EventType: Only dead letters of events of this type, which must exist; several are separated by commas.
	EventType *string `json:"event_type,omitempty"`
	// Reason: Only dead letters with this `reason`, or whose last attempt failed with it: `exhausted`,
	// `http_status`, `timeout`, `dns` (the name does not exist, or has no public address), `connect`, `tls`…
	Reason *string `json:"reason,omitempty"`
	// HTTPStatus: Only dead letters whose last response had this HTTP status.
	HTTPStatus *int64 `json:"http_status,omitempty"`
	// HTTPClass:
	HTTPClass *HTTPClass `json:"http_class,omitempty"`
	// CreatedFrom: Only entries created at this time or later.
	CreatedFrom *time.Time `json:"created_from,omitempty"`
	// CreatedTo: Only entries created before this time.
	CreatedTo *time.Time `json:"created_to,omitempty"`
	// DiedFrom: Only deliveries that died at this time or later.
	DiedFrom *time.Time `json:"died_from,omitempty"`
	// DiedTo: Only deliveries that died before this time.
	DiedTo *time.Time `json:"died_to,omitempty"`
}

// Recovery is an object of the API.
type Recovery struct {
	// Since: Events accepted at this time or later.
	Since time.Time `json:"since"`
	// Until: Events accepted before this time; up to now by default.
	Until *time.Time `json:"until,omitempty"`
	// EventTypes: Only these of the subscribed types: names, or groups such as `lead.*`.
	EventTypes []string `json:"event_types,omitzero"`
	// DryRun: Only count; false by default.
	DryRun *bool `json:"dry_run,omitempty"`
}

// JobList is an object of the API.
type JobList struct {
	// Data: One page of jobs.
	Data []Job `json:"data"`
	// Meta:
	Meta CursorMeta `json:"meta"`
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

// BlogPostList is an object of the API.
type BlogPostList struct {
	// Data: One page of blog posts.
	Data []BlogPost `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// BlogPost is an object of the API. A blog post and its state.
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

// BlogBrief is an object of the API. The brief of a blog post.
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

// AgentRun is an object of the API.
type AgentRun struct {
	// ID: Id of the run.
	ID string `json:"id"`
	// Agent:
	Agent Agent `json:"agent"`
	// Status: `queued`, `running`, then `completed`, `failed` or `cancelled`.
	Status AgentRunStatus `json:"status"`
	// PostID: The blog post or social post of the run.
	PostID string `json:"post_id"`
	// Generator: Generator, `openai` or `outline`; null until the run is done.
	Generator *string `json:"generator"`
	// Model: The model that wrote the post; null without one.
	Model *string `json:"model"`
	// Reason: Why the run failed, for programs: `timeout`, `refused` (by the model), `invalid_answer` (unusable
	// output), `cut_off` (output longer than the limit), `rate_limited`, `unavailable`, `misconfigured` (by the
	// operator), `interrupted` (repeatedly), `cancelled` or `internal`.
	Reason *string `json:"reason"`
	// Error: Why it failed, for people.
	Error *string `json:"error"`
	// InputTokens: Input tokens, as the model counts them; null if it does not.
	InputTokens *int64 `json:"input_tokens"`
	// OutputTokens: Output tokens, as the model counts them; null if it does not.
	OutputTokens *int64 `json:"output_tokens"`
	// ChargeID: The entry of `GET /credits` that paid for the run.
	ChargeID *string `json:"charge_id"`
	// RefundID: The entry that refunded it.
	RefundID *string `json:"refund_id"`
	// CreatedAt: When it was requested.
	CreatedAt time.Time `json:"created_at"`
	// StartedAt: When the run last began; null if it never did.
	StartedAt *time.Time `json:"started_at"`
	// FinishedAt: When it ended; null before.
	FinishedAt *time.Time `json:"finished_at"`
}

// Agent is a string with known values, and there may be new ones. Kind of post.
type Agent string

// Values of Agent.
const (
	AgentBlogWriter   Agent = "blog_writer"
	AgentSocialWriter Agent = "social_writer"
)

// AgentRunStatus is a string with known values, and there may be new ones. `queued`, `running`, then
// `completed`, `failed` or `cancelled`.
type AgentRunStatus string

// Values of AgentRunStatus.
const (
	AgentRunStatusQueued    AgentRunStatus = "queued"
	AgentRunStatusRunning   AgentRunStatus = "running"
	AgentRunStatusCompleted AgentRunStatus = "completed"
	AgentRunStatusFailed    AgentRunStatus = "failed"
	AgentRunStatusCancelled AgentRunStatus = "cancelled"
)

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

// SocialPostList is an object of the API.
type SocialPostList struct {
	// Data: One page of social posts.
	Data []SocialPost `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// SocialPost is an object of the API. A social post and its state.
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

// SocialBrief is an object of the API. The brief of a social post.
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

// AnalyticsOverview is an object of the API.
type AnalyticsOverview struct {
	// Period: The days covered, in UTC.
	Period AnalyticsOverviewPeriod `json:"period"`
	// Leads:
	Leads AnalyticsLeads `json:"leads"`
	// Content: Posts by kind.
	Content AnalyticsOverviewContent `json:"content"`
	// Tickets:
	Tickets *AnalyticsTickets `json:"tickets,omitempty"`
	// Deliveries:
	Deliveries AnalyticsDeliveries `json:"deliveries"`
	// Followers:
	Followers *AnalyticsFollowers `json:"followers,omitempty"`
}

// AnalyticsOverviewPeriod is an object of the API. The days covered, in UTC.
type AnalyticsOverviewPeriod struct {
	// From: The first day.
	From string `json:"from"`
	// To: The last day.
	To string `json:"to"`
}

// AnalyticsLeads is an object of the API. Leads by creation time.
type AnalyticsLeads struct {
	// Total: Number of leads created.
	Total int64 `json:"total"`
	// BySource: The 100 most frequent, most frequent first. Null: without a source.
	BySource []AnalyticsSource `json:"by_source"`
	// ByStatus: The 100 most frequent, most frequent first.
	ByStatus []AnalyticsStatus `json:"by_status"`
}

// AnalyticsSource is an object of the API.
type AnalyticsSource struct {
	// Source: Source; null for leads without one.
	Source *string `json:"source"`
	// Count: Number of leads.
	Count int64 `json:"count"`
}

// AnalyticsStatus is an object of the API.
type AnalyticsStatus struct {
	// Status: Current status.
	Status string `json:"status"`
	// Count: Number of leads.
	Count int64 `json:"count"`
}

// AnalyticsOverviewContent is an object of the API. Posts by kind.
type AnalyticsOverviewContent struct {
	// BlogPosts: Blog posts.
	BlogPosts AnalyticsPosts `json:"blog_posts"`
	// SocialPosts:
	SocialPosts AnalyticsPosts `json:"social_posts"`
}

// AnalyticsPosts is an object of the API. Posts by creation time and current status.
type AnalyticsPosts struct {
	// Total: Number of posts created.
	Total int64 `json:"total"`
	// ByStatus: Number by current status.
	ByStatus AnalyticsPostsByStatus `json:"by_status"`
}

// AnalyticsPostsByStatus is an object of the API. Number by current status.
type AnalyticsPostsByStatus struct {
	// Generating: Number of `generating` posts.
	Generating int64 `json:"generating"`
	// Draft: Number of `draft` posts.
	Draft int64 `json:"draft"`
	// Approved: Number of `approved` posts.
	Approved int64 `json:"approved"`
	// Published: Number of `published` posts.
	Published int64 `json:"published"`
	// Failed: Number of `failed` posts.
	Failed int64 `json:"failed"`
}

// AnalyticsTickets is an object of the API. Tickets by creation time and current status.
type AnalyticsTickets struct {
	// Total: Number of tickets created.
	Total int64 `json:"total"`
	// ByStatus: Number by current status.
	ByStatus AnalyticsTicketsByStatus `json:"by_status"`
}

// AnalyticsTicketsByStatus is an object of the API. Number by current status.
type AnalyticsTicketsByStatus struct {
	// Open: Number of `open` tickets.
	Open int64 `json:"open"`
	// Pending: Number of `pending` tickets.
	Pending int64 `json:"pending"`
	// Resolved: Number of `resolved` tickets.
	Resolved int64 `json:"resolved"`
	// Closed: Number of `closed` tickets.
	Closed int64 `json:"closed"`
}

// AnalyticsDeliveries is an object of the API. Deliveries by the day they ended; those in progress by the day
// they were created.
type AnalyticsDeliveries struct {
	// Total: Number of deliveries that ended or are in progress.
	Total int64 `json:"total"`
	// Succeeded: Number of successful deliveries.
	Succeeded int64 `json:"succeeded"`
	// Dead: Number of dead letters.
	Dead int64 `json:"dead"`
	// Cancelled: Number of cancelled deliveries; each has its reason.
	Cancelled int64 `json:"cancelled"`
	// UnderWay: Number of deliveries in progress: pending, delivering or retrying.
	UnderWay int64 `json:"under_way"`
	// SuccessRate: Successful deliveries as a share of those that succeeded or died, from 0 to 1; null if there
	// are none.
	SuccessRate *float64 `json:"success_rate"`
}

// AnalyticsFollowers is an object of the API. Total number of followers of all tracked accounts by their
// snapshots, at the end and at the start of the period. For an account without a snapshot before the period
// its first one counts as the start.
type AnalyticsFollowers struct {
	// Accounts: Number of accounts with a snapshot by the end of the period.
	Accounts int64 `json:"accounts"`
	// AtStart: Number of followers at the start.
	AtStart int64 `json:"at_start"`
	// AtEnd: Number of followers at the end.
	AtEnd int64 `json:"at_end"`
	// Net: The difference; negative for a loss.
	Net int64 `json:"net"`
}

// AlertSettings is an object of the API.
type AlertSettings struct {
	// DisableAfterHours: An endpoint that has been failing for this long without a success is disabled; 0
	// disables the rule.
	DisableAfterHours int64 `json:"disable_after_hours"`
	// DisableFailures: An endpoint with this many consecutive failures is disabled, once it has been failing for
	// 24 hours; 0 disables the rule.
	DisableFailures int64 `json:"disable_failures"`
	// Custom: Whether any setting differs from the installation's defaults.
	Custom bool `json:"custom"`
}

// AlertSettingsUpdate is an object of the API.
type AlertSettingsUpdate struct {
	// DisableAfterHours: 0 disables the rule; otherwise at least 24.
	DisableAfterHours *int64 `json:"disable_after_hours,omitempty"`
	// DisableFailures: 0 disables the rule.
	DisableFailures *int64 `json:"disable_failures,omitempty"`
}

// AlertChannelList is an object of the API.
type AlertChannelList struct {
	// Data: One page of channels.
	Data []AlertChannel `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// AlertChannel is an object of the API.
type AlertChannel struct {
	// ID: Id of the channel.
	ID string `json:"id"`
	// Name: Name of the channel.
	Name string `json:"name"`
	// Type:
	Type AlertChannelType `json:"type"`
	// Target: URLs are masked after the host.
	Target string `json:"target"`
	// Conditions: The conditions it is notified of.
	Conditions []AlertCondition `json:"conditions"`
	// Enabled: Whether the channel receives notifications.
	Enabled bool `json:"enabled"`
	// Environment:
	Environment Environment `json:"environment"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt: When it was last updated.
	UpdatedAt time.Time `json:"updated_at"`
}

// AlertChannelType is a string with known values, and there may be new ones. How the notification is sent.
type AlertChannelType string

// Values of AlertChannelType.
const (
	AlertChannelTypeEmail   AlertChannelType = "email"
	AlertChannelTypeSlack   AlertChannelType = "slack"
	AlertChannelTypeWebhook AlertChannelType = "webhook"
)

// AlertCondition is a string with known values, and there may be new ones. `endpoint.failing`: it will be
// disabled; one alert at 50, 70 and 90 per cent of the limit. `endpoint.disabled`: Hookline disabled it.
// `endpoint.recovered`: it succeeds again. `delivery.dead`: a dead letter; one alert per endpoint and hour.
// `key.leaked`: a key was found in public. `credits.low`: less than a tenth of the month's credits is left.
// `credits.exhausted`: the balance is zero, or too low for a call that was refused; both once until credits
// are granted, and always in `live`.
type AlertCondition string

// Values of AlertCondition.
const (
	AlertConditionEndpointFailing   AlertCondition = "endpoint.failing"
	AlertConditionEndpointDisabled  AlertCondition = "endpoint.disabled"
	AlertConditionEndpointRecovered AlertCondition = "endpoint.recovered"
	AlertConditionDeliveryDead      AlertCondition = "delivery.dead"
	AlertConditionKeyLeaked         AlertCondition = "key.leaked"
	AlertConditionCreditsLow        AlertCondition = "credits.low"
	AlertConditionCreditsExhausted  AlertCondition = "credits.exhausted"
)

// AlertChannelCreate is an object of the API.
type AlertChannelCreate struct {
	// Name: Name of the channel; empty by default.
	Name *string `json:"name,omitempty"`
	// Type:
	Type AlertChannelType `json:"type"`
	// Target: An email address, or the URL to post to.
	Target string `json:"target"`
	// Conditions: The conditions it is notified of; all by default.
	Conditions []AlertCondition `json:"conditions,omitzero"`
	// Enabled: Whether the channel receives notifications; true by default.
	Enabled *bool `json:"enabled,omitempty"`
}

// AlertChannelCreated is an object of the API.
type AlertChannelCreated struct {
	// ID: Id of the channel.
	ID string `json:"id"`
	// Name: Name of the channel.
	Name string `json:"name"`
	// Type:
	Type AlertChannelType `json:"type"`
	// Target: URLs are masked after the host.
	Target string `json:"target"`
	// Conditions: The conditions it is notified of.
	Conditions []AlertCondition `json:"conditions"`
	// Enabled: Whether the channel receives notifications.
	Enabled bool `json:"enabled"`
	// Environment:
	Environment Environment `json:"environment"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt: When it was last updated.
	UpdatedAt time.Time `json:"updated_at"`
	// Secret: The secret that signs the requests of a webhook channel. It is never returned again; a lost one is
	// rotated.
	Secret *string `json:"secret"`
}

// AlertChannelUpdate is an object of the API.
type AlertChannelUpdate struct {
	// Name: Name of the channel.
	Name *string `json:"name,omitempty"`
	// Target: An email address, or the URL to post to.
	Target *string `json:"target,omitempty"`
	// Conditions: The conditions it is notified of.
	Conditions []AlertCondition `json:"conditions,omitzero"`
	// Enabled: Whether the channel receives notifications.
	Enabled *bool `json:"enabled,omitempty"`
}

// AlertTest is an object of the API.
type AlertTest struct {
	// Sent: Whether the message was accepted.
	Sent bool `json:"sent"`
	// Error: Why it was not.
	Error *string `json:"error"`
}

// AlertState is a string with known values, and there may be new ones. `resolved` when the condition ended or
// the alert was resolved by hand.
type AlertState string

// Values of AlertState.
const (
	AlertStateOpen     AlertState = "open"
	AlertStateResolved AlertState = "resolved"
)

// AlertList is an object of the API.
type AlertList struct {
	// Data: One page of alerts.
	Data []Alert `json:"data"`
	// Meta:
	Meta CursorMeta `json:"meta"`
}

// Alert is an object of the API.
type Alert struct {
	// ID: Id of the alert.
	ID string `json:"id"`
	// Condition:
	Condition AlertCondition `json:"condition"`
	// Subject: Id of the endpoint or key concerned.
	Subject string `json:"subject"`
	// Title: Summary in one line.
	Title string `json:"title"`
	// Message: The problem, its cause, when it began, and the remedy.
	Message string `json:"message"`
	// Since: When the condition began.
	Since time.Time `json:"since"`
	// Environment:
	Environment Environment `json:"environment"`
	// State:
	State AlertState `json:"state"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// ResolvedAt: When the alert was resolved; null while it is open.
	ResolvedAt *time.Time `json:"resolved_at"`
	// Notifications: Notifications of the alert and their state.
	Notifications []AlertNotification `json:"notifications"`
}

// AlertNotification is an object of the API.
type AlertNotification struct {
	// ChannelID: Id of the channel.
	ChannelID string `json:"channel_id"`
	// About: Whether it reports the start or the end of the condition.
	About AlertNotificationAbout `json:"about"`
	// Status: `failed` is final: all 7 attempts within 5 hours failed, or the channel was turned off or deleted.
	Status AlertNotificationStatus `json:"status"`
	// Attempts: Number of attempts.
	Attempts int64 `json:"attempts"`
	// Error: Why the last attempt failed; null while one is in progress.
	Error *string `json:"error"`
	// NextAttemptAt: Time of the next attempt; null if there is none.
	NextAttemptAt *time.Time `json:"next_attempt_at"`
	// SentAt: When the notification was sent; null before.
	SentAt *time.Time `json:"sent_at"`
}

// AlertNotificationAbout is a string with known values, and there may be new ones. Whether it reports the
// start or the end of the condition.
type AlertNotificationAbout string

// Values of AlertNotificationAbout.
const (
	AlertNotificationAboutRaised   AlertNotificationAbout = "raised"
	AlertNotificationAboutResolved AlertNotificationAbout = "resolved"
)

// AlertNotificationStatus is a string with known values, and there may be new ones. `failed` is final: all 7
// attempts within 5 hours failed, or the channel was turned off or deleted.
type AlertNotificationStatus string

// Values of AlertNotificationStatus.
const (
	AlertNotificationStatusPending AlertNotificationStatus = "pending"
	AlertNotificationStatusSent    AlertNotificationStatus = "sent"
	AlertNotificationStatusFailed  AlertNotificationStatus = "failed"
)

// AuditEntryList is an object of the API.
type AuditEntryList struct {
	// Data: One page of entries, the latest first.
	Data []AuditEntry `json:"data"`
	// Meta:
	Meta CursorMeta `json:"meta"`
}

// AuditEntry is an object of the API.
type AuditEntry struct {
	// ID: Id of the entry.
	ID string `json:"id"`
	// TenantID: Id of the tenant; null if the change concerns none.
	TenantID *string `json:"tenant_id"`
	// Environment: Null for changes by an operator.
	Environment *string `json:"environment"`
	// Actor: The actor.
	Actor AuditEntryActor `json:"actor"`
	// Address: IP address of the request.
	Address string `json:"address"`
	// RequestID: X-Request-Id of the call.
	RequestID string `json:"request_id"`
	// Action: The change, such as `key.created`.
	Action string `json:"action"`
	// Target: Id of the changed object.
	Target string `json:"target"`
	// Before: Null for a new object.
	Before json.RawMessage `json:"before"`
	// After: Null for a deleted object.
	After json.RawMessage `json:"after"`
	// CreatedAt: Time of the change.
	CreatedAt time.Time `json:"created_at"`
}

// AuditEntryActor is an object of the API. The actor.
type AuditEntryActor struct {
	// Type: `session`: a dashboard session that belongs to no member.
	Type AuditEntryActorType `json:"type"`
	// ID: Id of the key, member or session, or the address of an operator.
	ID string `json:"id"`
	// Name: Name of the actor.
	Name string `json:"name"`
	// Role: Role of an operator at that time: `admin`, `support` or `backend`; null for others.
	Role *string `json:"role"`
}

// AuditEntryActorType is a string with known values, and there may be new ones. `session`: a dashboard
// session that belongs to no member.
type AuditEntryActorType string

// Values of AuditEntryActorType.
const (
	AuditEntryActorTypeKey      AuditEntryActorType = "key"
	AuditEntryActorTypeOperator AuditEntryActorType = "operator"
	AuditEntryActorTypeMember   AuditEntryActorType = "member"
	AuditEntryActorTypeSession  AuditEntryActorType = "session"
	AuditEntryActorTypeSystem   AuditEntryActorType = "system"
)

// Credits is an object of the API.
type Credits struct {
	// Balance: Current balance.
	Balance int64 `json:"balance"`
	// MonthlyGrant: Credits from the plan this month.
	MonthlyGrant int64 `json:"monthly_grant"`
	// Data: The ledger, the latest entry first.
	Data []CreditEntry `json:"data"`
	// Meta:
	Meta CursorMeta `json:"meta"`
}

// CreditEntry is an object of the API.
type CreditEntry struct {
	// ID: Id of the entry.
	ID string `json:"id"`
	// Kind: `grant` by an operator, `charge` of a call, `refund` of a charge, `monthly` with the plan.
	Kind CreditEntryKind `json:"kind"`
	// Amount: Amount; negative for a charge.
	Amount int64 `json:"amount"`
	// Balance: The balance after it.
	Balance int64 `json:"balance"`
	// UserID: The user who owns the account where each user has one.
	UserID *string `json:"user_id"`
	// Reason: Reason: the operation of a charge, the text of a grant.
	Reason string `json:"reason"`
	// Reference: Reference: the request of a charge or a grant, the charge of a refund, the month and the plan's
	// amount of a monthly entry.
	Reference string `json:"reference"`
	// CreatedAt: Time of the entry.
	CreatedAt time.Time `json:"created_at"`
}

// CreditEntryKind is a string with known values, and there may be new ones. `grant` by an operator, `charge`
// of a call, `refund` of a charge, `monthly` with the plan.
type CreditEntryKind string

// Values of CreditEntryKind.
const (
	CreditEntryKindGrant   CreditEntryKind = "grant"
	CreditEntryKindCharge  CreditEntryKind = "charge"
	CreditEntryKindRefund  CreditEntryKind = "refund"
	CreditEntryKindMonthly CreditEntryKind = "monthly"
)

// Usage is an object of the API.
type Usage struct {
	// Data: Calls by day, key and status.
	Data []UsageCount `json:"data"`
	// Quotas: The quotas of the tenant's plan, now, whatever the period.
	Quotas []Quota `json:"quotas"`
	// Meta: Totals of the period.
	Meta UsageMeta `json:"meta"`
}

// UsageCount is an object of the API.
type UsageCount struct {
	// Date: The day, in UTC.
	Date string `json:"date"`
	// KeyID: Id of the key.
	KeyID string `json:"key_id"`
	// Status: HTTP status of the responses.
	Status int64 `json:"status"`
	// Calls: Number of calls.
	Calls int64 `json:"calls"`
}

// Quota is an object of the API.
type Quota struct {
	// Name:
	Name QuotaName `json:"name"`
	// Limit: What the tenant may have, in both environments together.
	Limit int64 `json:"limit"`
	// Used: What it has; of `endpoint_headers` the endpoint that has the most, of `stored_bytes_per_day` today's
	// bytes. Null for `requests_per_minute`: see the header RateLimit.
	Used *int64 `json:"used"`
}

// QuotaName is a string with known values, and there may be new ones. Something that a plan limits.
type QuotaName string

// Values of QuotaName.
const (
	QuotaNameEndpoints         QuotaName = "endpoints"
	QuotaNameEndpointHeaders   QuotaName = "endpoint_headers"
	QuotaNameKeys              QuotaName = "keys"
	QuotaNameMembers           QuotaName = "members"
	QuotaNameEventTypes        QuotaName = "event_types"
	QuotaNameAlertChannels     QuotaName = "alert_channels"
	QuotaNameTrackedAccounts   QuotaName = "tracked_accounts"
	QuotaNameStoredBytesPerDay QuotaName = "stored_bytes_per_day"
	QuotaNameRequestsPerMinute QuotaName = "requests_per_minute"
)

// UsageMeta is an object of the API. Totals of the period.
type UsageMeta struct {
	// From: The first day.
	From string `json:"from"`
	// To: The last day.
	To string `json:"to"`
	// Total: Total number of calls.
	Total int64 `json:"total"`
}

// TrackedAccountList is an object of the API.
type TrackedAccountList struct {
	// Data: One page of accounts.
	Data []TrackedAccount `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// TrackedAccount is an object of the API.
type TrackedAccount struct {
	// ID: Id of the account.
	ID string `json:"id"`
	// TrackedUserID: Number of the account in your tenant; live and test accounts are numbered separately.
	TrackedUserID int64 `json:"tracked_user_id"`
	// Platform: Name of the platform, such as instagram.
	Platform string `json:"platform"`
	// AccountID: The account's id on the platform.
	AccountID string `json:"account_id"`
	// Username: The account's name on the platform.
	Username string `json:"username"`
	// FollowerCount: From the latest snapshot, like the others; null before the first.
	FollowerCount *int64 `json:"follower_count"`
	// FollowingCount: Number of followed accounts; null before the first snapshot.
	FollowingCount *int64 `json:"following_count"`
	// PostsCount: Number of posts; null before the first snapshot.
	PostsCount *int64 `json:"posts_count"`
	// TrackedAt: Time of the latest snapshot; null before the first.
	TrackedAt *time.Time `json:"tracked_at"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// UpdatedAt: When it was last updated.
	UpdatedAt time.Time `json:"updated_at"`
}

// TrackedAccountCreate is an object of the API.
type TrackedAccountCreate struct {
	// Platform: Platform, such as `instagram`, in lower case.
	Platform string `json:"platform"`
	// AccountID: The account's id on the platform.
	AccountID string `json:"account_id"`
	// Username: The account's name on the platform.
	Username string `json:"username"`
}

// TrackedAccountUpdate is an object of the API.
type TrackedAccountUpdate struct {
	// Username: The account's name on the platform.
	Username string `json:"username"`
}

// SnapshotList is an object of the API.
type SnapshotList struct {
	// Data: One page of snapshots.
	Data []Snapshot `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// Snapshot is an object of the API.
type Snapshot struct {
	// ID: Id of the snapshot.
	ID string `json:"id"`
	// TrackedAccountID: Id of the account.
	TrackedAccountID string `json:"tracked_account_id"`
	// Status: `open` until its list of followers is complete.
	Status SnapshotStatus `json:"status"`
	// FollowerList: Whether the snapshot has a list of followers.
	FollowerList bool `json:"follower_list"`
	// FollowersReceived: Number of distinct followers in the list so far.
	FollowersReceived int64 `json:"followers_received"`
	// FollowerCount: Number of followers.
	FollowerCount int64 `json:"follower_count"`
	// FollowingCount: Number of followed accounts.
	FollowingCount int64 `json:"following_count"`
	// PostsCount: Number of posts.
	PostsCount int64 `json:"posts_count"`
	// TrackedAt: When the data was collected.
	TrackedAt time.Time `json:"tracked_at"`
	// ComparedWith: The snapshot that the list is compared with.
	ComparedWith *string `json:"compared_with"`
	// JobID: The job that compares them; see `GET /jobs/{id}`.
	JobID *string `json:"job_id"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// FinishedAt: When the snapshot was finished; null while it is open.
	FinishedAt *time.Time `json:"finished_at"`
}

// SnapshotStatus is a string with known values, and there may be new ones. `open` until its list of followers
// is complete.
type SnapshotStatus string

// Values of SnapshotStatus.
const (
	SnapshotStatusOpen     SnapshotStatus = "open"
	SnapshotStatusFinished SnapshotStatus = "finished"
)

// SnapshotCreate is an object of the API.
type SnapshotCreate struct {
	// FollowerCount: Number of followers.
	FollowerCount int64 `json:"follower_count"`
	// FollowingCount: Number of followed accounts.
	FollowingCount int64 `json:"following_count"`
	// PostsCount: Number of posts.
	PostsCount int64 `json:"posts_count"`
	// TrackedAt: When the data was collected; now by default.
	TrackedAt *time.Time `json:"tracked_at,omitempty"`
	// FollowerList: Whether a list of followers will be sent; false by default.
	FollowerList *bool `json:"follower_list,omitempty"`
}

// FollowersAdd is an object of the API.
type FollowersAdd struct {
	// Followers: A part of the list, in any order; sending a follower again changes nothing.
	Followers []Follower `json:"followers"`
}

// Follower is an object of the API.
type Follower struct {
	// UserID: Id on the platform; it identifies the follower.
	UserID string `json:"user_id"`
	// Username: Name on the platform.
	Username string `json:"username"`
}

// FollowersAdded is an object of the API.
type FollowersAdded struct {
	// FollowersReceived: Number of distinct followers in the list so far.
	FollowersReceived int64 `json:"followers_received"`
}

// SnapshotFinish is an object of the API.
type SnapshotFinish struct {
	// Followers: Number of distinct followers in the list.
	Followers int64 `json:"followers"`
}

// StatsList is an object of the API.
type StatsList struct {
	// Data: One page of statistics, one entry per account.
	Data []StatsData `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// StatsData is an object of the API. Data of an account in a snapshot.
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

// TrackerEventType is a string with known values, and there may be new ones. Type of the event.
type TrackerEventType string

// Values of TrackerEventType.
const (
	TrackerEventTypeStatsUpdated   TrackerEventType = "stats.updated"
	TrackerEventTypeFollowerGained TrackerEventType = "follower.gained"
	TrackerEventTypeFollowerLost   TrackerEventType = "follower.lost"
	TrackerEventTypeDmSent         TrackerEventType = "dm.sent"
	TrackerEventTypeDmFailed       TrackerEventType = "dm.failed"
	TrackerEventTypeJobCompleted   TrackerEventType = "job.completed"
	TrackerEventTypeJobFailed      TrackerEventType = "job.failed"
)

// TrackerEventList is an object of the API.
type TrackerEventList struct {
	// Data: One page of events.
	Data []TrackerEvent `json:"data"`
	// Meta:
	Meta CursorMeta `json:"meta"`
}

// TrackerEvent is an object of the API.
type TrackerEvent struct {
	// ID: Id of the event.
	ID string `json:"id"`
	// Event:
	Event TrackerEventType `json:"event"`
	// Data: Data of the event, as described by its type.
	Data json.RawMessage `json:"data"`
	// CreatedAt: When it was recorded.
	CreatedAt time.Time `json:"created_at"`
}

// DirectMessageCreate is an object of the API.
type DirectMessageCreate struct {
	// TargetUsername: Name of the recipient on the platform.
	TargetUsername string `json:"target_username"`
	// Message: Text of the message.
	Message string `json:"message"`
	// DeviceID: Device that must send it; any by default.
	DeviceID *string `json:"device_id,omitempty"`
}

// DirectMessage is an object of the API.
type DirectMessage struct {
	// ID: Id of the message.
	ID string `json:"id"`
	// TrackedAccountID: Id of the sending account.
	TrackedAccountID string `json:"tracked_account_id"`
	// Platform: Name of the platform, such as instagram.
	Platform string `json:"platform"`
	// TrackedUsername: Name of the sending account.
	TrackedUsername string `json:"tracked_username"`
	// TargetUsername: Name of the recipient.
	TargetUsername string `json:"target_username"`
	// Message: Text of the message.
	Message string `json:"message"`
	// DeviceID: Device that must send it, or sent it; null for any.
	DeviceID *string `json:"device_id"`
	// Status:
	Status DirectMessageStatus `json:"status"`
	// Error: Why it failed.
	Error *string `json:"error"`
	// OccurredAt: When the message was sent or failed.
	OccurredAt *time.Time `json:"occurred_at"`
	// CreatedAt: When it was requested.
	CreatedAt time.Time `json:"created_at"`
}

// DirectMessageStatus is a string with known values, and there may be new ones. `queued`, then `sent` or
// `failed`.
type DirectMessageStatus string

// Values of DirectMessageStatus.
const (
	DirectMessageStatusQueued DirectMessageStatus = "queued"
	DirectMessageStatusSent   DirectMessageStatus = "sent"
	DirectMessageStatusFailed DirectMessageStatus = "failed"
)

// DirectMessageList is an object of the API.
type DirectMessageList struct {
	// Data: One page of messages.
	Data []DirectMessage `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// TrackerJobStatus is a string with known values, and there may be new ones. `queued`, `running`, then
// `finished` or `failed`.
type TrackerJobStatus string

// Values of TrackerJobStatus.
const (
	TrackerJobStatusQueued   TrackerJobStatus = "queued"
	TrackerJobStatusRunning  TrackerJobStatus = "running"
	TrackerJobStatusFinished TrackerJobStatus = "finished"
	TrackerJobStatusFailed   TrackerJobStatus = "failed"
)

// TrackerJobList is an object of the API.
type TrackerJobList struct {
	// Data: One page of jobs.
	Data []TrackerJob `json:"data"`
	// Meta:
	Meta PageMeta `json:"meta"`
}

// TrackerJob is an object of the API.
type TrackerJob struct {
	// ID: Id of the job.
	ID string `json:"id"`
	// JobID: Number of the job in your tenant; live and test jobs are numbered separately.
	JobID int64 `json:"job_id"`
	// JobType: Type of the job, as the tracker defines it.
	JobType string `json:"job_type"`
	// Parameters: Parameters of the job, as the tracker defines them.
	Parameters json.RawMessage `json:"parameters"`
	// Status:
	Status TrackerJobStatus `json:"status"`
	// TotalLeadsStored: Number of leads stored so far.
	TotalLeadsStored int64 `json:"total_leads_stored"`
	// Error: Why the job failed; null if it did not.
	Error *string `json:"error"`
	// CreatedAt: When it was created.
	CreatedAt time.Time `json:"created_at"`
	// StartedAt: When it began; null before.
	StartedAt *time.Time `json:"started_at"`
	// FinishedAt: When it ended; null before.
	FinishedAt *time.Time `json:"finished_at"`
}

// TrackerJobCreate is an object of the API.
type TrackerJobCreate struct {
	// JobType: Type of the job, such as `hashtag`.
	JobType string `json:"job_type"`
	// Parameters: Parameters of the job.
	Parameters any `json:"parameters,omitzero"`
}
