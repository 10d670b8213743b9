package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

func TestAHealthCheckTellsWhetherAProcessIsReady(t *testing.T) {
	t.Parallel()
	env := testkit.Production(testkit.NewServices(t, testkit.Servers))
	api, _ := testkit.Serve(t, env)
	worker := testkit.Work(t, env)
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "database: away", http.StatusServiceUnavailable)
	}))
	t.Cleanup(away.Close)
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close()
	for name, c := range map[string]struct {
		address, says string
		code          int
	}{
		"API":        {api.MetricsAddr(), "", 0},
		"worker":     {worker.MetricsAddr(), "", 0},
		"not ready":  {strings.TrimPrefix(away.URL, "http://"), "503 database: away", 1},
		"not there":  {strings.TrimPrefix(nobody.URL, "http://"), "no process answers at", 1},
		"no address": {"nonsense", "has no port", 2},
		"off":        {"off", "HOOKLINE_METRICS_ADDR is off", 1},
	} {
		p := testkit.Run(t, []string{"HOOKLINE_METRICS_ADDR=" + c.address}, "healthcheck")
		if code := p.Exit(t); code != c.code || !strings.Contains(p.Stderr(), c.says) {
			t.Errorf("%s: got %d %q, want %d and %q", name, code, p.Stderr(), c.code, c.says)
		}
	}
}
