-- The schema, by noun. Times are microseconds since 1970 (to read one: to_timestamp(created_at / 1e6)).
--
-- In the tables of events, deliveries and resources, every TypeID is stored as its UUID: keys, tenants and references.
-- They have no foreign key to tenants, whose ids are texts like those of the other tables that have few rows; a tenant
-- is never deleted.
--
-- Resources get their primary key after their indexes. Until the first ANALYZE of a table all its indexes seem to find
-- one row, PostgreSQL takes the newest of them, and connections keep that plan: a row that is looked up by its tenant
-- and id would be found by reading all rows of the tenant.

-- +goose Up

-- The installation

CREATE TABLE settings (
    name  text PRIMARY KEY,
    value bytea NOT NULL
);

-- The running processes: each says every ten seconds that it runs, and counts as running for a minute.
CREATE TABLE processes (
    id      text PRIMARY KEY,
    command text    NOT NULL,
    host    text    NOT NULL,
    pid     integer NOT NULL,
    keys    text    NOT NULL, -- JSON: the ids of its encryption keys, the one that it encrypts with first
    seen_at bigint  NOT NULL
);

CREATE TABLE operator_keys (
    id            text PRIMARY KEY,
    name          text   NOT NULL,
    hint          text   NOT NULL, -- the beginning of the key, to tell keys apart
    hash          bytea  NOT NULL UNIQUE, -- SHA-256 of the key
    role          text   NOT NULL,
    allowed_cidrs text   NOT NULL DEFAULT '[]', -- JSON
    created_at    bigint NOT NULL,
    last_used_at  bigint,
    expires_at    bigint,
    revoked_at    bigint,
    given         boolean NOT NULL DEFAULT false -- by HOOKLINE_OPERATOR_KEY; never deleted, or it would be stored anew
);

-- Tenants

CREATE TABLE tenants (
    id                       text PRIMARY KEY,
    name                     text    NOT NULL,
    name_key                 text    COLLATE "C" NOT NULL DEFAULT '', -- name, folded, for searches
    plan                     text    NOT NULL,
    profile                  text    NOT NULL,
    overrides                text    NOT NULL DEFAULT '{}', -- JSON: what differs from the plan
    branding                 text    NOT NULL DEFAULT '{}', -- JSON: how the dashboard looks to the tenant's members
    deliveries_paused        boolean NOT NULL DEFAULT false, -- the operators' kill switch
    deliveries_paused_at     bigint,
    deliveries_paused_reason text    NOT NULL DEFAULT '', -- shown to the tenant
    created_at               bigint  NOT NULL,
    updated_at               bigint  NOT NULL
);
CREATE INDEX tenants_by_age ON tenants (created_at DESC, id DESC);
CREATE INDEX tenants_by_plan ON tenants (plan, created_at DESC, id DESC);
CREATE INDEX tenants_paused ON tenants (created_at DESC, id DESC) WHERE deliveries_paused;

-- A table of its own, since every call reads tenants.
CREATE TABLE tenant_pictures (
    tenant_id text NOT NULL REFERENCES tenants (id),
    kind      text NOT NULL, -- logo or favicon
    picture   bytea NOT NULL,
    PRIMARY KEY (tenant_id, kind)
);

CREATE TABLE members (
    id              text PRIMARY KEY,
    tenant_id       text   NOT NULL,
    number          bigint NOT NULL, -- of the user in the tenant; never given again
    email           text   NOT NULL,
    email_key       text   NOT NULL, -- email in lower case, for comparisons
    name            text   NOT NULL,
    role            text   NOT NULL,
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL,
    last_sign_in_at bigint
);
CREATE UNIQUE INDEX members_by_number ON members (tenant_id, number);
CREATE UNIQUE INDEX members_by_email ON members (tenant_id, email_key);
CREATE INDEX members_by_age ON members (tenant_id, created_at DESC, id DESC);
CREATE INDEX members_to_sign_in ON members (email_key);

-- The last number that a member of a tenant was given.
CREATE TABLE member_numbers (
    tenant_id text PRIMARY KEY,
    last      bigint NOT NULL
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
    may_switch       boolean NOT NULL DEFAULT false, -- between the environments
    bare             boolean NOT NULL DEFAULT false, -- the pages are shown without navigation
    theme            text    NOT NULL DEFAULT '{}', -- JSON: how the pages look
    token_hash       bytea,
    link_hash        bytea,
    link_expires_at  bigint,
    opened_by        text    NOT NULL DEFAULT '', -- link, key or single_sign_on
    address          text    NOT NULL DEFAULT '',
    user_agent       text    NOT NULL DEFAULT '',
    created_at       bigint  NOT NULL,
    expires_at       bigint  NOT NULL,
    revoked_at       bigint,
    last_seen_at     bigint
);
CREATE UNIQUE INDEX sessions_by_token ON sessions (token_hash);
CREATE UNIQUE INDEX sessions_by_link ON sessions (link_hash);
CREATE INDEX sessions_by_tenant ON sessions (tenant_id, created_at DESC, id DESC);
CREATE INDEX sessions_open ON sessions (tenant_id, expires_at) WHERE revoked_at IS NULL;
CREATE INDEX sessions_retention ON sessions (expires_at);

