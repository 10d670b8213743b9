package endpoint

import "testing"

func TestAuthWithoutATypeIsStoredAsNone(t *testing.T) {
	t.Parallel()
	for _, given := range []Auth{{}, {Type: AuthNone}} {
		var s Store
		e := Endpoint{Auth: []byte("what was stored before")}
		err := s.sealAuth(&e, given)
		if got, openErr := s.openAuth(e); err != nil || openErr != nil || got.Type != AuthNone {
			t.Errorf("%+v: got the type %q, %v, %v, want %q", given, got.Type, err, openErr, AuthNone)
		}
	}
}
