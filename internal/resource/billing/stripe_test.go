package billing

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

func TestOnlyAFreshSignatureWithTheSecretIsGood(t *testing.T) {
	t.Parallel()
	const (
		secret = "whsec_test"
		body   = `{"id":"evt_1"}`
		// printf '1795251600.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test
		good = "ef6fae1a44b37de4eef8c34f1774214af42006654f5334a0c776cce23471222d"
	)
	now := time.Unix(1795251600, 0)
	for name, c := range map[string]struct {
		header string
		body   string
		at     time.Time
		want   bool
	}{
		"good":                       {"t=1795251600,v1=" + good, body, now, true},
		"good among others":          {"t=1795251600, v1=00, v1=" + good + ", v0=11", body, now, true},
		"four minutes old":           {"t=1795251600,v1=" + good, body, now.Add(4 * time.Minute), true},
		"six minutes old":            {"t=1795251600,v1=" + good, body, now.Add(6 * time.Minute), false},
		"six minutes ahead":          {"t=1795251600,v1=" + good, body, now.Add(-6 * time.Minute), false},
		"another body":               {"t=1795251600,v1=" + good, body + " ", now, false},
		"another time":               {"t=1795251601,v1=" + good, body, now, false},
		"of the old scheme":          {"t=1795251600,v0=" + good, body, now, false},
		"not hex":                    {"t=1795251600,v1=xyz", body, now, false},
		"cut":                        {"t=1795251600,v1=" + good[:62], body, now, false},
		"without a time":             {"v1=" + good, body, now, false},
		"without a signature":        {"t=1795251600", body, now, false},
		"nothing":                    {"", body, now, false},
		"an empty signature":         {"t=1795251600,v1=", body, now, false},
		"a time that is none":        {"t=now,v1=" + good, body, now, false},
		"a time beyond all times":    {"t=99999999999999999999,v1=" + good, body, now, false},
		"a time at the end of times": {"t=9223372036854775807,v1=" + good, body, now, false},
	} {
		if got := signed(c.header, []byte(c.body), secret, c.at); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if signed("t=1795251600,v1="+good, []byte(body), "", now) {
		t.Error("an empty secret signs nothing")
	}
}

func TestASubscriptionBringsThePlanOfItsPrices(t *testing.T) {
	t.Parallel()
	prices := map[string]string{"price_1": "pro", "price_2": "gold"}
	for name, c := range map[string]struct {
		json    string
		deleted bool
		want    string
		err     error
	}{
		"by the price's metadata": {`{"status":"active","items":{"data":[{"price":{"id":"price_1","metadata":{"plan":"business"}}}]}}`, false, "business", nil},
		"by its lookup key":       {`{"status":"trialing","items":{"data":[{"price":{"id":"price_1","lookup_key":"enterprise"}}]}}`, false, "enterprise", nil},
		"by the setting":          {`{"status":"past_due","items":{"data":[{"price":{"id":"price_1","lookup_key":"other","metadata":{"plan":"gold"}}}]}}`, false, "pro", nil},
		"the highest of several":  {`{"status":"active","items":{"data":[{"price":{"id":"x","lookup_key":"business"}},{"price":{"id":"price_1"}},{"price":{"id":"y"}}]}}`, false, "business", nil},
		"none that is known": {`{"status":"active","items":{"data":[{"price":{"id":"price_2"}}]}}`, false, "",
			errNoPrice},
		"without a price": {`{"status":"active"}`, false, "", errNoPrice},
		"not paid for yet": {`{"status":"incomplete","items":{"data":[{"price":{"id":"price_1"}}]}}`, false,
			"", errUnpaid},
		"over": {`{"status":"canceled","items":{"data":[{"price":{"id":"price_1"}}]}}`, false,
			"free", nil},
		"unpaid": {`{"status":"unpaid"}`, false, "free", nil},
		"deleted, whatever its status": {`{"status":"active","items":{"data":[{"price":{"id":"price_1"}}]}}`, true,
			"free", nil},
	} {
		s, err := read[stripeSubscription](StripeEvent{Object: json.RawMessage(c.json)})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.plan(c.deleted, prices); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestTheTenantOfAnInvoiceIsFoundWhereverStripePutsIt(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"metadata":{"tenant_id":"tnt_1"},"customer":"cus_1"}`,
		`{"subscription_details":{"metadata":{"tenant_id":"tnt_1"}},"customer":{"id":"cus_1","object":"customer"},"metadata":null}`,
		`{"parent":{"subscription_details":{"metadata":{"tenant_id":"tnt_1"}}},"customer":"cus_1","metadata":{}}`,
	} {
		i, err := read[stripeInvoice](StripeEvent{Object: json.RawMessage(text)})
		if err != nil || i.tenantID() != "tnt_1" || i.Customer != "cus_1" {
			t.Errorf("%s: %+v, %v", text, i, err)
		}
	}
	if i,
		err := read[stripeInvoice](StripeEvent{Object: json.RawMessage(`{"customer":null,"parent":null}`)}); err != nil || i.tenantID() != "" || i.Customer != "" {
		t.Errorf("%+v, %v", i, err)
	}
}
