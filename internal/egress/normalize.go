package egress

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// NormalizeURL returns a URL as it goes onto the wire, for use before a URL is saved: without white space around it, an
// international host in its xn-- form, and everything else that is not ASCII, and spaces, percent-encoded. What can't
// be normalized stays, and CheckURL refuses it.
func NormalizeURL(raw string) string {
	raw = strings.TrimSpace(raw)
	if strings.ContainsFunc(raw, invisible) {
		return raw
	}
	start := strings.Index(raw, "://")
	if start < 0 {
		return raw
	}
	start += len("://")
	end := len(raw)
	if i := strings.IndexAny(raw[start:], `/?#\`); i >= 0 {
		end = start + i
	}
	return raw[:start] + normalizeHost(raw[start:end]) + percentEncode(raw[end:])
}

// normalizeHost leaves hosts alone whose letters or digits outside ASCII are those of an address or hide more of the
// URL.
func normalizeHost(authority string) string {
	host, port, found := strings.Cut(authority, ":")
	if isASCII(host) {
		return authority
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil {
		return authority
	}
	name := strings.TrimSuffix(ascii, ".")
	if _, err := netip.ParseAddr(name); err == nil || isNumeric(name[strings.LastIndexByte(name, '.')+1:]) {
		return authority
	}
	if found {
		return ascii + ":" + port
	}
	return ascii
}

func percentEncode(s string) string {
	if isASCII(s) && !strings.Contains(s, " ") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if s[i] == ' ' || s[i] >= 0x80 {
			fmt.Fprintf(&b, "%%%02X", s[i])
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// invisible reports whether a character can't be seen in a URL, and so was not meant: control characters, among them
// those of the direction of writing, joiners, and every space but the plain one.
func invisible(r rune) bool {
	return r != ' ' && (unicode.IsControl(r) || unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Zs, unicode.Zl,
		unicode.Zp, unicode.Variation_Selector) || r == 0x034F || r == 0x115F || r == 0x1160 || r == 0x3164 ||
		r == 0xFFA0 || r == unicode.ReplacementChar)
}

// checkCharacters refuses what may not go onto the wire as it is.
func checkCharacters(raw string) error {
	for _, r := range raw {
		if invisible(r) {
			return invalidURL("The URL contains the invisible character U+%04X. Remove it.", r)
		}
	}
	return nil
}

// onWire reports whether a URL has only characters that may go onto the wire.
func onWire(raw string) bool { return isASCII(raw) && !strings.Contains(raw, " ") }
