package testkit

import "testing"

// FitsEvent fails the test unless data, JSON, fits what the contract says of an event type.
func FitsEvent(t testing.TB, eventType string, data []byte) {
	t.Helper()
	for _, et := range Contract().EventTypes {
		if et.Name == eventType {
			if err := et.Validate(data); err != nil {
				t.Errorf("%s: %v\n%s", eventType, err, data)
			}
			return
		}
	}
	t.Errorf("%s is not in the catalogue", eventType)
}
