package egress

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func codeOf(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error: got %T %v, want *Error", err, err)
	}
	if e.Message == "" || !strings.HasSuffix(e.Message, ".") || strings.Contains(e.Message, "HOST") {
		t.Errorf("message: got %q, want a sentence with the host", e.Message)
	}
	return e.Code
}

var longestURL = "https://example.com/" + strings.Repeat("a", maxURL-len("https://example.com/"))

// checkURLTests hold the client (see TestCheckURL), the URL, and the code of the
// refusal or "".
var checkURLTests = []struct{ client, url, want string }{
	{"strict", "https://example.com", ""},
	{"strict", "https://example.com/a/b?c=d%20e", ""},
	{"strict", "HTTPS://EXAMPLE.COM/", ""},
	{"strict", "https://example.com:1/", ""},
	{"strict", "https://example.com:65535/", ""},
	{"strict", "https://example.com:/", ""},
	{"strict", "https://example.com./", ""},
	{"strict", "https://xn--bcher-kva.example/", ""},
	{"strict", "https://my_host-1.example/", ""},
	{"strict", "https://1.2.3.4.example/", ""},
	{"strict", "https://0x7f.com/", ""},
	{"strict", "https://dead.beef/", ""},
	{"strict", "https://notlocalhost/", ""},
	{"strict", longestURL, ""},

	{"strict", longestURL + "a", CodeInvalidURL},
	{"strict", "", CodeInvalidURL},
	{"strict", "example.com", CodeInvalidURL},
	{"strict", "/hooks", CodeInvalidURL},
	{"strict", "//example.com/", CodeInvalidURL},
	{"strict", "https:example.com", CodeInvalidURL},
	{"strict", "https:///hooks", CodeInvalidURL},
	{"strict", "https://:443/", CodeInvalidURL},
	{"strict", "https://./", CodeInvalidURL},
	{"strict", "https://a..b../", CodeInvalidURL},
	{"strict", "http://example.com/", CodeInvalidURL},
	{"loose", "http://example.com/", ""},
	{"loose", "ftp://example.com/", CodeInvalidURL},
	{"loose", "file:///etc/passwd", CodeInvalidURL},
	{"loose", "gopher://example.com/", CodeInvalidURL},
	{"loose", "unix:///run/docker.sock", CodeInvalidURL},
	{"strict", "https://user@example.com/", CodeInvalidURL},
	{"strict", "https://user:pass@example.com/", CodeInvalidURL},
	{"strict", "https://@example.com/", CodeInvalidURL},
	{"strict", `https://example.com\@127.0.0.1/`, CodeInvalidURL},
	{"strict", "https://example.com/#a", CodeInvalidURL},
	{"strict", "https://example.com/#", CodeInvalidURL},
	{"strict", "https://example.com:0/", CodeInvalidURL},
	{"strict", "https://example.com:65536/", CodeInvalidURL},
	{"strict", "https://example.com:99999999999999999999/", CodeInvalidURL},
	{"strict", "https://example.com:-1/", CodeInvalidURL},
	{"strict", "https://example.com:http/", CodeInvalidURL},
	{"strict", "https://exa mple.com/", CodeInvalidURL},
	{"strict", " https://example.com/", CodeInvalidURL},
	{"strict", "https://example.com/\r\nX: y", CodeInvalidURL},
	{"strict", "https://bücher.example/", CodeInvalidURL},
	{"strict", "https://example.com/a b", CodeInvalidURL},
	{"strict", "https://example.com/?a=b c", CodeInvalidURL},
	{"strict", "https://example.com/ü", CodeInvalidURL},
	{"strict", "https://example.com/?a=ü", CodeInvalidURL},
	{"strict", "https://example.com/\u200b", CodeInvalidURL},
	{"strict", "https://example.com/\u202e?a", CodeInvalidURL},
	{"strict", "https://１２７.0.0.1/", CodeInvalidURL},
	{"strict", "https://127。0。0。1/", CodeInvalidURL},
	{"strict", "https://127%2e0.0.1/", CodeInvalidURL},
	{"strict", "https://exa*mple.com/", CodeInvalidURL},

	// IPv4 in the spellings that inet_aton and browsers understand.
	{"loose", "https://2130706433/", CodeInvalidURL},
	{"loose", "https://0x7f000001/", CodeInvalidURL},
	{"loose", "https://0X7F000001/", CodeInvalidURL},
	{"loose", "https://017700000001/", CodeInvalidURL},
	{"loose", "https://0x7f.1/", CodeInvalidURL},
	{"loose", "https://127.1/", CodeInvalidURL},
	{"loose", "https://127.0.1/", CodeInvalidURL},
	{"loose", "https://0177.0.0.1/", CodeInvalidURL},
	{"loose", "https://127.0.0.0x1/", CodeInvalidURL},
	{"loose", "https://127.0.0.0x/", CodeInvalidURL},
	{"loose", "https://127.0.0.01/", CodeInvalidURL},
	{"loose", "https://127.0.0.1./", CodeInvalidURL},
	{"loose", "https://256.1.1.1/", CodeInvalidURL},
	{"loose", "https://1.2.3.4.5/", CodeInvalidURL},
	{"loose", "https://0/", CodeInvalidURL},
	{"loose", "https://example.1/", CodeInvalidURL},

	{"strict", "https://localhost/", CodeBlockedAddress},
	{"strict", "https://LOCALHOST:8443/", CodeBlockedAddress},
	{"strict", "https://localhost./", CodeBlockedAddress},
	{"strict", "https://foo.localhost/", CodeBlockedAddress},
	{"strict", "https://a.b.localhost./", CodeBlockedAddress},
	{"loose", "http://localhost:8080/", ""},
	{"loose", "http://foo.localhost/", ""},
	{"six", "https://localhost/", ""},
	{"six", "https://127.0.0.1/", CodeBlockedAddress},
	{"loose", "https://127.0.0.1:8443/", ""},
	{"loose", "https://[::ffff:127.0.0.1]/", ""},
	{"loose", "https://[::1]/", CodeBlockedAddress},
	{"loose", "https://10.0.0.1/", CodeBlockedAddress},
	{"strict", "https://[fe80::1%25eth0]/", CodeBlockedAddress},
	{"strict", "https://[::ffff:a9fe:a9fe]/latest/meta-data", CodeBlockedAddress},
	{"strict", "https://[0:0:0:0:0:0:0:1]/", CodeBlockedAddress},
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	clients := map[string]*Client{
		"strict": New(Config{}),
		"loose":  New(Config{AllowHTTP: true, Allow: loopback}),
		"six":    New(Config{Allow: []netip.Prefix{netip.MustParsePrefix("::1/128")}}),
	}
	for _, tt := range checkURLTests {
		if got := codeOf(t, clients[tt.client].CheckURL(tt.url)); got != tt.want {
			t.Errorf("%s CheckURL(%q) = %q, want %q", tt.client, tt.url, got, tt.want)
		}
	}
}

