package contract

import "strings"

// sameMeaning are parameters of other APIs, and which of ours have the meaning, the most likely first.
var sameMeaning = func() map[string][]string {
	from, to := []string{"from", "created_from"}, []string{"to", "created_to"}
	size, text := []string{"limit", "per_page"}, []string{"q", "search", "text"}
	out := map[string][]string{"endpoint_id": {"webhook_id"}, "endpoint": {"webhook_id"},
		"webhook": {"webhook_id"},
		"type":    {"event_type", "job_type"}, "event": {"event_type", "type", "event_id"},
		"topic":      {"event_type", "type"},
		"event_type": {"type", "event"}, "status_code": {"http_status"}, "response_status": {"http_status"},
		"order_by": {"sort", "order"}, "sort_by": {"sort", "order"}, "sort": {"order"}, "order": {"sort"},
		"state": {"status"}, "status": {"state"}, "actor": {"actor_id"}, "target_id": {"target"},
		"updated_after": {"updated_from"}, "updated_since": {"updated_from"}, "updated_before": {"updated_to"}}
	for ours, names := range map[*[]string]string{
		&from: "since from created_from created_after created_since after start start_date start_time created_at[gte]",
		&to:   "until to created_to created_before before end end_date end_time created_at[lte]",
		&size: "per_page limit page_size pagesize size count max_results",
		&text: "query search q text filter keyword name",
	} {
		for _, name := range strings.Fields(names) {
			out[name] = *ours
		}
	}
	for _, name := range strings.Fields("page offset starting_after next page_token next_token") {
		out[name] = []string{"cursor", "page"}
	}
	return out
}()

// synonym returns the parameter of the operation that has the meaning of a name; empty when there is none.
func (p parameters) synonym(name string) string {
	for _, ours := range sameMeaning[strings.ToLower(name)] {
		if _, known := p.query[ours]; known {
			return ours
		}
	}
	return ""
}
