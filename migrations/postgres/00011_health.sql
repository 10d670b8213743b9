-- +goose Up
-- How an endpoint does: its failures since the last success.
ALTER TABLE endpoints ADD COLUMN consecutive_failures integer NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN failing_since bigint;
ALTER TABLE endpoints ADD COLUMN last_success_at bigint;

-- +goose Down
ALTER TABLE endpoints DROP COLUMN last_success_at;
ALTER TABLE endpoints DROP COLUMN failing_since;
ALTER TABLE endpoints DROP COLUMN consecutive_failures;
