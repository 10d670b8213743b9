package plan

import "github.com/hookline/hookline/internal/ratelimit"

// QuotaName names something that a plan limits.
type QuotaName string

// The quotas. All but EndpointHeaders are of a tenant as a whole, its live and test environments together.
const (
	Endpoints       QuotaName = "endpoints"
	EndpointHeaders QuotaName = "endpoint_headers" // of one endpoint
	Keys            QuotaName = "keys"             // that work
	Members         QuotaName = "members"
	EventTypes      QuotaName = "event_types" // of its own
	AlertChannels   QuotaName = "alert_channels"
	TrackedAccounts QuotaName = "tracked_accounts"
	StoredBytes     QuotaName = "stored_bytes_per_day" // bodies of accepted writes; the day is UTC
	Requests        QuotaName = "requests_per_minute"  // with all keys together
)

// QuotaNames lists the quotas in the order in which they are shown.
func QuotaNames() []QuotaName {
	return []QuotaName{Endpoints, EndpointHeaders, Keys, Members, EventTypes, AlertChannels, TrackedAccounts,
		StoredBytes, Requests}
}

// Resource is the resource of the contract whose rows a quota limits; empty for what all products have.
func (q QuotaName) Resource() string {
	if q == TrackedAccounts {
		return "tracking"
	}
	return ""
}

// manyKeys is how many times the rate limit of one key all keys of a tenant have together.
const manyKeys = 4

// The quotas of each plan. The contract documents the same numbers.
var quotas = map[string]map[QuotaName]int64{
	Free: {
		Endpoints: 5, EndpointHeaders: 5, Keys: 5, Members: 5, EventTypes: 20, AlertChannels: 5, TrackedAccounts: 10,
		StoredBytes: 100_000_000, Requests: manyKeys * 60,
	},
	Pro: {
		Endpoints: 20, EndpointHeaders: 10, Keys: 20, Members: 25, EventTypes: 100, AlertChannels: 10,
		TrackedAccounts: 100, StoredBytes: 1_000_000_000, Requests: manyKeys * 100,
	},
	Business: {
		Endpoints: 200, EndpointHeaders: 20, Keys: 100, Members: 100, EventTypes: 500, AlertChannels: 20,
		TrackedAccounts: 1_000, StoredBytes: 10_000_000_000, Requests: manyKeys * 1000,
	},
	Enterprise: {
		Endpoints: 2_000, EndpointHeaders: 20, Keys: 1_000, Members: 2_000, EventTypes: 1_000, AlertChannels: 50,
		TrackedAccounts: 10_000, StoredBytes: 100_000_000_000, Requests: manyKeys * 6000,
	},
}

// Quota returns how much of something a tenant may have. An unknown plan has the free plan's quotas.
func Quota(plan string, o Overrides, name QuotaName) int64 {
	if n, ok := o.Quotas[name]; ok {
		return n
	}
	if of, ok := quotas[plan]; ok {
		return of[name]
	}
	return quotas[Free][name]
}

// TenantLimit returns the rate limit of all keys of a tenant together.
func TenantLimit(plan string, o Overrides) ratelimit.Limit {
	return ratelimit.PerMinute(int(Quota(plan, o, Requests)))
}
