package dashboard

import (
	"fmt"
	"net/url"
	"testing"
)

func TestThePreviewOfRetriesIsWhatTheFormSays(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]string{
		"retry=schedule&schedule=1s,+5m":                                   "[0s 1s 5m1s]",
		"retry=schedule&schedule=1d":                                       "[0s 24h0m0s]",
		"retry=schedule&schedule=soon":                                     "[]",
		"retry=exponential&initial=1s&multiplier=3&max_attempts=4":         "[0s 1s 4s 13s]",
		"retry=exponential&initial=1m&max_interval=2m":                     "[0s 1m0s 3m0s 5m0s 7m0s 9m0s]",
		"retry=exponential":                                                "[]",
		"retry=exponential&initial=1s&max_attempts=1000000":                "[]",
		"retry=exponential&initial=1s&max_attempts=2&max_interval=forever": "[]",
	} {
		values, err := url.ParseQuery(form)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(preview(policyOf(values))); got != want {
			t.Errorf("%s: %s instead of %s", form, got, want)
		}
	}
	if policyOf(url.Values{}) != nil {
		t.Error("policy of an empty form: got one, want none")
	}
}
