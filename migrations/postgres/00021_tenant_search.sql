-- +goose Up
-- What tenants are searched by: the name in lower case.
ALTER TABLE tenants ADD COLUMN name_key text COLLATE "C" NOT NULL DEFAULT '';
UPDATE tenants SET name_key = lower(name);
CREATE INDEX tenants_by_name ON tenants (name_key);
CREATE INDEX tenants_by_plan ON tenants (plan, created_at DESC, id DESC);
CREATE INDEX tenants_paused ON tenants (created_at DESC, id DESC) WHERE deliveries_paused;

-- +goose Down
DROP INDEX tenants_paused;
DROP INDEX tenants_by_plan;
DROP INDEX tenants_by_name;
ALTER TABLE tenants DROP COLUMN name_key;
