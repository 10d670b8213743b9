package egress

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"code.dny.dev/ssrf"
)

// errBlocked marks a refusal by the guard. It stays inside: the address that a
// name resolved to is in the text, and that is not the tenant's to know.
var errBlocked = errors.New("address is not allowed")

var (
	// nat64 carries an IPv4 address in its last four bytes (RFC 6052). Clusters
	// that have only IPv6 connect to public IPv4 hosts through it.
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
	// azureMetadata is public by number, yet answers every Azure machine with
	// the platform's own data; the library's list does not have it.
	azureMetadata = netip.MustParsePrefix("168.63.129.16/32")
)

// guard decides which addresses may be dialled. The library refuses everything
// special in IPv4 and everything but global unicast in IPv6, which includes
// unique local, link-local, 64:ff9b:1::/48, 6to4 and Teredo.
type guard struct {
	lib *ssrf.Guardian
}

func newGuard(allow []netip.Prefix) guard {
	var v4, v6 []netip.Prefix
	for _, p := range allow {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	return guard{ssrf.New(
		ssrf.WithAnyPort(),
		ssrf.WithAllowedV4Prefixes(v4...),
		ssrf.WithAllowedV6Prefixes(v6...),
		ssrf.WithDeniedV4Prefixes(azureMetadata),
	)}
}

// effective returns the address that a packet to addr ends up at. The library
// looks at the IPv6 form only: it would refuse every mapped and NAT64 address,
// and permit all of 64:ff9b::/96, private ones included, once that is allowed.
func effective(addr netip.Addr) netip.Addr {
	addr = addr.Unmap()
	if nat64.Contains(addr) {
		b := addr.As16()
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return addr
}

// permits reports whether addr may be dialled.
func (g guard) permits(addr netip.Addr) bool {
	return g.lib.SafeAddr(effective(addr)) == nil
}

// control is the net.Dialer hook. It sees the very address that is about to be
// connected, after name resolution, so an answer that changes between a check
// and the use cannot slip through.
func (g guard) control(network, address string, conn syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", errBlocked, err)
	}
	ap = netip.AddrPortFrom(effective(ap.Addr()), ap.Port())
	if err := g.lib.Safe(network, ap.String(), conn); err != nil {
		return fmt.Errorf("%w: %w", errBlocked, err)
	}
	return nil
}
