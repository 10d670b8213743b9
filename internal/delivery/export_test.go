package delivery

import "strings"

// LogQuery is the query that lists deliveries, for looking at how engines run it.
var LogQuery = Filter.log

// FinishSQL is the statement that records the outcome of one delivery, with its values in it.
func FinishSQL(deliveryID string) string {
	sql, args := finishSQL([]outcome{{delivery: Delivery{ID: deliveryID}}})
	for _, a := range args {
		text := "'1'"
		if a == deliveryID {
			text = "'" + deliveryID + "'"
		}
		sql = strings.Replace(sql, "?", text, 1)
	}
	return sql
}
