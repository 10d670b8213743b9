-- +goose Up
-- How the dashboard looks to a tenant's people: branding is JSON, and what the picture of the logo is; the picture itself is
-- not in tenants, which every call reads.
ALTER TABLE tenants ADD COLUMN branding text NOT NULL DEFAULT '{}';
CREATE TABLE tenant_logos (
    tenant_id text PRIMARY KEY REFERENCES tenants (id),
    picture   bytea NOT NULL
);
-- Whether a session may change between the environments.
ALTER TABLE sessions ADD COLUMN may_switch boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE sessions DROP COLUMN may_switch;
DROP TABLE tenant_logos;
ALTER TABLE tenants DROP COLUMN branding;
