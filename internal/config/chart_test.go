package config

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestTheChartTakesEverySetting but the addresses, which the chart sets: a setting that it does not know is refused.
func TestTheChartTakesEverySetting(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../deploy/helm/hookline/templates/_settings.tpl")
	if err != nil {
		t.Fatal(err)
	}
	got := regexp.MustCompile(`(?m)^HOOKLINE_\w+$`).FindAllString(string(raw), -1)
	want := []string{}
	for _, f := range Fields() {
		if f.Name != "HOOKLINE_ADDR" && f.Name != "HOOKLINE_METRICS_ADDR" {
			want = append(want, f.Name)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("_settings.tpl: got %v, want %v", got, want)
	}
}