-- Access

CREATE TABLE api_keys (
    id            text PRIMARY KEY,
    tenant_id     text   NOT NULL REFERENCES tenants (id),
    environment   text   NOT NULL,
    user_id       text   NOT NULL DEFAULT '', -- empty for a key of the tenant as a whole
    name          text   NOT NULL,
    prefix        text   NOT NULL,
    hint          text   NOT NULL, -- the beginning of the key, to tell keys apart
    hash          bytea  NOT NULL UNIQUE, -- SHA-256 of the key
    permissions   text   NOT NULL, -- JSON
    role          text   NOT NULL DEFAULT '',
    tier          text   NOT NULL DEFAULT '',
    allowed_cidrs text   NOT NULL DEFAULT '[]', -- JSON
    created_at    bigint NOT NULL,
    last_used_at  bigint,
    expires_at    bigint,
    revoked_at    bigint
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
    fingerprint bytea   NOT NULL,
    status      integer NOT NULL,
    answer      bytea   NOT NULL, -- encrypted: it may hold a key or a secret that is shown once
    created_at  bigint  NOT NULL,
    PRIMARY KEY (tenant_id, environment, caller, method, path, name)
);
CREATE INDEX idempotency_keys_retention ON idempotency_keys (created_at);

CREATE TABLE audit_log (
    id          text PRIMARY KEY,
    tenant_id   text   NOT NULL, -- empty for what concerns no tenant
    environment text   NOT NULL,
    actor_type  text   NOT NULL,
    actor_id    text   NOT NULL,
    actor_name  text   NOT NULL,
    actor_role  text   NOT NULL DEFAULT '', -- of an operator
    user_number bigint NOT NULL DEFAULT 0, -- of the actor, if that is a member
    address     text   NOT NULL,
    request_id  text   NOT NULL,
    action      text   NOT NULL,
    target      text   NOT NULL,
    before      text   NOT NULL,
    after       text   NOT NULL,
    created_at  bigint NOT NULL
);
CREATE INDEX audit_log_by_age ON audit_log (created_at DESC, id DESC);
CREATE INDEX audit_log_by_tenant ON audit_log (tenant_id, created_at DESC, id DESC);
CREATE INDEX audit_log_by_action ON audit_log (tenant_id, action, created_at DESC, id DESC);
CREATE INDEX audit_log_by_target ON audit_log (tenant_id, target, created_at DESC, id DESC);
CREATE INDEX audit_log_by_actor ON audit_log (tenant_id, actor_id, created_at DESC, id DESC);

-- Credits and usage

-- The row of a balance is the lock of its ledger, too: a writer holds it until the entry is committed.
CREATE TABLE credit_balances (
    tenant_id     text   NOT NULL REFERENCES tenants (id),
    user_id       text   NOT NULL, -- empty for the tenant's own
    balance       bigint NOT NULL CHECK (balance >= 0),
    granted_month text   NOT NULL, -- 2026-11: the month of the latest monthly grant
    granted       bigint NOT NULL, -- the sum of that month's grants
    granted_plan  text   NOT NULL, -- the plan that they were last compared with
    armed_at      bigint, -- the latest grant: each alert about the balance is sent once after it
    updated_at    bigint NOT NULL, -- of the latest entry; entries of one ledger never share a time
    PRIMARY KEY (tenant_id, user_id)
);

CREATE TABLE credit_entries (
    id         text PRIMARY KEY,
    tenant_id  text   NOT NULL,
    user_id    text   NOT NULL,
    amount     bigint NOT NULL,
    balance    bigint NOT NULL, -- after the entry
    kind       text   NOT NULL,
    reason     text   NOT NULL,
    reference  text   NOT NULL,
    created_at bigint NOT NULL,
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
    calls       bigint  NOT NULL,
    PRIMARY KEY (tenant_id, environment, day, key_id, status)
);
CREATE INDEX usage_counts_retention ON usage_counts (day);

-- bytes is added to, never set, like calls.
CREATE TABLE stored_bytes (
    tenant_id text   NOT NULL,
    day       text   NOT NULL, -- 2026-11-21, UTC
    bytes     bigint NOT NULL,
    PRIMARY KEY (tenant_id, day)
);
CREATE INDEX stored_bytes_by_day ON stored_bytes (day);

-- Events
--
-- The three logs (events, deliveries, attempts) are partitioned by the day (UTC) of their ids, which are UUIDv7: a
-- range of ids is a range of times, so a query for an id reads one partition. A delivery's id follows from its event's
-- and its endpoint's and has the event's time, and an attempt lies where its delivery does.

