-- Counts the deliveries in steps of $1 seconds, from $2 (microseconds) on, as workers have counted them.
WITH ended AS (
    SELECT tenant_id, environment, finished_at / ($1::bigint * 1000000) * ($1::bigint * 1000000) AS at, endpoint_id,
        event_type, status, attempt_count, created_at FROM deliveries WHERE finished_at >= $2::bigint
), counted AS (
    SELECT tenant_id, environment, at, endpoint_id, event_type,
        count(*) FILTER (WHERE status = 'succeeded') AS succeeded,
        count(*) FILTER (WHERE status = 'dead') AS dead, count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
        coalesce(sum(attempt_count) FILTER (WHERE status = 'dead'), 0)::bigint AS failures, max(created_at) AS last_at
    FROM ended GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT tenant_id, environment, at, '00000000-0000-0000-0000-000000000000', '',
        count(*) FILTER (WHERE status = 'succeeded'), count(*) FILTER (WHERE status = 'dead'),
        count(*) FILTER (WHERE status = 'cancelled'),
        coalesce(sum(attempt_count) FILTER (WHERE status = 'dead'), 0)::bigint, max(created_at)
    FROM ended GROUP BY 1, 2, 3
)
INSERT INTO delivery_counts
SELECT tenant_id, environment, $1, at, endpoint_id, event_type, succeeded, dead, cancelled, failures, 0, 0, succeeded,
    0, 0, failures, 0, 0, succeeded, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, succeeded, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last_at
FROM counted ON CONFLICT DO NOTHING
