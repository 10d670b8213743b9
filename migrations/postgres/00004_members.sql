-- +goose Up
-- email_key is the address as it is compared: in lower case.
CREATE TABLE members (
    id              text PRIMARY KEY,
    tenant_id       text   NOT NULL,
    email           text   NOT NULL,
    email_key       text   NOT NULL,
    name            text   NOT NULL,
    role            text   NOT NULL,
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL,
    last_sign_in_at bigint
);
CREATE UNIQUE INDEX members_by_email ON members (tenant_id, email_key);
CREATE INDEX members_by_age ON members (tenant_id, created_at DESC, id DESC);
CREATE INDEX members_to_sign_in ON members (email_key);

-- token_hash and link_hash are SHA-256: neither a cookie nor a link can be made from a row. link_hash is NULL once the
-- link was used, token_hash until then.
CREATE TABLE sessions (
    id               text PRIMARY KEY,
    tenant_id        text   NOT NULL, -- empty for operators
    environment      text   NOT NULL, -- empty for operators
    member_id        text   NOT NULL,
    operator_key_id  text   NOT NULL,
    operator_subject text   NOT NULL,
    capabilities     text   NOT NULL,
    token_hash       bytea,
    link_hash        bytea,
    link_expires_at  bigint,
    created_at       bigint NOT NULL,
    expires_at       bigint NOT NULL,
    revoked_at       bigint,
    last_seen_at     bigint
);
CREATE UNIQUE INDEX sessions_by_token ON sessions (token_hash);
CREATE UNIQUE INDEX sessions_by_link ON sessions (link_hash);
CREATE INDEX sessions_by_tenant ON sessions (tenant_id, created_at DESC, id DESC);
CREATE INDEX sessions_retention ON sessions (expires_at);

-- +goose Down
DROP TABLE sessions;
DROP TABLE members;
