package api_test

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/testkit"
)

// hostileShare is of how many forms of an attack one is tried; 1 tries all of them (make hostile).
var hostileShare = flag.Int("hostile.share", 16, "try one of so many hostile requests")

// tried counts requests, and picks those to make.
type tried struct{ seen, made atomic.Int64 }

func (n *tried) next() bool {
	if n.seen.Add(1)%int64(*hostileShare) != 0 {
		return false
	}
	n.made.Add(1)
	return true
}

func (n *tried) report(t *testing.T, kind string) {
	t.Helper()
	t.Logf("hostile %s: %d of %d requests made", kind, n.made.Load(), n.seen.Load())
	if n.made.Load() == 0 {
		t.Errorf("hostile %s: got no request made, want some", kind)
	}
}

// texts are values that something else than text might be made of.
func texts() []string {
	cursor := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return []string{"", "'", `"`, `\`, "%", "%%", "_", "*", "+", "&a=b", ";", "#", "?", "\x00", "\x01\x1f", "\xff\xfe",
		"%\xff", "\xc0\xaf", "\r\nX-Injected: 1", "\t", " ", "\u202e", "\u2028", "💥", "İ", "ﬀ", "ß", "null", "true",
		"[]", "{}", "-1", "0", "1.5", "1e999", "NaN", "Infinity", "0x10", "9223372036854775808", "-9223372036854775809",
		strings.Repeat("9", 400), strings.Repeat("a", 10_000), "'; DROP TABLE leads; --", `" OR 1=1 --`,
		"1 UNION SELECT 1", "pg_sleep(9)", "../../etc/passwd", "..%2f..%2f", "{{7*7}}", "${jndi:ldap://a}",
		"<script>alert(1)</script>", "2026-02-30", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59Z",
		"0000-01-01T00:00:00Z", "2026-11-30T00:00:60Z", "2026-01-01T00:00:00+99:99", "lead_", "lead_" +
			strings.Repeat("0", 26), "evt_" + strings.Repeat("z", 26), "evt_7" + strings.Repeat("z", 25), "AAAA",
		"====", cursor("0"), cursor("-1.evt_0"), cursor(strings.Repeat("z", 500)), cursor("9223372036854775808.x"),
		cursor("\x00")}
}

// clientOf is who may call an operation; a tenant of its own keeps the rate limits apart.
func clientOf(t *testing.T, p *testkit.Program, o operation) *testkit.Client {
	t.Helper()
	if o.Permission == contract.Operator {
		return p.Operator
	}
	return p.NewTenant(t, "enterprise")
}

func harmless(t *testing.T, a testkit.Answer, what string) {
	t.Helper()
	if a.Status >= http.StatusInternalServerError && a.Status != http.StatusNotImplemented ||
		a.Header.Get("X-Injected") != "" {
		t.Errorf("%s: got %d %.300s, want no error of ours", what, a.Status, a.Body)
	}
}

func queryParameters(o operation) (names []string) {
	route := testkit.Contract().Route(o.Rule)
	for _, p := range slices.Concat(route.PathItem.Parameters, route.Operation.Parameters) {
		if p.Value.In == openapi3.ParameterInQuery {
			names = append(names, p.Value.Name)
		}
	}
	return names
}

func TestHostilePathsAndQueriesAreRefusedOrHarmless(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		var n tried
		for _, o := range operations(t) {
			if o.Stream {
				continue
			}
			var client *testkit.Client
			call := func(path, what string) {
				if !n.next() {
					return
				}
				if client == nil {
					client = clientOf(t, p, o)
				}
				harmless(t, client.Call(t, o.methods, path, o.body), o.OperationID+" with "+what)
			}
			for _, text := range texts() {
				if parameter.MatchString(o.Path) && text != "" {
					call(o.at(url.PathEscape(text)), fmt.Sprintf("%.40q in its path", text))
				}
				for _, name := range queryParameters(o) {
					call(o.at("x")+"?"+name+"="+url.QueryEscape(text), fmt.Sprintf("%s=%.40q", name, text))
				}
			}
		}
		n.report(t, "paths and queries")
	})
}

