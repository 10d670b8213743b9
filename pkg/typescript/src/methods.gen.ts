// Code generated from openapi/openapi.yaml by openapi/sdk. DO NOT EDIT.

import { Caller, type CallOptions, inPath } from './call.ts';
import { List } from './list.ts';
import type {
  Me,
  ListKeysData,
  KeyList,
  Key,
  KeyCreate,
  KeyCreated,
  KeyUpdate,
  KeyRotate,
  ListMembersData,
  MemberList,
  Member,
  MemberCreate,
  MemberUpdate,
  ListSessionsData,
  SessionList,
  Session,
  ListLeadsData,
  LeadList,
  Lead,
  LeadCreate,
  LeadBulk,
  LeadBulkResult,
  LeadUpsert,
  LeadUpdate,
  ListTicketsData,
  TicketList,
  Ticket,
  TicketCreate,
  TicketUpdate,
  ListTicketMessagesData,
  MessageList,
  Message,
  MessageCreate,
  TagsOfTicket,
  TagAdd,
  ListTagsData,
  TagList,
  Tag,
  ListInboxesData,
  InboxList,
  Inbox,
  ListEventsData,
  EventList,
  Event,
  EventCreate,
  EventBulk,
  EventBulkResult,
  ListEventTypesData,
  EventTypeList,
  EventTypeCreate,
  EventType,
  EventTypeCheck,
  EventTypeCheckResult,
  EventTypeUpdate,
  ListWebhooksData,
  WebhookList,
  Webhook,
  WebhookCreate,
  WebhookCreated,
  WebhookUpdate,
  PublicKey,
  ListenerCreate,
  Listener,
  ListenerResponse,
  FilterTest,
  FilterTestResult,
  WebhookSecret,
  SecretRotate,
  KeyPairRotate,
  GetDeliveryStatsData,
  DeliveryStats,
  WebhookHealth,
  WebhookTest,
  WebhookTestResult,
  ListDeliveriesData,
  DeliveryList,
  Delivery,
  ExportDeliveriesData,
  DeliveryDetail,
  ListDeadLettersData,
  DeliveryBulk,
  BulkPreview,
  Job,
  DeadLetterBulk,
  Recovery,
  ListJobsData,
  JobList,
  ListBlogPostsData,
  BlogPostList,
  BlogPost,
  BlogBrief,
  AgentRun,
  ListSocialPostsData,
  SocialPostList,
  SocialPost,
  SocialBrief,
  GetAnalyticsOverviewData,
  AnalyticsOverview,
  AlertSettings,
  AlertSettingsUpdate,
  ListAlertChannelsData,
  AlertChannelList,
  AlertChannel,
  AlertChannelCreate,
  AlertChannelCreated,
  AlertChannelUpdate,
  AlertTest,
  ListAlertsData,
  AlertList,
  Alert,
  ListAuditLogData,
  AuditEntryList,
  AuditEntry,
  GetCreditsData,
  Credits,
  CreditEntry,
  GetUsageData,
  Usage,
  ListTrackedAccountsData,
  TrackedAccountList,
  TrackedAccount,
  TrackedAccountCreate,
  TrackedAccountUpdate,
  ListSnapshotsData,
  SnapshotList,
  Snapshot,
  SnapshotCreate,
  FollowersAdd,
  FollowersAdded,
  SnapshotFinish,
  ListStatsData,
  StatsList,
  StatsData,
  ListTrackerEventsData,
  TrackerEventList,
  TrackerEvent,
  DirectMessageCreate,
  DirectMessage,
  ListDirectMessagesData,
  DirectMessageList,
  ListTrackerJobsData,
  TrackerJobList,
  TrackerJob,
  TrackerJobCreate,
} from './types.gen.ts';

/** The version of the API's document that this package was made from. */
export const contractVersion: string = '0.1.0';

/** A method for each operation of the published document. */
export class Methods extends Caller {
  /**
   * Get the caller. The tenant, environment, permissions and user of the key in use. Works with every valid
   * key; use it to test a credential.
   */
  getMe(options: CallOptions = {}): Promise<Me> {
    return this.request({ method: 'GET', path: '/api/v1/me' }, options);
  }

