-- +goose Up
-- previous_secrets and auth are encrypted, and NULL when there is none. source_key is a hash of the source, the URL and
-- the events, and NULL without a source: one tool subscribes a URL to the same events once.
ALTER TABLE endpoints ADD COLUMN description text NOT NULL DEFAULT '';
ALTER TABLE endpoints ADD COLUMN metadata text NOT NULL DEFAULT '{}';
ALTER TABLE endpoints ADD COLUMN filter text NOT NULL DEFAULT '';
ALTER TABLE endpoints ADD COLUMN retry_policies text NOT NULL DEFAULT '{}';
ALTER TABLE endpoints ADD COLUMN timeout text NOT NULL DEFAULT '';
ALTER TABLE endpoints ADD COLUMN previous_secrets blob;
ALTER TABLE endpoints ADD COLUMN auth blob;
ALTER TABLE endpoints ADD COLUMN source text NOT NULL DEFAULT '';
ALTER TABLE endpoints ADD COLUMN source_key text;
CREATE UNIQUE INDEX endpoints_by_source ON endpoints (tenant_id, environment, source_key) WHERE deleted_at IS NULL;

-- +goose Down
DROP INDEX endpoints_by_source;
ALTER TABLE endpoints DROP COLUMN source_key;
ALTER TABLE endpoints DROP COLUMN source;
ALTER TABLE endpoints DROP COLUMN auth;
ALTER TABLE endpoints DROP COLUMN previous_secrets;
ALTER TABLE endpoints DROP COLUMN timeout;
ALTER TABLE endpoints DROP COLUMN retry_policies;
ALTER TABLE endpoints DROP COLUMN filter;
ALTER TABLE endpoints DROP COLUMN metadata;
ALTER TABLE endpoints DROP COLUMN description;
