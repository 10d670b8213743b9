package delivery

// LogQuery is the query that lists deliveries, for looking at how engines run it.
var LogQuery = Filter.log
