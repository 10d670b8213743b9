-- +goose Up
-- By the class of the HTTP status, 0 without one, and within it by the status.
CREATE INDEX deliveries_by_http ON deliveries (tenant_id, environment, (coalesce(response_status, 0) / 100), created_at DESC, id DESC, response_status);
CREATE INDEX deliveries_by_reason ON deliveries (tenant_id, environment, reason, created_at DESC, id DESC) WHERE reason <> '';
CREATE INDEX deliveries_by_event ON deliveries (tenant_id, environment, event_id, created_at DESC, id DESC);

-- JSON: where the time of an attempt went, or null.
ALTER TABLE attempts ADD COLUMN timings text NOT NULL DEFAULT 'null';

-- +goose Down
ALTER TABLE attempts DROP COLUMN timings;
DROP INDEX deliveries_by_event;
DROP INDEX deliveries_by_reason;
DROP INDEX deliveries_by_http;
