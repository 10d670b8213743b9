package egress

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

const maxURL = 2048 // bytes

// CheckURL says what can be known about a URL without asking DNS, for use when
// an endpoint is saved. The error is an *Error with CodeInvalidURL or
// CodeBlockedAddress. A URL that passes may still resolve to a private address;
// Do finds that out when it dials. What is saved must be normalized first, by
// NormalizeURL.
func (c *Client) CheckURL(raw string) error {
	if len(raw) > maxURL {
		return invalidURL("The URL is longer than %d characters. Use a shorter one.", maxURL)
	}
	if err := checkCharacters(raw); err != nil {
		return err
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return invalidURL("This is not a complete web address. Write it like https://example.com/hooks.")
	}
	if u.Scheme == "http" && !c.allowHTTP {
		return invalidURL("The URL uses http, which sends data unencrypted. Use https.")
	}
	if u.User != nil {
		return invalidURL("The URL contains a user name or password, which would show up in logs. Remove it and use " +
			"a custom header instead.")
	}
	if strings.Contains(raw, "#") {
		return invalidURL("The URL contains a fragment, which is never sent. Remove the # and what follows it.")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return invalidURL("The port in the URL is out of range. Use one from 1 to 65535.")
		}
	}
	if err := c.checkHost(strings.ToLower(u.Hostname())); err != nil || onWire(raw) {
		return err
	}
	return invalidURL("The URL contains a space or a character outside ASCII. Percent-encode it.")
}

func (c *Client) checkHost(host string) error {
	if host == "" {
		return invalidURL("The URL has no host. Write it like https://example.com/hooks.")
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		if !c.guard.permits(addr) {
			return blocked(addr.WithZone("").String(), nil) // a zone is free text
		}
		return nil
	}
	// Beyond ASCII lie digits that become an IPv4 address when the name is
	// normalized for dialling.
	if i := strings.IndexFunc(host, func(r rune) bool { return !isHostChar(r) }); i >= 0 {
		return invalidURL("The host of the URL contains a character other than letters, digits, dots, hyphens and " +
			"underscores. Write an international name in its xn-- form.")
	}
	name := strings.TrimSuffix(host, ".")
	if isNumeric(name[strings.LastIndexByte(name, '.')+1:]) {
		return invalidURL("The host of the URL is a number but not a plain IPv4 address. Write it as four decimal " +
			"numbers, like 198.51.100.7, or use a name.")
	}
	loopback := c.guard.permits(netip.AddrFrom4([4]byte{127, 0, 0, 1})) || c.guard.permits(netip.IPv6Loopback())
	if (name == "localhost" || strings.HasSuffix(name, ".localhost")) && !loopback {
		return blocked(host, nil)
	}
	return nil
}

func isHostChar(r rune) bool {
	return 'a' <= r && r <= 'z' || isDigit(r) || r == '.' || r == '-' || r == '_'
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// isNumeric reports whether resolvers may take a host ending in this label for
// an IPv4 address: decimal or octal digits, or 0x and hexadecimal digits.
func isNumeric(label string) bool {
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == "" // also the empty label
}

// dialled is the host and port that a URL leads to.
func dialled(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	port := "443"
	if u.Scheme == "http" {
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func invalidURL(format string, args ...any) *Error {
	return &Error{Code: CodeInvalidURL, Message: fmt.Sprintf(format, args...)}
}
