-- +goose Up
CREATE INDEX api_keys_by_user ON api_keys (tenant_id, user_id) WHERE user_id <> '';

-- +goose Down
DROP INDEX api_keys_by_user;
