-- +goose Up
-- By the class of the HTTP status, 0 without one, and within it by the status.
CREATE INDEX deliveries_by_http ON deliveries (tenant_id, environment, (coalesce(response_status, 0) / 100), created_at DESC, id DESC, response_status);
CREATE INDEX deliveries_by_reason ON deliveries (tenant_id, environment, reason, created_at DESC, id DESC) WHERE reason <> '';
-- That an event is fanned out once is given by claiming it while it is undispatched; that a delivery is looked for by
-- its event needs the order of the log.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_tenant_id_environment_event_id_endpoint_id_key;
CREATE INDEX deliveries_by_event ON deliveries (tenant_id, environment, event_id, created_at DESC, id DESC);

-- JSON: where the time of an attempt went, or null.
ALTER TABLE attempts ADD COLUMN timings text NOT NULL DEFAULT 'null';

-- changed_at is when what a tenant sees of a delivery changed last, by the clock of the database: it is how a follower of
-- the log finds what is new. It only grows, so that two changes of one delivery never share it.
ALTER TABLE deliveries ADD COLUMN changed_at bigint;
UPDATE deliveries SET changed_at = coalesce(finished_at, created_at);
ALTER TABLE deliveries ALTER COLUMN changed_at SET DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, ALTER COLUMN changed_at SET NOT NULL;
CREATE INDEX deliveries_by_change ON deliveries (tenant_id, environment, changed_at, id);
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
ALTER TABLE deliveries DROP COLUMN changed_at;
ALTER TABLE attempts DROP COLUMN timings;
DROP INDEX deliveries_by_event;
ALTER TABLE deliveries ADD UNIQUE (tenant_id, environment, event_id, endpoint_id);
DROP INDEX deliveries_by_reason;
DROP INDEX deliveries_by_http;
