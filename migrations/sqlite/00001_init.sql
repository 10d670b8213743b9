-- The schema, by noun. Times are microseconds since 1970 (to read one: datetime(created_at / 1000000, 'unixepoch')).
--
-- In the tables of events, deliveries and resources, every TypeID is stored as the text of its UUID: keys, tenants and
-- references. They have no foreign key to tenants, whose ids are TypeIDs; a tenant is never deleted.

-- +goose Up

-- The installation

CREATE TABLE settings (
    name  text PRIMARY KEY,
    value blob NOT NULL
);

-- The running processes: each says every ten seconds that it runs, and counts as running for a minute.
CREATE TABLE processes (
    id      text PRIMARY KEY,
    command text    NOT NULL,
    host    text    NOT NULL,
    pid     integer NOT NULL,
    keys    text    NOT NULL, -- JSON: the ids of its encryption keys, the one that it encrypts with first
    seen_at integer NOT NULL
);

CREATE TABLE operator_keys (
    id            text PRIMARY KEY,
    name          text    NOT NULL,
    hint          text    NOT NULL, -- the beginning of the key, to tell keys apart
    hash          blob    NOT NULL UNIQUE, -- SHA-256 of the key
    role          text    NOT NULL,
    allowed_cidrs text    NOT NULL DEFAULT '[]', -- JSON
    created_at    integer NOT NULL,
    last_used_at  integer,
    expires_at    integer,
    revoked_at    integer,
    given         integer NOT NULL DEFAULT 0 -- by HOOKLINE_OPERATOR_KEY; never deleted, or it would be stored anew
);

-- Tenants

CREATE TABLE tenants (
    id                       text PRIMARY KEY,
    name                     text    NOT NULL,
    name_key                 text    NOT NULL DEFAULT '', -- name, folded, for searches
    plan                     text    NOT NULL,
    profile                  text    NOT NULL,
    overrides                text    NOT NULL DEFAULT '{}', -- JSON: what differs from the plan
    branding                 text    NOT NULL DEFAULT '{}', -- JSON: how the dashboard looks to the tenant's members
    deliveries_paused        integer NOT NULL DEFAULT 0, -- the operators' kill switch
    deliveries_paused_at     integer,
    deliveries_paused_reason text    NOT NULL DEFAULT '', -- shown to the tenant
    created_at               integer NOT NULL,
    updated_at               integer NOT NULL
);
CREATE INDEX tenants_by_age ON tenants (created_at DESC, id DESC);
CREATE INDEX tenants_by_plan ON tenants (plan, created_at DESC, id DESC);
CREATE INDEX tenants_paused ON tenants (created_at DESC, id DESC) WHERE deliveries_paused;

-- A table of its own, since every call reads tenants.
CREATE TABLE tenant_pictures (
    tenant_id text NOT NULL REFERENCES tenants (id),
    kind      text NOT NULL, -- logo or favicon
    picture   blob NOT NULL,
    PRIMARY KEY (tenant_id, kind)
);

CREATE TABLE members (
    id              text PRIMARY KEY,
    tenant_id       text    NOT NULL,
    number          integer NOT NULL, -- of the user in the tenant; never given again
    email           text    NOT NULL,
    email_key       text    NOT NULL, -- email in lower case, for comparisons
    name            text    NOT NULL,
    role            text    NOT NULL,
    created_at      integer NOT NULL,
    updated_at      integer NOT NULL,
    last_sign_in_at integer
);
CREATE UNIQUE INDEX members_by_number ON members (tenant_id, number);
CREATE UNIQUE INDEX members_by_email ON members (tenant_id, email_key);
CREATE INDEX members_by_age ON members (tenant_id, created_at DESC, id DESC);
CREATE INDEX members_to_sign_in ON members (email_key);

-- The last number that a member of a tenant was given.
CREATE TABLE member_numbers (
    tenant_id text PRIMARY KEY,
    last      integer NOT NULL
);

-- token_hash and link_hash are SHA-256: neither a cookie nor a link can be made from a row. link_hash is NULL once the
-- link was used, token_hash until then.
CREATE TABLE sessions (
    id               text PRIMARY KEY,
    tenant_id        text    NOT NULL, -- empty for operators
    environment      text    NOT NULL, -- empty for operators
    member_id        text    NOT NULL,
    operator_key_id  text    NOT NULL,
    operator_subject text    NOT NULL,
    capabilities     text    NOT NULL,
    may_switch       integer NOT NULL DEFAULT 0, -- between the environments
    bare             integer NOT NULL DEFAULT 0, -- the pages are shown without navigation
    theme            text    NOT NULL DEFAULT '{}', -- JSON: how the pages look
    token_hash       blob,
    link_hash        blob,
    link_expires_at  integer,
    opened_by        text    NOT NULL DEFAULT '', -- link, key or single_sign_on
    address          text    NOT NULL DEFAULT '',
    user_agent       text    NOT NULL DEFAULT '',
    created_at       integer NOT NULL,
    expires_at       integer NOT NULL,
    revoked_at       integer,
    last_seen_at     integer
);
CREATE UNIQUE INDEX sessions_by_token ON sessions (token_hash);
CREATE UNIQUE INDEX sessions_by_link ON sessions (link_hash);
CREATE INDEX sessions_by_tenant ON sessions (tenant_id, created_at DESC, id DESC);
CREATE INDEX sessions_open ON sessions (tenant_id, expires_at) WHERE revoked_at IS NULL;
CREATE INDEX sessions_retention ON sessions (expires_at);

-- Access

