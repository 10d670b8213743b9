-- +goose Up
-- One row is one balance. It is the lock of its ledger too: whoever changes it holds it until the entry is committed.
CREATE TABLE credit_balances (
    tenant_id     text   NOT NULL REFERENCES tenants (id),
    user_id       text   NOT NULL, -- empty for the tenant's own
    balance       bigint NOT NULL CHECK (balance >= 0),
    granted_month text   NOT NULL, -- 2026-11: the month of the latest monthly grant
    granted       bigint NOT NULL, -- what that month's grants come to
    granted_plan  text   NOT NULL, -- the plan that they were last compared with
    updated_at    bigint NOT NULL, -- of the latest entry; entries of one ledger never share a time
    PRIMARY KEY (tenant_id, user_id)
);

CREATE TABLE credit_entries (
    id         text PRIMARY KEY,
    tenant_id  text   NOT NULL,
    user_id    text   NOT NULL,
    amount     bigint NOT NULL,
    balance    bigint NOT NULL, -- after it
    kind       text   NOT NULL,
    reason     text   NOT NULL,
    reference  text   NOT NULL,
    created_at bigint NOT NULL,
    FOREIGN KEY (tenant_id, user_id) REFERENCES credit_balances (tenant_id, user_id)
);
CREATE INDEX credit_entries_by_age ON credit_entries (tenant_id, user_id, created_at DESC, id DESC);
-- What must happen once: a month's grant, and the refund of a charge.
CREATE UNIQUE INDEX credit_entries_once ON credit_entries (tenant_id, user_id, kind, reference) WHERE kind IN ('monthly', 'refund');

-- calls is added to, never set: several processes count the same.
CREATE TABLE usage_counts (
    tenant_id   text    NOT NULL,
    environment text    NOT NULL,
    day         text    NOT NULL, -- 2026-11-21, UTC
    key_id      text    NOT NULL,
    status      integer NOT NULL,
    calls       bigint  NOT NULL,
    PRIMARY KEY (tenant_id, environment, day, key_id, status)
);
CREATE INDEX usage_counts_retention ON usage_counts (day);

-- +goose Down
DROP TABLE usage_counts;
DROP TABLE credit_entries;
DROP TABLE credit_balances;
