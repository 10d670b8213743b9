-- Times are microseconds since 1970 (to read one: to_timestamp(created_at / 1e6)).

-- +goose Up
CREATE TABLE settings (
    name  text PRIMARY KEY,
    value bytea NOT NULL
);

CREATE TABLE tenants (
    id         text PRIMARY KEY,
    name       text   NOT NULL,
    plan       text   NOT NULL,
    profile    text   NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX tenants_by_age ON tenants (created_at DESC, id DESC);

CREATE TABLE operator_keys (
    id         text PRIMARY KEY,
    name       text   NOT NULL,
    hint       text   NOT NULL,
    hash       bytea  NOT NULL UNIQUE,
    created_at bigint NOT NULL,
    revoked_at bigint
);

CREATE TABLE api_keys (
    id           text PRIMARY KEY,
    tenant_id    text   NOT NULL REFERENCES tenants (id),
    environment  text   NOT NULL,
    name         text   NOT NULL,
    prefix       text   NOT NULL,
    hint         text   NOT NULL,
    hash         bytea  NOT NULL UNIQUE,
    permissions  text   NOT NULL,
    created_at   bigint NOT NULL,
    last_used_at bigint,
    revoked_at   bigint
);
CREATE INDEX api_keys_by_age ON api_keys (tenant_id, environment, created_at DESC, id DESC);

CREATE TABLE leads (
    id          text PRIMARY KEY,
    tenant_id   text    NOT NULL REFERENCES tenants (id),
    environment text    NOT NULL,
    name        text,
    email       text,
    company     text,
    first_name  text,
    last_name   text,
    phone       text,
    website     text,
    position    text,
    twitter     text,
    linkedin    text,
    notes       text,
    score       integer NOT NULL,
    source      text,
    status      text    NOT NULL,
    created_at  bigint  NOT NULL,
    updated_at  bigint  NOT NULL
);
CREATE INDEX leads_by_age ON leads (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX leads_by_email ON leads (tenant_id, environment, email);
CREATE INDEX leads_by_status ON leads (tenant_id, environment, status, created_at DESC, id DESC);

-- The outbox is the event log itself: an event is due for fan-out while dispatched_at is NULL.
CREATE TABLE events (
    tenant_id      text    NOT NULL,
    environment    text    NOT NULL,
    id             text    NOT NULL,
    type           text    NOT NULL,
    data           text    NOT NULL,
    occurred_at    bigint  NOT NULL,
    created_at     bigint  NOT NULL,
    dispatched_at  bigint,
    delivery_count integer NOT NULL,
    reason         text    NOT NULL,
    PRIMARY KEY (tenant_id, environment, id)
);
CREATE INDEX events_undispatched ON events (created_at) WHERE dispatched_at IS NULL;
CREATE INDEX events_by_age ON events (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX events_by_type ON events (tenant_id, environment, type, created_at DESC, id DESC);
CREATE INDEX events_retention ON events (created_at);

CREATE TABLE endpoints (
    id              text PRIMARY KEY,
    tenant_id       text    NOT NULL REFERENCES tenants (id),
    environment     text    NOT NULL,
    name            text    NOT NULL,
    url             text    NOT NULL,
    events          text    NOT NULL,
    method          text    NOT NULL,
    headers         bytea   NOT NULL,
    secret          bytea   NOT NULL,
    profile         text    NOT NULL,
    retry_policy    text    NOT NULL,
    enabled         boolean NOT NULL,
    disabled_reason text    NOT NULL,
    created_at      bigint  NOT NULL,
    updated_at      bigint  NOT NULL,
    deleted_at      bigint
);
CREATE INDEX endpoints_by_age ON endpoints (tenant_id, environment, created_at DESC, id DESC) WHERE deleted_at IS NULL;

-- deadline_at is the moment by which the queue should have moved a live delivery on; past it the reconciler does. It
-- is NULL once the delivery is final, so the index holds exactly what is undelivered.
CREATE TABLE deliveries (
    id              text PRIMARY KEY,
    tenant_id       text    NOT NULL,
    environment     text    NOT NULL,
    event_id        text    NOT NULL,
    event_type      text    NOT NULL,
    endpoint_id     text    NOT NULL,
    status          text    NOT NULL,
    reason          text    NOT NULL,
    error           text    NOT NULL,
    content_type    text    NOT NULL,
    body            bytea   NOT NULL,
    attempt_count   integer NOT NULL,
    failure_count   integer NOT NULL,
    max_attempts    integer NOT NULL,
    response_status integer,
    next_attempt_at bigint,
    deadline_at     bigint,
    created_at      bigint  NOT NULL,
    finished_at     bigint,
    UNIQUE (tenant_id, environment, event_id, endpoint_id)
);
CREATE INDEX deliveries_due ON deliveries (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX deliveries_by_age ON deliveries (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX deliveries_by_endpoint ON deliveries (tenant_id, environment, endpoint_id, created_at DESC, id DESC);
CREATE INDEX deliveries_by_status ON deliveries (tenant_id, environment, status, created_at DESC, id DESC);
CREATE INDEX deliveries_by_type ON deliveries (tenant_id, environment, event_type, created_at DESC, id DESC);
CREATE INDEX deliveries_retention ON deliveries (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE attempts (
    id                 text PRIMARY KEY,
    tenant_id          text    NOT NULL,
    delivery_id        text    NOT NULL,
    number             integer NOT NULL,
    status             text    NOT NULL,
    method             text    NOT NULL,
    url                text    NOT NULL,
    request_headers    text    NOT NULL,
    response_status    integer,
    response_headers   text    NOT NULL,
    response_body      bytea   NOT NULL,
    response_truncated boolean NOT NULL,
    error_code         text    NOT NULL,
    error              text    NOT NULL,
    started_at         bigint  NOT NULL,
    finished_at        bigint,
    UNIQUE (delivery_id, number)
);

-- +goose Down
DROP TABLE attempts;
DROP TABLE deliveries;
DROP TABLE endpoints;
DROP TABLE events;
DROP TABLE leads;
DROP TABLE api_keys;
DROP TABLE operator_keys;
DROP TABLE tenants;
DROP TABLE settings;
