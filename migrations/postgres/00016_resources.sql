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
    word        text COLLATE "C" NOT NULL,
    item_id     text NOT NULL,
    PRIMARY KEY (tenant_id, environment, kind, word, item_id)
);
CREATE INDEX search_words_by_item ON search_words (item_id);
INSERT INTO search_words (tenant_id, environment, kind, word, item_id)
SELECT DISTINCT l.tenant_id, l.environment, 'lead', left(w.word, 40), l.id
FROM leads l, regexp_split_to_table(lower(concat_ws(' ', l.name, l.first_name, l.last_name, l.email, l.company, l.phone)), '[^[:alnum:]]+') AS w (word)
WHERE w.word <> '';

-- +goose Down
DROP TABLE search_words;
DROP INDEX leads_by_score;
DROP INDEX leads_by_change;
DROP INDEX leads_by_source;
DROP INDEX leads_by_external_id;
DROP INDEX leads_by_address;
ALTER TABLE leads DROP COLUMN external_id;
ALTER TABLE leads DROP COLUMN email_key;
