package delivery

import "strings"

// LogQuery is the query that lists deliveries, for looking at how engines run it.
var LogQuery = Filter.log

// FinishSQL is the statement that records the outcomes of deliveries, with their values in it.
func FinishSQL(deliveryIDs ...string) string {
	var rows []string
	for _, deliveryID := range deliveryIDs {
		rows = append(rows, "('"+deliveryID+"', 1, '', '', '', 1, 1, 1, 1, 1, 1, 1)")
	}
	return "WITH v (id, number, status, reason, error, failure_count, max_attempts, response_status, " +
		"next_attempt_at, deadline_at, finished_at, admission) AS (VALUES " +
		strings.Join(rows, ", ") + ") " + strings.Replace(changeSQL("deliveries", concluded, underClaim, len(rows) > 1),
		"$1", "ARRAY['"+strings.Join(deliveryIDs, "', '")+"']", 1)
}

// TableOf is where deliveries with the ids lie.
func (s *Store) TableOf(deliveryIDs ...string) string { return s.table(deliveryIDs) }
