package delivery

import (
	"reflect"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
)

func TestHealthIsTheFailuresSinceTheLastSuccess(t *testing.T) {
	t.Parallel()
	at := func(second int) db.Time { return db.At(time.Unix(int64(second), 0)) }
	made := func(endpointID string, second int, s AttemptStatus, known endpoint.Endpoint) outcome {
		return outcome{delivery: Delivery{EndpointID: endpointID}, attempt: Attempt{Status: s, FinishedAt: at(second)},
			endpoint: known}
	}
	well := endpoint.Endpoint{LastSuccessAt: at(100)}
	ill := endpoint.Endpoint{LastSuccessAt: at(100), ConsecutiveFailures: 3}
	for name, c := range map[string]struct {
		outcomes []outcome
		want     []health
	}{
		"nothing":        {nil, nil},
		"well as before": {[]outcome{made("a", 110, AttemptSucceeded, well)}, nil},
		"well a minute later": {[]outcome{made("a", 160, AttemptSucceeded, well)},
			[]health{{"a", at(160), 0, db.Time{}, db.Time{}}}},
		"well again": {[]outcome{made("a", 110, AttemptSucceeded, ill)},
			[]health{{"a", at(110), 0, db.Time{}, db.Time{}}}},
		"the first success": {[]outcome{made("a", 110, AttemptSucceeded, endpoint.Endpoint{})},
			[]health{{"a", at(110), 0, db.Time{}, db.Time{}}}},
		"only failures": {[]outcome{made("a", 112, AttemptFailed, well), made("a", 111, AttemptFailed,
			well)}, []health{{"a", db.Time{}, 2, at(111), at(112)}}},
		"failures after a success": {[]outcome{made("a", 113, AttemptFailed, well), made("a", 111, AttemptFailed,
			well), made("a", 112, AttemptSucceeded, well)}, []health{{"a", at(112), 1, at(113), at(113)}}},
		"two endpoints, in id order": {[]outcome{made("b", 111, AttemptFailed, well), made("a", 112, AttemptFailed,
			ill)}, []health{{"a", db.Time{}, 1, at(112), at(112)}, {"b", db.Time{}, 1, at(111), at(111)}}},
		"one well, the other does not": {[]outcome{made("b", 111, AttemptSucceeded, well), made("a", 112, AttemptFailed,
			well)}, []health{{"a", db.Time{}, 1, at(112), at(112)}}},
	} {
		if got := assess(c.outcomes); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
