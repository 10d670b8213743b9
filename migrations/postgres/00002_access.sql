-- +goose Up
ALTER TABLE api_keys ADD COLUMN expires_at bigint;
ALTER TABLE api_keys ADD COLUMN role text NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN user_id text NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN tier text NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN allowed_cidrs text NOT NULL DEFAULT '[]';

ALTER TABLE tenants ADD COLUMN overrides text NOT NULL DEFAULT '{}';

CREATE TABLE audit_log (
    id          text PRIMARY KEY,
    tenant_id   text   NOT NULL, -- empty for what concerns no tenant
    environment text   NOT NULL,
    actor_type  text   NOT NULL,
    actor_id    text   NOT NULL,
    actor_name  text   NOT NULL,
    address     text   NOT NULL,
    request_id  text   NOT NULL,
    action      text   NOT NULL,
    target      text   NOT NULL,
    before      text   NOT NULL,
    after       text   NOT NULL,
    created_at  bigint NOT NULL
);
CREATE INDEX audit_log_by_age ON audit_log (created_at DESC, id DESC);
CREATE INDEX audit_log_by_tenant ON audit_log (tenant_id, created_at DESC, id DESC);
CREATE INDEX audit_log_by_action ON audit_log (tenant_id, action, created_at DESC, id DESC);
CREATE INDEX audit_log_by_target ON audit_log (tenant_id, target, created_at DESC, id DESC);
CREATE INDEX audit_log_by_actor ON audit_log (tenant_id, actor_id, created_at DESC, id DESC);

-- answer is encrypted: it may hold a key or a secret that is shown once.
CREATE TABLE idempotency_keys (
    tenant_id   text    NOT NULL, -- empty for operators
    environment text    NOT NULL,
    method      text    NOT NULL,
    path        text    NOT NULL,
    name        text    NOT NULL,
    fingerprint bytea   NOT NULL,
    status      integer NOT NULL,
    answer      bytea   NOT NULL,
    created_at  bigint  NOT NULL,
    PRIMARY KEY (tenant_id, environment, method, path, name)
);
CREATE INDEX idempotency_keys_retention ON idempotency_keys (created_at);

-- +goose Down
DROP TABLE idempotency_keys;
DROP TABLE audit_log;
ALTER TABLE tenants DROP COLUMN overrides;
ALTER TABLE api_keys DROP COLUMN allowed_cidrs;
ALTER TABLE api_keys DROP COLUMN tier;
ALTER TABLE api_keys DROP COLUMN user_id;
ALTER TABLE api_keys DROP COLUMN role;
ALTER TABLE api_keys DROP COLUMN expires_at;
