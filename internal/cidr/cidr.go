// Package cidr parses the networks that a key may be used from, and decides whether an address is in one of them.
package cidr

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/hookline/hookline/internal/problem"
)

// mapped is the length of the prefix of IPv4-mapped IPv6 addresses, ::ffff:0:0/96.
const mapped = 96

// Parse returns a network in its canonical form: without host bits, and as IPv4 where it is IPv4-mapped IPv6. Addresses
// are compared as IPv4 where they can be, so a mapped network would contain none.
func Parse(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return p, fmt.Errorf("cidr: %w", err)
	}
	if p.Addr().Is4In6() && p.Bits() >= mapped {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mapped)
	}
	return p.Masked(), nil
}

// Canonical returns networks in their canonical form, and a violation for each that is not a network; field is the
// name of the list in the request.
func Canonical(field string, networks []string) (canonical []string, wrong []problem.Detail) {
	canonical = make([]string, 0, len(networks))
	for i, text := range networks {
		network, err := Parse(text)
		if err != nil {
			wrong = append(wrong, problem.Detail{Field: fmt.Sprintf("%s[%d]", field, i),
				Message: "is not a network such as 192.0.2.0/24 or 2001:db8::/32"})
			continue
		}
		canonical = append(canonical, network.String())
	}
	return canonical, wrong
}

// Allows reports whether an address may be used: it is in one of the networks, or there are none. An address that is
// not one is in no network.
func Allows(networks []string, address string) bool {
	if len(networks) == 0 {
		return true
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	return slices.ContainsFunc(networks, func(text string) bool {
		network, err := Parse(text)
		return err == nil && network.Contains(ip)
	})
}

// Check fails with a problem when Allows is false.
func Check(networks []string, address string) error {
	if !Allows(networks, address) {
		return problem.New(problem.Forbidden, "This key may not be used from %s.", address)
	}
	return nil
}

// Covers reports whether every address that inner allows is in a network of outer. Either of them may be empty, which
// allows all addresses.
func Covers(outer, inner []string) bool {
	if len(outer) == 0 {
		return true
	}
	return len(inner) > 0 && !slices.ContainsFunc(inner, func(text string) bool {
		network, err := Parse(text)
		return err != nil || !slices.ContainsFunc(outer, func(text string) bool {
			around, err := Parse(text)
			return err == nil && around.Bits() <= network.Bits() && around.Contains(network.Addr())
		})
	})
}
