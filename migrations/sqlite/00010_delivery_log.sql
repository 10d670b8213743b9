-- +goose Up
-- By the class of the HTTP status, 0 without one, and within it by the status.
CREATE INDEX deliveries_by_http ON deliveries (tenant_id, environment, (coalesce(response_status, 0) / 100), created_at DESC, id DESC, response_status);
CREATE INDEX deliveries_by_reason ON deliveries (tenant_id, environment, reason, created_at DESC, id DESC) WHERE reason <> '';
CREATE INDEX deliveries_by_event ON deliveries (tenant_id, environment, event_id, created_at DESC, id DESC);

-- JSON: where the time of an attempt went, or null.
ALTER TABLE attempts ADD COLUMN timings text NOT NULL DEFAULT 'null';

-- changed_at is when what a tenant sees of a delivery changed last: it is how a follower of the log finds what is new. It
-- only grows, so that two changes of one delivery never share it.
ALTER TABLE deliveries ADD COLUMN changed_at integer NOT NULL DEFAULT 0;
UPDATE deliveries SET changed_at = coalesce(finished_at, created_at);
CREATE INDEX deliveries_by_change ON deliveries (tenant_id, environment, changed_at, id);
-- +goose StatementBegin
CREATE TRIGGER delivery_made AFTER INSERT ON deliveries WHEN NEW.changed_at = 0 BEGIN
    UPDATE deliveries SET changed_at = CAST(unixepoch('subsec') * 1000000 AS integer) WHERE id = NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER delivery_changed AFTER UPDATE OF status, reason, error, attempt_count, max_attempts, response_status, next_attempt_at, finished_at ON deliveries BEGIN
    UPDATE deliveries SET changed_at = max(CAST(unixepoch('subsec') * 1000000 AS integer), OLD.changed_at + 1) WHERE id = NEW.id;
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER delivery_changed;
DROP TRIGGER delivery_made;
DROP INDEX deliveries_by_change;
ALTER TABLE deliveries DROP COLUMN changed_at;
ALTER TABLE attempts DROP COLUMN timings;
DROP INDEX deliveries_by_event;
DROP INDEX deliveries_by_reason;
DROP INDEX deliveries_by_http;
