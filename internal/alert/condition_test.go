package alert

import (
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/event"
)

func TestEachOperationalEventRaisesItsOneAlertAndNoOtherDoes(t *testing.T) {
	t.Parallel()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, et := range c.EventTypes {
		e := event.Event{TenantID: "tnt_1", Environment: "live", Type: et.Name, Data: string(et.Sample)}
		a, raised, err := conditionOf(e)
		if err != nil {
			t.Errorf("%s: got %v, want no error", et.Name, err)
		}
		if want := event.Operational(et.Name) && et.Name != Recovered; raised != want {
			t.Errorf("alert for %s: got %t, want %t", et.Name, raised, want)
		}
		if raised && (a.Subject == "" || !strings.Contains(a.Key, a.Subject) || a.Title == "" || a.Message == "") {
			t.Errorf("alert for %s: got %+v, want a subject, a key with it, a title and a message", et.Name, a)
		}
	}
}

func TestTextsHaveOneLineAndNothingOfAURLButItsHost(t *testing.T) {
	t.Parallel()
	data := `{"webhook_id":"whe_1","name":"CRM\r\nBcc: eve@example.com\u2028","url":"https://example.com/T0/s3cret?token=s3cret","reason":"REASON","failing_since":"2026-11-16T09:00:00Z","consecutive_failures":1,"disabled_at":"2026-11-21T09:00:00Z"}`
	for reason, says := range map[string]string{"failing": "has failed since 2026-11-16 09:00 UTC, 1 attempt in a row",
		"gone": "410"} {
		a, _, err := conditionOf(event.Event{Type: Disabled, Data: strings.Replace(data, "REASON", reason, 1)})
		if err != nil {
			t.Fatal(err)
		}
		text := a.Title + a.Message
		if strings.ContainsAny(text, "\r\n\u2028") || strings.Contains(text, "s3cret") || !strings.Contains(text,
			"example.com, whe_1") || !strings.Contains(text, says) {
			t.Errorf("alert for %s: got %q, want %q and the endpoint, in one line and without secrets", reason, text,
				says)
		}
	}
}

func TestInvalidTargetsAreRefused(t *testing.T) {
	t.Parallel()
	for target, ok := range map[string]bool{
		"ada@example.com": true, "a.b+c@sub.example.com": true, "": false, "ada": false, "Ada <ada@example.com>": false,
		"ada@example.com, eve@example.com": false, "ada@example.com\r\nBcc: eve@example.com": false,
		`"a b"@example.com`: false,
		" ada@example.com":  false, strings.Repeat("a", 300) + "@example.com": false,
	} {
		if err := checkTarget(Email, target, nil); (err == nil) != ok {
			t.Errorf("checkTarget(%q): got %v, want allowed: %t", target, err, ok)
		}
	}
}