-- The outbox is the event log itself. An event is committed with the ids of the endpoints that it goes to; it is due
-- for fan-out while dispatched_at is NULL, which is so of events for very many endpoints until they are fanned out.
CREATE TABLE events (
    id            uuid   PRIMARY KEY,
    tenant_id     uuid   NOT NULL,
    environment   text   NOT NULL,
    publisher_id  text   NOT NULL, -- the id that its publisher gave it; empty when there is none
    type          text   NOT NULL,
    data          text   NOT NULL,
    endpoints     bytea  NOT NULL, -- the ids of its endpoints, 16 bytes each
    purged        bytea,           -- those of them whose delivery was purged before the reconciler looked at the event
    user_number bigint NOT NULL DEFAULT 0, -- of the member whom it belongs to; 0 for the tenant
    traceparent   text   NOT NULL DEFAULT '', -- W3C trace context of the request that stored it; empty for none
    traced        boolean NOT NULL DEFAULT false, -- whether that request was sampled
    reason        text   NOT NULL, -- why there is no delivery; empty otherwise
    occurred_at   bigint NOT NULL,
    created_at    bigint NOT NULL,
    dispatched_at bigint,
    -- The transaction that stored it. No transaction below pg_snapshot_xmin(pg_current_snapshot()) can commit any more,
    -- so nothing appears behind who reads events in this order up to there.
    position      bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint
) PARTITION BY RANGE (id);
CREATE INDEX events_by_tenant ON events (tenant_id, environment, position, id);
CREATE INDEX events_by_position ON events (position);
CREATE INDEX events_undispatched ON events (created_at) WHERE dispatched_at IS NULL;

-- The ids that publishers chose are unique within a tenant's environment, for each member whom the events concern.
-- Uniqueness can't span partitions, and events without such an id need no index for it.
CREATE TABLE publisher_ids (
    tenant_id    uuid   NOT NULL,
    environment  text   NOT NULL,
    publisher_id text   NOT NULL,
    user_number  bigint NOT NULL DEFAULT 0, -- of the member whom the event concerns; 0 for the tenant
    event_id     uuid   NOT NULL,
    PRIMARY KEY (tenant_id, environment, publisher_id, user_number)
);

-- How far the reconciler has looked through the events: all up to position have a row for each delivery, or need none.
CREATE TABLE reconciler (
    id       integer PRIMARY KEY CHECK (id = 1),
    position bigint  NOT NULL,
    at       bigint  NOT NULL -- when; no event beyond the position is much older
);
INSERT INTO reconciler VALUES (1, 0, 0);

-- The event types that tenants register. schema_text and sample are JSON, as they were sent.
CREATE TABLE event_types (
    tenant_id     text   NOT NULL REFERENCES tenants (id),
    environment   text   NOT NULL,
    name          text   NOT NULL,
    group_name    text   NOT NULL,
    description   text   NOT NULL,
    schema_text   text   NOT NULL,
    sample        text   NOT NULL,
    created_at    bigint NOT NULL,
    updated_at    bigint NOT NULL,
    deprecated_at bigint,
    PRIMARY KEY (tenant_id, environment, name)
);

-- Endpoints

