-- +goose Up
-- The gate of an endpoint that can't take all at once: how many deliveries may be under way to it (gate_window), whether
-- it is tried at all (circuit), before when it is not (hold_until), when its rate limit has room for the next request
-- (slot_at), and when somebody has to look (pump_at; NULL while nothing waits).
ALTER TABLE endpoints ADD COLUMN rate_limit integer;
ALTER TABLE endpoints ADD COLUMN gated_at integer;
ALTER TABLE endpoints ADD COLUMN gate_window real NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN gate_threshold real NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN circuit text NOT NULL DEFAULT 'closed';
ALTER TABLE endpoints ADD COLUMN circuit_opened_at integer;
ALTER TABLE endpoints ADD COLUMN circuit_until integer;
ALTER TABLE endpoints ADD COLUMN circuit_trips integer NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN hold_until integer;
ALTER TABLE endpoints ADD COLUMN slot_at integer;
ALTER TABLE endpoints ADD COLUMN pump_at integer;
CREATE INDEX endpoints_gated ON endpoints (gated_at) WHERE gated_at IS NOT NULL;
CREATE INDEX endpoints_pump ON endpoints (pump_at) WHERE pump_at IS NOT NULL;

-- 1: parked, waits for the gate; 2: released, on its way through it; 0: knows no gate. Only what knows one is indexed.
ALTER TABLE deliveries ADD COLUMN gate integer NOT NULL DEFAULT 0;
CREATE INDEX deliveries_gated ON deliveries (endpoint_id, gate, next_attempt_at) WHERE gate <> 0;

-- The kill switch.
ALTER TABLE tenants ADD COLUMN deliveries_paused integer NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE tenants DROP COLUMN deliveries_paused;
DROP INDEX deliveries_gated;
ALTER TABLE deliveries DROP COLUMN gate;
DROP INDEX endpoints_pump;
DROP INDEX endpoints_gated;
ALTER TABLE endpoints DROP COLUMN pump_at;
ALTER TABLE endpoints DROP COLUMN slot_at;
ALTER TABLE endpoints DROP COLUMN hold_until;
ALTER TABLE endpoints DROP COLUMN circuit_trips;
ALTER TABLE endpoints DROP COLUMN circuit_until;
ALTER TABLE endpoints DROP COLUMN circuit_opened_at;
ALTER TABLE endpoints DROP COLUMN circuit;
ALTER TABLE endpoints DROP COLUMN gate_threshold;
ALTER TABLE endpoints DROP COLUMN gate_window;
ALTER TABLE endpoints DROP COLUMN gated_at;
ALTER TABLE endpoints DROP COLUMN rate_limit;
