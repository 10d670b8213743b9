-- +goose Up
-- email_key is the address as it is compared: in lower case.
ALTER TABLE leads ADD COLUMN email_key text;
ALTER TABLE leads ADD COLUMN external_id text;
UPDATE leads SET email_key = lower(email) WHERE email IS NOT NULL;
CREATE INDEX leads_by_address ON leads (tenant_id, environment, email_key);
CREATE UNIQUE INDEX leads_by_external_id ON leads (tenant_id, environment, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX leads_by_source ON leads (tenant_id, environment, source, created_at DESC, id DESC);
CREATE INDEX leads_by_change ON leads (tenant_id, environment, updated_at DESC, id DESC);
CREATE INDEX leads_by_score ON leads (tenant_id, environment, score DESC, id DESC);

-- The words by which things are found. They are compared byte by byte, so that the beginning of a word is a range.
CREATE TABLE search_words (
    tenant_id   text NOT NULL,
    environment text NOT NULL,
    kind        text NOT NULL,
    word        text NOT NULL,
    item_id     text NOT NULL,
    PRIMARY KEY (tenant_id, environment, kind, word, item_id)
);
CREATE INDEX search_words_by_item ON search_words (item_id);
INSERT INTO search_words (tenant_id, environment, kind, word, item_id)
WITH RECURSIVE split (tenant_id, environment, id, word, rest) AS (
    SELECT tenant_id, environment, id, '', lower(replace(replace(replace(replace(replace(
        coalesce(name, '') || ' ' || coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(email, '') || ' '
        || coalesce(company, '') || ' ' || coalesce(phone, '') || ' ', '@', ' '), '.', ' '), '-', ' '), '+', ' '), '_', ' ')) FROM leads
    UNION ALL
    SELECT tenant_id, environment, id, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) FROM split WHERE rest <> ''
)
SELECT DISTINCT tenant_id, environment, 'lead', substr(word, 1, 40), id FROM split WHERE word <> '';

CREATE TABLE support_inboxes (
    id           text PRIMARY KEY,
    tenant_id    text   NOT NULL REFERENCES tenants (id),
    environment  text   NOT NULL,
    name         text   NOT NULL,
    address      text   NOT NULL,
    error        text,
    failed_since integer,
    created_at   integer NOT NULL,
    updated_at   integer NOT NULL
);
CREATE INDEX support_inboxes_by_age ON support_inboxes (tenant_id, environment, created_at DESC, id DESC);

-- The row is locked from the moment a number is taken until it is committed, so that none is left out.
CREATE TABLE ticket_numbers (
    tenant_id   text   NOT NULL,
    environment text   NOT NULL,
    last        integer NOT NULL,
    PRIMARY KEY (tenant_id, environment)
);

CREATE TABLE tickets (
    id          text PRIMARY KEY,
    tenant_id   text   NOT NULL REFERENCES tenants (id),
    environment text   NOT NULL,
    number      integer NOT NULL,
    subject     text   NOT NULL,
    status      text   NOT NULL,
    priority    text   NOT NULL,
    inbox_id    text   NOT NULL REFERENCES support_inboxes (id),
    assignee_id text,
    created_at  integer NOT NULL,
    updated_at  integer NOT NULL
);
CREATE UNIQUE INDEX tickets_by_number ON tickets (tenant_id, environment, number);
CREATE INDEX tickets_by_age ON tickets (tenant_id, environment, created_at DESC, id DESC);
CREATE INDEX tickets_by_status ON tickets (tenant_id, environment, status, created_at DESC, id DESC);
CREATE INDEX tickets_by_priority ON tickets (tenant_id, environment, priority, created_at DESC, id DESC);
CREATE INDEX tickets_by_inbox ON tickets (tenant_id, environment, inbox_id, created_at DESC, id DESC);
CREATE INDEX tickets_by_assignee ON tickets (tenant_id, environment, assignee_id, created_at DESC, id DESC);

CREATE TABLE ticket_messages (
    id          text PRIMARY KEY,
    tenant_id   text   NOT NULL,
    environment text   NOT NULL,
    ticket_id   text   NOT NULL REFERENCES tickets (id),
    type        text   NOT NULL,
    sender      text,
    body_html   text,
    body_text   text,
    created_at  integer NOT NULL
);
CREATE INDEX ticket_messages_shown ON ticket_messages (tenant_id, environment, ticket_id, created_at DESC, id DESC) WHERE type <> 'internal_note';

-- name_key is the name as it is compared: in lower case.
CREATE TABLE tags (
    id          text PRIMARY KEY,
    tenant_id   text   NOT NULL REFERENCES tenants (id),
    environment text   NOT NULL,
    name        text   NOT NULL,
    name_key    text   NOT NULL,
    created_at  integer NOT NULL
);
CREATE UNIQUE INDEX tags_by_name ON tags (tenant_id, environment, name_key);
CREATE INDEX tags_by_age ON tags (tenant_id, environment, created_at DESC, id DESC);

CREATE TABLE ticket_tags (
    tenant_id   text   NOT NULL,
    environment text   NOT NULL,
    ticket_id   text   NOT NULL REFERENCES tickets (id),
    tag_id      text   NOT NULL REFERENCES tags (id),
    created_at  integer NOT NULL,
    PRIMARY KEY (ticket_id, tag_id)
);

-- +goose Down
DROP TABLE ticket_tags;
DROP TABLE tags;
DROP TABLE ticket_messages;
DROP TABLE tickets;
DROP TABLE ticket_numbers;
DROP TABLE support_inboxes;
DROP TABLE search_words;
DROP INDEX leads_by_score;
DROP INDEX leads_by_change;
DROP INDEX leads_by_source;
DROP INDEX leads_by_external_id;
DROP INDEX leads_by_address;
ALTER TABLE leads DROP COLUMN external_id;
ALTER TABLE leads DROP COLUMN email_key;
