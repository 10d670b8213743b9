-- +goose Up
-- The numbers that a tenant's things are known by outside: the last one given of each kind.
CREATE TABLE tracking_numbers (
    tenant_id   text   NOT NULL REFERENCES tenants (id),
    environment text   NOT NULL,
    kind        text   NOT NULL,
    last        bigint NOT NULL,
    PRIMARY KEY (tenant_id, environment, kind)
);

-- The counts are those of the latest snapshot. list_id is the snapshot with the latest list of followers that has been
-- compared with the one before, job_id the job that compares the next; empty when there is none.
CREATE TABLE tracked_accounts (
    id              text PRIMARY KEY,
    tenant_id       text   NOT NULL REFERENCES tenants (id),
    environment     text   NOT NULL,
    number          bigint NOT NULL,
    platform        text   NOT NULL,
    account_id      text   NOT NULL,
    username        text   NOT NULL,
    follower_count  bigint NOT NULL,
    following_count bigint NOT NULL,
    posts_count     bigint NOT NULL,
    tracked_at      bigint,
    list_id         text   NOT NULL,
    job_id          text   NOT NULL,
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL
);
CREATE UNIQUE INDEX tracked_accounts_once ON tracked_accounts (tenant_id, environment, platform, account_id);
CREATE UNIQUE INDEX tracked_accounts_by_number ON tracked_accounts (tenant_id, environment, number);
CREATE INDEX tracked_accounts_by_age ON tracked_accounts (tenant_id, environment, created_at DESC, id DESC);

-- kept says whether tracking_followers still has its list: only an account's latest one stays.
CREATE TABLE tracking_snapshots (
    id                 text PRIMARY KEY,
    tenant_id          text    NOT NULL REFERENCES tenants (id),
    environment        text    NOT NULL,
    tracked_account_id text    NOT NULL,
    status             text    NOT NULL,
    follower_list      boolean NOT NULL,
    kept               boolean NOT NULL,
    followers_received bigint  NOT NULL,
    follower_count     bigint  NOT NULL,
    following_count    bigint  NOT NULL,
    posts_count        bigint  NOT NULL,
    tracked_at         bigint  NOT NULL,
    previous_id        text    NOT NULL,
    job_id             text    NOT NULL,
    created_at         bigint  NOT NULL,
    finished_at        bigint
);
CREATE INDEX tracking_snapshots_by_account ON tracking_snapshots (tracked_account_id, created_at DESC, id DESC);
CREATE INDEX tracking_snapshots_kept ON tracking_snapshots (tracked_account_id) WHERE kept;
CREATE INDEX tracking_snapshots_unfinished ON tracking_snapshots (status, created_at) WHERE status <> 'finished';
-- How many followers a tenant's accounts had, over time.
CREATE INDEX tracking_snapshots_by_time ON tracking_snapshots (tenant_id, environment, tracked_at);

CREATE TABLE tracking_followers (
    tenant_id   text NOT NULL,
    environment text NOT NULL,
    snapshot_id text NOT NULL,
    user_id     text NOT NULL,
    username    text NOT NULL,
    PRIMARY KEY (tenant_id, environment, snapshot_id, user_id)
);

CREATE TABLE direct_messages (
    id                 text PRIMARY KEY,
    tenant_id          text   NOT NULL REFERENCES tenants (id),
    environment        text   NOT NULL,
    tracked_account_id text   NOT NULL,
    platform           text   NOT NULL,
    tracked_username   text   NOT NULL,
    target_username    text   NOT NULL,
    message            text   NOT NULL,
    device_id          text   NOT NULL,
    status             text   NOT NULL,
    error              text   NOT NULL,
    charge_id          text   NOT NULL, -- what it was paid with
    claimed_until      bigint, -- by what sends it
    occurred_at        bigint,
    created_at         bigint NOT NULL
);
CREATE INDEX direct_messages_by_age ON direct_messages (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX direct_messages_by_account ON direct_messages (tenant_id, environment, tracked_account_id, created_at DESC, id DESC);
CREATE INDEX direct_messages_queued ON direct_messages (created_at, id) WHERE status = 'queued';
CREATE INDEX direct_messages_queued_by_tenant ON direct_messages (tenant_id, created_at, id) WHERE status = 'queued';

CREATE TABLE tracker_jobs (
    id                 text PRIMARY KEY,
    tenant_id          text   NOT NULL REFERENCES tenants (id),
    environment        text   NOT NULL,
    number             bigint NOT NULL,
    job_type           text   NOT NULL,
    parameters         text   NOT NULL,
    status             text   NOT NULL,
    total_leads_stored bigint NOT NULL,
    error              text   NOT NULL,
    charge_id          text   NOT NULL, -- what it was paid with
    created_at         bigint NOT NULL,
    started_at         bigint,
    finished_at        bigint
);
CREATE UNIQUE INDEX tracker_jobs_by_number ON tracker_jobs (tenant_id, environment, number);
CREATE INDEX tracker_jobs_by_age ON tracker_jobs (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX tracker_jobs_open ON tracker_jobs (created_at, id) WHERE status IN ('queued', 'running');
CREATE INDEX tracker_jobs_open_by_tenant ON tracker_jobs (tenant_id, created_at, id) WHERE status IN ('queued', 'running');

CREATE TABLE invoices (
    id           text PRIMARY KEY,
    tenant_id    text   NOT NULL REFERENCES tenants (id),
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

-- Stripe's subscriptions: the tenant's plan is the highest of those that are live. changed_at is when the latest change that
-- took effect was made: Stripe does not keep the order.
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
DROP TABLE tracker_jobs;
DROP TABLE direct_messages;
DROP TABLE tracking_followers;
DROP TABLE tracking_snapshots;
DROP TABLE tracked_accounts;
DROP TABLE tracking_numbers;
