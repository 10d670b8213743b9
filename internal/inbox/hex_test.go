package inbox

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/pkg/webhook"
)

func TestEachProfilesSignatureIsVerified(t *testing.T) {
	t.Parallel()
	const body = `{"event":"lead.created","data":{}}`
	own, previous := "an own secret, with no form", webhook.NewSecret()
	for _, name := range profile.All() {
		p, _ := profile.Find(name)
		if len(p.Headers) == 0 {
			continue // it signs as Standard Webhooks say, or not at all
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for title, c := range map[string]struct {
				signedWith profile.Secrets
				known      []string
				change     func(*http.Request)
				want       string // what the fault says; nothing for none
			}{
				"a made secret": {profile.Secrets{Current: previous}, []string{own, previous}, nil, ""},
				"an own secret": {profile.Secrets{Current: own}, []string{own}, nil, ""},
				"while one is rotated": {profile.Secrets{Current: own, Previous: []string{previous}},
					[]string{previous}, nil, ""},
				"another secret": {profile.Secrets{Current: own}, []string{previous}, nil, "matches no secret"},
				"a part of a signature": {profile.Secrets{Current: own}, []string{own}, func(r *http.Request) {
					r.Header.Set(p.Headers[0], r.Header.Get(p.Headers[0])[:63])
				}, "matches no secret"},
				"no secret": {profile.Secrets{Current: own}, nil, nil, "No signing secret: "},
				"no signature": {profile.Secrets{Current: own}, []string{previous}, func(r *http.Request) {
					r.Header.Del(p.Headers[0])
				}, "webhook-"},
				"the previous one alone": {profile.Secrets{Current: own, Previous: []string{previous}},
					[]string{previous}, func(r *http.Request) { r.Header.Del(p.Headers[1]) }, "matches no secret"},
			} {
				f := start(t)
				f.inbox.secrets = func(context.Context) ([]string, error) { return c.known, nil }
				header, err := p.Sign(c.signedWith, "evt_1", noon.Add(-time.Hour), []byte(body))
				if err != nil {
					t.Fatal(err)
				}
				r := httptest.NewRequest(http.MethodPost, "/dev/inbox", strings.NewReader(body))
				for h, values := range header {
					r.Header.Set(h, values[0])
				}
				if c.change != nil {
					c.change(r)
				}
				f.do(r)
				m := f.list().Data[0]
				fault := ""
				if m.Error != nil {
					fault = *m.Error
				}
				if m.Verified != (c.want == "") || !strings.Contains(fault, c.want) {
					t.Errorf("%s: got verified %t with %q, want %q", title, m.Verified, fault, c.want)
				}
			}
		})
	}
}
