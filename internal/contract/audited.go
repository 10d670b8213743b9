package contract

import "slices"

// AnswerReplayed is what the audit log calls it when the stored response of an audited operation is sent again. It is
// the only action that no operation is named after.
const AnswerReplayed = "answer.replayed"

// Audited lists what tenants can do that the audit log records, by its names there, sorted.
func (c *Contract) Audited() []string {
	out := []string{AnswerReplayed}
	for _, r := range c.Rules {
		if r.Audit != "" && r.Permission != Operator {
			out = append(out, r.Audit)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