// bodies are JSON that breaks what reads it, and an example with each of its fields replaced.
func bodies(t *testing.T, valid any) []string {
	t.Helper()
	out := []string{"", " ", "{", "[", `{"a":1}{"b":2}`, `{"a":1,"a":2}`, "\ufeff{}", "{\"a\":\"\xff\"}",
		`{"a":"\u0000"}`,
		`{"a":"\ud800"}`, `{"":1}`, `{"__proto__":{}}`, "1e999", strings.Repeat("[", 20_000),
		strings.Repeat(`{"a":`, 20_000), "[" + strings.Repeat("{},", 20_000) + "{}]", `{"a":` + strings.Repeat("9", 20_000) + "}"}
	fields, _ := valid.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		for _, v := range []any{nil, true, -1, 1e300, []any{}, map[string]any{}, "", "\r\n",
			strings.Repeat("x", 70_000), []any{map[string]any{"a": []any{nil}}}} {
			changed := maps.Clone(fields)
			changed[name] = v
			raw, err := json.Marshal(changed)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(raw))
		}
	}
	return out
}

func TestHostileBodiesAreRefusedOrHarmless(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		var n tried
		for _, o := range operations(t) {
			if !o.Body {
				continue
			}
			var client *testkit.Client
			for _, body := range bodies(t, o.body) {
				if !n.next() {
					continue
				}
				if client == nil {
					client = clientOf(t, p, o)
				}
				harmless(t, client.Call(t, o.methods, o.at("x"), body),
					fmt.Sprintf("%s with %.60q", o.OperationID, body))
			}
		}
		n.report(t, "bodies")
	})
}

func TestHostileHeadersAreRefusedOrHarmless(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	long := strings.Repeat("x", 20_000)
	var n tried
	for _, o := range operations(t) {
		if o.Stream {
			continue
		}
		var client *testkit.Client
		for name, values := range map[string][]string{
			"Idempotency-Key": {long, "' OR 1=1", "ключ"}, "X-Request-Id": {long, "<script>", "\t"},
			"Accept": {"x/y;q=9", long}, "Accept-Encoding": {"gzip;q=-1"}, "Range": {"bytes=0-18446744073709551615"},
			"Content-Type":     {"application/json; charset=utf-16", "application/json;", long, "multipart/form-data"},
			"Content-Encoding": {"gzip", "deflate, gzip"}, "If-Match": {`"x"`}, "Forwarded": {"for=127.0.0.1"},
			"X-Forwarded-For": {"127.0.0.1", "::1, ::1", long}, "X-Forwarded-Proto": {"javascript"},
			"X-HTTP-Method-Override": {"DELETE"}, "Cookie": {"hookline_session=" + long}, "Origin": {"null"},
		} {
			for _, v := range values {
				if !n.next() {
					continue
				}
				if client == nil {
					client = clientOf(t, p, o)
				}
				harmless(t, client.Call(t, o.methods, o.at("x"), o.body, name, v),
					fmt.Sprintf("%s with %s: %.40q", o.OperationID, name, v))
			}
		}
	}
	n.report(t, "headers")
}

func TestHostileCredentialsAreRefused(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	key := p.NewTenant(t, "enterprise").Key()
	nobody := testkit.NewClient(p.URL, "")
	var n tried
	for _, o := range operations(t) {
		if o.Public {
			continue
		}
		for _, header := range []string{"", "Bearer", "Bearer ",
			"Basic " + base64.StdEncoding.EncodeToString([]byte(key+":")), "bearer  " + key + "x",
			"Bearer " + key[:len(key)-1], "Bearer " + strings.ToUpper(key), "Bearer " + key + key,
			"Bearer null", "Bearer ' OR 1=1 --", "Bearer " + strings.Repeat("a", 8000), "Bearer hk_live_",
			"Bearer hk_op_", "Digest username=a", "Bearer " + strings.Replace(key, "hk_live_", "hk_test_", 1),
			"Bearer " + strings.Replace(key, "hk_live_", "hk_op_", 1), "Bearer eyJhbGciOiJub25lIn0.e30."} {
			if !n.next() {
				continue
			}
			a := nobody.Call(t, o.methods, o.at("x"), o.body, "Authorization", header)
			if a.Status != http.StatusUnauthorized && a.Status != http.StatusTooManyRequests {
				t.Errorf("%s with %.40q: got %d %.200s, want 401", o.OperationID, header, a.Status, a.Body)
			}
		}
	}
	n.report(t, "credentials")
}
