-- +goose Up
-- How a session was opened, and what of: members see it of their own sessions, and those who may change members of all.
ALTER TABLE sessions ADD COLUMN opened_by text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN user_agent text NOT NULL DEFAULT '';
UPDATE sessions SET opened_by = CASE
    WHEN link_expires_at IS NOT NULL THEN 'link'
    WHEN operator_key_id <> '' THEN 'key'
    ELSE 'single_sign_on' END;
-- The few of a tenant that are open, of the many that ended.
CREATE INDEX sessions_open ON sessions (tenant_id, expires_at) WHERE revoked_at IS NULL;

-- +goose Down
DROP INDEX sessions_open;
ALTER TABLE sessions DROP COLUMN user_agent;
ALTER TABLE sessions DROP COLUMN address;
ALTER TABLE sessions DROP COLUMN opened_by;
