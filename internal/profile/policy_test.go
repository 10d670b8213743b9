package profile

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestADurationIsANumberAndAUnitUpToSevenDays(t *testing.T) {
	t.Parallel()
	good := map[string]time.Duration{
		"0s": 0, "0.0ms": 0, "500ms": 500 * time.Millisecond, "1s": time.Second, "1.5s": 1500 * time.Millisecond,
		"30m": 30 * time.Minute, "2h": 2 * time.Hour, "0.5h": 30 * time.Minute, "1d": 24 * time.Hour,
		"007s": 7 * time.Second,
		"7d":   7 * 24 * time.Hour, "168h": 7 * 24 * time.Hour, "604800000ms": 7 * 24 * time.Hour,
		"0.0000001ms": 0, // less than time.Duration can say
	}
	for text, want := range good {
		if d, err := ParseDuration(text); err != nil || d.Duration != want || d.Text != text {
			t.Errorf("%q: %+v, %v instead of %s", text, d, err, want)
		}
	}
	bad := []string{
		"", "s", "5", "5 s", " 5s", "5s ", "5s\n", "-5s", "+5s", "1e3s", "0x1s", ".5s", "5.s", "1.2.3s", "1,5s", "5S",
		"5sec",
		"5us", "5ns", "5w", "1m30s", "infs", "NaNs", "٥s", "5s\x00",
		"7.1d", "8d", "169h", "604800001ms", "999999999999999999d", strings.Repeat("9", 400) + "s",
	}
	for _, text := range bad {
		if d, err := ParseDuration(text); err == nil || d != (Duration{}) {
			t.Errorf("%q: got %+v, %v, want an error", text, d, err)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, text := range []string{"500ms", "1.5s", "7d", "8d", "-1s", "1e9h", "00000.00000d", strings.Repeat("9", 330) +
		"ms"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			if d != (Duration{}) {
				t.Errorf("%q: got %+v beside %v, want no duration", text, d, err)
			}
			return
		}
		if d.Text != text || d.Duration < 0 || d.Duration > 7*24*time.Hour {
			t.Errorf("%q: got %q, %s, want the same text, from 0 to 7 days", text, d.Text, d.Duration)
		}
		raw, err := json.Marshal(d)
		var back Duration
		if err != nil || json.Unmarshal(raw, &back) != nil || back != d {
			t.Errorf("%q as %s: got %+v, %v, want it back", text, raw, back, err)
		}
	})
}

func wait(text string) *Duration {
	d, err := ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return &d
}

func TestWaitsAreThoseOfThePolicyAndNoneFollowsTheLastAttempt(t *testing.T) {
	t.Parallel()
	s := time.Second
	for name, c := range map[string]struct {
		policy   Policy
		attempts int
		want     []time.Duration // after the first failure, the second …
	}{
		"a schedule": {Policy{Schedule: schedule("1s", "5m", "2h")}, 4, []time.Duration{s, 300 * s, 7200 * s, 0,
			0}},
		"one retry": {Policy{Schedule: schedule("0s")}, 2, []time.Duration{0, 0}},
		"doubling": {Policy{Initial: wait("1s"), Multiplier: 2, MaxAttempts: 5}, 5, []time.Duration{s, 2 * s,
			4 * s, 8 * s, 0, 0}},
		"a fraction": {Policy{Initial: wait("1s"), Multiplier: 1.5, MaxAttempts: 4}, 4, []time.Duration{s,
			1500 * time.Millisecond, 2250 * time.Millisecond, 0}},
		"constant": {Policy{Initial: wait("3s"), Multiplier: 1, MaxAttempts: 4}, 4, []time.Duration{3 * s,
			3 * s, 3 * s, 0}},
		"capped": {Policy{Initial: wait("1s"), Multiplier: 10, MaxAttempts: 5, MaxInterval: wait("50s")}, 5,
			[]time.Duration{s, 10 * s, 50 * s, 50 * s, 0}},
		"cap under initial": {Policy{Initial: wait("1h"), Multiplier: 2, MaxAttempts: 3, MaxInterval: wait("1s")}, 3,
			[]time.Duration{s, s, 0}},
		"once and never": {Policy{Initial: wait("1s"), Multiplier: 2, MaxAttempts: 1}, 1, []time.Duration{0, 0}},
		"nothing at all": {Policy{}, 0, []time.Duration{0, 0}},
		"the hookline rules": {hookline.Policy.without(), 10, []time.Duration{5 * s, 300 * s, 1800 * s, 7200 * s,
			18000 * s, 36000 * s, 50400 * s, 72000 * s, 86400 * s, 0}},
	} {
		if got := c.policy.Attempts(); got != c.attempts {
			t.Errorf("%s: got %d attempts, want %d", name, got, c.attempts)
		}
		for i, want := range c.want {
			if got := c.policy.Wait(i+1, 0.5); got != want {
				t.Errorf("%s: %s after failure %d instead of %s", name, got, i+1, want)
			}
		}
		if got := c.policy.Wait(0, 0.5) + c.policy.Wait(-1, 0.5); got != 0 {
			t.Errorf("%s: got a wait of %s before the first failure, want 0", name, got)
		}
	}
}

