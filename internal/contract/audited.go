package contract

import "slices"

// Audited lists what tenants can do that the audit log records, by its names there, sorted.
func (c *Contract) Audited() []string {
	var out []string
	for _, r := range c.Rules {
		if r.Audit != "" && r.Permission != Operator {
			out = append(out, r.Audit)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
