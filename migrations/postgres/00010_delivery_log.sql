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

-- +goose Down
ALTER TABLE attempts DROP COLUMN timings;
DROP INDEX deliveries_by_event;
ALTER TABLE deliveries ADD UNIQUE (tenant_id, environment, event_id, endpoint_id);
DROP INDEX deliveries_by_reason;
DROP INDEX deliveries_by_http;