// without takes the jitter off.
func (p Policy) without() Policy { p.Jitter = 0; return p }

func TestHooklineTriesTenTimesWithTheJitterOfTheDesign(t *testing.T) {
	t.Parallel()
	p, ok := Find(Default)
	if !ok || p.Policy.Attempts() != 10 || p.Policy.Jitter != 0.2 || p.Policy.Check() != nil {
		t.Errorf("policy: got %+v, want 10 attempts and 20 %% of jitter", p.Policy)
	}
}

func TestAnUncappedRuleGrowsToSevenDaysAndStays(t *testing.T) {
	t.Parallel()
	p := Policy{Initial: wait("7d"), Multiplier: 10, MaxAttempts: 1000}
	for failures := 1; failures < 1000; failures++ {
		if got := p.Wait(failures, 0.5); got != 7*24*time.Hour {
			t.Fatalf("wait after failure %d: got %s, want 7 days", failures, got)
		}
	}
}

// durations are waits as owners write them.
func durations(t *rapid.T, label string) Duration {
	text := rapid.StringMatching(`[0-9]{1,3}(\.[0-9]{1,3})?(ms|s|m)`).Draw(t, label)
	d, err := ParseDuration(text)
	if err != nil {
		t.Fatalf("%q: got %v, want no error", text, err)
	}
	return d
}

// policies draws any policy that the contract lets through.
func policies() *rapid.Generator[Policy] {
	return rapid.Custom(func(t *rapid.T) Policy {
		p := Policy{Jitter: rapid.Float64Range(0, 0.5).Draw(t, "jitter")}
		if rapid.Bool().Draw(t, "by schedule") {
			for range rapid.IntRange(1, 50).Draw(t, "retries") {
				p.Schedule = append(p.Schedule, durations(t, "wait"))
			}
			return p
		}
		initial := durations(t, "initial")
		p.Initial, p.MaxAttempts = &initial, rapid.IntRange(1, 50).Draw(t, "attempts")
		p.Multiplier = rapid.Float64Range(1, 10).Draw(t, "multiplier")
		if rapid.Bool().Draw(t, "capped") {
			limit := durations(t, "max interval")
			p.MaxInterval = &limit
		}
		return p
	})
}

// TestJitterMovesAWaitByItsShareAndNoFurther compares Wait with the wait in the middle, for every place in the jitter.
func TestJitterMovesAWaitByItsShareAndNoFurther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := policies().Draw(t, "policy")
		failures := rapid.IntRange(1, p.Attempts()+2).Draw(t, "failures")
		random := rapid.Float64Range(0, 1).Draw(t, "random")
		middle, got := float64(p.without().Wait(failures, 0.5)), float64(p.Wait(failures, random))
		slack := 1 + middle*1e-9 // a nanosecond is cut off
		low, high := middle*(1-p.Jitter)-slack, middle*(1+p.Jitter)+slack
		if got < low || got > high || got < 0 {
			t.Fatalf("wait: got %v, want it between %v and %v", got, low, high)
		}
		if failures >= p.Attempts() && got != 0 {
			t.Fatalf("wait after the last attempt: got %v, want 0", got)
		}
		if want := middle * (1 + p.Jitter*(2*random-1)); math.Abs(got-want) > slack {
			t.Fatalf("%v instead of %v", got, want)
		}
		if first, last := p.Wait(failures, 0), p.Wait(failures, 1); first > last {
			t.Fatalf("waits with the least and the most jitter: got %s and %s, want them in order", first, last)
		}
		if limit := p.MaxInterval; limit != nil && middle > float64(limit.Duration) || middle > float64(maxWait) {
			t.Fatalf("wait: got %v, want at most its limit", middle)
		}
	})
}

func TestAPolicyReadBackFromItsJSONIsTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := policies().Draw(t, "policy")
		raw, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var back Policy
		if err := json.Unmarshal(raw, &back); err != nil || !reflect.DeepEqual(p, back) {
			t.Fatalf("%s: got %+v, %v, want it back", raw, back, err)
		}
	})
}

func TestAPolicysJSONIsTheContracts(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]Policy{
		`{"schedule":["1s","1.50m"],"jitter":0}`: {Schedule: schedule("1s",
			"1.50m")},
		`{"initial":"1s","multiplier":2,"max_attempts":6,"max_interval":"1h","jitter":0.2}`: {Initial: wait("1s"),
			Multiplier: 2, MaxAttempts: 6, MaxInterval: wait("1h"), Jitter: 0.2},
		`{"schedule":["5s","5m","30m","2h","5h","10h","14h","20h","24h"],"jitter":0.2}`: hookline.Policy,
	} {
		if got, err := json.Marshal(p); err != nil || string(got) != want {
			t.Errorf("%s, %v instead of %s", got, err, want)
		}
	}
	for _, raw := range []string{`{"schedule":["soon"]}`, `{"schedule":["8d"]}`, `{"initial":5}`, `{"initial":""}`,
		`{"max_interval":"-1s"}`} {
		var p Policy
		if err := json.Unmarshal([]byte(raw), &p); err == nil {
			t.Errorf("%s: got %+v, want an error", raw, p)
		}
	}
}

func FuzzPolicyJSON(f *testing.F) {
	f.Add(`{"schedule":["1s","5m"],"jitter":0.2}`)
	f.Add(`{"initial":"1s","multiplier":2,"max_attempts":6,"max_interval":"1h"}`)
	f.Add(`{"initial":null,"schedule":[],"max_attempts":-1}`)
	f.Fuzz(func(t *testing.T, raw string) {
		var p Policy
		if json.Unmarshal([]byte(raw), &p) != nil {
			return
		}
		p.Check()
		if p.Attempts() > 0 && p.Wait(p.Attempts(), 0.5) != 0 {
			t.Errorf("%s: got a wait after the last attempt, want none", raw)
		}
		again, err := json.Marshal(p)
		var back Policy
		if err != nil || json.Unmarshal(again, &back) != nil || back.Attempts() != p.Attempts() {
			t.Errorf("%s: got %s, %v, want as many attempts", raw, again, err)
		}
	})
}

func TestAPolicyIsEitherAScheduleOrARule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    Policy
		says string
	}{
		{Policy{Schedule: schedule("1s")}, ""},
		{Policy{Schedule: schedule("1s"), Jitter: 0.5}, ""},
		{Policy{Initial: wait("1s")}, ""},
		{Policy{Initial: wait("1s"), Multiplier: 2, MaxAttempts: 3, MaxInterval: wait("1h")}, ""},
		{Policy{}, "needs schedule or initial"},
		{Policy{Multiplier: 2, MaxAttempts: 3}, "needs schedule or initial"},
		{Policy{MaxInterval: wait("1h")}, "needs schedule or initial"},
		{Policy{Schedule: schedule("1s"), Initial: wait("1s")}, "not both"},
		{Policy{Schedule: schedule("1s"), Multiplier: 2}, "not both"},
		{Policy{Schedule: schedule("1s"), MaxAttempts: 2}, "not both"},
		{Policy{Schedule: schedule("1s"), MaxInterval: wait("1s")}, "not both"},
	} {
		got := c.p.Check()
		if c.says == "" && got != nil || c.says != "" && (len(got) != 1 || got[0].Field != "retry_policy" ||
			!strings.Contains(got[0].Message, c.says)) {
			t.Errorf("%+v: got %v, want %q", c.p, got, c.says)
		}
	}
}
