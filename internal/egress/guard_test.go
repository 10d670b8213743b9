package egress

import (
	"errors"
	"net/netip"
	"testing"
)

// refusedAddrs has every form of address that is refused by default.
var refusedAddrs = []string{
	// IPv4
	"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",
	"127.0.0.1", "127.1.2.3", "169.254.0.1", "169.254.169.254", "169.254.170.2", "168.63.129.16",
	"172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1",
	"192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
	"239.255.255.255", "240.0.0.1", "255.255.255.255",
	// IPv6
	"::", "::1", "::2", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "febf::1", "fec0::1", "ff02::1",
	"ff0e::1",
	"100::1", "2001:db8::1", "2001:2::1", "2001:10::1", "2001:20::1", "3fff::1", "5f00::1", "fe80::1%eth0",
	"2606:4700::1111%eth0",
	// IPv4 inside IPv6: mapped, compatible, translated, NAT64 of both prefixes, 6to4, Teredo
	"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0", "::ffff:168.63.129.16",
	"::127.0.0.1", "::8.8.8.8", "::ffff:0:127.0.0.1",
	"64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::0.0.0.0", "64:ff9b::224.0.0.1",
	"64:ff9b:1::127.0.0.1", "64:ff9b:1::8.8.8.8", "64:ff9b:1:ffff:ffff:ffff:a00:1",
	"2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1",
	"2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
}

var permittedAddrs = []string{
	"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
	"172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255",
	"2606:4700:4700::1111", "2a00:1450::1", "2001:4860:4860::8888",
	"::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
}

func dial(g guard, addr string) error {
	network := "tcp6"
	if netip.MustParseAddr(addr).Is4() {
		network = "tcp4"
	}
	return g.control(network, netip.AddrPortFrom(netip.MustParseAddr(addr), 8443).String(), nil)
}

func TestGuardDefault(t *testing.T) {
	t.Parallel()
	g := newGuard(nil)
	for _, addr := range refusedAddrs {
		if err := dial(g, addr); !errors.Is(err, errBlocked) {
			t.Errorf("dial %s = %v, want errBlocked", addr, err)
		}
		if g.permits(netip.MustParseAddr(addr)) {
			t.Errorf("%s: got it permitted, want it refused", addr)
		}
	}
	for _, addr := range permittedAddrs {
		if err := dial(g, addr); err != nil {
			t.Errorf("dial %s: got %v, want nil", addr, err)
		}
		if !g.permits(netip.MustParseAddr(addr)) {
			t.Errorf("%s: got it refused, want it permitted", addr)
		}
	}
}

func TestGuardAllow(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		allow     string
		permitted []string
		refused   []string
	}{
		"IPv4 loopback": {"127.0.0.0/8",
			[]string{"127.0.0.1", "127.9.9.9", "::ffff:127.0.0.1"},
			[]string{"::1", "10.0.0.1", "::ffff:10.0.0.1", "169.254.169.254"}},
		"IPv6 loopback": {"::1/128",
			[]string{"::1"},
			[]string{"127.0.0.1", "::ffff:127.0.0.1", "::2"}},
		"a unique local network": {"fd00:1::/32",
			[]string{"fd00:1::5"},
			[]string{"fd00:2::5", "fd00:1::5%eth0"}},
		// Allowing the NAT64 prefix, as the library suggests, must not open
		// what is behind it.
		"NAT64": {"64:ff9b::/96",
			[]string{"64:ff9b::8.8.8.8"},
			[]string{"64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "10.0.0.1"}},
		"a private network through NAT64": {"10.1.0.0/16",
			[]string{"10.1.0.1", "64:ff9b::10.1.0.1"},
			[]string{"10.2.0.1", "64:ff9b::10.2.0.1"}},
		"everything in IPv6 is nothing in IPv4": {"::/0",
			[]string{"::1", "fd00::1"},
			[]string{"127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGuard([]netip.Prefix{netip.MustParsePrefix(tt.allow)})
			for _, addr := range tt.permitted {
				if err := dial(g, addr); err != nil {
					t.Errorf("dial %s: got %v, want nil", addr, err)
				}
			}
			for _, addr := range tt.refused {
				if err := dial(g, addr); !errors.Is(err, errBlocked) {
					t.Errorf("dial %s = %v, want errBlocked", addr, err)
				}
			}
		})
	}
}

func TestGuardRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	g := newGuard(nil)
	for _, tt := range [][2]string{
		{"tcp4", ""}, {"tcp4", "8.8.8.8"}, {"tcp4", "example.com:443"}, {"udp4", "8.8.8.8:443"},
		{"unix", "/run/docker.sock"},
	} {
		if err := g.control(tt[0], tt[1], nil); !errors.Is(err, errBlocked) {
			t.Errorf("control(%q, %q) = %v, want errBlocked", tt[0], tt[1], err)
		}
	}
}
