package admin

import (
	"fmt"

	"github.com/hookline/hookline/internal/contract"
)

// rule returns the rule of an operation. An unknown operation is a mistake of the program.
func (a *Admin) rule(operation string) contract.Rule {
	rule, ok := a.options.Rules[operation]
	if !ok {
		panic(fmt.Sprintf("admin: the contract has no operation %q", operation))
	}
	return rule
}

// may reports whether the visitor's role may call an operation, so that pages offer nothing that would be refused.
func (v *visit) may(operation string) bool {
	return v.admin.rule(operation).Admits(v.Session.Principal().OperatorRole)
}

// require refuses a page or a form whose operation the visitor may not call. The API would refuse the call, too, but
// some pages only ask for what is then sent.
func (v *visit) require(rule contract.Rule) error {
	return rule.CheckRole(v.Session.Principal().OperatorRole)
}

// checkAddress refuses a visitor whose key may not be used from where the request comes from: that it was used to sign
// in elsewhere is not enough.
func (v *visit) checkAddress() error {
	if v.Session.Key == nil {
		return nil
	}
	return v.Session.Key.CheckAddress(v.RealIP())
}
