package profile

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/event"
)

func TestTheRegistryIsTheContractsEnumAndItsTables(t *testing.T) {
	t.Parallel()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	whole, err := contract.Whole()
	if err != nil {
		t.Fatal(err)
	}
	var enum []string
	for _, v := range whole.Components.Schemas["Profile"].Value.Enum {
		enum = append(enum, v.(string))
	}
	slices.Sort(enum)
	if !slices.Equal(enum, All()) {
		t.Errorf("profiles: got %v in the contract, want %v", enum, All())
	}
	types := map[string]bool{}
	for _, et := range c.EventTypes {
		types[et.Name] = true
	}
	for _, name := range All() {
		p, _ := Find(name)
		if p.Name != name || len(p.Signing) == 0 || p.Keys.Live == "" {
			t.Errorf("profile %s: got %+v, want it complete", name, p)
		}
		if n := strings.Count(whole.Info.Description, "`"+name+"`"); n < 2 {
			t.Errorf("introduction of the contract: got %s %d times, want it in the tables of verification and "+
				"of retries", name, n)
		}
		if i := slices.IndexFunc(c.EventTypes, func(et contract.EventType) bool {
			return et.Name == p.FirstEvent
		}); i < 0 || !p.Offers(p.FirstEvent, c.EventTypes[i].Resource) {
			t.Errorf("%s: got %q as its first event, want one that it has", name, p.FirstEvent)
		}
		for eventType := range p.Names {
			if !types[eventType] {
				t.Errorf("%s: got a name for %s, want it for event types only", name, eventType)
			}
		}
	}
}

func TestEachProfileIsTriedAgainWhenItsProductSays(t *testing.T) {
	t.Parallel()
	standard := "0s 5s 5m5s 35m5s 2h35m5s 7h35m5s 17h35m5s 31h35m5s 51h35m5s 75h35m5s"
	for name, want := range map[string]string{
		"hookline":    standard,
		"savelead":    standard,
		"leadmetrics": "0s 1m0s 6m0s 31m0s",
		"inboxops":    "0s 1m0s 3m0s 7m0s 15m0s 31m0s 1h3m0s 2h7m0s 4h15m0s 8h31m0s",
		"leadhooks":   "0s 1s 3s 7s 15s 31s",
		"leadie":      "0s 1m0s 6m0s 36m0s 2h36m0s 14h36m0s",
	} {
		p, _ := Find(name)
		var got []string
		for _, after := range p.Policy.Preview() {
			got = append(got, after.String())
		}
		if strings.Join(got, " ") != want || p.Policy.Attempts() != len(got) || p.Policy.Jitter != 0.2 ||
			p.Policy.Check() != nil {
			t.Errorf("%s: got %v, %+v, want %s with 20 %% of jitter", name, got, p.Policy, want)
		}
	}
}

func TestAPreviewHasAsManyTimesAsAttemptsAndNeverGoesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := policies().Draw(t, "policy")
		got := p.Preview()
		if len(got) != p.Attempts() || got[0] != 0 || !slices.IsSorted(got) {
			t.Fatalf("preview: got %v, want %d attempts in order from 0", got, p.Attempts())
		}
		for n := 1; n < len(got); n++ {
			if wait := p.without().Wait(n, 0.5); got[n]-got[n-1] != wait {
				t.Fatalf("wait before attempt %d: got %s, want %s", n+1, got[n]-got[n-1], wait)
			}
		}
	})
}

// TestSubscriptions checks which of these types a pattern covers: lc, lu and su.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	types := map[string]string{"lc": "lead.created", "lu": "lead.updated", "su": "stats.updated"}
	known := func(pattern string) bool {
		return slices.ContainsFunc(slices.Collect(maps.Values(types)), func(eventType string) bool {
			return event.Matches(pattern, eventType)
		})
	}
	for _, c := range []struct{ profile, pattern, want string }{
		{"hookline", "*", "lc lu su"}, {"hookline", "lead.*", "lc lu"}, {"hookline", "lead.created", "lc"},
		{"hookline", "new_lead", ""}, {"hookline", "save_lead", ""},
		{"leadhooks", "*", "lc lu su"}, {"leadhooks", "lead.*", "lc lu"}, {"leadhooks", "lead.updated", "lu"},
		{"leadhooks", "new_lead", "lc"},
		{"leadhooks", "lead_update", "lu"}, {"leadhooks", "stats.updated", "su"}, {"leadhooks", "save_lead", ""},
		{"leadhooks", "lead_*", ""}, {"leadhooks", "new_leads", ""},
		{"savelead", "*", "lc lu"}, {"savelead", "lead.*", "lc lu"}, {"savelead", "lead.created", "lc"},
		{"savelead", "save_lead", "lc lu"},
		{"savelead", "stats.updated", ""}, {"savelead", "stats.*", ""}, {"savelead", "new_lead", ""},
		{"leadie", "stats.updated", "su"}, {"inboxops", "lead.*", "lc lu"}, {"leadmetrics", "lead.created", "lc"},
	} {
		p, _ := Find(c.profile)
		var got []string
		for _, short := range slices.Sorted(maps.Keys(types)) {
			if p.Wants(c.pattern, types[short]) {
				got = append(got, short)
			}
		}
		if strings.Join(got, " ") != c.want || p.Understands(c.pattern, known) != (c.want != "") {
			t.Errorf("%s, %s: %v, understood %t, instead of %q", c.profile, c.pattern, got, p.Understands(c.pattern,
				known), c.want)
		}
	}
	if got := hookline.NamesOf("lead.updated"); !maps.Equal(got, map[string]string{"leadhooks": "lead_update",
		"savelead": "save_lead"}) {
		t.Errorf("names of lead.updated: got %v, want lead_update and save_lead", got)
	}
	if got := hookline.NamesOf("stats.updated"); len(got) != 0 {
		t.Errorf("names of stats.updated: got %v, want none", got)
	}
}

