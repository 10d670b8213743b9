package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

func TestThePageShowsASecretOnceWhereTheProfileSaysSo(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, name := range []string{"inboxops", "leadie"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := p.NewOwner(t, name)
			v := enter(t, p, portal(t, p, testkit.TenantOf(t, c), map[string]any{"capabilities": []string{"*"},
				"member_id": ownerOf(t, c)}).URL)
			shownOnce := []string{"whsec_", "Store it now", "data-guard=", "I have stored it", "data-copy"}
			v.get("/app/endpoints/new")
			v.submits("/app/endpoints/new", url.Values{"url": {"https://example.com"}, "name": {"CRM"},
				"event": {"*"}, "profile": {name}}, http.StatusOK, shownOnce...)
			_, rest, _ := strings.Cut(v.last, `href="/app/endpoints/whe_`)
			path, _, _ := strings.Cut("/app/endpoints/whe_"+rest, `"`)
			v.sees(path, http.StatusOK, "It was shown once")
			v.hasNot("Show the secret", "whsec_")
			v.submits(path+"/rotate", url.Values{"grace": {"1h"}}, http.StatusOK, append(shownOnce,
				"A previous secret is valid until")...)
			v.sees(path, http.StatusOK)
			v.hasNot("whsec_")
			v.submits(path+"/secret", nil, http.StatusForbidden, "shown once")
			v.hasNot("whsec_")
		})
	}
}
