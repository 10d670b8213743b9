-- +goose Up
-- When credits were given last: each condition of a balance is told once from then on.
ALTER TABLE credit_balances ADD COLUMN armed_at integer;

-- Since when deliveries are paused, and what the tenant is told about it.
ALTER TABLE tenants ADD COLUMN deliveries_paused_at integer;
ALTER TABLE tenants ADD COLUMN deliveries_paused_reason text NOT NULL DEFAULT '';
UPDATE tenants SET deliveries_paused_at = updated_at WHERE deliveries_paused;

-- The key pairs that were replaced and still sign, encrypted; NULL when there is none.
ALTER TABLE endpoints ADD COLUMN previous_ed25519 blob;

-- +goose Down
ALTER TABLE endpoints DROP COLUMN previous_ed25519;
ALTER TABLE tenants DROP COLUMN deliveries_paused_reason;
ALTER TABLE tenants DROP COLUMN deliveries_paused_at;
ALTER TABLE credit_balances DROP COLUMN armed_at;
