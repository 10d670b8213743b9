package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

func TestAHealthCheckTellsWhetherTheAPIIsReady(t *testing.T) {
	t.Parallel()
	_, base := testkit.Serve(t, testkit.Production(testkit.NewServices(t, testkit.Servers)))
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "database: away", http.StatusServiceUnavailable)
	}))
	t.Cleanup(away.Close)
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close()
	for name, c := range map[string]struct {
		url, says string
		code      int
	}{
		"ready":      {base, "", 0},
		"not ready":  {away.URL, "503 database: away", 1},
		"not there":  {nobody.URL, "no API answers at", 1},
		"no address": {"http://nonsense", "has no port", 2},
	} {
		p := testkit.Run(t, []string{"HOOKLINE_ADDR=" + strings.TrimPrefix(c.url, "http://")}, "healthcheck")
		if code := p.Exit(t); code != c.code || !strings.Contains(p.Stderr(), c.says) {
			t.Errorf("%s: got %d %q, want %d and %q", name, code, p.Stderr(), c.code, c.says)
		}
	}
}
