-- +goose Up
-- Blog posts and social posts (kind). search is the text that lists are searched in, in lower case: engines differ in what
-- they call lower case.
CREATE TABLE posts (
    id           text PRIMARY KEY,
    tenant_id    text    NOT NULL REFERENCES tenants (id),
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

-- deadline_at is when somebody has to look: for a queued run, whether the queue knows it; for a running one, whether its
-- worker is still there. It is NULL once the run is over, so its index holds exactly what is to be done.
CREATE TABLE agent_runs (
    id            text PRIMARY KEY,
    tenant_id     text    NOT NULL REFERENCES tenants (id),
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
    charge_id     text    NOT NULL,
    refund_id     text    NOT NULL,
    deadline_at   integer,
    created_at    integer NOT NULL,
    started_at    integer,
    finished_at   integer
);
CREATE INDEX agent_runs_due ON agent_runs (deadline_at) WHERE deadline_at IS NOT NULL;

-- The figures on leads are counted from this index alone.
CREATE INDEX leads_figures ON leads (tenant_id, environment, created_at, status, source);

-- What an account's counts were at a moment.
CREATE INDEX tracking_snapshots_seen ON tracking_snapshots (tracked_account_id, tracked_at DESC, id DESC);

-- +goose Down
DROP INDEX tracking_snapshots_seen;
DROP INDEX leads_figures;
DROP TABLE agent_runs;
DROP TABLE posts;
