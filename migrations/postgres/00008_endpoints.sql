-- +goose Up
-- previous_secrets and auth are encrypted, and NULL when there is none. source_key is a hash of the source, the URL and
-- the events, and NULL without a source: one tool subscribes a URL to the same events once.
ALTER TABLE endpoints
    ADD COLUMN description      text NOT NULL DEFAULT '',
    ADD COLUMN metadata         text NOT NULL DEFAULT '{}',
    ADD COLUMN filter           text NOT NULL DEFAULT '',
    ADD COLUMN retry_policies   text NOT NULL DEFAULT '{}',
    ADD COLUMN timeout          text NOT NULL DEFAULT '',
    ADD COLUMN previous_secrets bytea,
    ADD COLUMN auth             bytea,
    ADD COLUMN source           text NOT NULL DEFAULT '',
    ADD COLUMN source_key       text;
CREATE UNIQUE INDEX endpoints_by_source ON endpoints (tenant_id, environment, source_key) WHERE deleted_at IS NULL;

-- +goose Down
DROP INDEX endpoints_by_source;
ALTER TABLE endpoints
    DROP COLUMN source_key,
    DROP COLUMN source,
    DROP COLUMN auth,
    DROP COLUMN previous_secrets,
    DROP COLUMN timeout,
    DROP COLUMN retry_policies,
    DROP COLUMN filter,
    DROP COLUMN metadata,
    DROP COLUMN description;
