-- ed25519_key is encrypted and made when it is first needed; public_key is empty until then.

-- +goose Up
ALTER TABLE endpoints ADD COLUMN envelope text NOT NULL DEFAULT 'standard';
ALTER TABLE endpoints ADD COLUMN signing text NOT NULL DEFAULT 'hmac';
ALTER TABLE endpoints ADD COLUMN ed25519_key bytea;
ALTER TABLE endpoints ADD COLUMN public_key text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE endpoints DROP COLUMN public_key;
ALTER TABLE endpoints DROP COLUMN ed25519_key;
ALTER TABLE endpoints DROP COLUMN signing;
ALTER TABLE endpoints DROP COLUMN envelope;
