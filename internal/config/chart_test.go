package config

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTheChartTakesEverySetting but the addresses, which the chart sets: a setting that it does not know is refused.
func TestTheChartTakesEverySetting(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../deploy/helm/hookline/templates/_settings.tpl")
	if err != nil {
		t.Fatal(err)
	}
	plain, secret, _ := strings.Cut(string(raw), `{{- define "hookline.knownSecrets"`)
	for _, list := range []struct {
		text   string
		secret bool
	}{{plain, false}, {secret, true}} {
		got := regexp.MustCompile(`(?m)^HOOKLINE_\w+$`).FindAllString(list.text, -1)
		want := []string{}
		for _, f := range Fields() {
			if f.Secret == list.secret && f.Name != "HOOKLINE_ADDR" && f.Name != "HOOKLINE_METRICS_ADDR" {
				want = append(want, f.Name)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("_settings.tpl, secrets %v: got %v, want %v", list.secret, got, want)
		}
	}
}
