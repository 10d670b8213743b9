-- +goose Up
-- run_at is when the next step is due; it is NULL once the job is over, so its index holds exactly what is to be done.
-- progress is where the next step begins.
CREATE TABLE jobs (
    id           text PRIMARY KEY,
    tenant_id    text    NOT NULL, -- empty for all tenants
    environment  text    NOT NULL, -- empty for both
    operator     boolean NOT NULL,
    kind         text    NOT NULL,
    status       text    NOT NULL,
    filter       text    NOT NULL,
    progress     text    NOT NULL,
    total        integer NOT NULL,
    done         integer NOT NULL,
    skipped      integer NOT NULL,
    skip_reasons text    NOT NULL,
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

-- Bulk replay and purge walk through dead letters in the order in which they died: a tenant's, or everybody's.
CREATE INDEX deliveries_dead ON deliveries (tenant_id, environment, finished_at, id) WHERE status = 'dead';
CREATE INDEX deliveries_dead_all ON deliveries (finished_at, id) WHERE status = 'dead';
-- Operators list them newest first.
CREATE INDEX deliveries_dead_by_age ON deliveries (created_at DESC, id DESC) WHERE status = 'dead';

-- +goose Down
DROP INDEX deliveries_dead_by_age;
DROP INDEX deliveries_dead_all;
DROP INDEX deliveries_dead;
DROP TABLE jobs;
