package contract

import (
	"slices"
	"strings"
)

// sameMeaning are parameters of other APIs, and which of ours have the meaning, the most likely first.
var sameMeaning = []struct{ names, ours string }{
	{"endpoint_id endpoint webhook", "webhook_id"},
	{"type", "event_type job_type"},
	{"event", "event_type type event_id"},
	{"topic", "event_type type"},
	{"event_type", "type event"},
	{"status_code response_status", "http_status"},
	{"order_by sort_by", "sort order"},
	{"sort", "order"},
	{"order", "sort"},
	{"state", "status"},
	{"status", "state"},
	{"actor", "actor_id"},
	{"target_id", "target"},
	{"updated_after updated_since", "updated_from"},
	{"updated_before", "updated_to"},
	{"since from created_from created_after created_since after start start_date start_time created_at[gte]",
		"from created_from"},
	{"until to created_to created_before before end end_date end_time created_at[lte]", "to created_to"},
	{"per_page limit page_size pagesize size count max_results", "limit per_page"},
	{"query search q text filter keyword name", "q search text"},
	{"page offset starting_after next page_token next_token", "cursor page"},
}

// synonym returns the parameter of the operation that has the meaning of a name; empty when there is none.
func (p parameters) synonym(name string) string {
	for _, row := range sameMeaning {
		if !slices.Contains(strings.Fields(row.names), strings.ToLower(name)) {
			continue
		}
		for _, ours := range strings.Fields(row.ours) {
			if _, known := p.query[ours]; known {
				return ours
			}
		}
	}
	return ""
}
