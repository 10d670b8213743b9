-- Deliveries and attempts become partitioned by day. What columns and indexes they have is taken from what is there.

-- +goose Up
-- JSON: where the time of an attempt went, or null.
ALTER TABLE attempts ADD COLUMN timings text NOT NULL DEFAULT 'null';

-- changed_at is when what a tenant sees of a delivery changed last, by the clock of the database: it is how a follower of
-- the log finds what is new. It only grows, so that two changes of one delivery never share it.
ALTER TABLE deliveries ADD COLUMN changed_at bigint;
UPDATE deliveries SET changed_at = coalesce(finished_at, created_at);
ALTER TABLE deliveries ALTER COLUMN changed_at SET DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, ALTER COLUMN changed_at SET NOT NULL;

-- +goose StatementBegin
-- The text that sorts, byte by byte, before every delivery's id that is made on the day (UTC) or later, and after all others:
-- a TypeID begins with the 48 bits of its time in milliseconds, five to a character.
CREATE FUNCTION delivery_bound(day date) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'dlv_' || string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', ((ms >> (5 * (9 - i))) & 31)::integer + 1, 1), '' ORDER BY i)
    FROM generate_series(0, 9) i, (SELECT (day - date '1970-01-01')::bigint * 86400000 AS ms) t
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The day (UTC) on which a delivery's id was made.
CREATE FUNCTION delivery_day(id text) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT date '1970-01-01' + div(sum((strpos('0123456789abcdefghjkmnpqrstvwxyz', substr(id, 5 + i, 1)) - 1)::bigint << (5 * (9 - i))), 86400000)::integer
    FROM generate_series(0, 9) i
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Makes the partitions of both tables for the days from first to last that have none. A table that is made first and
-- then attached holds nobody up: making it as a partition would lock the whole.
CREATE FUNCTION make_delivery_partitions(first date, last date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    day date;
    parent text;
    name text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('hookline:partitions'));
    FOR day IN SELECT first + i FROM generate_series(0, last - first) i LOOP
        FOREACH parent IN ARRAY ARRAY['deliveries', 'attempts'] LOOP
            name := parent || to_char(day, '"_"YYYYMMDD');
            IF to_regclass(name) IS NULL THEN
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', name, parent);
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, name, delivery_bound(day), delivery_bound(day + 1));
            END IF;
        END LOOP;
    END LOOP;
END $$;
-- +goose StatementEnd

-- Ids sort by age in the order of bytes, so the range of an id is a time: what asks for an id reads one partition. An
-- attempt lies where its delivery does.
--
-- Uniqueness can't span partitions. That an event is fanned out once to each endpoint is given by claiming it while it is
-- undispatched; an attempt's id is random, and its delivery and number say which it is.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_tenant_id_environment_event_id_endpoint_id_key;
-- +goose StatementBegin
DO $$
DECLARE
    parent text;
    keyed text;
    definitions text[];
    names text[];
    definition text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['deliveries', 'attempts'] LOOP
        keyed := CASE parent WHEN 'deliveries' THEN 'id' ELSE 'delivery_id' END;
        SELECT array_agg(pg_get_indexdef(indexrelid)), array_agg(indexrelid::regclass::text) INTO definitions, names
            FROM pg_index WHERE indrelid = parent::regclass AND NOT indisunique;
        EXECUTE format('ALTER TABLE %I RENAME TO %I', parent, parent || '_whole');
        EXECUTE format('ALTER TABLE %I RENAME CONSTRAINT %I TO %I', parent || '_whole', parent || '_pkey', parent || '_whole_pkey');
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I TYPE text COLLATE "C"', parent || '_whole', keyed);
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS) PARTITION BY RANGE (%I)', parent, parent || '_whole', keyed);
        FOREACH definition IN ARRAY coalesce(names, '{}') LOOP
            EXECUTE 'DROP INDEX ' || definition;
        END LOOP;
        FOREACH definition IN ARRAY coalesce(definitions, '{}') LOOP
            EXECUTE definition;
        END LOOP;
    END LOOP;
    ALTER TABLE deliveries ADD PRIMARY KEY (id);
    ALTER TABLE attempts ADD PRIMARY KEY (delivery_id, number);
END $$;
-- +goose StatementEnd

-- By the class of the HTTP status, 0 without one, and within it by the status.
CREATE INDEX deliveries_by_http ON deliveries (tenant_id, environment, (coalesce(response_status, 0) / 100), created_at DESC, id DESC, response_status);
CREATE INDEX deliveries_by_reason ON deliveries (tenant_id, environment, reason, created_at DESC, id DESC) WHERE reason <> '';
CREATE INDEX deliveries_by_event ON deliveries (tenant_id, environment, event_id, created_at DESC, id DESC);
CREATE INDEX deliveries_by_change ON deliveries (tenant_id, environment, changed_at, id);

-- +goose StatementBegin
DO $$
DECLARE
    day date;
BEGIN
    FOR day IN SELECT delivery_day(id) FROM deliveries_whole UNION SELECT delivery_day(delivery_id) FROM attempts_whole LOOP
        PERFORM make_delivery_partitions(day, day);
    END LOOP;
    day := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    PERFORM make_delivery_partitions(day - 2, day + 7);
END $$;
-- +goose StatementEnd
INSERT INTO deliveries SELECT * FROM deliveries_whole;
INSERT INTO attempts SELECT * FROM attempts_whole;
DROP TABLE deliveries_whole;
DROP TABLE attempts_whole;

-- +goose StatementBegin
CREATE FUNCTION delivery_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, OLD.changed_at + 1);
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER delivery_changed BEFORE UPDATE OF status, reason, error, attempt_count, max_attempts, response_status, next_attempt_at, finished_at ON deliveries
    FOR EACH ROW EXECUTE FUNCTION delivery_changed();

-- +goose Down
DROP TRIGGER delivery_changed ON deliveries;
DROP FUNCTION delivery_changed();
DROP INDEX deliveries_by_change;
DROP INDEX deliveries_by_event;
DROP INDEX deliveries_by_reason;
DROP INDEX deliveries_by_http;
-- +goose StatementBegin
DO $$
DECLARE
    parent text;
    keyed text;
    definitions text[];
    definition text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['deliveries', 'attempts'] LOOP
        keyed := CASE parent WHEN 'deliveries' THEN 'id' ELSE 'delivery_id' END;
        SELECT array_agg(replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')) INTO definitions
            FROM pg_index WHERE indrelid = parent::regclass AND NOT indisunique;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)', parent || '_whole', parent);
        EXECUTE format('INSERT INTO %I SELECT * FROM %I', parent || '_whole', parent);
        EXECUTE format('DROP TABLE %I', parent);
        EXECUTE format('ALTER TABLE %I RENAME TO %I', parent || '_whole', parent);
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I TYPE text COLLATE pg_catalog."default"', parent, keyed);
        EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (id)', parent);
        FOREACH definition IN ARRAY coalesce(definitions, '{}') LOOP
            EXECUTE definition;
        END LOOP;
    END LOOP;
    ALTER TABLE deliveries ADD UNIQUE (tenant_id, environment, event_id, endpoint_id);
    ALTER TABLE attempts ADD UNIQUE (delivery_id, number);
END $$;
-- +goose StatementEnd
DROP FUNCTION make_delivery_partitions(date, date);
DROP FUNCTION delivery_day(text);
DROP FUNCTION delivery_bound(date);
ALTER TABLE deliveries DROP COLUMN changed_at;
ALTER TABLE attempts DROP COLUMN timings;
