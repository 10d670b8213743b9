package rotation

import "github.com/hookline/hookline/internal/secret"

// Column is a column of the database whose values are sealed.
type Column struct {
	Table   string
	Name    string
	Purpose secret.Purpose
	Key     []string // the primary key; all of its columns are texts
	Bound   []string // the columns whose values a sealed value is bound to, in the order in which it was
	Where   string   // SQL that narrows to the rows with sealed values; empty for all
}

// String is the name with its table.
func (c Column) String() string { return c.Table + "." + c.Name }

// Columns are all columns with sealed values; after each package's tests, everything that its programs stored is
// searched for sealed values in other columns. The key check is the last: until all else is under the new key, a
// process without the old one refuses to start.
func Columns() []Column {
	id, tenantAndID := []string{"id"}, []string{"tenant_id", "id"}
	request := []string{"tenant_id", "environment", "caller", "method", "path", "name"}
	return []Column{
		{Table: "endpoints", Name: "secret", Purpose: secret.EndpointSecret, Key: id, Bound: tenantAndID},
		{Table: "endpoints", Name: "previous_secrets", Purpose: secret.EndpointPreviousSecrets, Key: id,
			Bound: tenantAndID},
		{Table: "endpoints", Name: "headers", Purpose: secret.EndpointHeaders, Key: id, Bound: tenantAndID},
		{Table: "endpoints", Name: "auth", Purpose: secret.EndpointAuth, Key: id, Bound: tenantAndID},
		{Table: "endpoints", Name: "ed25519_key", Purpose: secret.EndpointKeyPair, Key: id, Bound: tenantAndID},
		{Table: "endpoints", Name: "previous_ed25519", Purpose: secret.EndpointPreviousKeyPairs, Key: id,
			Bound: tenantAndID},
		{Table: "alert_channels", Name: "target", Purpose: secret.AlertTarget, Key: id, Bound: tenantAndID},
		{Table: "alert_channels", Name: "secret", Purpose: secret.AlertSecret, Key: id, Bound: tenantAndID,
			Where: "secret IS NOT NULL"},
		{Table: "alert_channels", Name: "previous_secrets", Purpose: secret.AlertPreviousSecrets, Key: id,
			Bound: tenantAndID, Where: "previous_secrets IS NOT NULL"},
		{Table: "idempotency_keys", Name: "answer", Purpose: secret.IdempotentAnswer, Key: request, Bound: request},
		{Table: "settings", Name: "value", Purpose: secret.KeyCheck, Key: []string{"name"}, Bound: []string{"name"},
			Where: "name = '" + checkName + "'"},
	}
}