func TestOnlyTheHeadersOfTheProfileAreOurs(t *testing.T) {
	t.Parallel()
	for header, profiles := range map[string]string{
		"x-webhook-signature": "leadhooks", "X-INBOXOPS-SIGNATURE": "inboxops",
		"X-Leadmetrics-Signature-Previous": "leadmetrics",
		"x-leadie-timestamp":               "leadie", "X-Leadie-Signature": "leadie",
		"Webhook-Anything": strings.Join(All(), " "),
		"X-Signature":      "", "Authorization": "", "webhook": "", "webhooks-x": "",
	} {
		var got []string
		for _, name := range All() {
			if p, _ := Find(name); p.Sets(header) {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != profiles {
			t.Errorf("profiles with %s: got %v, want %s", header, got, profiles)
		}
	}
}

func TestAProfileRefusesWhatItsConsumersDontKnow(t *testing.T) {
	t.Parallel()
	for _, name := range All() {
		p, _ := Find(name)
		for _, envelope := range []string{Standard, CloudEvents} {
			for _, s := range []Signing{SignNone, SignHMAC, SignEd25519, SignBoth} {
				details := p.Check(envelope, s)
				good := (envelope == Standard || name == "hookline") &&
					(s == SignHMAC || name == "savelead" || name == "hookline" && s != SignNone)
				if good != (len(details) == 0) {
					t.Errorf("%s with %s and %s: got %v, want allowed: %t", name, envelope, s, details, good)
				}
			}
		}
	}
}

func TestWithoutASecretNoUnsignedRequestIsSent(t *testing.T) {
	t.Parallel()
	for _, name := range All() {
		p, _ := Find(name)
		h, err := p.Sign(Secrets{}, "evt_1", tried, nil)
		if name == "savelead" {
			if err != nil || fmt.Sprint(h) != "map[webhook-id:[evt_1]]" {
				t.Errorf("%s: got %v, %v, want webhook-id only", name, h, err)
			}
		} else if err == nil {
			t.Errorf("%s: got %v, want an error", name, h)
		}
	}
}

func TestAHexSignatureIsOverExactlyTheBodyAndKeyedWithTheSecretsText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, _ := Find(rapid.SampledFrom([]string{"leadmetrics", "inboxops", "leadhooks", "leadie"}).Draw(t, "profile"))
		secrets := rapid.SliceOfN(rapid.StringMatching(`[!-~]{1,80}`), 1, 4).Draw(t, "secrets")
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		h, err := p.Sign(Secrets{Current: secrets[0], Previous: secrets[1:]}, "evt_1", tried, body)
		if err != nil {
			t.Fatal(err)
		}
		given := append(slices.Clone(h[p.Headers[0]]), strings.Fields(strings.Join(h[p.Headers[1]], ""))...)
		if len(given) != len(secrets) {
			t.Fatalf("signatures: got %d: %v, want %d", len(given), h, len(secrets))
		}
		for i, secret := range secrets {
			raw, err := hex.DecodeString(given[i])
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write(body)
			if err != nil || !bytes.Equal(raw, mac.Sum(nil)) || given[i] != strings.ToLower(given[i]) {
				t.Errorf("signature %s: got another (%v), want that of %q in lower case", given[i], err, secret)
			}
		}
	})
}

func TestLeadiesUserIsTheProductsNumberOrTheMembers(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]int64{
		`{"user_id":123}`: 123, `{"user_id":9007199254740993}`: 9007199254740993, `{}`: 7,
		`{"user_id":null}`:  7,
		`{"user_id":"123"}`: 7, `{"user_id":1.5}`: 7, `{"user_id":{}}`: 7,
		`{"tracked_user_id":42}`: 7,
	} {
		if got := (event.Event{TenantID: "tnt_1", UserNumber: 7, Data: data}).User(); got != want {
			t.Errorf("%s: %d instead of %d", data, got, want)
		}
	}
	if got := (event.Event{TenantID: "tnt_1", Data: `{}`}).User(); got != 0 {
		t.Errorf("user of an event of the tenant: got %d, want 0", got)
	}
}

func TestALeadsScoreMayBeSpelledAsAnyInteger(t *testing.T) {
	t.Parallel()
	for spelled, want := range map[string]string{`42`: `42`, `42.0`: `42`, `4e1`: `40`, `-3`: `-3`, `0`: `0`} {
		body, _, err := savelead.Encode(Standard, event.Event{Type: "lead.created",
			Data: `{"email":"a@b","score":` + spelled +
				`}`})
		if err != nil || !strings.HasSuffix(string(body), `"score":`+want+`}}`) {
			t.Errorf("score %s: got %s, %v, want %s", spelled, body, err, want)
		}
	}
}

func TestEveryEnvelopeOfWhateverTheCatalogueAllowsIsJSON(t *testing.T) {
	t.Parallel()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, et := range c.EventTypes {
		for _, name := range All() {
			p, _ := Find(name)
			if !p.Wants("*", et.Name) {
				continue
			}
			for _, envelope := range []string{Standard, CloudEvents} {
				body, _, err := p.Encode(envelope, event.Event{ID: "evt_1", TenantID: "tnt_1", Type: et.Name,
					Data: string(et.Sample)})
				if err != nil || !json.Valid(body) {
					t.Errorf("%s, %s, %s: got %s, %v, want JSON", name, envelope, et.Name, body, err)
				}
			}
		}
	}
}