CREATE TABLE endpoints (
    id              text PRIMARY KEY,
    tenant_id       text    NOT NULL REFERENCES tenants (id),
    environment     text    NOT NULL,
    user_number bigint NOT NULL DEFAULT 0, -- of the member whom it belongs to; 0 for the tenant
    name            text    NOT NULL,
    name_key        text    NOT NULL DEFAULT '', -- name, folded, for searches and comparisons
    description     text    NOT NULL DEFAULT '',
    metadata        text    NOT NULL DEFAULT '{}', -- JSON
    source          text    NOT NULL DEFAULT '', -- the tool that registered the endpoint
    source_key      text, -- hash of source, URL and events; NULL without a source
    listener_until  bigint, -- when a listener ends without a connection; NULL for endpoints with a URL
    enabled         boolean NOT NULL,
    disabled_reason text    NOT NULL,

    -- Which events it gets, and how.
    events         text  NOT NULL, -- JSON
    filter         text  NOT NULL DEFAULT '', -- CEL
    url            text  NOT NULL,
    url_key        text  NOT NULL DEFAULT '', -- url, folded, for searches
    method         text  NOT NULL,
    headers        bytea NOT NULL, -- encrypted
    auth           bytea, -- encrypted; NULL when there is none
    profile        text  NOT NULL,
    envelope       text  NOT NULL DEFAULT 'standard',
    timeout        text  NOT NULL DEFAULT '',
    trace_context  boolean NOT NULL DEFAULT false, -- whether requests carry the traceparent of their event
    retry_policy   text  NOT NULL, -- JSON
    retry_policies text  NOT NULL DEFAULT '{}', -- JSON: by event type
    rate_limit     integer, -- requests a second

    -- How its requests are signed. Secrets and keys are encrypted; those that were replaced still sign for a while.
    signing          text  NOT NULL DEFAULT 'hmac',
    secret           bytea NOT NULL,
    previous_secrets bytea, -- NULL when there is none
    ed25519_key      bytea, -- made when it is first needed
    public_key       text  NOT NULL DEFAULT '', -- empty until there is an ed25519_key
    previous_ed25519 bytea, -- NULL when there is none

    -- How it does.
    consecutive_failures integer NOT NULL DEFAULT 0, -- since the last success
    failing_since        bigint,
    last_success_at      bigint,
    last_failure_at      bigint,
    last_status          text    NOT NULL DEFAULT '', -- of the delivery that was attempted last

    -- The throttle of an endpoint that can't take everything at once.
    throttled_at      bigint, -- since when the endpoint is throttled; NULL when it is not
    concurrency_limit double precision NOT NULL DEFAULT 0, -- how many deliveries may be admitted and not complete
    ssthresh          double precision NOT NULL DEFAULT 0, -- the slow start threshold
    circuit           text             NOT NULL DEFAULT 'closed',
    circuit_opened_at bigint,
    circuit_until     bigint,
    circuit_trips     integer          NOT NULL DEFAULT 0,
    probe_id          text             NOT NULL DEFAULT '', -- the delivery that probes a half-open circuit
    retry_after_until bigint, -- no request before this, as Retry-After said
    next_token_at     bigint, -- when the next rate-limit token is free
    release_at        bigint, -- when the releaser is due to look at it; NULL while no delivery is deferred

    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint
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
    id              uuid    PRIMARY KEY,
    tenant_id       uuid    NOT NULL,
    environment     text    NOT NULL,
    event_id        uuid    NOT NULL,
    publisher_id    text    NOT NULL, -- of the event
    event_type      text    NOT NULL,
    endpoint_id     uuid    NOT NULL,
    form            text    NOT NULL, -- how the body is rendered; empty before the first attempt
    status          text    NOT NULL,
    reason          text    NOT NULL,
    error           text    NOT NULL,
    response_status integer,
    attempt_count   integer NOT NULL,
    failure_count   integer NOT NULL,
    max_attempts    integer NOT NULL,
    admission       integer NOT NULL, -- 0: not throttled; 1: deferred; 2: admitted
    next_attempt_at bigint,
    -- By when the queue should have moved the delivery on, or its lease ends; past it the reconciler does. NULL once it
    -- is final, so the index holds exactly the rows that are undelivered.
    deadline_at     bigint,
    created_at      bigint  NOT NULL,
    finished_at     bigint,
    changed_at      bigint  NOT NULL,
    test_body       text -- what a test sent; NULL for the delivery of an event
) PARTITION BY RANGE (id);
CREATE INDEX deliveries_by_tenant ON deliveries (tenant_id, environment, id);
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, id);
-- The following are partial: a delivery that makes no trouble has no entry.
CREATE INDEX deliveries_due ON deliveries (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX deliveries_by_admission ON deliveries (endpoint_id, admission, next_attempt_at) WHERE admission <> 0;
CREATE INDEX deliveries_not_succeeded ON deliveries (tenant_id, environment, status, id) WHERE status <> 'succeeded';
CREATE INDEX deliveries_dead ON deliveries (id) WHERE status = 'dead';

CREATE TABLE attempts (
    delivery_id        uuid    NOT NULL,
    number             integer NOT NULL,
    status             text    NOT NULL,
    method             text    NOT NULL,
    url                text    NOT NULL,
    request_headers    text    NOT NULL, -- JSON
    response_status    integer,
    response_headers   text    NOT NULL, -- JSON
    response_body      bytea   NOT NULL,
    response_truncated boolean NOT NULL,
    error_code         text    NOT NULL,
    error              text    NOT NULL,
    timings            text    NOT NULL, -- JSON: how long each part of the request took, or null
    started_at         bigint  NOT NULL,
    finished_at        bigint,
    PRIMARY KEY (delivery_id, number)
) PARTITION BY RANGE (delivery_id);

-- How many deliveries ended, and how, in steps of several lengths. Workers add to the counts, they don't set them.
-- The row with no event type and the endpoint 0 is the sum of the others of its tenant and step. latency_0 to
-- latency_22 are a histogram of the time from the event to its arrival, response_0 to response_17 one of the
-- durations of answered requests; see internal/deliverylog.
CREATE TABLE delivery_counts (
    tenant_id    uuid    NOT NULL,
    environment  text    NOT NULL,
    seconds      integer NOT NULL, -- the length of the step
    at           bigint  NOT NULL, -- its beginning
    endpoint_id  uuid    NOT NULL,
    event_type   text    NOT NULL,
    succeeded    bigint  NOT NULL,
    dead         bigint  NOT NULL,
    cancelled    bigint  NOT NULL,
    failures     bigint  NOT NULL, -- attempts that failed
    class_none   bigint  NOT NULL, -- attempts by the class of the response's status
    class_1      bigint  NOT NULL,
    class_2      bigint  NOT NULL,
    class_3      bigint  NOT NULL,
    class_4      bigint  NOT NULL,
    class_5      bigint  NOT NULL,
    latency_0  bigint  NOT NULL,
    latency_1  bigint  NOT NULL,
    latency_2  bigint  NOT NULL,
    latency_3  bigint  NOT NULL,
    latency_4  bigint  NOT NULL,
    latency_5  bigint  NOT NULL,
    latency_6  bigint  NOT NULL,
    latency_7  bigint  NOT NULL,
    latency_8  bigint  NOT NULL,
    latency_9  bigint  NOT NULL,
    latency_10 bigint  NOT NULL,
    latency_11 bigint  NOT NULL,
    latency_12 bigint  NOT NULL,
    latency_13 bigint  NOT NULL,
    latency_14 bigint  NOT NULL,
    latency_15 bigint  NOT NULL,
    latency_16 bigint  NOT NULL,
    latency_17 bigint  NOT NULL,
    latency_18 bigint  NOT NULL,
    latency_19 bigint  NOT NULL,
    latency_20 bigint  NOT NULL,
    latency_21 bigint  NOT NULL,
    latency_22 bigint  NOT NULL,
    response_0    bigint NOT NULL,
    response_1    bigint NOT NULL,
    response_2    bigint NOT NULL,
    response_3    bigint NOT NULL,
    response_4    bigint NOT NULL,
    response_5    bigint NOT NULL,
    response_6    bigint NOT NULL,
    response_7    bigint NOT NULL,
    response_8    bigint NOT NULL,
    response_9    bigint NOT NULL,
    response_10   bigint NOT NULL,
    response_11   bigint NOT NULL,
    response_12   bigint NOT NULL,
    response_13   bigint NOT NULL,
    response_14   bigint NOT NULL,
    response_15   bigint NOT NULL,
    response_16   bigint NOT NULL,
    response_17   bigint NOT NULL,
    last_at      bigint  NOT NULL, -- when the newest of the deliveries was created
    PRIMARY KEY (tenant_id, environment, seconds, at, endpoint_id, event_type)
);
CREATE INDEX delivery_counts_retention ON delivery_counts (seconds, at) WHERE event_type <> '';
CREATE INDEX delivery_sums_retention ON delivery_counts (seconds, at) WHERE event_type = '';

-- +goose StatementBegin
-- The smallest UUIDv7 of a day (UTC).
CREATE FUNCTION day_bound(day date) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((day - date '1970-01-01')::bigint * 86400000), 12, '0') || repeat('0', 20))::uuid
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Makes the partitions of the logs for the days from first to last that have none. A table that is made first and then
-- attached holds nobody up: making it as a partition would lock the whole.
CREATE FUNCTION make_partitions(first date, last date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    day date;
    parent text;
    name text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('hookline:partitions'));
    FOR day IN SELECT first + i FROM generate_series(0, last - first) i LOOP
        FOREACH parent IN ARRAY ARRAY['events', 'deliveries', 'attempts'] LOOP
            name := parent || to_char(day, '"_"YYYYMMDD');
            IF to_regclass(name) IS NULL THEN
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', name, parent);
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                    parent, name, day_bound(day), day_bound(day + 1));
            END IF;
        END LOOP;
    END LOOP;