CREATE TABLE api_keys (
    id            text PRIMARY KEY,
    tenant_id     text    NOT NULL REFERENCES tenants (id),
    environment   text    NOT NULL,
    user_id       text    NOT NULL DEFAULT '', -- empty for a key of the tenant as a whole
    name          text    NOT NULL,
    prefix        text    NOT NULL,
    hint          text    NOT NULL, -- the beginning of the key, to tell keys apart
    hash          blob    NOT NULL UNIQUE, -- SHA-256 of the key
    permissions   text    NOT NULL, -- JSON
    role          text    NOT NULL DEFAULT '',
    tier          text    NOT NULL DEFAULT '',
    allowed_cidrs text    NOT NULL DEFAULT '[]', -- JSON
    created_at    integer NOT NULL,
    last_used_at  integer,
    expires_at    integer,
    revoked_at    integer
);
CREATE INDEX api_keys_by_age ON api_keys (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX api_keys_by_user ON api_keys (tenant_id, user_id) WHERE user_id <> '';
CREATE INDEX api_keys_revoked ON api_keys (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX api_keys_expiring ON api_keys (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE idempotency_keys (
    tenant_id   text    NOT NULL, -- empty for operators
    environment text    NOT NULL,
    caller      text    NOT NULL, -- the key or session that asked: nobody else gets the answer
    method      text    NOT NULL,
    path        text    NOT NULL,
    name        text    NOT NULL,
    fingerprint blob    NOT NULL,
    status      integer NOT NULL,
    answer      blob    NOT NULL, -- encrypted: it may hold a key or a secret that is shown once
    created_at  integer NOT NULL,
    PRIMARY KEY (tenant_id, environment, caller, method, path, name)
);
CREATE INDEX idempotency_keys_retention ON idempotency_keys (created_at);

CREATE TABLE audit_log (
    id          text PRIMARY KEY,
    tenant_id   text    NOT NULL, -- empty for what concerns no tenant
    environment text    NOT NULL,
    actor_type  text    NOT NULL,
    actor_id    text    NOT NULL,
    actor_name  text    NOT NULL,
    actor_role  text    NOT NULL DEFAULT '', -- of an operator
    user_number integer NOT NULL DEFAULT 0, -- of the actor, if that is a member
    address     text    NOT NULL,
    request_id  text    NOT NULL,
    action      text    NOT NULL,
    target      text    NOT NULL,
    before      text    NOT NULL,
    after       text    NOT NULL,
    created_at  integer NOT NULL
);
CREATE INDEX audit_log_by_age ON audit_log (created_at DESC, id DESC);
CREATE INDEX audit_log_by_tenant ON audit_log (tenant_id, created_at DESC, id DESC);
CREATE INDEX audit_log_by_action ON audit_log (tenant_id, action, created_at DESC, id DESC);
CREATE INDEX audit_log_by_target ON audit_log (tenant_id, target, created_at DESC, id DESC);
CREATE INDEX audit_log_by_actor ON audit_log (tenant_id, actor_id, created_at DESC, id DESC);

-- Credits and usage

-- The row of a balance is the lock of its ledger, too: a writer holds it until the entry is committed.
CREATE TABLE credit_balances (
    tenant_id     text    NOT NULL REFERENCES tenants (id),
    user_id       text    NOT NULL, -- empty for the tenant's own
    balance       integer NOT NULL CHECK (balance >= 0),
    granted_month text    NOT NULL, -- 2026-11: the month of the latest monthly grant
    granted       integer NOT NULL, -- the sum of that month's grants
    granted_plan  text    NOT NULL, -- the plan that they were last compared with
    armed_at      integer, -- the latest grant: each alert about the balance is sent once after it
    updated_at    integer NOT NULL, -- of the latest entry; entries of one ledger never share a time
    PRIMARY KEY (tenant_id, user_id)
);

CREATE TABLE credit_entries (
    id         text PRIMARY KEY,
    tenant_id  text    NOT NULL,
    user_id    text    NOT NULL,
    amount     integer NOT NULL,
    balance    integer NOT NULL, -- after the entry
    kind       text    NOT NULL,
    reason     text    NOT NULL,
    reference  text    NOT NULL,
    created_at integer NOT NULL,
    FOREIGN KEY (tenant_id, user_id) REFERENCES credit_balances (tenant_id, user_id)
);
CREATE INDEX credit_entries_by_age ON credit_entries (tenant_id, user_id, created_at DESC, id DESC);
-- A month's grant and the refund of a charge happen once.
CREATE UNIQUE INDEX credit_entries_once ON credit_entries
    (tenant_id, user_id, kind, reference) WHERE kind IN ('monthly', 'refund');

-- calls is added to, never set: several processes count the same.
CREATE TABLE usage_counts (
    tenant_id   text    NOT NULL,
    environment text    NOT NULL,
    day         text    NOT NULL, -- 2026-11-21, UTC
    key_id      text    NOT NULL,
    status      integer NOT NULL,
    calls       integer NOT NULL,
    PRIMARY KEY (tenant_id, environment, day, key_id, status)
);
CREATE INDEX usage_counts_retention ON usage_counts (day);

-- bytes is added to, never set, like calls.
CREATE TABLE stored_bytes (
    tenant_id text    NOT NULL,
    day       text    NOT NULL, -- 2026-11-21, UTC
    bytes     integer NOT NULL,
    PRIMARY KEY (tenant_id, day)
);
CREATE INDEX stored_bytes_by_day ON stored_bytes (day);

-- Events

-- The outbox is the event log itself. An event is committed with the ids of the endpoints that it goes to; it is due
-- for fan-out while dispatched_at is NULL, which is so of events for very many endpoints until they are fanned out.
-- Position is the order in which they were committed.
CREATE TABLE events (
    position      integer PRIMARY KEY AUTOINCREMENT,
    id            text    NOT NULL UNIQUE,
    tenant_id     text    NOT NULL,
    environment   text    NOT NULL,
    publisher_id  text    NOT NULL, -- the id that its publisher gave it; empty when there is none
    type          text    NOT NULL,
    data          text    NOT NULL,
    endpoints     blob    NOT NULL, -- the ids of its endpoints, 16 bytes each
    purged        blob,             -- those of them whose delivery was purged before the reconciler looked at the event
    user_number integer NOT NULL DEFAULT 0, -- of the member whom it belongs to; 0 for the tenant
    traceparent   text   NOT NULL DEFAULT '', -- W3C trace context of the request that stored it; empty for none
    traced        boolean NOT NULL DEFAULT false, -- whether that request was sampled
    reason        text    NOT NULL, -- why there is no delivery; empty otherwise
    occurred_at   integer NOT NULL,
    created_at    integer NOT NULL,
    dispatched_at integer
);
CREATE INDEX events_by_tenant ON events (tenant_id, environment, position, id);
CREATE INDEX events_undispatched ON events (created_at) WHERE dispatched_at IS NULL;

-- The ids that publishers chose are unique within a tenant's environment, for each member whom the events concern.
CREATE TABLE publisher_ids (
    tenant_id    text    NOT NULL,
    environment  text    NOT NULL,
    publisher_id text    NOT NULL,
    user_number  integer NOT NULL DEFAULT 0, -- of the member whom the event concerns; 0 for the tenant
    event_id     text    NOT NULL,
    PRIMARY KEY (tenant_id, environment, publisher_id, user_number)
) WITHOUT ROWID;

-- How far the reconciler has looked through the events: all up to position have a row for each delivery, or need none.
CREATE TABLE reconciler (
    id       integer PRIMARY KEY CHECK (id = 1),
    position integer NOT NULL,
    at       integer NOT NULL -- when; no event beyond the position is much older
);
INSERT INTO reconciler VALUES (1, 0, 0);

-- The event types that tenants register. schema_text and sample are JSON, as they were sent.
CREATE TABLE event_types (
    tenant_id     text    NOT NULL REFERENCES tenants (id),
    environment   text    NOT NULL,
    name          text    NOT NULL,
    group_name    text    NOT NULL,
    description   text    NOT NULL,
    schema_text   text    NOT NULL,
    sample        text    NOT NULL,
    created_at    integer NOT NULL,
    updated_at    integer NOT NULL,
    deprecated_at integer,
    PRIMARY KEY (tenant_id, environment, name)
);

-- Endpoints

CREATE TABLE endpoints (
    id              text PRIMARY KEY,
    tenant_id       text    NOT NULL REFERENCES tenants (id),
    environment     text    NOT NULL,
    user_number integer NOT NULL DEFAULT 0, -- of the member whom it belongs to; 0 for the tenant
    name            text    NOT NULL,
    name_key        text    NOT NULL DEFAULT '', -- name, folded, for searches and comparisons
    description     text    NOT NULL DEFAULT '',
    metadata        text    NOT NULL DEFAULT '{}', -- JSON
    source          text    NOT NULL DEFAULT '', -- the tool that registered the endpoint
    source_key      text, -- hash of source, URL and events; NULL without a source
    listener_until  integer, -- when a listener ends without a connection; NULL for endpoints with a URL
    enabled         integer NOT NULL,
    disabled_reason text    NOT NULL,

    -- Which events it gets, and how.
    events         text NOT NULL, -- JSON
    filter         text NOT NULL DEFAULT '', -- CEL
    url            text NOT NULL,
    url_key        text NOT NULL DEFAULT '', -- url, folded, for searches
    method         text NOT NULL,
    headers        blob NOT NULL, -- encrypted
    auth           blob, -- encrypted; NULL when there is none
    profile        text NOT NULL,
    envelope       text NOT NULL DEFAULT 'standard',
    timeout        text NOT NULL DEFAULT '',
    trace_context  boolean NOT NULL DEFAULT false, -- whether requests carry the traceparent of their event
    retry_policy   text NOT NULL, -- JSON
    retry_policies text NOT NULL DEFAULT '{}', -- JSON: by event type
    rate_limit     integer, -- requests a second

    -- How its requests are signed. Secrets and keys are encrypted; those that were replaced still sign for a while.
    signing          text NOT NULL DEFAULT 'hmac',
    secret           blob NOT NULL,
    previous_secrets blob, -- NULL when there is none
    ed25519_key      blob, -- made when it is first needed
    public_key       text NOT NULL DEFAULT '', -- empty until there is an ed25519_key
    previous_ed25519 blob, -- NULL when there is none

    -- How it does.
    consecutive_failures integer NOT NULL DEFAULT 0, -- since the last success
    failing_since        integer,
    last_success_at      integer,
    last_failure_at      integer,
    last_status          text    NOT NULL DEFAULT '', -- of the delivery that was attempted last

    -- The throttle of an endpoint that can't take everything at once.
    throttled_at      integer, -- since when the endpoint is throttled; NULL when it is not
    concurrency_limit real    NOT NULL DEFAULT 0, -- how many deliveries may be admitted and not complete
    ssthresh          real    NOT NULL DEFAULT 0, -- the slow start threshold
    circuit           text    NOT NULL DEFAULT 'closed',
    circuit_opened_at integer,
    circuit_until     integer,
    circuit_trips     integer NOT NULL DEFAULT 0,
    probe_id          text    NOT NULL DEFAULT '', -- the delivery that probes a half-open circuit
    retry_after_until integer, -- no request before this, as Retry-After said
    next_token_at     integer, -- when the next rate-limit token is free
    release_at        integer, -- when the releaser is due to look at it; NULL while no delivery is deferred

    created_at integer NOT NULL,
    updated_at integer NOT NULL,
    deleted_at integer
);
CREATE INDEX endpoints_by_age ON endpoints (tenant_id, environment, created_at DESC, id DESC) WHERE deleted_at IS NULL;
-- A tool subscribes a URL to the same events once.
CREATE UNIQUE INDEX endpoints_by_source ON endpoints (tenant_id, environment, source_key) WHERE deleted_at IS NULL;
CREATE INDEX endpoints_listening ON endpoints (listener_until) WHERE listener_until IS NOT NULL
    AND deleted_at IS NULL;
CREATE INDEX endpoints_failing ON endpoints (failing_since, id) WHERE failing_since IS NOT NULL;
CREATE INDEX endpoints_throttled ON endpoints (throttled_at) WHERE throttled_at IS NOT NULL;
CREATE INDEX endpoints_by_release ON endpoints (release_at) WHERE release_at IS NOT NULL;

-- Deliveries and attempts

-- A delivery that makes no trouble is inserted when it is over, with its attempt, and never changed. Before that it has
-- no row: its event says that it is to come. Only what is retrying, deferred, suspended, dead or cancelled, or has been
-- under way for some seconds, has a row that changes.
CREATE TABLE deliveries (
    id              text    PRIMARY KEY,
    tenant_id       text    NOT NULL,
    environment     text    NOT NULL,
    event_id        text    NOT NULL,
    publisher_id    text    NOT NULL, -- of the event
    event_type      text    NOT NULL,
    endpoint_id     text    NOT NULL,
    form            text    NOT NULL, -- how the body is rendered; empty before the first attempt
    status          text    NOT NULL,
    reason          text    NOT NULL,
    error           text    NOT NULL,
    response_status integer,
    attempt_count   integer NOT NULL,
    failure_count   integer NOT NULL,
    max_attempts    integer NOT NULL,
    admission       integer NOT NULL, -- 0: not throttled; 1: deferred; 2: admitted
    next_attempt_at integer,
    -- By when the queue should have moved the delivery on, or its lease ends; past it the reconciler does. NULL once it
    -- is final, so the index holds exactly the rows that are undelivered.
    deadline_at     integer,
    created_at      integer NOT NULL,
    finished_at     integer,
    changed_at      integer NOT NULL,
    test_body       text -- what a test sent; NULL for the delivery of an event
) WITHOUT ROWID;
CREATE INDEX deliveries_by_tenant ON deliveries (tenant_id, environment, id);
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, id);
-- The following are partial: a delivery that makes no trouble has no entry.
CREATE INDEX deliveries_due ON deliveries (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX deliveries_by_admission ON deliveries (endpoint_id, admission, next_attempt_at) WHERE admission <> 0;
CREATE INDEX deliveries_not_succeeded ON deliveries (tenant_id, environment, status, id) WHERE status <> 'succeeded';
CREATE INDEX deliveries_dead ON deliveries (id) WHERE status = 'dead';

CREATE TABLE attempts (
    delivery_id        text    NOT NULL,
    number             integer NOT NULL,
    status             text    NOT NULL,
    method             text    NOT NULL,
    url                text    NOT NULL,
    request_headers    text    NOT NULL, -- JSON
    response_status    integer,
    response_headers   text    NOT NULL, -- JSON
    response_body      blob    NOT NULL,
    response_truncated integer NOT NULL,
    error_code         text    NOT NULL,
    error              text    NOT NULL,
    timings            text    NOT NULL, -- JSON: how long each part of the request took, or null
    started_at         integer NOT NULL,
    finished_at        integer,
    PRIMARY KEY (delivery_id, number)
);

-- How many deliveries ended, and how, in steps of several lengths. Workers add to the counts, they don't set them.
-- The row with no event type and the endpoint 0 is the sum of the others of its tenant and step. latency_0 to
-- latency_22 are a histogram of the time from the event to its arrival, response_0 to response_17 one of the
-- durations of answered requests; see internal/deliverylog.
CREATE TABLE delivery_counts (
    tenant_id    text    NOT NULL,
    environment  text    NOT NULL,
    seconds      integer NOT NULL, -- the length of the step
    at           integer NOT NULL, -- its beginning
    endpoint_id  text    NOT NULL,
    event_type   text    NOT NULL,
    succeeded    integer NOT NULL,
    dead         integer NOT NULL,
    cancelled    integer NOT NULL,
    failures     integer NOT NULL, -- attempts that failed
    class_none   integer NOT NULL, -- attempts by the class of the response's status
    class_1      integer NOT NULL,
    class_2      integer NOT NULL,
    class_3      integer NOT NULL,
    class_4      integer NOT NULL,
    class_5      integer NOT NULL,
    latency_0  integer NOT NULL,
    latency_1  integer NOT NULL,
    latency_2  integer NOT NULL,
    latency_3  integer NOT NULL,
    latency_4  integer NOT NULL,
    latency_5  integer NOT NULL,
    latency_6  integer NOT NULL,
    latency_7  integer NOT NULL,
    latency_8  integer NOT NULL,
    latency_9  integer NOT NULL,
    latency_10 integer NOT NULL,
    latency_11 integer NOT NULL,
    latency_12 integer NOT NULL,
    latency_13 integer NOT NULL,
    latency_14 integer NOT NULL,
    latency_15 integer NOT NULL,
    latency_16 integer NOT NULL,
    latency_17 integer NOT NULL,
    latency_18 integer NOT NULL,
    latency_19 integer NOT NULL,
    latency_20 integer NOT NULL,
    latency_21 integer NOT NULL,
    latency_22 integer NOT NULL,
    response_0    integer NOT NULL,
    response_1    integer NOT NULL,
    response_2    integer NOT NULL,
    response_3    integer NOT NULL,
    response_4    integer NOT NULL,
    response_5    integer NOT NULL,
    response_6    integer NOT NULL,
    response_7    integer NOT NULL,
    response_8    integer NOT NULL,
    response_9    integer NOT NULL,
    response_10   integer NOT NULL,
    response_11   integer NOT NULL,
    response_12   integer NOT NULL,
    response_13   integer NOT NULL,
    response_14   integer NOT NULL,
    response_15   integer NOT NULL,
    response_16   integer NOT NULL,
    response_17   integer NOT NULL,
    last_at      integer NOT NULL, -- when the newest of the deliveries was created
    PRIMARY KEY (tenant_id, environment, seconds, at, endpoint_id, event_type)
);
CREATE INDEX delivery_counts_retention ON delivery_counts (seconds, at) WHERE event_type <> '';
CREATE INDEX delivery_sums_retention ON delivery_counts (seconds, at) WHERE event_type = '';

-- Alerts

-- NULL is the installation's default.
CREATE TABLE alert_settings (
    tenant_id           text    NOT NULL,
    environment         text    NOT NULL,
    disable_after_hours integer,
    disable_failures    integer,
    updated_at          integer NOT NULL,
    PRIMARY KEY (tenant_id, environment)
);

CREATE TABLE alert_channels (
    id          text PRIMARY KEY,
    tenant_id   text    NOT NULL,
    environment text    NOT NULL,
    name        text    NOT NULL,
    type        text    NOT NULL,
    target      blob    NOT NULL, -- encrypted: the URL is a secret
    secret      blob,             -- encrypted; of webhook channels only
    previous_secrets blob, -- encrypted; NULL when there is none
    conditions  text    NOT NULL, -- JSON
    user_number integer NOT NULL DEFAULT 0, -- of the member whom it belongs to; 0 for the tenant
    enabled     integer NOT NULL,
    created_at  integer NOT NULL,
    updated_at  integer NOT NULL
);
CREATE INDEX alert_channels_by_age ON alert_channels (tenant_id, environment, created_at DESC, id DESC);

-- key names the condition and its subject: however often the condition is met, there is one alert.
CREATE TABLE alerts (
    id          text PRIMARY KEY,
    tenant_id   text    NOT NULL,
    environment text    NOT NULL,
    condition   text    NOT NULL,
    key         text    NOT NULL,
    subject     text    NOT NULL,
    title       text    NOT NULL,
    message     text    NOT NULL,
    user_number integer NOT NULL DEFAULT 0, -- of the member whom it concerns; 0 for the tenant
    since       integer NOT NULL,
    created_at  integer NOT NULL,
    resolved_at integer,
    UNIQUE (tenant_id, environment, key)
);
CREATE INDEX alerts_by_age ON alerts (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX alerts_open ON alerts (subject) WHERE resolved_at IS NULL;
CREATE INDEX alerts_retention ON alerts (created_at);

-- next_attempt_at is NULL once a notification is final, so the index holds exactly what is still to be sent.
CREATE TABLE alert_notifications (
    id              text PRIMARY KEY,
    tenant_id       text    NOT NULL,
    alert_id        text    NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    channel_id      text    NOT NULL,
    about           text    NOT NULL,
    status          text    NOT NULL,
    attempts        integer NOT NULL,
    error           text    NOT NULL,
    next_attempt_at integer,
    created_at      integer NOT NULL,
    sent_at         integer,
    UNIQUE (alert_id, channel_id, about)
);
CREATE INDEX alert_notifications_due ON alert_notifications (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

-- Jobs

-- run_at is when the next step is due; it is NULL once the job is over, so its index holds exactly what is to be done.
CREATE TABLE jobs (
    id           text PRIMARY KEY,
    tenant_id    text    NOT NULL, -- empty for all tenants
    environment  text    NOT NULL, -- empty for both
    user_number  integer NOT NULL, -- of the member whose things it changes; 0 for those of all
    of_rest      integer NOT NULL, -- whether also things that belong to no member
    operator     integer NOT NULL,
    kind         text    NOT NULL,
    status       text    NOT NULL,
    filter       text    NOT NULL, -- JSON
    progress     text    NOT NULL, -- where the next step begins
    total        integer NOT NULL,
    done         integer NOT NULL,
    skipped      integer NOT NULL,
    skip_reasons text    NOT NULL, -- JSON
    failures     integer NOT NULL, -- of the step that is due, in a row
    error        text    NOT NULL,
    run_at       integer,
    created_at   integer NOT NULL,
    started_at   integer,
    finished_at  integer
);
CREATE INDEX jobs_due ON jobs (run_at) WHERE run_at IS NOT NULL;
CREATE INDEX jobs_by_age ON jobs (created_at DESC, id DESC);
CREATE INDEX jobs_by_tenant ON jobs (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX jobs_retention ON jobs (finished_at) WHERE finished_at IS NOT NULL;

-- Leads

-- rowid is declared because leads_search refers to it: VACUUM may change one that is not.
CREATE TABLE leads (
    rowid       integer PRIMARY KEY,
    id          text    NOT NULL UNIQUE,
    tenant_id   text    NOT NULL,
    environment text    NOT NULL,
    external_id text,
    status      text    NOT NULL,
    score       integer NOT NULL,
    source      text,
    name        text,
    first_name  text,
    last_name   text,
    email       text,
    email_key   text, -- email in lower case, for comparisons
    phone       text,
    company     text,
    position    text,
    website     text,
    twitter     text,
    linkedin    text,
    notes       text,
    words       text    NOT NULL, -- by which the lead is found; see internal/search
    created_at  integer NOT NULL,
    updated_at  integer NOT NULL
);
-- The analytics of leads are counted from this index alone.
CREATE INDEX leads_by_age ON leads (tenant_id, environment, created_at DESC, id DESC, status, source);
CREATE INDEX leads_by_change ON leads (tenant_id, environment, updated_at DESC, id DESC);
CREATE INDEX leads_by_score ON leads (tenant_id, environment, score DESC, id DESC);
CREATE INDEX leads_by_status ON leads (tenant_id, environment, status, created_at DESC, id DESC);
CREATE INDEX leads_by_source ON leads (tenant_id, environment, source, created_at DESC, id DESC, status);
CREATE INDEX leads_by_email ON leads (tenant_id, environment, email_key);
CREATE UNIQUE INDEX leads_by_external_id ON leads (tenant_id, environment, external_id) WHERE external_id IS NOT NULL;
CREATE VIRTUAL TABLE leads_search
    USING fts5(words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
-- +goose StatementBegin
CREATE TRIGGER leads_search_insert AFTER INSERT ON leads BEGIN
    INSERT INTO leads_search (rowid, words) VALUES (new.rowid, new.words);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER leads_search_update AFTER UPDATE OF words ON leads BEGIN
    UPDATE leads_search SET words = new.words WHERE rowid = new.rowid;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER leads_search_delete AFTER DELETE ON leads BEGIN
    DELETE FROM leads_search WHERE rowid = old.rowid;
END;
-- +goose StatementEnd

-- Support

CREATE TABLE support_inboxes (
    id           text PRIMARY KEY,
    tenant_id    text    NOT NULL,
    environment  text    NOT NULL,
    name         text    NOT NULL,
    address      text    NOT NULL,
    error        text,
    failed_since integer,
    created_at   integer NOT NULL,
    updated_at   integer NOT NULL
);
CREATE INDEX support_inboxes_by_age ON support_inboxes (tenant_id, environment, created_at DESC, id DESC);

-- The row is locked from the moment a number is taken until it is committed, so that none is left out.
CREATE TABLE ticket_numbers (
    tenant_id   text    NOT NULL,
    environment text    NOT NULL,
    last        integer NOT NULL,
    PRIMARY KEY (tenant_id, environment)
);

-- rowid is declared because tickets_search refers to it: VACUUM may change one that is not.
CREATE TABLE tickets (
    rowid       integer PRIMARY KEY,
    id          text    NOT NULL UNIQUE,
    tenant_id   text    NOT NULL,
    environment text    NOT NULL,
    number      integer NOT NULL,
    inbox_id    text    NOT NULL REFERENCES support_inboxes (id),
    assignee_id text,
    subject     text    NOT NULL,
    status      text    NOT NULL,
    priority    text    NOT NULL,
    words       text    NOT NULL, -- by which the ticket is found; see internal/search
    created_at  integer NOT NULL,
    updated_at  integer NOT NULL
);
CREATE UNIQUE INDEX tickets_by_number ON tickets (tenant_id, environment, number);
CREATE INDEX tickets_by_age ON tickets (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX tickets_by_status ON tickets (tenant_id, environment, status, created_at DESC, id DESC);
CREATE INDEX tickets_by_priority ON tickets (tenant_id, environment, priority, created_at DESC, id DESC);
CREATE INDEX tickets_by_inbox ON tickets (tenant_id, environment, inbox_id, created_at DESC, id DESC);
CREATE INDEX tickets_by_assignee ON tickets (tenant_id, environment, assignee_id, created_at DESC, id DESC);
CREATE VIRTUAL TABLE tickets_search
    USING fts5(words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
-- +goose StatementBegin
CREATE TRIGGER tickets_search_insert AFTER INSERT ON tickets BEGIN
    INSERT INTO tickets_search (rowid, words) VALUES (new.rowid, new.words);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tickets_search_update AFTER UPDATE OF words ON tickets BEGIN
    UPDATE tickets_search SET words = new.words WHERE rowid = new.rowid;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tickets_search_delete AFTER DELETE ON tickets BEGIN
    DELETE FROM tickets_search WHERE rowid = old.rowid;
END;
-- +goose StatementEnd

CREATE TABLE ticket_messages (
    id          text PRIMARY KEY,
    tenant_id   text    NOT NULL,
    environment text    NOT NULL,
    ticket_id   text    NOT NULL REFERENCES tickets (id),
    type        text    NOT NULL,
    sender      text,
    body_html   text,
    body_text   text,
    created_at  integer NOT NULL
);
CREATE INDEX ticket_messages_shown ON ticket_messages
    (tenant_id, environment, ticket_id, created_at DESC, id DESC) WHERE type <> 'internal_note';

CREATE TABLE tags (
    id          text PRIMARY KEY,
    tenant_id   text    NOT NULL,
    environment text    NOT NULL,
    name        text    NOT NULL,
    name_key    text    NOT NULL, -- name, folded, for comparisons
    created_at  integer NOT NULL
);
CREATE UNIQUE INDEX tags_by_name ON tags (tenant_id, environment, name_key);
CREATE INDEX tags_by_age ON tags (tenant_id, environment, created_at DESC, id DESC);

CREATE TABLE ticket_tags (
    tenant_id   text    NOT NULL,
    environment text    NOT NULL,
    ticket_id   text    NOT NULL REFERENCES tickets (id),
    tag_id      text    NOT NULL REFERENCES tags (id),
    created_at  integer NOT NULL,
    PRIMARY KEY (ticket_id, tag_id)
);

-- Tracking

-- The last number given to each kind of resource of a tenant; the tenant's customers know the resource by it.
CREATE TABLE tracking_numbers (
    tenant_id   text    NOT NULL REFERENCES tenants (id),
    environment text    NOT NULL,
    kind        text    NOT NULL,
    last        integer NOT NULL,
    PRIMARY KEY (tenant_id, environment, kind)
);

-- The counts are those of the latest snapshot. list_id is the snapshot with the latest list of followers that has been
-- compared with the one before, job_id the job that compares the next; NULL when there is none.
CREATE TABLE tracked_accounts (
    id              text PRIMARY KEY,
    tenant_id       text    NOT NULL,
    environment     text    NOT NULL,
    user_number integer NOT NULL DEFAULT 0, -- of the member whom it belongs to; 0 for the tenant
    number          integer NOT NULL,
    platform        text    NOT NULL,
    account_id      text    NOT NULL,
    username        text    NOT NULL,
    follower_count  integer NOT NULL,
    following_count integer NOT NULL,
    posts_count     integer NOT NULL,
    tracked_at      integer,
    list_id         text,
    job_id          text,
    created_at      integer NOT NULL,
    updated_at      integer NOT NULL
);
CREATE UNIQUE INDEX tracked_accounts_once ON tracked_accounts
    (tenant_id, environment, user_number, platform, account_id);
CREATE UNIQUE INDEX tracked_accounts_by_number ON tracked_accounts (tenant_id, environment, number);
CREATE INDEX tracked_accounts_by_age ON tracked_accounts (tenant_id, environment, created_at DESC, id DESC);

-- kept says whether tracking_followers still has its list: only an account's latest one stays.
CREATE TABLE tracking_snapshots (
    id                 text    PRIMARY KEY,
    tenant_id          text    NOT NULL,
    environment        text    NOT NULL,
    tracked_account_id text    NOT NULL,
    status             text    NOT NULL,
    follower_list      integer NOT NULL,
    kept               integer NOT NULL,
    followers_received integer NOT NULL,
    follower_count     integer NOT NULL,
    following_count    integer NOT NULL,
    posts_count        integer NOT NULL,
    tracked_at         integer NOT NULL,
    previous_id        text,
    job_id             text,
    created_at         integer NOT NULL,
    finished_at        integer
);
CREATE INDEX tracking_snapshots_by_account ON tracking_snapshots (tracked_account_id, created_at DESC, id DESC);
CREATE INDEX tracking_snapshots_kept ON tracking_snapshots (tracked_account_id) WHERE kept;
CREATE INDEX tracking_snapshots_unfinished ON tracking_snapshots (status, created_at) WHERE status <> 'finished';
-- How many followers a tenant's accounts had, over time.
CREATE INDEX tracking_snapshots_by_time ON tracking_snapshots (tenant_id, environment, tracked_at);
-- The counts of an account at a moment.
CREATE INDEX tracking_snapshots_seen ON tracking_snapshots (tracked_account_id, tracked_at DESC, id DESC);

CREATE TABLE tracking_followers (
    tenant_id   text NOT NULL,
    environment text NOT NULL,
    snapshot_id text NOT NULL,
    user_id     text NOT NULL,
    username    text NOT NULL,
    PRIMARY KEY (tenant_id, environment, snapshot_id, user_id)
);

CREATE TABLE direct_messages (
    id                 text    PRIMARY KEY,
    tenant_id          text    NOT NULL,
    environment        text    NOT NULL,
    user_number integer NOT NULL DEFAULT 0, -- of the member whom it belongs to; 0 for the tenant
    tracked_account_id text    NOT NULL,
    platform           text    NOT NULL,
    tracked_username   text    NOT NULL,
    target_username    text    NOT NULL,
    message            text    NOT NULL,
    device_id          text    NOT NULL,
    status             text    NOT NULL,
    error              text    NOT NULL,
    charge_id          text, -- the credit entry that paid for it
    claimed_until      integer, -- by the worker that sends it
    occurred_at        integer,
    created_at         integer NOT NULL
);
CREATE INDEX direct_messages_by_age ON direct_messages (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX direct_messages_by_account ON direct_messages
    (tenant_id, environment, tracked_account_id, created_at DESC, id DESC);
CREATE INDEX direct_messages_queued ON direct_messages (created_at, id) WHERE status = 'queued';
CREATE INDEX direct_messages_queued_by_tenant ON direct_messages (tenant_id, created_at, id) WHERE status = 'queued';

CREATE TABLE tracker_jobs (
    id                 text    PRIMARY KEY,
    tenant_id          text    NOT NULL,
    environment        text    NOT NULL,
    user_number integer NOT NULL DEFAULT 0, -- of the member whom it belongs to; 0 for the tenant
    number             integer NOT NULL,
    job_type           text    NOT NULL,
    parameters         text    NOT NULL,
    status             text    NOT NULL,
    total_leads_stored integer NOT NULL,
    error              text    NOT NULL,
    charge_id          text, -- the credit entry that paid for it
    created_at         integer NOT NULL,
    started_at         integer,
    finished_at        integer
);
CREATE UNIQUE INDEX tracker_jobs_by_number ON tracker_jobs (tenant_id, environment, number);
CREATE INDEX tracker_jobs_by_age ON tracker_jobs (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX tracker_jobs_open ON tracker_jobs (created_at, id) WHERE status IN ('queued', 'running');
CREATE INDEX tracker_jobs_open_by_tenant ON tracker_jobs
    (tenant_id, created_at, id) WHERE status IN ('queued', 'running');

-- Content

-- Blog posts and social posts (kind, from which the prefix of the TypeID follows). search is the text that lists are
-- searched in, in lower case: engines differ in what they call lower case.
CREATE TABLE posts (
    id           text PRIMARY KEY,
    tenant_id    text    NOT NULL,
    environment  text    NOT NULL,
    kind         text    NOT NULL,
    status       text    NOT NULL,
    platform     text    NOT NULL, -- empty for blog posts
    brief        text    NOT NULL, -- JSON
    title        text    NOT NULL,
    excerpt      text    NOT NULL,
    body         text    NOT NULL,
    tags         text    NOT NULL, -- JSON
    search       text    NOT NULL,
    generator    text    NOT NULL, -- empty while nothing is written
    run_id       text    NOT NULL,
    reason       text    NOT NULL,
    error        text    NOT NULL,
    created_at   integer NOT NULL,
    updated_at   integer NOT NULL,
    approved_at  integer,
    published_at integer
);
CREATE INDEX posts_by_age ON posts (tenant_id, environment, kind, created_at DESC, id DESC);
CREATE INDEX posts_by_status ON posts (tenant_id, environment, kind, status, created_at DESC, id DESC);

-- deadline_at is when somebody has to look: for a queued run, whether the queue knows it; for a running one, whether
-- its worker is still there. It is NULL once the run is over, so its index holds exactly what is to be done. charge_id
-- and refund_id are credit entries.
CREATE TABLE agent_runs (
    id            text PRIMARY KEY,
    tenant_id     text    NOT NULL,
    environment   text    NOT NULL,
    agent         text    NOT NULL,
    post_id       text    NOT NULL,
    status        text    NOT NULL,
    attempt       integer NOT NULL,
    generator     text    NOT NULL,
    model         text    NOT NULL,
    reason        text    NOT NULL,
    error         text    NOT NULL,
    input_tokens  integer,
    output_tokens integer,
    charge_id     text,
    refund_id     text,
    deadline_at   integer,
    created_at    integer NOT NULL,
    started_at    integer,
    finished_at   integer
);
CREATE INDEX agent_runs_due ON agent_runs (deadline_at) WHERE deadline_at IS NOT NULL;

-- Billing

CREATE TABLE invoices (
    id           text PRIMARY KEY,
    tenant_id    text    NOT NULL,
    number       text    NOT NULL,
    status       text    NOT NULL,
    amount       integer NOT NULL, -- in the currency's smallest unit
    currency     text    NOT NULL,
    description  text    NOT NULL,
    external_id  text    NOT NULL, -- what the payment provider calls it; empty when it knows nothing of it
    period_start integer,
    period_end   integer,
    paid_at      integer,
    created_at   integer NOT NULL,
    updated_at   integer NOT NULL
);
CREATE UNIQUE INDEX invoices_by_number ON invoices (tenant_id, number);
CREATE UNIQUE INDEX invoices_by_external_id ON invoices (external_id) WHERE external_id <> '';
CREATE INDEX invoices_by_age ON invoices (tenant_id, created_at DESC, id DESC);

-- Which tenant each of Stripe's customers is.
CREATE TABLE stripe_customers (
    id         text PRIMARY KEY, -- of the customer in Stripe
    tenant_id  text    NOT NULL REFERENCES tenants (id),
    created_at integer NOT NULL
);
CREATE INDEX stripe_customers_by_age ON stripe_customers (created_at DESC, id DESC);

-- Stripe's subscriptions: the tenant's plan is the highest of those that are live. changed_at is when the latest
-- change that took effect was made: Stripe does not keep the order.
CREATE TABLE stripe_subscriptions (
    id          text PRIMARY KEY, -- of the subscription in Stripe
    customer_id text    NOT NULL,
    tenant_id   text    NOT NULL REFERENCES tenants (id),
    plan        text    NOT NULL,
    live        integer NOT NULL,
    changed_at  integer NOT NULL
);
CREATE INDEX stripe_subscriptions_by_tenant ON stripe_subscriptions (tenant_id);

-- Stripe's events that have taken effect. Stripe sends each at least once.
CREATE TABLE stripe_events (
    id         text PRIMARY KEY,
    created_at integer NOT NULL
);
CREATE INDEX stripe_events_retention ON stripe_events (created_at);

-- +goose Down
DROP TABLE stripe_events;
DROP TABLE stripe_subscriptions;
DROP TABLE stripe_customers;
DROP TABLE invoices;
DROP TABLE agent_runs;
DROP TABLE posts;
DROP TABLE tracker_jobs;
DROP TABLE direct_messages;
DROP TABLE tracking_followers;
DROP TABLE tracking_snapshots;
DROP TABLE tracked_accounts;
DROP TABLE tracking_numbers;
DROP TABLE ticket_tags;
DROP TABLE tags;
DROP TABLE ticket_messages;
DROP TABLE tickets;
DROP TABLE tickets_search;
DROP TABLE ticket_numbers;
DROP TABLE support_inboxes;
DROP TABLE leads;
DROP TABLE leads_search;
DROP TABLE jobs;
DROP TABLE alert_notifications;
DROP TABLE alerts;
DROP TABLE alert_channels;
DROP TABLE alert_settings;
DROP TABLE delivery_counts;
DROP TABLE attempts;
DROP TABLE deliveries;
DROP TABLE endpoints;
DROP TABLE event_types;
DROP TABLE reconciler;
DROP TABLE publisher_ids;
DROP TABLE events;
DROP TABLE stored_bytes;
DROP TABLE usage_counts;
DROP TABLE credit_entries;
DROP TABLE credit_balances;
DROP TABLE audit_log;
DROP TABLE idempotency_keys;
DROP TABLE api_keys;
DROP TABLE sessions;
DROP TABLE member_numbers;
DROP TABLE members;
DROP TABLE tenant_pictures;
DROP TABLE tenants;
DROP TABLE operator_keys;
DROP TABLE processes;
DROP TABLE settings;
