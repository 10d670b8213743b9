package cidr

import (
	"slices"
	"testing"
)

func TestNetworksAreWrittenInOneForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"192.0.2.0/24":          "192.0.2.0/24",
		"192.0.2.77/24":         "192.0.2.0/24", // host bits
		"192.0.2.77/32":         "192.0.2.77/32",
		"10.1.2.3/0":            "0.0.0.0/0",
		"2001:DB8:0:0::1/32":    "2001:db8::/32",
		"2001:db8::1/128":       "2001:db8::1/128",
		"2001:db8::1/0":         "::/0",
		"::ffff:192.0.2.77/120": "192.0.2.0/24", // IPv4-mapped
		"::ffff:c000:24d/128":   "192.0.2.77/32",
		"::ffff:0:0/96":         "0.0.0.0/0",
		"::ffff:192.0.2.0/64":   "::/64",
		"192.0.2.0":             "",
		"192.0.2.0/33":          "",
		"192.0.2.0/-1":          "",
		"192.0.2.0/024":         "",
		"192.0.2/24":            "",
		"192.0.02.0/24":         "",
		"2001:db8::/129":        "",
		"fe80::1%eth0/64":       "",
		" 192.0.2.0/24":         "",
		"everywhere":            "",
		"/":                     "",
		"":                      "",
	} {
		got, err := Parse(text)
		if (err != nil) != (want == "") || err == nil && got.String() != want {
			t.Errorf("Parse(%q): got %s, %v, want %q", text, got, err, want)
		}
	}
}

func TestEveryWrongNetworkOfAListIsNamed(t *testing.T) {
	t.Parallel()
	got, wrong := Canonical("allowed_cidrs", []string{"10.0.0.1/8", "all", "::ffff:10.0.0.0/104", "10.0.0.0"})
	if !slices.Equal(got, []string{"10.0.0.0/8", "10.0.0.0/8"}) {
		t.Errorf("Canonical: got %v, want 10.0.0.0/8 twice", got)
	}
	if len(wrong) != 2 || wrong[0].Field != "allowed_cidrs[1]" || wrong[1].Field != "allowed_cidrs[3]" {
		t.Errorf("Canonical: got the violations %+v, want those of 1 and 3", wrong)
	}
	if got, wrong := Canonical("allowed_cidrs", nil); got == nil || len(got) != 0 || wrong != nil {
		t.Errorf("Canonical of nothing: got %#v, %v, want an empty list", got, wrong)
	}
}

func TestAnAddressIsAllowedByItsNetworks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		networks []string
		address  string
		want     bool
	}{
		{nil, "192.0.2.1", true},
		{nil, "", true},
		{[]string{"192.0.2.0/24"}, "192.0.2.255", true},
		{[]string{"192.0.2.0/24"}, "192.0.3.0", false},
		{[]string{"192.0.2.0/24"}, "::ffff:192.0.2.1", true},
		{[]string{"::ffff:192.0.2.0/120"}, "192.0.2.1", true},
		{[]string{"::ffff:192.0.2.0/120"}, "::ffff:192.0.2.1", true},
		{[]string{"::ffff:192.0.2.0/120"}, "192.0.3.1", false},
		{[]string{"10.0.0.0/8", "192.0.2.0/24"}, "192.0.2.1", true},
		{[]string{"0.0.0.0/0"}, "192.0.2.1", true},
		{[]string{"0.0.0.0/0"}, "2001:db8::1", false},
		{[]string{"::/0"}, "2001:db8::1", true},
		{[]string{"::/0"}, "192.0.2.1", false},
		{[]string{"fe80::/10"}, "fe80::1%eth0", true},
		{[]string{"0.0.0.0/0", "::/0"}, "", false},
		{[]string{"0.0.0.0/0"}, "192.0.2.1:80", false},
		{[]string{"no network"}, "192.0.2.1", false},
	} {
		if got := Allows(c.networks, c.address); got != c.want {
			t.Errorf("Allows(%v, %q): got %t, want %t", c.networks, c.address, got, c.want)
		}
	}
}

func TestAListCoversWhatIsInIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		outer, inner []string
		want         bool
	}{
		{nil, nil, true},
		{nil, []string{"10.0.0.0/8"}, true},
		{[]string{"10.0.0.0/8"}, nil, false},
		{[]string{"0.0.0.0/0", "::/0"}, nil, false},
		{[]string{"10.0.0.0/8"}, []string{"10.0.0.0/8"}, true},
		{[]string{"10.0.0.0/8"}, []string{"10.1.0.0/16", "10.2.0.1/32"}, true},
		{[]string{"10.0.0.0/8"}, []string{"10.1.0.0/16", "11.0.0.0/16"}, false},
		{[]string{"10.1.0.0/16"}, []string{"10.0.0.0/8"}, false},
		{[]string{"10.0.0.0/8", "192.0.2.0/24"}, []string{"192.0.2.0/25"}, true},
		{[]string{"0.0.0.0/0"}, []string{"2001:db8::/32"}, false},
		{[]string{"::/0"}, []string{"10.0.0.0/8"}, false},
		{[]string{"10.0.0.0/8"}, []string{"::ffff:10.1.0.0/112"}, true},
		{[]string{"10.0.0.0/8"}, []string{"no network"}, false},
	} {
		if got := Covers(c.outer, c.inner); got != c.want {
			t.Errorf("Covers(%v, %v): got %t, want %t", c.outer, c.inner, got, c.want)
		}
	}
}