END $$;
-- +goose StatementEnd

SELECT make_partitions(today - 2, today + 7)
    FROM (SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date AS today) t;

-- Alerts

-- NULL is the installation's default.
CREATE TABLE alert_settings (
    tenant_id           text   NOT NULL,
    environment         text   NOT NULL,
    disable_after_hours integer,
    disable_failures    integer,
    updated_at          bigint NOT NULL,
    PRIMARY KEY (tenant_id, environment)
);

CREATE TABLE alert_channels (
    id          text PRIMARY KEY,
    tenant_id   text    NOT NULL,
    environment text    NOT NULL,
    name        text    NOT NULL,
    type        text    NOT NULL,
    target      bytea   NOT NULL, -- encrypted: the URL is a secret
    secret      bytea,            -- encrypted; of webhook channels only
    previous_secrets bytea, -- encrypted; NULL when there is none
    conditions  text    NOT NULL, -- JSON
    user_number bigint NOT NULL DEFAULT 0, -- of the member whom it belongs to; 0 for the tenant
    enabled     boolean NOT NULL,
    created_at  bigint  NOT NULL,
    updated_at  bigint  NOT NULL
);
CREATE INDEX alert_channels_by_age ON alert_channels (tenant_id, environment, created_at DESC, id DESC);

-- key names the condition and its subject: however often the condition is met, there is one alert.
CREATE TABLE alerts (
    id          text PRIMARY KEY,
    tenant_id   text   NOT NULL,
    environment text   NOT NULL,
    condition   text   NOT NULL,
    key         text   NOT NULL,
    subject     text   NOT NULL,
    title       text   NOT NULL,
    message     text   NOT NULL,
    user_number bigint NOT NULL DEFAULT 0, -- of the member whom it concerns; 0 for the tenant
    since       bigint NOT NULL,
    created_at  bigint NOT NULL,
    resolved_at bigint,
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
    next_attempt_at bigint,
    created_at      bigint  NOT NULL,
    sent_at         bigint,
    UNIQUE (alert_id, channel_id, about)
);
CREATE INDEX alert_notifications_due ON alert_notifications (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

-- Jobs

-- run_at is when the next step is due; it is NULL once the job is over, so its index holds exactly what is to be done.
CREATE TABLE jobs (
    id           text PRIMARY KEY,
    tenant_id    text    NOT NULL, -- empty for all tenants
    environment  text    NOT NULL, -- empty for both
    user_number  bigint  NOT NULL, -- of the member whose things it changes; 0 for those of all
    of_rest      boolean NOT NULL, -- whether also things that belong to no member
    operator     boolean NOT NULL,
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
    run_at       bigint,
    created_at   bigint  NOT NULL,
    started_at   bigint,
    finished_at  bigint
);
CREATE INDEX jobs_due ON jobs (run_at) WHERE run_at IS NOT NULL;
CREATE INDEX jobs_by_age ON jobs (created_at DESC, id DESC);
CREATE INDEX jobs_by_tenant ON jobs (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX jobs_retention ON jobs (finished_at) WHERE finished_at IS NOT NULL;

-- Leads

CREATE TABLE leads (
    id          uuid    NOT NULL,
    tenant_id   uuid    NOT NULL,
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
    created_at  bigint  NOT NULL,
    updated_at  bigint  NOT NULL
);
-- The analytics of leads are counted from this index alone.
CREATE INDEX leads_by_age ON leads (tenant_id, environment, created_at DESC, id DESC) INCLUDE (status, source);
CREATE INDEX leads_by_change ON leads (tenant_id, environment, updated_at DESC, id DESC);
CREATE INDEX leads_by_score ON leads (tenant_id, environment, score DESC, id DESC);
CREATE INDEX leads_by_status ON leads (tenant_id, environment, status, created_at DESC, id DESC);
CREATE INDEX leads_by_source ON leads (tenant_id, environment, source, created_at DESC, id DESC) INCLUDE (status);
CREATE INDEX leads_by_email ON leads (tenant_id, environment, email_key);
CREATE UNIQUE INDEX leads_by_external_id ON leads (tenant_id, environment, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX leads_search ON leads USING gin (array_to_tsvector(string_to_array(words, ' ')));
ALTER TABLE leads ADD PRIMARY KEY (id);

-- Support

CREATE TABLE support_inboxes (
    id           uuid   NOT NULL,
    tenant_id    uuid   NOT NULL,
    environment  text   NOT NULL,
    name         text   NOT NULL,
    address      text   NOT NULL,
    error        text,
    failed_since bigint,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL
);
CREATE INDEX support_inboxes_by_age ON support_inboxes (tenant_id, environment, created_at DESC, id DESC);
ALTER TABLE support_inboxes ADD PRIMARY KEY (id);

-- The row is locked from the moment a number is taken until it is committed, so that none is left out.
CREATE TABLE ticket_numbers (
    tenant_id   text   NOT NULL,
    environment text   NOT NULL,
    last        bigint NOT NULL,
    PRIMARY KEY (tenant_id, environment)
);

CREATE TABLE tickets (
    id          uuid   NOT NULL,
    tenant_id   uuid   NOT NULL,
    environment text   NOT NULL,
    number      bigint NOT NULL,
    inbox_id    uuid   NOT NULL REFERENCES support_inboxes (id),
    assignee_id uuid,
    subject     text   NOT NULL,
    status      text   NOT NULL,
    priority    text   NOT NULL,
    words       text   NOT NULL, -- by which the ticket is found; see internal/search
    created_at  bigint NOT NULL,
    updated_at  bigint NOT NULL
);
CREATE UNIQUE INDEX tickets_by_number ON tickets (tenant_id, environment, number);
CREATE INDEX tickets_by_age ON tickets (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX tickets_by_status ON tickets (tenant_id, environment, status, created_at DESC, id DESC);
CREATE INDEX tickets_by_priority ON tickets (tenant_id, environment, priority, created_at DESC, id DESC);
CREATE INDEX tickets_by_inbox ON tickets (tenant_id, environment, inbox_id, created_at DESC, id DESC);
CREATE INDEX tickets_by_assignee ON tickets (tenant_id, environment, assignee_id, created_at DESC, id DESC);
CREATE INDEX tickets_search ON tickets USING gin (array_to_tsvector(string_to_array(words, ' ')));
ALTER TABLE tickets ADD PRIMARY KEY (id);

CREATE TABLE ticket_messages (
    id          uuid PRIMARY KEY,
    tenant_id   uuid   NOT NULL,
    environment text   NOT NULL,
    ticket_id   uuid   NOT NULL REFERENCES tickets (id),
    type        text   NOT NULL,
    sender      text,
    body_html   text,
    body_text   text,
    created_at  bigint NOT NULL
);
CREATE INDEX ticket_messages_shown ON ticket_messages
    (tenant_id, environment, ticket_id, created_at DESC, id DESC) WHERE type <> 'internal_note';

CREATE TABLE tags (
    id          uuid   NOT NULL,
    tenant_id   uuid   NOT NULL,
    environment text   NOT NULL,
    name        text   NOT NULL,
    name_key    text   NOT NULL, -- name, folded, for comparisons
    created_at  bigint NOT NULL
);
CREATE UNIQUE INDEX tags_by_name ON tags (tenant_id, environment, name_key);
CREATE INDEX tags_by_age ON tags (tenant_id, environment, created_at DESC, id DESC);
ALTER TABLE tags ADD PRIMARY KEY (id);

CREATE TABLE ticket_tags (
    tenant_id   uuid   NOT NULL,
    environment text   NOT NULL,
    ticket_id   uuid   NOT NULL REFERENCES tickets (id),
    tag_id      uuid   NOT NULL REFERENCES tags (id),
    created_at  bigint NOT NULL,
    PRIMARY KEY (ticket_id, tag_id)
);

-- Tracking

-- The last number given to each kind of resource of a tenant; the tenant's customers know the resource by it.
CREATE TABLE tracking_numbers (
    tenant_id   text   NOT NULL REFERENCES tenants (id),
    environment text   NOT NULL,
    kind        text   NOT NULL,
    last        bigint NOT NULL,
    PRIMARY KEY (tenant_id, environment, kind)
);

-- The counts are those of the latest snapshot. list_id is the snapshot with the latest list of followers that has been
-- compared with the one before, job_id the job that compares the next; NULL when there is none.
CREATE TABLE tracked_accounts (
    id              uuid   NOT NULL,
    tenant_id       uuid   NOT NULL,
    environment     text   NOT NULL,
    user_number bigint NOT NULL DEFAULT 0, -- of the member whom it belongs to; 0 for the tenant
    number          bigint NOT NULL,
    platform        text   NOT NULL,
    account_id      text   NOT NULL,
    username        text   NOT NULL,
    follower_count  bigint NOT NULL,
    following_count bigint NOT NULL,
    posts_count     bigint NOT NULL,
    tracked_at      bigint,
    list_id         uuid,
    job_id          uuid,
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL
);
CREATE UNIQUE INDEX tracked_accounts_once ON tracked_accounts
    (tenant_id, environment, user_number, platform, account_id);
CREATE UNIQUE INDEX tracked_accounts_by_number ON tracked_accounts (tenant_id, environment, number);
CREATE INDEX tracked_accounts_by_age ON tracked_accounts (tenant_id, environment, created_at DESC, id DESC);
ALTER TABLE tracked_accounts ADD PRIMARY KEY (id);

-- kept says whether tracking_followers still has its list: only an account's latest one stays.
CREATE TABLE tracking_snapshots (
    id                 uuid    NOT NULL,
    tenant_id          uuid    NOT NULL,
    environment        text    NOT NULL,
    tracked_account_id uuid    NOT NULL,
    status             text    NOT NULL,
    follower_list      boolean NOT NULL,
    kept               boolean NOT NULL,
    followers_received bigint  NOT NULL,
    follower_count     bigint  NOT NULL,
    following_count    bigint  NOT NULL,
    posts_count        bigint  NOT NULL,
    tracked_at         bigint  NOT NULL,
    previous_id        uuid,
    job_id             uuid,
    created_at         bigint  NOT NULL,
    finished_at        bigint
);
CREATE INDEX tracking_snapshots_by_account ON tracking_snapshots (tracked_account_id, created_at DESC, id DESC);
CREATE INDEX tracking_snapshots_kept ON tracking_snapshots (tracked_account_id) WHERE kept;
CREATE INDEX tracking_snapshots_unfinished ON tracking_snapshots (status, created_at) WHERE status <> 'finished';
-- How many followers a tenant's accounts had, over time.
CREATE INDEX tracking_snapshots_by_time ON tracking_snapshots (tenant_id, environment, tracked_at);
-- The counts of an account at a moment.
CREATE INDEX tracking_snapshots_seen ON tracking_snapshots (tracked_account_id, tracked_at DESC, id DESC);
ALTER TABLE tracking_snapshots ADD PRIMARY KEY (id);

CREATE TABLE tracking_followers (
    tenant_id   uuid NOT NULL,
    environment text NOT NULL,
    snapshot_id uuid NOT NULL,
    user_id     text NOT NULL,
    username    text NOT NULL,
    PRIMARY KEY (tenant_id, environment, snapshot_id, user_id)
);

CREATE TABLE direct_messages (
    id                 uuid   NOT NULL,
    tenant_id          uuid   NOT NULL,
    environment        text   NOT NULL,
    user_number bigint NOT NULL DEFAULT 0, -- of the member whom it belongs to; 0 for the tenant
    tracked_account_id uuid   NOT NULL,
    platform           text   NOT NULL,
    tracked_username   text   NOT NULL,
    target_username    text   NOT NULL,
    message            text   NOT NULL,
    device_id          text   NOT NULL,
    status             text   NOT NULL,
    error              text   NOT NULL,
    charge_id          uuid, -- the credit entry that paid for it
    claimed_until      bigint, -- by the worker that sends it
    occurred_at        bigint,
    created_at         bigint NOT NULL
);
CREATE INDEX direct_messages_by_age ON direct_messages (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX direct_messages_by_account ON direct_messages
    (tenant_id, environment, tracked_account_id, created_at DESC, id DESC);
CREATE INDEX direct_messages_queued ON direct_messages (created_at, id) WHERE status = 'queued';
CREATE INDEX direct_messages_queued_by_tenant ON direct_messages (tenant_id, created_at, id) WHERE status = 'queued';
ALTER TABLE direct_messages ADD PRIMARY KEY (id);

CREATE TABLE tracker_jobs (
    id                 uuid   NOT NULL,
    tenant_id          uuid   NOT NULL,
    environment        text   NOT NULL,
    user_number bigint NOT NULL DEFAULT 0, -- of the member whom it belongs to; 0 for the tenant
    number             bigint NOT NULL,
    job_type           text   NOT NULL,
    parameters         text   NOT NULL,
    status             text   NOT NULL,
    total_leads_stored bigint NOT NULL,
    error              text   NOT NULL,
    charge_id          uuid, -- the credit entry that paid for it
    created_at         bigint NOT NULL,
    started_at         bigint,
    finished_at        bigint
);
CREATE UNIQUE INDEX tracker_jobs_by_number ON tracker_jobs (tenant_id, environment, number);
CREATE INDEX tracker_jobs_by_age ON tracker_jobs (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX tracker_jobs_open ON tracker_jobs (created_at, id) WHERE status IN ('queued', 'running');
CREATE INDEX tracker_jobs_open_by_tenant ON tracker_jobs
    (tenant_id, created_at, id) WHERE status IN ('queued', 'running');
ALTER TABLE tracker_jobs ADD PRIMARY KEY (id);

-- Content

-- Blog posts and social posts (kind, from which the prefix of the TypeID follows). search is the text that lists are
-- searched in, in lower case: engines differ in what they call lower case.
CREATE TABLE posts (
    id           uuid   NOT NULL,
    tenant_id    uuid   NOT NULL,
    environment  text   NOT NULL,
    kind         text   NOT NULL,
    status       text   NOT NULL,
    platform     text   NOT NULL, -- empty for blog posts
    brief        text   NOT NULL, -- JSON
    title        text   NOT NULL,
    excerpt      text   NOT NULL,
    body         text   NOT NULL,
    tags         text   NOT NULL, -- JSON
    search       text   NOT NULL,
    generator    text   NOT NULL, -- empty while nothing is written
    run_id       uuid   NOT NULL,
    reason       text   NOT NULL,
    error        text   NOT NULL,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL,
    approved_at  bigint,
    published_at bigint
);
CREATE INDEX posts_by_age ON posts (tenant_id, environment, kind, created_at DESC, id DESC);
CREATE INDEX posts_by_status ON posts (tenant_id, environment, kind, status, created_at DESC, id DESC);
ALTER TABLE posts ADD PRIMARY KEY (id);

-- deadline_at is when somebody has to look: for a queued run, whether the queue knows it; for a running one, whether
-- its worker is still there. It is NULL once the run is over, so its index holds exactly what is to be done. charge_id
-- and refund_id are credit entries.
CREATE TABLE agent_runs (
    id            uuid PRIMARY KEY,
    tenant_id     uuid    NOT NULL,
    environment   text    NOT NULL,
    agent         text    NOT NULL,
    post_id       uuid    NOT NULL,
    status        text    NOT NULL,
    attempt       integer NOT NULL,
    generator     text    NOT NULL,
    model         text    NOT NULL,
    reason        text    NOT NULL,
    error         text    NOT NULL,
    input_tokens  bigint,
    output_tokens bigint,
    charge_id     uuid,
    refund_id     uuid,
    deadline_at   bigint,
    created_at    bigint  NOT NULL,
    started_at    bigint,
    finished_at   bigint
);
CREATE INDEX agent_runs_due ON agent_runs (deadline_at) WHERE deadline_at IS NOT NULL;

-- Billing

CREATE TABLE invoices (
    id           uuid PRIMARY KEY,
    tenant_id    uuid   NOT NULL,
    number       text   NOT NULL,
    status       text   NOT NULL,
    amount       bigint NOT NULL, -- in the currency's smallest unit
    currency     text   NOT NULL,
    description  text   NOT NULL,
    external_id  text   NOT NULL, -- what the payment provider calls it; empty when it knows nothing of it
    period_start bigint,
    period_end   bigint,
    paid_at      bigint,
    created_at   bigint NOT NULL,
    updated_at   bigint NOT NULL
);
CREATE UNIQUE INDEX invoices_by_number ON invoices (tenant_id, number);
CREATE UNIQUE INDEX invoices_by_external_id ON invoices (external_id) WHERE external_id <> '';
CREATE INDEX invoices_by_age ON invoices (tenant_id, created_at DESC, id DESC);

-- Which tenant each of Stripe's customers is.
CREATE TABLE stripe_customers (
    id         text PRIMARY KEY, -- of the customer in Stripe
    tenant_id  text   NOT NULL REFERENCES tenants (id),
    created_at bigint NOT NULL
);
CREATE INDEX stripe_customers_by_age ON stripe_customers (created_at DESC, id DESC);

-- Stripe's subscriptions: the tenant's plan is the highest of those that are live. changed_at is when the latest
-- change that took effect was made: Stripe does not keep the order.
CREATE TABLE stripe_subscriptions (
    id          text PRIMARY KEY, -- of the subscription in Stripe
    customer_id text    NOT NULL,
    tenant_id   text    NOT NULL REFERENCES tenants (id),
    plan        text    NOT NULL,
    live        boolean NOT NULL,
    changed_at  bigint  NOT NULL
);
CREATE INDEX stripe_subscriptions_by_tenant ON stripe_subscriptions (tenant_id);

-- Stripe's events that have taken effect. Stripe sends each at least once.
CREATE TABLE stripe_events (
    id         text PRIMARY KEY,
    created_at bigint NOT NULL
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
DROP TABLE ticket_numbers;
DROP TABLE support_inboxes;
DROP TABLE leads;
DROP TABLE jobs;
DROP TABLE alert_notifications;
DROP TABLE alerts;
DROP TABLE alert_channels;
DROP TABLE alert_settings;
DROP FUNCTION make_partitions;
DROP TABLE delivery_counts;
DROP TABLE attempts;
DROP TABLE deliveries;
DROP TABLE endpoints;
DROP TABLE event_types;
DROP TABLE reconciler;
DROP TABLE publisher_ids;
DROP TABLE events;
DROP FUNCTION day_bound;
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
