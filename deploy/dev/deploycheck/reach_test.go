package deploycheck

import (
	"net/netip"
	"testing"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
)

// reaches says whether a policy lets TCP to an address outside of the cluster through.
func reaches(t *testing.T, n *networking.NetworkPolicy, address string) bool {
	t.Helper()
	to := netip.MustParseAddrPort(address)
	for _, rule := range n.Spec.Egress {
		open := len(rule.Ports) == 0
		for _, p := range rule.Ports {
			first := int(to.Port())
			if p.Port != nil {
				first = p.Port.IntValue()
			}
			last := first
			if p.EndPort != nil {
				last = int(*p.EndPort)
			}
			open = open || *p.Protocol == core.ProtocolTCP && int(to.Port()) >= first && int(to.Port()) <= last
		}
		for _, peer := range rule.To {
			if open && peer.IPBlock != nil && inBlock(t, peer.IPBlock, to.Addr()) {
				return true
			}
		}
	}
	return false
}

func inBlock(t *testing.T, b *networking.IPBlock, a netip.Addr) bool {
	t.Helper()
	block := netip.MustParsePrefix(b.CIDR)
	in := block.Contains(a)
	for _, text := range b.Except {
		except := netip.MustParsePrefix(text)
		if !block.Contains(except.Addr()) || except.Bits() <= block.Bits() {
			t.Errorf("the exception %s: got it outside of %s, want it within", text, b.CIDR)
		}
		in = in && !except.Contains(a)
	}
	return in
}
