package testkit

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
)

// FitsEvent fails the test unless data, JSON, fits what the contract says of an event type.
func FitsEvent(t testing.TB, eventType string, data []byte) {
	t.Helper()
	for _, et := range Contract().EventTypes {
		if et.Name == eventType {
			if err := et.Validate(data); err != nil {
				t.Errorf("data of %s: got %v, want it to match the schema\n%s", eventType, err, data)
			}
			return
		}
	}
	t.Errorf("catalogue: got no %s, want it", eventType)
}

// FitsSample is FitsEvent, and data has exactly the fields of the type's sample.
func FitsSample(t testing.TB, eventType string, data []byte) {
	t.Helper()
	FitsEvent(t, eventType, data)
	for _, et := range Contract().EventTypes {
		if et.Name != eventType {
			continue
		}
		if got, want := fieldsOf(t, data), fieldsOf(t, et.Sample); !slices.Equal(got, want) {
			t.Errorf("%s has %v, and its sample %v", eventType, got, want)
		}
	}
}

func fieldsOf(t testing.TB, object []byte) []string {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(object, &fields); err != nil {
		t.Fatalf("object: got %s (%v), want JSON", object, err)
	}
	return slices.Sorted(maps.Keys(fields))
}
