package config

import (
	"slices"
	"strings"
	"testing"
)

func TestAMisspeltSettingIsRefusedWithTheOneThatWasMeant(t *testing.T) {
	clean(t)
	for name, near := range map[string]string{
		"HOOKLINE_RETENTION_DELIVERES": "HOOKLINE_RETENTION_DELIVERIES", "HOOKLINE_REDIS_URI": "HOOKLINE_REDIS_URL",
		"HOOKLINE_ENCRYPTION_KEY":   "HOOKLINE_ENCRYPTION_KEYS",
		"HOOKLINE_EGRESS_PROXY_FIL": "HOOKLINE_EGRESS_PROXY_FILE",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "hidden")
			_, err := FromEnvironment()
			if err == nil || !strings.Contains(err.Error(), name+" is set") ||
				!strings.Contains(err.Error(), near+"?") || strings.Contains(err.Error(), "hidden") {
				t.Errorf("got %v, want %s suggested, without the value", err, near)
			}
		})
	}
}

func TestAnUnknownSettingIsListedAndThoseOfOthersAreNot(t *testing.T) {
	t.Parallel()
	got := unknown(map[string]string{
		"HOOKLINE_FROM_A_NEWER_VERSION": "x", "HOOKLINE_ADDR_FILE": "x", "HOOKLINE_ADDR": "x",
		"HOOKLINE_SMTP_URL_FILE": "x", "HOOKLINE_URL": "x", "HOOKLINE_TEST_REDIS_URL": "x", "PATH": "x",
		"HOOKLINE_SERVICE_HOST": "x", "HOOKLINE_API_SERVICE_PORT_HTTP": "x", "HOOKLINE_PORT": "x",
		"HOOKLINE_API_PORT_8080_TCP_ADDR": "x",
	})
	if want := []string{"HOOKLINE_ADDR_FILE", "HOOKLINE_FROM_A_NEWER_VERSION"}; !slices.Equal(got, want) {
		t.Errorf("unknown: got %q, want %q", got, want)
	}
}
