package billing

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/plan"
)

// tolerance is how far the time of a signature may be from ours. Stripe's own libraries allow the same.
const tolerance = 5 * time.Minute

// signed says whether a Stripe-Signature header is good for the very bytes of a body: its time is now, and one of its
// v1 signatures is the HMAC-SHA256 of that time, a full stop and the body. While a secret is being rolled there are
// several.
func signed(header string, body []byte, secret string, now time.Time) bool {
	var at string
	var signatures [][]byte
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			at = value
		case "v1":
			if raw, err := hex.DecodeString(value); err == nil {
				signatures = append(signatures, raw)
			}
		}
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > tolerance || secret == "" {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	want := mac.Sum(nil)
	return slices.ContainsFunc(signatures, func(got []byte) bool { return hmac.Equal(got, want) })
}

// The types of Stripe's events that have an effect.
const (
	stripeInvoicePaid = "invoice.paid"
	stripeSubUpdated  = "customer.subscription.updated"
	stripeSubDeleted  = "customer.subscription.deleted"
)

// StripeEvent is an event of Stripe.
type StripeEvent struct {
	ID      string
	Type    string
	Created time.Time
	Object  json.RawMessage
}

// reference is an id that Stripe may send expanded, as the thing itself.
type reference string

// UnmarshalJSON implements json.Unmarshaler.
func (r *reference) UnmarshalJSON(raw []byte) error {
	var expanded struct {
		ID string `json:"id"`
	}
	if len(raw) > 0 && raw[0] == '{' {
		err := json.Unmarshal(raw, &expanded)
		*r = reference(expanded.ID)
		return err
	}
	return json.Unmarshal(raw, (*string)(r))
}

type metadata struct {
	Metadata map[string]string `json:"metadata"`
}

// stripeInvoice has the used fields of an invoice. Stripe's API of 2025 moved the subscription's metadata to parent;
// both places are read.
type stripeInvoice struct {
	metadata
	ID                  string    `json:"id"`
	Number              *string   `json:"number"`
	Customer            reference `json:"customer"`
	AmountPaid          int64     `json:"amount_paid"`
	Currency            string    `json:"currency"`
	Description         *string   `json:"description"`
	PeriodStart         int64     `json:"period_start"`
	PeriodEnd           int64     `json:"period_end"`
	SubscriptionDetails *metadata `json:"subscription_details"`
	Parent              *struct {
		SubscriptionDetails *metadata `json:"subscription_details"`
	} `json:"parent"`
	StatusTransitions struct {
		PaidAt int64 `json:"paid_at"`
	} `json:"status_transitions"`
}

// tenantID is the tenant that the invoice names; empty when it names none.
func (i stripeInvoice) tenantID() string {
	named := i.Metadata["tenant_id"]
	if i.SubscriptionDetails != nil {
		named = cmp.Or(named, i.SubscriptionDetails.Metadata["tenant_id"])
	}
	if i.Parent != nil && i.Parent.SubscriptionDetails != nil {
		named = cmp.Or(named, i.Parent.SubscriptionDetails.Metadata["tenant_id"])
	}
	return named
}

// invoice is the invoice as we keep it, paid.
func (i stripeInvoice) invoice(tenantID string, paidAt time.Time) Invoice {
	out := Invoice{
		TenantID: tenantID, Status: Paid, Amount: i.AmountPaid, Currency: i.Currency, ExternalID: i.ID, Number: i.ID,
		PeriodStart: unix(i.PeriodStart), PeriodEnd: unix(i.PeriodEnd), PaidAt: db.At(paidAt),
	}
	if i.Number != nil && *i.Number != "" {
		out.Number = *i.Number
	}
	if i.Description != nil {
		out.Description = *i.Description
	}
	if i.StatusTransitions.PaidAt > 0 {
		out.PaidAt = unix(i.StatusTransitions.PaidAt)
	}
	return out
}

func unix(seconds int64) db.Time {
	if seconds <= 0 {
		return db.Time{}
	}
	return db.At(time.Unix(seconds, 0))
}

// stripeSubscription has the used fields of a subscription.
type stripeSubscription struct {
	metadata
	ID       string    `json:"id"`
	Customer reference `json:"customer"`
	Status   string    `json:"status"`
	Items    struct {
		Data []struct {
			Price stripePrice `json:"price"`
		} `json:"data"`
	} `json:"items"`
}

type stripePrice struct {
	metadata
	ID        string  `json:"id"`
	LookupKey *string `json:"lookup_key"`
}

// ranks are the plans, from the lowest.
var ranks = []string{plan.Free, plan.Pro, plan.Business, plan.Enterprise}

// planOf is the plan that a price stands for; empty when it stands for none.
func planOf(p stripePrice, prices map[string]string) string {
	named := []string{p.Metadata["plan"]}
	if p.LookupKey != nil {
		named = append(named, *p.LookupKey)
	}
	for _, name := range append(named, prices[p.ID]) {
		if slices.Contains(ranks, name) {
			return name
		}
	}
	return ""
}

// highest is the highest plan among those that are live; free when none is.
func highest(all []subscription) string {
	best := 0
	for _, s := range all {
		if s.Live {
			best = max(best, slices.Index(ranks, s.Plan))
		}
	}
	return ranks[best]
}

var (
	errUnpaid  = errors.New("the subscription is not in force yet")
	errNoPrice = errors.New("none of the subscription's prices stands for a plan; give the price the metadata plan, " +
		"or set HOOKLINE_STRIPE_PRICES")
)

// over says whether a subscription has ended, or ended before it was ever in force.
func (s stripeSubscription) over(deleted bool) bool {
	return deleted || slices.Contains([]string{"canceled", "unpaid", "incomplete_expired"}, s.Status)
}

// plan is the plan that a subscription brings: the highest of its prices' while it is in force, free once it is over.
// One that is past due is in force: Stripe is still trying to collect.
func (s stripeSubscription) plan(deleted bool, prices map[string]string) (string, error) {
	switch {
	case s.over(deleted):
		return plan.Free, nil
	case !slices.Contains([]string{"active", "trialing", "past_due"}, s.Status):
		return "", errUnpaid
	}
	best := -1
	for _, item := range s.Items.Data {
		best = max(best, slices.Index(ranks, planOf(item.Price, prices)))
	}
	if best < 0 {
		return "", errNoPrice
	}
	return ranks[best], nil
}
