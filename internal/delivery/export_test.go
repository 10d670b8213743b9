package delivery

import "strings"

// LogQuery is the query that lists deliveries, for looking at how engines run it.
var LogQuery = Filter.log

// FinishSQL is the statement that records the outcome of one delivery, with its values in it.
func FinishSQL(deliveryID string) string {
	return "WITH v (id, number, status, reason, error, failure_count, max_attempts, response_status, next_attempt_at, deadline_at, finished_at, gate)" +
		" AS (VALUES ('" + deliveryID + "', 1, '', '', '', 1, 1, 1, 1, 1, 1, 1)) " + strings.Replace(concludeSQL(true), "$1", "ARRAY['"+deliveryID+"']", 1)
}