func TestCheckURLAddresses(t *testing.T) {
	t.Parallel()
	c := New(Config{})
	check := func(addrs []string, want string) {
		for _, addr := range addrs {
			host := addr
			if strings.Contains(addr, ":") {
				host = "[" + strings.Replace(addr, "%", "%25", 1) + "]"
			}
			if got := codeOf(t, c.CheckURL("https://"+host+":8443/hooks")); got != want {
				t.Errorf("CheckURL with %s = %q, want %q", addr, got, want)
			}
		}
	}
	check(refusedAddrs, CodeBlockedAddress)
	check(permittedAddrs, "")
}

// What passes is https to a name that no resolver takes for a number, or to an
// address that the guard permits.
func FuzzCheckURL(f *testing.F) {
	for _, seed := range []string{
		"https://example.com/", "http://example.com", "https://127.1", "https://0x7f.1/", "https://[::1]:80/#",
		"https://a@b:0",
		"https://[fe80::1%25<b>]/", "https://１/", "https://localhost.", "https://./", "https:///",
		"https://[64:ff9b::7f00:1]", "",
	} {
		f.Add(seed)
	}
	c := New(Config{})
	f.Fuzz(func(t *testing.T, raw string) {
		if codeOf(t, c.CheckURL(raw)) != "" {
			return
		}
		u, err := url.Parse(raw)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Fragment != "" || len(raw) > 2048 {
			t.Fatalf("URL %q: got it accepted, want it refused", raw)
		}
		host := u.Hostname()
		if addr, err := netip.ParseAddr(host); err == nil {
			if a := addr.Unmap(); !a.IsGlobalUnicast() || a.IsPrivate() {
				t.Errorf("URL %q: got it accepted, want it refused: its address is not public", raw)
			}
			return
		}
		last := host[strings.LastIndexByte(strings.TrimSuffix(host, "."), '.')+1:]
		if last == "" || strings.Trim(last, "0123456789.") == "" || strings.EqualFold(last, "localhost") {
			t.Errorf("URL %q: got it accepted, want it refused: its host is no name", raw)
		}
	})
}