  /**
   * List API keys. All keys of the tenant in the environment of the key in use, newest first. The secret part
   * is never returned again. Needs the permission `read:keys`.
   */
  listKeys(query: NonNullable<ListKeysData['query']> = {}, options: CallOptions = {}): List<KeyList, Key> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/keys', query }, options), query);
  }

  /**
   * Create an API key. Returns the secret once. A key can't have permissions that the creating key doesn't
   * have, and belongs to the creating key's environment. With `user_id` it belongs to that member. Needs the
   * permission `write:keys`.
   */
  createKey(body: KeyCreate, options: CallOptions = {}): Promise<KeyCreated> {
    return this.request({ method: 'POST', path: '/api/v1/keys', body, keyed: true }, options);
  }

  /**
   * Get an API key. Needs the permission `read:keys`.
   */
  getKey(keyID: string, options: CallOptions = {}): Promise<Key> {
    return this.request({ method: 'GET', path: `/api/v1/keys/${inPath('keyID', keyID)}` }, options);
  }

  /**
   * Change an API key. Changes the fields that are sent, at once on this process and within two seconds on
   * all others. A key can't be given permissions that the calling key doesn't have, and a key with more
   * permissions than the calling key can't be changed by it. Needs the permission `write:keys`.
   */
  updateKey(keyID: string, body: KeyUpdate, options: CallOptions = {}): Promise<Key> {
    return this.request({ method: 'PATCH', path: `/api/v1/keys/${inPath('keyID', keyID)}`, body, keyed: true }, options);
  }

  /**
   * Revoke an API key. The key stops working at once and stays in the list with the time it was revoked.
   * Revoking it again changes nothing. A key that can do more than the one in use is a 403; a key can always
   * revoke itself. Needs the permission `write:keys`.
   */
  revokeKey(keyID: string, options: CallOptions = {}): Promise<void> {
    return this.request({ method: 'DELETE', path: `/api/v1/keys/${inPath('keyID', keyID)}`, keyed: true }, options);
  }

  /**
   * Rotate an API key. Creates a key with the settings of the old one and returns its secret once. The old
   * key stays valid for the grace period; with `0s` it is revoked at once. Needs the permission `write:keys`.
   */
  rotateKey(keyID: string, body?: KeyRotate, options: CallOptions = {}): Promise<KeyCreated> {
    return this.request({ method: 'POST', path: `/api/v1/keys/${inPath('keyID', keyID)}/rotate`, body, keyed: true }, options);
  }

  /**
   * List members. The tenant's users, newest first. Members belong to the live environment; a test key is
   * refused. Needs the permission `read:members`.
   */
  listMembers(query: NonNullable<ListMembersData['query']> = {}, options: CallOptions = {}): List<MemberList, Member> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/members', query }, options), query);
  }

  /**
   * Add a member. The person can sign in from then on. An email address can belong to one member per tenant,
   * compared case-insensitively (409). A caller can't grant a role with more permissions than its own key
   * (403). Needs the permission `write:members`.
   */
  createMember(body: MemberCreate, options: CallOptions = {}): Promise<Member> {
    return this.request({ method: 'POST', path: '/api/v1/members', body, keyed: true }, options);
  }

  /**
   * Get a member. Needs the permission `read:members`.
   */
  getMember(memberID: string, options: CallOptions = {}): Promise<Member> {
    return this.request({ method: 'GET', path: `/api/v1/members/${inPath('memberID', memberID)}` }, options);
  }

  /**
   * Update a member. Changes the fields that are sent. Sessions of the member follow its role at once. The
   * role of the last owner can't be changed (409). A caller can't grant a role, or change a member with a
   * role, that has more permissions than its own key (403). Needs the permission `write:members`.
   */
  updateMember(memberID: string, body: MemberUpdate, options: CallOptions = {}): Promise<Member> {
    return this.request({ method: 'PATCH', path: `/api/v1/members/${inPath('memberID', memberID)}`, body, keyed: true }, options);
  }

  /**
   * Remove a member. Ends the member's sessions, revokes its keys, and turns off the alert channels that send
   * mail to its address, at once. The last owner can't be removed (409), nor can a member whose role has more
   * permissions than the key in use (403). Needs the permission `write:members`.
   */
  deleteMember(memberID: string, options: CallOptions = {}): Promise<void> {
    return this.request({ method: 'DELETE', path: `/api/v1/members/${inPath('memberID', memberID)}`, keyed: true }, options);
  }

  /**
   * List sessions in the dashboard. Active dashboard sessions, latest first. A signed-in member sees its own
   * sessions; a caller with `write:members` in the live environment, keys included, sees those of all members
   * and those that belong to no member. Keys have no sessions: a key without that permission gets an empty
   * list.
   */
  listSessions(query: NonNullable<ListSessionsData['query']> = {}, options: CallOptions = {}): List<SessionList, Session> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/sessions', query }, options), query);
  }

  /**
   * End a session in the dashboard. The browser is signed out at once, and its live logs end. A session can
   * be ended by everybody who can see it; other sessions are not found. Ending it again changes nothing. The
   * person can sign in again: to prevent that, remove the member.
   */
  endSession(sessionID: string, options: CallOptions = {}): Promise<void> {
    return this.request({ method: 'DELETE', path: `/api/v1/sessions/${inPath('sessionID', sessionID)}`, keyed: true }, options);
  }

  /**
   * List and search leads. All conditions must match. Newest first, unless `sort` says otherwise. Needs the
   * permission `read:leads`.
   */
  listLeads(query: NonNullable<ListLeadsData['query']> = {}, options: CallOptions = {}): List<LeadList, Lead> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/leads', query }, options), query);
  }

  /**
   * Create a lead. Fires `lead.created`. The event is stored in the same transaction as the lead. Needs the
   * permission `write:leads`.
   */
  createLead(body: LeadCreate, options: CallOptions = {}): Promise<Lead> {
    return this.request({ method: 'POST', path: '/api/v1/leads', body, keyed: true }, options);
  }

  /**
   * Create many leads. Creates up to 500 leads in one transaction and fires `lead.created` for each. Every
   * row has its own result, in the order of the rows: rows that are not valid (`invalid`), or whose
   * `external_id` another lead has (`conflict`), are reported and skipped; the others are created. With
   * `all_or_nothing`, a single invalid or conflicting row prevents all: the response is then a 400 that lists
   * every violation of every row, or a 409. Needs the permission `write:leads`.
   */
  createLeads(body: LeadBulk, options: CallOptions = {}): Promise<LeadBulkResult> {
    return this.request({ method: 'POST', path: '/api/v1/leads/bulk', body, keyed: true }, options);
  }

  /**
   * Create or update a lead by email address. Updates the lead with this address (200), or creates it (201).
   * Concurrent calls for one address create one lead. If several leads have the address, the oldest is
   * updated. Fires `lead.created` or `lead.updated`, and nothing when nothing changed. Needs the permission
   * `write:leads`.
   */
  upsertLead(email: string, body?: LeadUpsert, options: CallOptions = {}): Promise<Lead> {
    return this.request({ method: 'PUT', path: `/api/v1/leads/by-email/${inPath('email', email)}`, body, keyed: true }, options);
  }

  /**
   * Get a lead. Needs the permission `read:leads`.
   */
  getLead(leadID: string, options: CallOptions = {}): Promise<Lead> {
    return this.request({ method: 'GET', path: `/api/v1/leads/${inPath('leadID', leadID)}` }, options);
  }

  /**
   * Update a lead. Changes the fields that are sent; `null` clears one. Fires `lead.updated` with the changed
   * fields, and nothing when nothing changed. Needs the permission `write:leads`.
   */
  updateLead(leadID: string, body: LeadUpdate, options: CallOptions = {}): Promise<Lead> {
    return this.request({ method: 'PATCH', path: `/api/v1/leads/${inPath('leadID', leadID)}`, body, keyed: true }, options);
  }

  /**
   * Delete a lead. Its events stay in the event log. Needs the permission `write:leads`.
   */
  deleteLead(leadID: string, options: CallOptions = {}): Promise<void> {
    return this.request({ method: 'DELETE', path: `/api/v1/leads/${inPath('leadID', leadID)}`, keyed: true }, options);
  }

  /**
   * List tickets. All conditions must match. Newest first. Needs the permission `read:tickets`.
   */
  listTickets(query: NonNullable<ListTicketsData['query']> = {}, options: CallOptions = {}): List<TicketList, Ticket> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/tickets', query }, options), query);
  }

  /**
   * Create a ticket. Fires `ticket.created`, and `ticket.assigned` when it has an assignee. Tickets of a
   * tenant are numbered without gaps (TCK-1, TCK-2, …), separately for live and test. An unknown inbox or
   * member is a 422. Needs the permission `write:tickets`.
   */
  createTicket(body: TicketCreate, options: CallOptions = {}): Promise<Ticket> {
    return this.request({ method: 'POST', path: '/api/v1/tickets', body, keyed: true }, options);
  }

  /**
   * Get a ticket. Needs the permission `read:tickets`.
   */
  getTicket(ticketID: string, options: CallOptions = {}): Promise<Ticket> {
    return this.request({ method: 'GET', path: `/api/v1/tickets/${inPath('ticketID', ticketID)}` }, options);
  }

  /**
   * Update a ticket. Changes the fields that are sent; `assignee_id: null` unassigns it. Any change fires
   * `ticket.updated`; a change of the assignee also fires `ticket.assigned`, a change of the status
   * `ticket.status_changed`, and a change to `closed` also `ticket.closed`. All have the ticket as it is now
   * and `changes`, the old and new value of each changed field. Nothing is fired when nothing changed. |
   * status | can become | |---|---| | `open` | `pending`, `resolved`, `closed` | | `pending` | `open`,
   * `resolved`, `closed` | | `resolved` | `open`, `closed` | | `closed` | `open` | Any other change of the
   * status is a 409 that lists what is allowed. An inbox or a member that does not exist is a 422. Needs the
   * permission `write:tickets`.
   */
  updateTicket(ticketID: string, body: TicketUpdate, options: CallOptions = {}): Promise<Ticket> {
    return this.request({ method: 'PATCH', path: `/api/v1/tickets/${inPath('ticketID', ticketID)}`, body, keyed: true }, options);
  }

  /**
   * List a ticket's messages. Messages received and sent, newest first. Internal notes are never returned.
   * Needs the permission `read:messages`.
   */
  listTicketMessages(ticketID: string, query: NonNullable<ListTicketMessagesData['query']> = {}, options: CallOptions = {}): List<MessageList, Message> {
    return new List((query) => this.request({ method: 'GET', path: `/api/v1/tickets/${inPath('ticketID', ticketID)}/messages`, query }, options), query);
  }

  /**
   * Add an internal note to a ticket. Internal notes are visible to the tenant's members only: they are not
   * sent, not part of any event, and not returned by this API. The API does not send outbound replies: any
   * other `type` is a 422. Needs the permission `write:messages`.
   */
  createTicketMessage(ticketID: string, body: MessageCreate, options: CallOptions = {}): Promise<Message> {
    return this.request({ method: 'POST', path: `/api/v1/tickets/${inPath('ticketID', ticketID)}/messages`, body, keyed: true }, options);
  }

  /**
   * List a ticket's tags. Sorted by name. Needs the permission `read:tickets`.
   */
  listTicketTags(ticketID: string, options: CallOptions = {}): Promise<TagsOfTicket> {
    return this.request({ method: 'GET', path: `/api/v1/tickets/${inPath('ticketID', ticketID)}/tags` }, options);
  }

  /**
   * Tag a ticket. Adds the tag with `tag_id`, or the one named `tag_name` (case-insensitive), which is
   * created if it does not exist. Adding a tag that the ticket already has changes nothing. Fires
   * `ticket.updated` with the old and new tag names in `changes`. An unknown `tag_id` is a 422. A ticket has
   * at most 50 tags (409). Needs the permission `write:tickets`.
   */
  addTicketTag(ticketID: string, body: TagAdd, options: CallOptions = {}): Promise<TagsOfTicket> {
    return this.request({ method: 'POST', path: `/api/v1/tickets/${inPath('ticketID', ticketID)}/tags`, body, keyed: true }, options);
  }

  /**
   * Remove a tag from a ticket. The tag itself is kept. Removing a tag that the ticket does not have changes
   * nothing. Fires `ticket.updated` with the old and new tag names in `changes`. Needs the permission
   * `write:tickets`.
   */
  removeTicketTag(ticketID: string, tagID: string, options: CallOptions = {}): Promise<void> {
    return this.request({ method: 'DELETE', path: `/api/v1/tickets/${inPath('ticketID', ticketID)}/tags/${inPath('tagID', tagID)}`, keyed: true }, options);
  }

  /**
   * List tags. Newest first. Needs the permission `read:tags`.
   */
  listTags(query: NonNullable<ListTagsData['query']> = {}, options: CallOptions = {}): List<TagList, Tag> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/tags', query }, options), query);
  }

  /**
   * List inboxes. Inboxes that receive customer messages. Newest first. Needs the permission `read:inboxes`.
   */
  listInboxes(query: NonNullable<ListInboxesData['query']> = {}, options: CallOptions = {}): List<InboxList, Inbox> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/inboxes', query }, options), query);
  }

  /**
   * Get an inbox. Needs the permission `read:inboxes`.
   */
  getInbox(inboxID: string, options: CallOptions = {}): Promise<Inbox> {
    return this.request({ method: 'GET', path: `/api/v1/inboxes/${inPath('inboxID', inboxID)}` }, options);
  }

  /**
   * List events. Newest first. With `order=asc` the list is an ordered pull: oldest first, in commit order,
   * and no event ever appears before one that was already returned. Every page then has a `next_cursor`,
   * including the last: store it and continue from it to miss nothing. An event becomes visible once every
   * transaction that started before its own has ended, usually within milliseconds. With `type` or `sent`, a
   * page scans at most 3,000 events: it may have fewer events than `limit`, or none, although more exist.
   * Continue while there is a `next_cursor`. Needs the permission `read:events`.
   */
  listEvents(query: NonNullable<ListEventsData['query']> = {}, options: CallOptions = {}): List<EventList, Event> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/events', query }, options), query);
  }

  /**
   * Publish an event. Accepts an event of a type in the catalogue, or of your own, and delivers it to every
   * subscribed endpoint. 202 means that the event is stored durably. `data` that does not match the schema of
   * its type is a 422 that lists every violation. The schema of a type of your own is checked in at most
   * 100,000 steps, about five per value; data that takes more, is more than 32 levels deep, or has numbers
   * that common parsers can't read (more than 100 digits, exponents beyond 400) is a 422, too. Send your own
   * `id` to make retries safe: the same id with the same content returns the existing event, other content is
   * a 409. Needs the permission `write:events`.
   */
  publishEvent(body: EventCreate, options: CallOptions = {}): Promise<Event> {
    return this.request({ method: 'POST', path: '/api/v1/events', body, keyed: true }, options);
  }

  /**
   * Publish many events. Accepts up to 500 events in one transaction. Every event has its own result, in the
   * order of the events: events that are not valid (`invalid`), or whose `id` another event with other
   * content has (`conflict`), are reported and skipped; the others are stored durably. An event whose `id`
   * exists with the same content is `accepted` again, without being delivered again. Needs the permission
   * `write:events`.
   */
  publishEvents(body: EventBulk, options: CallOptions = {}): Promise<EventBulkResult> {
    return this.request({ method: 'POST', path: '/api/v1/events/bulk', body, keyed: true }, options);
  }

  /**
   * Get an event. Needs the permission `read:events`.
   */
  getEvent(eventID: string, options: CallOptions = {}): Promise<Event> {
    return this.request({ method: 'GET', path: `/api/v1/events/${inPath('eventID', eventID)}` }, options);
  }

  /**
   * List event types. Every type that can be published and subscribed to: those of the catalogue and, with
   * `own: true`, those registered with `POST /api/v1/event-types`. `?deprecated=false` leaves out deprecated
   * types. Needs the permission `read:events`.
   */
  listEventTypes(query: NonNullable<ListEventTypesData['query']> = {}, options: CallOptions = {}): Promise<EventTypeList> {
    return this.request({ method: 'GET', path: '/api/v1/event-types', query }, options);
  }

  /**
   * Register an event type of your own. From then on, events of the type can be published in the environment
   * of the key in use, endpoints can subscribe to it, and data that does not match its `schema` is refused.
   * Other processes know it within two seconds. `live` and `test` have separate types, so that a schema can
   * be tested before consumers rely on it. A name that is taken, by the catalogue or by a type of your own,
   * is a 409. Reserved names, such as those that a profile gives a type of the catalogue (`new_lead`), and
   * names that start with `delivery.`, `endpoint.` or `key.`, are refused. All schemas and samples of an
   * environment can have 4 million characters. The `schema` is JSON Schema, draft 2020-12, at most 64 KiB, 64
   * levels deep, with at most 500 schemas in it (every property is one), and of `type: object`. `$ref`
   * reaches definitions in the same document (`#/$defs/name`, `#/definitions/name`), which may be recursive;
   * nothing is ever fetched. `$id` (but for its own), `$anchor`, `$dynamicRef` and the like are refused.
   * `format` is checked where the standard defines it; `pattern` is a regular expression of RE2, which has no
   * look-around. Unknown keywords are ignored, as the standard says. Needs the permission
   * `write:event_types`.
   */
  createEventType(body: EventTypeCreate, options: CallOptions = {}): Promise<EventType> {
    return this.request({ method: 'POST', path: '/api/v1/event-types', body, keyed: true }, options);
  }

  /**
   * Check a schema and a sample. Reports everything that `POST /api/v1/event-types` would refuse in a
   * `schema` and a `sample`, and returns a sample that is made from the schema. Nothing is stored. Needs the
   * permission `write:event_types`.
   */
  checkEventType(body: EventTypeCheck, options: CallOptions = {}): Promise<EventTypeCheckResult> {
    return this.request({ method: 'POST', path: '/api/v1/event-types/check', body, keyed: true }, options);
  }

  /**
   * Get an event type. The JSON Schema of its `data` and a matching sample. `own` tells registered types from
   * those of the catalogue. Needs the permission `read:events`.
   */
  getEventType(typeName: string, options: CallOptions = {}): Promise<EventType> {
    return this.request({ method: 'GET', path: `/api/v1/event-types/${inPath('typeName', typeName)}` }, options);
  }

  /**
   * Change an event type of your own. Changes the fields that are sent. Types of the catalogue can't be
   * changed. A new `schema` must not break consumers of the data. They rely on everything the current schema
   * says, and ignore properties that it doesn't name; so the new one may allow less and name more properties,
   * but not allow more. Allowed: new properties, required or not; a property that becomes required; narrower
   * constraints (fewer values of an `enum`, a smaller `maximum`); other descriptions and examples. Refused,
   * with a 409 whose `details` list each violation (at most 100): a removed property, one that is no longer
   * required, another or a wider `type`, or none; more values of an `enum`, another `const`; wider limits;
   * wider `additionalProperties`; a `pattern`, `format` or `multipleOf` that changes. Keywords are compared
   * in place, at any depth: in `properties`, `items`, `additionalProperties`, behind a `$ref`, and in
   * `allOf`, `anyOf` and `oneOf` member by member, so a new alternative is refused, and so may be a reordered
   * one. `not`, `if`, `then`, `else`, `contains`, `dependentSchemas`, `dependentRequired`,
   * `patternProperties`, `prefixItems`, `propertyNames`, `contentSchema`, `unevaluatedItems` and
   * `unevaluatedProperties` are not compared: they must not change, and beside the last two nothing may. For
   * an incompatible change, register a new type such as `order.created.v2`, publish both for a while, and
   * deprecate the old one. A type that is `deprecated` works as before: it can be published, subscribed to,
   * and is delivered; lists report `deprecated_at`, so that no new consumers choose it. Needs the permission
   * `write:event_types`.
   */
  updateEventType(typeName: string, body: EventTypeUpdate, options: CallOptions = {}): Promise<EventType> {
    return this.request({ method: 'PATCH', path: `/api/v1/event-types/${inPath('typeName', typeName)}`, body, keyed: true }, options);
  }

  /**
   * Delete an event type of your own. For types that were registered by mistake: the response is a 409 when
   * an event of the type is stored, when the type is all that a pattern of an endpoint matches, or when an
   * endpoint has a retry policy for it. Deprecate the type instead. Types of the catalogue can't be deleted.
   * Needs the permission `write:event_types`.
   */
  deleteEventType(typeName: string, options: CallOptions = {}): Promise<void> {
    return this.request({ method: 'DELETE', path: `/api/v1/event-types/${inPath('typeName', typeName)}`, keyed: true }, options);
  }

  /**
   * List endpoints. Newest first, unless `sort` says otherwise. Needs the permission `read:webhooks`.
   */
  listWebhooks(query: NonNullable<ListWebhooksData['query']> = {}, options: CallOptions = {}): List<WebhookList, Webhook> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/webhooks', query }, options), query);
  }

  /**
   * Create an endpoint. Returns the signing `secret`. A `filter` is an expression in CEL (https://cel.dev)
   * that is true or false, over `event.type`, `event.id`, `event.occurred_at` (a timestamp) and `data`, such
   * as `data.score > 50 && data.email.endsWith("@example.com")`, such as `data.priority == "high"`, such as
   * `data.platform == "instagram"`. Events for which it is false get a cancelled delivery with the reason
   * `filtered`; events for which it can't be evaluated, because of a missing field (test `has(data.field)`
   * first) or too many steps, one with the reason `filter_error` and the message in `error`. Steps are
   * counted, so a filter has the same result for the same event everywhere; a name that is compared with
   * `event.type` must be that of an event type, as the profile calls it; the limit allows lists of about
   * 10,000 elements and texts of 1 MiB. `matches` takes RE2 expressions of at most 1,000 bytes and, like a
   * `pattern` in a schema, without large repetitions; the larger the expression, the shorter the text that it
   * can be matched with. Test a filter with `POST /api/v1/webhooks/filter-test`. Credentials (values of
   * `headers`, and in `auth` the password, the client secret and the private key) are shown masked. If they
   * are sent back masked, or left out of a PATCH, they keep the stored value while the scheme, host and port
   * of `url` stay the same, and for the client secret those of `token_url` as well. Otherwise the request is
   * a 400 that lists each: send the value again, or remove it. With a `source`, the same URL and events (in
   * any order) from the same source are one endpoint: creating it again returns 200 and the existing
   * endpoint, without its secret. It changes nothing, but enables an endpoint that Hookline disabled (`gone`,
   * `failing`). One that its owner disabled is a 409. URLs are stored as they are sent: without white space
   * around them, a host such as `bücher.example` in its `xn--` form, spaces and characters outside ASCII
   * percent-encoded. Invisible characters are refused. Needs the permission `write:webhooks`.
   */
  createWebhook(body: WebhookCreate, options: CallOptions = {}): Promise<WebhookCreated> {
    return this.request({ method: 'POST', path: '/api/v1/webhooks', body, keyed: true }, options);
  }

  /**
   * Get an endpoint. Needs the permission `read:webhooks`.
   */
  getWebhook(webhookID: string, options: CallOptions = {}): Promise<Webhook> {
    return this.request({ method: 'GET', path: `/api/v1/webhooks/${inPath('webhookID', webhookID)}` }, options);
  }

  /**
   * Replace an endpoint. Every field that is left out is reset to its default. The secret and the source are
   * kept. A header or a part of `auth` sent as `********` keeps its stored value. Needs the permission
   * `write:webhooks`.
   */
  replaceWebhook(webhookID: string, body: WebhookCreate, options: CallOptions = {}): Promise<Webhook> {
    return this.request({ method: 'PUT', path: `/api/v1/webhooks/${inPath('webhookID', webhookID)}`, body, keyed: true }, options);
  }

  /**
   * Update an endpoint. Changes the fields that are sent. `url` or `events`, even unchanged, enable an
   * endpoint that Hookline disabled (`gone`, `failing`), unless `enabled` is sent too. `headers`, `auth`,
   * `metadata` and `retry_policies` are replaced as a whole; a header or a part of `auth` sent as `********`
   * keeps its stored value. An empty `retry_policy` resets to the profile's. A new `profile` brings its own
   * `retry_policy` and `signing` where the endpoint used those of the old one. Needs the permission
   * `write:webhooks`.
   */
  updateWebhook(webhookID: string, body: WebhookUpdate, options: CallOptions = {}): Promise<Webhook> {
    return this.request({ method: 'PATCH', path: `/api/v1/webhooks/${inPath('webhookID', webhookID)}`, body, keyed: true }, options);
  }

  /**
   * Delete an endpoint. Due deliveries are cancelled with the reason `endpoint_deleted`; the delivery log is
   * kept. Deleting it again changes nothing. Needs the permission `write:webhooks`.
   */
  deleteWebhook(webhookID: string, options: CallOptions = {}): Promise<void> {
    return this.request({ method: 'DELETE', path: `/api/v1/webhooks/${inPath('webhookID', webhookID)}`, keyed: true }, options);
  }

  /**
   * Get the public key of an endpoint. The key that verifies the `v1a` signatures of an endpoint whose
   * `signing` is `ed25519` or `both`; 404 for any other. It stays the same until it is rotated; `previous`
   * are replaced keys that still sign as well. Needs the permission `read:webhooks`.
   */
  getWebhookPublicKey(webhookID: string, options: CallOptions = {}): Promise<PublicKey> {
    return this.request({ method: 'GET', path: `/api/v1/webhooks/${inPath('webhookID', webhookID)}/public-key` }, options);
  }

  /**
   * Create a listener. A listener is a temporary endpoint without a URL: its requests come down a stream
   * (`GET /api/v1/webhooks/listeners/{webhook_id}/stream`), and what you send back (`POST
   * /api/v1/webhooks/listeners/{webhook_id}/responses`) becomes the outcome of the attempt. It is for
   * development, on a machine that has no public URL; `hookline listen` uses it. The requests have the
   * method, headers, signature and body that an endpoint of your profile gets. It subscribes to events from
   * now on, in the environment of the key. A failed delivery is retried after 1, 2, 5, 10, 20 and 30 seconds.
   * It ends when it is deleted (`DELETE /api/v1/webhooks/{webhook_id}`), and by itself a minute after its
   * last connection; then its open deliveries are cancelled. A tenant may have 10 listeners in an
   * environment, which don't count as endpoints of its plan. Needs the permission `write:webhooks`.
   */
  createListener(body?: ListenerCreate, options: CallOptions = {}): Promise<Listener> {
    return this.request({ method: 'POST', path: '/api/v1/webhooks/listeners', body, keyed: true }, options);
  }

  /**
   * Answer a request of a listener. Says what became of a request: the response that your server gave, or why
   * there was none. A request can be answered once and until its `deadline`; after that it is a 409, and the
   * attempt has failed or was answered. Needs the permission `write:webhooks`.
   */
  respondToListener(webhookID: string, body: ListenerResponse, options: CallOptions = {}): Promise<void> {
    return this.request({ method: 'POST', path: `/api/v1/webhooks/listeners/${inPath('webhookID', webhookID)}/responses`, body }, options);
  }

  /**
   * Test a filter. Reports whether an event of the type with the data would pass the filter. Nothing is
   * stored or sent. Needs the permission `write:webhooks`.
   */
  testFilter(body: FilterTest, options: CallOptions = {}): Promise<FilterTestResult> {
    return this.request({ method: 'POST', path: '/api/v1/webhooks/filter-test', body, keyed: true }, options);
  }

  /**
   * Show the signing secret. Every call is recorded in the audit log. Requires the permission to change
   * endpoints, since read permission alone must not be enough to forge events. Some profiles, the tenant's or
   * the endpoint's, show a secret once, when it is created or rotated, and never again: then this is a 403.
   * Rotate a lost secret. `inboxops` is one of them. `leadie` is one of them. Needs the permission
   * `write:webhooks`.
   */
  revealWebhookSecret(webhookID: string, options: CallOptions = {}): Promise<WebhookSecret> {
    return this.request({ method: 'GET', path: `/api/v1/webhooks/${inPath('webhookID', webhookID)}/secret` }, options);
  }

  /**
   * Replace the signing secret. Until `grace` ends, requests carry a signature of the new secret and one of
   * each replaced secret, so that consumers can migrate without downtime. At most five previous secrets can
   * be valid at a time; a rotation beyond that is a 409. Needs the permission `write:webhooks`.
   */
  rotateWebhookSecret(webhookID: string, body?: SecretRotate, options: CallOptions = {}): Promise<WebhookSecret> {
    return this.request({ method: 'POST', path: `/api/v1/webhooks/${inPath('webhookID', webhookID)}/rotate-secret`, body, keyed: true }, options);
  }

  /**
   * Replace the key pair. For an endpoint whose `signing` is `ed25519` or `both`; 409 for any other. Until
   * `grace` ends, requests carry a `v1a` signature of the new key and one of each replaced key, and all
   * public keys are returned. At most five previous keys can be valid at a time; a rotation beyond that is a
   * 409. Needs the permission `write:webhooks`.
   */
  rotateWebhookKeyPair(webhookID: string, body?: KeyPairRotate, options: CallOptions = {}): Promise<PublicKey> {
    return this.request({ method: 'POST', path: `/api/v1/webhooks/${inPath('webhookID', webhookID)}/rotate-key-pair`, body, keyed: true }, options);
  }

  /**
   * Enable an endpoint. Clears the reason why it was disabled, and retries now: an open circuit breaker
   * admits its next probe, and the next 1,000 deliveries with a pending retry become due, a few at a time at
   * first. Also works for an enabled endpoint: call it after you have repaired a consumer; `PATCH` with
   * `{"enabled": true}` does the same. Needs the permission `write:webhooks`.
   */
  enableWebhook(webhookID: string, options: CallOptions = {}): Promise<Webhook> {
    return this.request({ method: 'POST', path: `/api/v1/webhooks/${inPath('webhookID', webhookID)}/enable`, keyed: true }, options);
  }

  /**
   * Get delivery statistics. Delivery statistics of the last hour, day, week or month: in total, over time,
   * by HTTP status, by event type and by endpoint, the most failing first. Deliveries that succeeded, died or
   * were cancelled count when they ended, all of them; deliveries in progress count in the last part of
   * `series`, at most 5,000 of them, and `complete` says whether all were counted. `previous` is the period
   * before. New results appear within seconds. Needs the permission `read:deliveries`.
   */
  getDeliveryStats(query: NonNullable<GetDeliveryStatsData['query']> = {}, options: CallOptions = {}): Promise<DeliveryStats> {
    return this.request({ method: 'GET', path: '/api/v1/webhooks/stats', query }, options);
  }

  /**
   * List failing endpoints. The endpoints that need attention, the worst first: those that Hookline disabled,
   * whose circuit breaker is open, whose last attempt failed, or whose deliveries are deferred by their
   * throttle. Each with the time of its first failure since the last success, its last error, its errors
   * grouped, and the number of its deliveries that wait. At most 100 endpoints, those that have failed the
   * longest; `GET /webhooks?state=failing` lists all of them. The newest 5,000 deliveries in progress and the
   * newest 1,000 dead letters are counted. `complete` says whether these are all. Needs the permission
   * `read:deliveries`.
   */
  getWebhookHealth(options: CallOptions = {}): Promise<WebhookHealth> {
    return this.request({ method: 'GET', path: '/api/v1/webhooks/health' }, options);
  }

  /**
   * Send a test event. Sends a sample immediately, built, signed and authenticated exactly as a real event,
   * and returns the request and the response. The id begins with `evt_test_`, in `webhook-id` and wherever
   * the body contains it; Hookline never gives real events such an id. Also works while the endpoint is
   * disabled, and ignores its filter. It is in the delivery log with `test: true`, `cancelled` if it failed,
   * and is neither retried, replayed nor counted. A failure of the endpoint is a result, not an error. Needs
   * the permission `write:webhooks`.
   */
  testWebhook(webhookID: string, body?: WebhookTest, options: CallOptions = {}): Promise<WebhookTestResult> {
    return this.request({ method: 'POST', path: `/api/v1/webhooks/${inPath('webhookID', webhookID)}/test`, body }, options);
  }

  /**
   * List deliveries. The delivery log, newest first, or oldest first with `order=asc`. Filters can be
   * combined. A page takes about the same time whatever the filters: if few deliveries match, a page may have
   * fewer than `limit`, or none, and still a `next_cursor` to continue from. With `event_id`, deliveries are
   * listed as soon as the event is accepted. Needs the permission `read:deliveries`.
   */
  listDeliveries(query: NonNullable<ListDeliveriesData['query']> = {}, options: CallOptions = {}): List<DeliveryList, Delivery> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/webhooks/deliveries', query }, options), query);
  }

  /**
   * Export deliveries. The deliveries that match the filters, newest first, as a file: CSV with a line of
   * column names, or NDJSON with a `Delivery` in each line. It is streamed, and has at most 100,000
   * deliveries: narrow it by time for more. A cell of CSV that a spreadsheet would take for a formula,
   * because it begins with `=`, `+`, `-` or `@`, begins with `'` instead. A connection that closes early
   * means that the file is incomplete. Needs the permission `read:deliveries`.
   */
  exportDeliveries(query: NonNullable<ExportDeliveriesData['query']> = {}, options: CallOptions = {}): Promise<string> {
    return this.request({ method: 'GET', path: '/api/v1/webhooks/deliveries/export', query, text: true }, options);
  }

  /**
   * Get a delivery. Includes the exact body that is sent, and every attempt with its request and response.
   * Values of your own headers are masked. Needs the permission `read:deliveries`.
   */
  getDelivery(deliveryID: string, options: CallOptions = {}): Promise<DeliveryDetail> {
    return this.request({ method: 'GET', path: `/api/v1/deliveries/${inPath('deliveryID', deliveryID)}` }, options);
  }

  /**
   * List dead letters. Deliveries that used up their attempts, newest first. They are kept until they are
   * replayed or their retention ends. Needs the permission `read:deliveries`.
   */
  listDeadLetters(query: NonNullable<ListDeadLettersData['query']> = {}, options: CallOptions = {}): List<DeliveryList, Delivery> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/dead-letters', query }, options), query);
  }

  /**
   * Replay a dead letter. Sends the same bytes again immediately, with the endpoint's full retry policy. A
   * delivery that isn't dead is a 409. Needs the permission `write:deliveries`.
   */
  replayDeadLetter(deliveryID: string, options: CallOptions = {}): Promise<Delivery> {
    return this.request({ method: 'POST', path: `/api/v1/dead-letters/${inPath('deliveryID', deliveryID)}/replay`, keyed: true }, options);
  }

  /**
   * Replay a delivery. Sends the same bytes under the same `webhook-id` again immediately, with the
   * endpoint's full retry policy, whether the delivery succeeded, is dead or was cancelled. A delivery in
   * progress is a 409. Needs the permission `write:deliveries`.
   */
  replayDelivery(deliveryID: string, options: CallOptions = {}): Promise<Delivery> {
    return this.request({ method: 'POST', path: `/api/v1/deliveries/${inPath('deliveryID', deliveryID)}/replay`, keyed: true }, options);
  }

  /**
   * Replay many deliveries. Sends every delivery that matches the filter and is over (succeeded, dead or
   * cancelled) again, with the same bytes and the same `webhook-id`, in a background job that works in small
   * steps. Tests are left out, and so is what is created while it runs. Deliveries are skipped, and counted
   * with the reason, if the endpoint is deleted or disabled or the plan does not include webhooks. `dry_run`
   * only counts. A filter that matches more than 10,000 deliveries, or needs to look at too many to find
   * them, is a 400: narrow it by time, endpoint or status. Needs the permission `write:deliveries`.
   */
  replayDeliveries(body: DeliveryBulk, options: CallOptions = {}): Promise<BulkPreview | Job> {
    return this.request({ method: 'POST', path: '/api/v1/deliveries/replay', body, keyed: true }, options);
  }

  /**
   * Replay many dead letters. Replays every dead letter that matches the filter, in a background job that
   * works in small steps. Deliveries that die while it runs are not included. Dead letters are skipped, and
   * counted with the reason, if the endpoint is deleted or disabled or the plan does not include webhooks.
   * `dry_run` only counts. Needs the permission `write:deliveries`.
   */
  replayDeadLetters(body: DeadLetterBulk, options: CallOptions = {}): Promise<BulkPreview | Job> {
    return this.request({ method: 'POST', path: '/api/v1/dead-letters/replay', body, keyed: true }, options);
  }

  /**
   * Delete many dead letters. Permanently deletes every dead letter that matches the filter, and its
   * attempts, in a background job that works in small steps. Deliveries that die while it runs are not
   * included. `dry_run` only counts. Needs the permission `write:deliveries`.
   */
  purgeDeadLetters(body: DeadLetterBulk, options: CallOptions = {}): Promise<BulkPreview | Job> {
    return this.request({ method: 'POST', path: '/api/v1/dead-letters/purge', body, keyed: true }, options);
  }

  /**
   * Recover missed events of an endpoint. Sends what the endpoint missed of the events accepted from `since`
   * to `until`, in a background job: dead deliveries, deliveries that were cancelled for another reason than
   * a filter, such as `endpoint_disabled`, and events without a delivery to it, because it did not exist or
   * was not subscribed. Only types that it subscribes to now are sent; deliveries that succeeded or are in
   * flight are left alone. The endpoint must be enabled. `since` can be as far back as events are kept;
   * events without a delivery are found as far back as finished deliveries are kept (beyond that, a
   * successful delivery can't be distinguished from one that never existed). Dead letters purged within that
   * time count as missed. `dry_run` only counts, and `sample_ids` are event ids. Needs the permission
   * `write:deliveries`.
   */
  recoverWebhook(webhookID: string, body: Recovery, options: CallOptions = {}): Promise<BulkPreview | Job> {
    return this.request({ method: 'POST', path: `/api/v1/webhooks/${inPath('webhookID', webhookID)}/recover`, body, keyed: true }, options);
  }

  /**
   * Get a dead letter. The same as `GET /api/v1/deliveries/{delivery_id}`, with the body and every attempt. A
   * delivery that is not dead is a 404. Needs the permission `read:deliveries`.
   */
  getDeadLetter(deliveryID: string, options: CallOptions = {}): Promise<DeliveryDetail> {
    return this.request({ method: 'GET', path: `/api/v1/dead-letters/${inPath('deliveryID', deliveryID)}` }, options);
  }

  /**
   * List jobs. Newest first. Finished jobs are kept for 90 days. Needs the permission `read:deliveries`.
   */
  listJobs(query: NonNullable<ListJobsData['query']> = {}, options: CallOptions = {}): List<JobList, Job> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/jobs', query }, options), query);
  }

  /**
   * Get a job. Needs the permission `read:deliveries`.
   */
  getJob(jobID: string, options: CallOptions = {}): Promise<Job> {
    return this.request({ method: 'GET', path: `/api/v1/jobs/${inPath('jobID', jobID)}` }, options);
  }

  /**
   * Cancel a job. The job ends after its current step. Completed steps are not undone. A finished job is a
   * 409, and so is a `followers.compare`, which can't be cancelled. Needs the permission `write:deliveries`.
   */
  cancelJob(jobID: string, options: CallOptions = {}): Promise<Job> {
    return this.request({ method: 'POST', path: `/api/v1/jobs/${inPath('jobID', jobID)}/cancel`, keyed: true }, options);
  }

  /**
   * List blog posts. Newest first. Needs the permission `read:blog`.
   */
  listBlogPosts(query: NonNullable<ListBlogPostsData['query']> = {}, options: CallOptions = {}): List<BlogPostList, BlogPost> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/blog-posts', query }, options), query);
  }

  /**
   * Generate a blog post. Starts an agent run that writes a draft from a brief. The response is immediate:
   * the post exists with the status `generating`, and its `agent_run_id` is the run. When the run completes,
   * the post becomes a `draft`, and `blog.created` and `agent.completed` are fired; when the run fails, the
   * post becomes `failed` and `agent.failed` is fired, both with the reason. The credits are refunded when
   * the run fails or is cancelled. Needs the permission `write:blog`.
   */
  generateBlogPost(body: BlogBrief, options: CallOptions = {}): Promise<AgentRun> {
    return this.request({ method: 'POST', path: '/api/v1/blog-posts/generate', body, keyed: true }, options);
  }

  /**
   * Get a blog post. Needs the permission `read:blog`.
   */
  getBlogPost(blogPostID: string, options: CallOptions = {}): Promise<BlogPost> {
    return this.request({ method: 'GET', path: `/api/v1/blog-posts/${inPath('blogPostID', blogPostID)}` }, options);
  }

  /**
   * Approve a blog post. Fires `blog.approved`. Only a `draft` can be approved; any other status is a 409
   * that lists what is allowed. Needs the permission `write:blog`.
   */
  approveBlogPost(blogPostID: string, options: CallOptions = {}): Promise<BlogPost> {
    return this.request({ method: 'POST', path: `/api/v1/blog-posts/${inPath('blogPostID', blogPostID)}/approve`, keyed: true }, options);
  }

  /**
   * Publish a blog post. Fires `blog.published`. Only an `approved` post can be published; any other status
   * is a 409 that lists what is allowed. The receiver of the event publishes the post on your site. Needs the
   * permission `write:blog`.
   */
  publishBlogPost(blogPostID: string, options: CallOptions = {}): Promise<BlogPost> {
    return this.request({ method: 'POST', path: `/api/v1/blog-posts/${inPath('blogPostID', blogPostID)}/publish`, keyed: true }, options);
  }

  /**
   * List social posts. Newest first. Needs the permission `read:social`.
   */
  listSocialPosts(query: NonNullable<ListSocialPostsData['query']> = {}, options: CallOptions = {}): List<SocialPostList, SocialPost> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/social-posts', query }, options), query);
  }

  /**
   * Generate a social post. Starts an agent run that writes a draft from a brief. The response is immediate:
   * the post exists with the status `generating`, and its `agent_run_id` is the run. When the run completes,
   * the post becomes a `draft`, and `social.created` and `agent.completed` are fired; when the run fails, the
   * post becomes `failed` and `agent.failed` is fired, both with the reason. The credits are refunded when
   * the run fails or is cancelled. Needs the permission `write:social`.
   */
  generateSocialPost(body: SocialBrief, options: CallOptions = {}): Promise<AgentRun> {
    return this.request({ method: 'POST', path: '/api/v1/social-posts/generate', body, keyed: true }, options);
  }

  /**
   * Get a social post. Needs the permission `read:social`.
   */
  getSocialPost(socialPostID: string, options: CallOptions = {}): Promise<SocialPost> {
    return this.request({ method: 'GET', path: `/api/v1/social-posts/${inPath('socialPostID', socialPostID)}` }, options);
  }

  /**
   * Approve a social post. Fires `social.approved`. Only a `draft` can be approved; any other status is a 409
   * that lists what is allowed. Needs the permission `write:social`.
   */
  approveSocialPost(socialPostID: string, options: CallOptions = {}): Promise<SocialPost> {
    return this.request({ method: 'POST', path: `/api/v1/social-posts/${inPath('socialPostID', socialPostID)}/approve`, keyed: true }, options);
  }

  /**
   * Publish a social post. Fires `social.published`. Only an `approved` post can be published; any other
   * status is a 409 that lists what is allowed. The receiver of the event publishes the post on the platform.
   * Needs the permission `write:social`.
   */
  publishSocialPost(socialPostID: string, options: CallOptions = {}): Promise<SocialPost> {
    return this.request({ method: 'POST', path: `/api/v1/social-posts/${inPath('socialPostID', socialPostID)}/publish`, keyed: true }, options);
  }

  /**
   * Get an agent run. Needs the permission `read:agents`.
   */
  getAgentRun(agentRunID: string, options: CallOptions = {}): Promise<AgentRun> {
    return this.request({ method: 'GET', path: `/api/v1/agent-runs/${inPath('agentRunID', agentRunID)}` }, options);
  }

  /**
   * Cancel an agent run. The run ends as `cancelled` and its post as `failed`, the credits are refunded, and
   * `agent.failed` is fired with the reason `cancelled`. A finished run is a 409. Needs the permission
   * `write:agents`.
   */
  cancelAgentRun(agentRunID: string, options: CallOptions = {}): Promise<AgentRun> {
    return this.request({ method: 'POST', path: `/api/v1/agent-runs/${inPath('agentRunID', agentRunID)}/cancel`, keyed: true }, options);
  }

  /**
   * Get an overview. Statistics from the first to the last day, both included, in UTC, in the environment of
   * the key in use. Leads and content are grouped by the day they were created and by their current state;
   * deliveries by the day they ended, and those in progress by the day they were created, at most 10,000 in
   * each status. Needs the permission `read:analytics`.
   */
  getAnalyticsOverview(query: NonNullable<GetAnalyticsOverviewData['query']> = {}, options: CallOptions = {}): Promise<AnalyticsOverview> {
    return this.request({ method: 'GET', path: '/api/v1/analytics/overview', query }, options);
  }

  /**
   * Get the automatic disabling settings. An endpoint that keeps failing is disabled with the reason
   * `failing`. The limit applies to the time between the first and the latest failure without a success in
   * between, so an endpoint without deliveries is never disabled. Warnings (`endpoint.failing`) are sent at
   * 50, 70 and 90 per cent of the limit, and an endpoint is only disabled if it is still failing two hours
   * after a warning. It is never deleted; enabling it resets its failures. Needs the permission
   * `read:alerts`.
   */
  getAlertSettings(options: CallOptions = {}): Promise<AlertSettings> {
    return this.request({ method: 'GET', path: '/api/v1/alert-settings' }, options);
  }

  /**
   * Set the automatic disabling settings. A field that is left out is reset to the default of this
   * installation. Needs the permission `write:alerts`.
   */
  putAlertSettings(body?: AlertSettingsUpdate, options: CallOptions = {}): Promise<AlertSettings> {
    return this.request({ method: 'PUT', path: '/api/v1/alert-settings', body, keyed: true }, options);
  }

  /**
   * List alert channels. Notification channels of alerts, newest first. The URL of a Slack or webhook channel
   * is a secret and masked. Needs the permission `read:alerts`.
   */
  listAlertChannels(query: NonNullable<ListAlertChannelsData['query']> = {}, options: CallOptions = {}): List<AlertChannelList, AlertChannel> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/alert-channels', query }, options), query);
  }

  /**
   * Add an alert channel. `email` sends mail to one address and requires mail to be configured on this
   * installation (409 otherwise); `slack` posts `{"text": …}` to a Slack incoming-webhook URL, or to any
   * compatible URL; `webhook` posts an `AlertWebhook` to any URL, signed as Standard Webhooks say
   * (`webhook-id`, `webhook-timestamp`, `webhook-signature`) with the `secret` of this answer, which is never
   * returned again. Every attempt of a notification has the same `webhook-id`. `POST
   * /api/v1/alert-channels/{alert_channel_id}/rotate-secret` replaces the secret. Needs the permission
   * `write:alerts`.
   */
  createAlertChannel(body: AlertChannelCreate, options: CallOptions = {}): Promise<AlertChannelCreated> {
    return this.request({ method: 'POST', path: '/api/v1/alert-channels', body, keyed: true }, options);
  }

  /**
   * Get an alert channel. Needs the permission `read:alerts`.
   */
  getAlertChannel(alertChannelID: string, options: CallOptions = {}): Promise<AlertChannel> {
    return this.request({ method: 'GET', path: `/api/v1/alert-channels/${inPath('alertChannelID', alertChannelID)}` }, options);
  }

  /**
   * Change an alert channel. Changes the fields that are sent. The type can't be changed. A masked `target`
   * that is sent back keeps the stored value; with another host it is a 400. Needs the permission
   * `write:alerts`.
   */
  updateAlertChannel(alertChannelID: string, body: AlertChannelUpdate, options: CallOptions = {}): Promise<AlertChannel> {
    return this.request({ method: 'PATCH', path: `/api/v1/alert-channels/${inPath('alertChannelID', alertChannelID)}`, body, keyed: true }, options);
  }

  /**
   * Delete an alert channel. Unsent notifications to it are discarded. Needs the permission `write:alerts`.
   */
  deleteAlertChannel(alertChannelID: string, options: CallOptions = {}): Promise<void> {
    return this.request({ method: 'DELETE', path: `/api/v1/alert-channels/${inPath('alertChannelID', alertChannelID)}`, keyed: true }, options);
  }

  /**
   * Replace the secret of an alert channel. For a channel of type `webhook`; 409 for any other. The new
   * secret is in this answer only. Until `grace` ends, requests carry a signature of the new secret and one
   * of each replaced secret, so that the receiver can migrate without losing an alert. A `secret` of your own
   * is `whsec_` followed by 24 to 64 bytes in base64. At most five previous secrets can be valid at a time; a
   * rotation beyond that is a 409. Needs the permission `write:alerts`.
   */
  rotateAlertChannelSecret(alertChannelID: string, body?: SecretRotate, options: CallOptions = {}): Promise<WebhookSecret> {
    return this.request({ method: 'POST', path: `/api/v1/alert-channels/${inPath('alertChannelID', alertChannelID)}/rotate-secret`, body, keyed: true }, options);
  }

  /**
   * Send a test alert. Sends one message immediately, even if the channel is off, and returns the result.
   * Every call sends, so it takes no Idempotency-Key. Needs the permission `write:alerts`.
   */
  testAlertChannel(alertChannelID: string, options: CallOptions = {}): Promise<AlertTest> {
    return this.request({ method: 'POST', path: `/api/v1/alert-channels/${inPath('alertChannelID', alertChannelID)}/test` }, options);
  }

  /**
   * List alerts. Newest first, with the state of their notifications. Each condition raises one alert,
   * whatever the number of events. Needs the permission `read:alerts`.
   */
  listAlerts(query: NonNullable<ListAlertsData['query']> = {}, options: CallOptions = {}): List<AlertList, Alert> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/alerts', query }, options), query);
  }

  /**
   * Resolve an alert. Alerts about an endpoint are resolved automatically when it succeeds, is enabled or is
   * deleted; use this for anything dealt with otherwise. Resolving again changes nothing. Needs the
   * permission `write:alerts`.
   */
  resolveAlert(alertID: string, options: CallOptions = {}): Promise<Alert> {
    return this.request({ method: 'POST', path: `/api/v1/alerts/${inPath('alertID', alertID)}/resolve`, keyed: true }, options);
  }

  /**
   * List the audit log. Changes and who made them, newest first, in both environments. A test key, or a
   * session in the test environment, sees only the changes in the test environment. Entries are never changed
   * or deleted. Needs the permission `read:audit`.
   */
  listAuditLog(query: NonNullable<ListAuditLogData['query']> = {}, options: CallOptions = {}): List<AuditEntryList, AuditEntry> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/audit-log', query }, options), query);
  }

  /**
   * Get the credit balance and ledger. The account that pays for calls with the key in use. The ledger lists
   * every change of the balance, newest first, of both environments. Entries are never changed or deleted,
   * and their amounts add up to the balance. Needs the permission `read:credits`.
   */
  getCredits(query: NonNullable<GetCreditsData['query']> = {}, options: CallOptions = {}): List<Credits, CreditEntry> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/credits', query }, options), query);
  }

  /**
   * Get API usage and quotas. What the tenant uses of each quota of its plan, and the calls. Number of calls
   * with the tenant's keys, by UTC day, key and HTTP status, in the environment of the key in use, oldest
   * first. Rejected calls count too if the key was valid. Days without calls are left out. Calls appear
   * within 10 seconds; counts are kept for 400 days, and a server that crashes loses those of its last
   * seconds, so don't bill by them. Needs the permission `read:usage`.
   */
  getUsage(query: NonNullable<GetUsageData['query']> = {}, options: CallOptions = {}): Promise<Usage> {
    return this.request({ method: 'GET', path: '/api/v1/usage', query }, options);
  }

  /**
   * List tracked accounts. Newest first, each with its latest statistics. Needs the permission
   * `read:tracking`.
   */
  listTrackedAccounts(query: NonNullable<ListTrackedAccountsData['query']> = {}, options: CallOptions = {}): List<TrackedAccountList, TrackedAccount> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/tracked-accounts', query }, options), query);
  }

  /**
   * Track an account. The account gets a number, `tracked_user_id`, which events refer to. An account of a
   * platform can be tracked once (409). Needs the permission `write:tracking`.
   */
  createTrackedAccount(body: TrackedAccountCreate, options: CallOptions = {}): Promise<TrackedAccount> {
    return this.request({ method: 'POST', path: '/api/v1/tracked-accounts', body, keyed: true }, options);
  }

  /**
   * Get a tracked account. Needs the permission `read:tracking`.
   */
  getTrackedAccount(trackedAccountID: string, options: CallOptions = {}): Promise<TrackedAccount> {
    return this.request({ method: 'GET', path: `/api/v1/tracked-accounts/${inPath('trackedAccountID', trackedAccountID)}` }, options);
  }

  /**
   * Rename a tracked account. For accounts whose name on the platform has changed. Existing events keep the
   * old name. Needs the permission `write:tracking`.
   */
  updateTrackedAccount(trackedAccountID: string, body: TrackedAccountUpdate, options: CallOptions = {}): Promise<TrackedAccount> {
    return this.request({ method: 'PATCH', path: `/api/v1/tracked-accounts/${inPath('trackedAccountID', trackedAccountID)}`, body, keyed: true }, options);
  }

  /**
   * Stop tracking an account. Deletes its snapshots; its events and direct messages are kept. Its number is
   * not reused. Needs the permission `write:tracking`.
   */
  deleteTrackedAccount(trackedAccountID: string, options: CallOptions = {}): Promise<void> {
    return this.request({ method: 'DELETE', path: `/api/v1/tracked-accounts/${inPath('trackedAccountID', trackedAccountID)}`, keyed: true }, options);
  }

  /**
   * List snapshots of an account. Newest first. Needs the permission `read:tracking`.
   */
  listSnapshots(trackedAccountID: string, query: NonNullable<ListSnapshotsData['query']> = {}, options: CallOptions = {}): List<SnapshotList, Snapshot> {
    return new List((query) => this.request({ method: 'GET', path: `/api/v1/tracked-accounts/${inPath('trackedAccountID', trackedAccountID)}/snapshots`, query }, options), query);
  }

  /**
   * Record a snapshot. The result of a tracking run. Without `follower_list` it is finished immediately and
   * fires `stats.updated`. With `follower_list` it is open: add the followers, up to 5,000 at a time (`POST
   * /snapshots/{id}/followers`), and finish it (`POST /snapshots/{id}/finish`). A snapshot that is not
   * finished within 24 hours is discarded. It must be later than the account's latest one (409). Costs the
   * same with and without a list. Needs the permission `write:tracking`.
   */
  createSnapshot(trackedAccountID: string, body: SnapshotCreate, options: CallOptions = {}): Promise<Snapshot> {
    return this.request({ method: 'POST', path: `/api/v1/tracked-accounts/${inPath('trackedAccountID', trackedAccountID)}/snapshots`, body, keyed: true }, options);
  }

  /**
   * Get a snapshot. Needs the permission `read:tracking`.
   */
  getSnapshot(snapshotID: string, options: CallOptions = {}): Promise<Snapshot> {
    return this.request({ method: 'GET', path: `/api/v1/snapshots/${inPath('snapshotID', snapshotID)}` }, options);
  }

  /**
   * Get the comparison of a snapshot's list. The job that compares the list with the previous one. 404 if
   * there is none, or if it ended more than 90 days ago. Needs the permission `read:tracking`.
   */
  getSnapshotJob(snapshotID: string, options: CallOptions = {}): Promise<Job> {
    return this.request({ method: 'GET', path: `/api/v1/snapshots/${inPath('snapshotID', snapshotID)}/job` }, options);
  }

  /**
   * Add followers to a snapshot. Adding an existing follower changes nothing, so pages can be sent again and
   * in any order. Only for an open snapshot that was created with `follower_list`, and at most 1,000,000 in
   * total (409). Needs the permission `write:tracking`.
   */
  addFollowers(snapshotID: string, body: FollowersAdd, options: CallOptions = {}): Promise<FollowersAdded> {
    return this.request({ method: 'POST', path: `/api/v1/snapshots/${inPath('snapshotID', snapshotID)}/followers`, body, keyed: true }, options);
  }

  /**
   * Finish a snapshot. Fires `stats.updated`. A job (`job_id`) then compares the list with the account's
   * previous one and fires `follower.gained` and `follower.lost` for each difference; the first list of an
   * account is not compared. `followers` is the number of distinct followers in the list: if it differs from
   * the number received, a page is missing, and the response is a 409. It is also a 409 while the previous
   * list is still being compared, and when a later snapshot was finished meanwhile. Needs the permission
   * `write:tracking`.
   */
  finishSnapshot(snapshotID: string, body: SnapshotFinish, options: CallOptions = {}): Promise<Snapshot> {
    return this.request({ method: 'POST', path: `/api/v1/snapshots/${inPath('snapshotID', snapshotID)}/finish`, body, keyed: true }, options);
  }

  /**
   * List the latest statistics. One entry per tracked account, in the form of `stats.updated`; the account
   * added last comes first. Needs the permission `read:tracking`.
   */
  listStats(query: NonNullable<ListStatsData['query']> = {}, options: CallOptions = {}): List<StatsList, StatsData> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/stats', query }, options), query);
  }

  /**
   * List tracker events. Tracking events, newest first, of the types `stats.updated`, `follower.gained`,
   * `follower.lost`, `dm.sent`, `dm.failed`, `job.completed` and `job.failed`, with the `data` that webhooks
   * deliver. They are kept as long as other events. Needs the permission `read:tracking`.
   */
  listTrackerEvents(query: NonNullable<ListTrackerEventsData['query']> = {}, options: CallOptions = {}): List<TrackerEventList, TrackerEvent> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/tracker', query }, options), query);
  }

  /**
   * Send a direct message. Queues a message from the account. `dm.sent` or `dm.failed` reports the outcome;
   * the cost of a failed message is refunded. Needs the permission `write:direct_messages`.
   */
  createDirectMessage(trackedAccountID: string, body: DirectMessageCreate, options: CallOptions = {}): Promise<DirectMessage> {
    return this.request({ method: 'POST', path: `/api/v1/tracked-accounts/${inPath('trackedAccountID', trackedAccountID)}/direct-messages`, body, keyed: true }, options);
  }

  /**
   * List direct messages. Newest first. Needs the permission `read:direct_messages`.
   */
  listDirectMessages(query: NonNullable<ListDirectMessagesData['query']> = {}, options: CallOptions = {}): List<DirectMessageList, DirectMessage> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/direct-messages', query }, options), query);
  }

  /**
   * Get a direct message. Needs the permission `read:direct_messages`.
   */
  getDirectMessage(directMessageID: string, options: CallOptions = {}): Promise<DirectMessage> {
    return this.request({ method: 'GET', path: `/api/v1/direct-messages/${inPath('directMessageID', directMessageID)}` }, options);
  }

  /**
   * List tracking jobs. Newest first. Needs the permission `read:tracking`.
   */
  listTrackerJobs(query: NonNullable<ListTrackerJobsData['query']> = {}, options: CallOptions = {}): List<TrackerJobList, TrackerJob> {
    return new List((query) => this.request({ method: 'GET', path: '/api/v1/tracker/jobs', query }, options), query);
  }

  /**
   * Start a tracking job. Queues the job. It gets a number, `job_id`, which events refer to; `job.completed`
   * or `job.failed` reports the outcome. The cost of a failed job is refunded. Needs the permission
   * `write:tracking`.
   */
  createTrackerJob(body: TrackerJobCreate, options: CallOptions = {}): Promise<TrackerJob> {
    return this.request({ method: 'POST', path: '/api/v1/tracker/jobs', body, keyed: true }, options);
  }

  /**
   * Get a tracking job. Needs the permission `read:tracking`.
   */
  getTrackerJob(trackerJobID: string, options: CallOptions = {}): Promise<TrackerJob> {
    return this.request({ method: 'GET', path: `/api/v1/tracker/jobs/${inPath('trackerJobID', trackerJobID)}` }, options);
  }
}
