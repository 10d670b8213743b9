-- Stores what thirty days leave behind: one chunk of events of one day, each with a delivery and its attempts. The ids
-- and columns are those that the program writes. $1 is the first millisecond, $2 how many events, $3 the milliseconds
-- between two of them, $4 the number of the first. scale_endpoints lists the endpoints in turn.
--
-- Of a thousand deliveries, 10 are dead after three attempts, 5 are cancelled, and 1 of the last days is retrying.
WITH made AS (
    SELECT one.n, at, p.tenant_id, p.endpoint_id, p.url,
        (lpad(to_hex(at), 12, '0') || '7' || substr(md5(one.n::text), 1, 3) || '8'
            || substr(md5(one.n::text), 4, 15))::uuid AS event_id,
        'scale.type_' || CASE WHEN one.n % 50000 = 0 THEN 'rare' ELSE (one.n % 10)::text END AS event_type,
        CASE WHEN one.n % 1000 < 10 THEN 'dead' WHEN one.n % 1000 < 15 THEN 'cancelled'
            WHEN one.n % 1000 = 15 AND $1::bigint > extract(epoch FROM now()) * 1000 - 3 * 86400000 THEN 'retrying'
            ELSE 'succeeded' END AS status
    FROM (SELECT $4::bigint + i AS n, $1::bigint + i * $3::bigint AS at FROM generate_series(0, $2::bigint - 1) i) one
    JOIN scale_endpoints p ON p.n = one.n * 7919 % (SELECT count(*) FROM scale_endpoints)
), stored AS (
    INSERT INTO events (id, tenant_id, environment, publisher_id, type, data, endpoints, reason, occurred_at,
        created_at, dispatched_at)
    SELECT event_id, tenant_id, 'live', '', event_type, '{"n":' || n || '}', uuid_send(endpoint_id), '', at * 1000,
        at * 1000, at * 1000 FROM made
), planned AS (
    SELECT *, encode(sha256(uuid_send(event_id) || uuid_send(endpoint_id)), 'hex') AS hash FROM made
), over AS (
    SELECT *, (substr(lpad(to_hex(at), 12, '0'), 1, 12) || '7' || substr(hash, 2, 3)
        || to_hex(('x' || substr(hash, 5, 1))::bit(4)::int & 3 | 8) || substr(hash, 6, 15))::uuid AS delivery_id,
        CASE status WHEN 'dead' THEN 3 WHEN 'cancelled' THEN 0 ELSE 1 END AS attempts FROM planned
), delivered AS (
    INSERT INTO deliveries (id, tenant_id, environment, event_id, publisher_id, event_type, endpoint_id, form, status,
        reason, error, response_status, attempt_count, failure_count, max_attempts, admission, next_attempt_at,
        deadline_at, created_at, finished_at, changed_at)
    SELECT delivery_id, tenant_id, 'live', event_id, '', event_type, endpoint_id,
        CASE WHEN attempts = 0 THEN '' ELSE '1/hookline/standard' END, status,
        CASE status WHEN 'dead' THEN 'exhausted' WHEN 'cancelled' THEN 'endpoint_disabled' WHEN 'retrying' THEN 'http'
            ELSE '' END,
        CASE status WHEN 'dead' THEN 'status 500' WHEN 'retrying' THEN 'status 500' ELSE '' END,
        CASE status WHEN 'succeeded' THEN 200 WHEN 'cancelled' THEN NULL ELSE 500 END, attempts,
        CASE WHEN status IN ('dead', 'retrying') THEN attempts ELSE 0 END, 10, 0,
        CASE WHEN status = 'retrying' THEN (extract(epoch FROM now()) * 1e6)::bigint + 86400000000 END,
        CASE WHEN status = 'retrying' THEN (extract(epoch FROM now()) * 1e6)::bigint + 90000000000 END,
        at * 1000, CASE WHEN status <> 'retrying' THEN at * 1000 + 40000 END, at * 1000 + 40000 FROM over
)
INSERT INTO attempts (delivery_id, number, status, method, url, request_headers, response_status, response_headers,
    response_body, response_truncated, error_code, error, timings, started_at, finished_at)
SELECT delivery_id, number, CASE status WHEN 'succeeded' THEN 'succeeded' ELSE 'failed' END, 'POST', url,
    '{"Content-Type":"application/json"}', CASE status WHEN 'succeeded' THEN 200 ELSE 500 END,
    '{"Content-Length":"2"}', 'ok', false, CASE status WHEN 'succeeded' THEN '' ELSE 'status' END,
    CASE status WHEN 'succeeded' THEN '' ELSE 'status 500' END, '{"total_ms":12}', at * 1000 + 20000, at * 1000 + 40000
FROM over, generate_series(1, attempts) number
