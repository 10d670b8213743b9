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

-- +goose Down
DROP TABLE search_words;
DROP INDEX leads_by_score;
DROP INDEX leads_by_change;
DROP INDEX leads_by_source;
DROP INDEX leads_by_external_id;
DROP INDEX leads_by_address;
ALTER TABLE leads DROP COLUMN external_id;
ALTER TABLE leads DROP COLUMN email_key;
