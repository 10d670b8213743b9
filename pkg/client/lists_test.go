package hookline

import (
	"errors"
	"net/http"
	"slices"
	"testing"
)

func TestListsGoThroughAllPages(t *testing.T) {
	t.Parallel()
	page := func(body string) answer { return answer{status: http.StatusOK, body: body} }
	_, c, _ := start(t, page(`{"data":[{"id":"a"},{"id":"b"}],"meta":{"page":1,"per_page":2,"total":3}}`),
		page(`{"data":[{"id":"c"}],"meta":{"page":2,"per_page":2,"total":3}}`))
	var ids []string
	for lead, err := range c.ListLeadsAll(t.Context(), ListLeadsParams{PerPage: 2}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, lead.ID)
	}
	if want := []string{"a", "b", "c"}; !slices.Equal(ids, want) {
		t.Errorf("leads: got %v, want %v", ids, want)
	}

	s, c, _ := start(t, page(`{"data":[{"id":"a"}],"meta":{"next_cursor":"x"}}`),
		page(`{"data":[],"meta":{"next_cursor":"y"}}`), page(`{"data":[{"id":"b"}],"meta":{"next_cursor":"y"}}`))
	ids = nil
	for event, err := range c.ListEventsAll(t.Context(), ListEventsParams{Order: "asc"}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, event.ID)
	}
	if want := []string{"a", "b"}; !slices.Equal(ids, want) {
		t.Errorf("events: got %v, want %v", ids, want)
	}
	requests, _ := s.seen()
	for i, want := range []string{"", "x", "y"} {
		if got := requests[i].URL.Query().Get("cursor"); got != want {
			t.Errorf("cursor of request %d: got %q, want %q", i, got, want)
		}
	}
}

func TestAListEndsWithItsFirstErrorAndWithItsReader(t *testing.T) {
	t.Parallel()
	s, c, _ := start(t, answer{status: http.StatusOK, body: `{"data":[{"id":"a"}],"meta":{"next_cursor":"x"}}`},
		problem(403, "forbidden", nil))
	var errs []error
	for _, err := range c.ListDeliveriesAll(t.Context(), ListDeliveriesParams{}) {
		errs = append(errs, err)
	}
	if len(errs) != 2 || errs[0] != nil || !errors.Is(errs[1], ErrPermission) {
		t.Errorf("errors: got %v, want one entry, then ErrPermission", errs)
	}
	for range c.ListDeliveriesAll(t.Context(), ListDeliveriesParams{}) {
		break
	}
	if requests, _ := s.seen(); len(requests) != 3 {
		t.Errorf("requests: got %d, want none after the reader has stopped", len(requests)-2)
	}
}
