package principal

// OperatorRole is what an operator may do. Which operations that is, each of them says in the contract (x-roles).
type OperatorRole string

// The roles of operators.
const (
	OperatorAdmin   OperatorRole = "admin"   // everything
	OperatorSupport OperatorRole = "support" // reads, replays dead letters, pauses
	OperatorBackend OperatorRole = "backend" // the product's own server
)

// OperatorRoles lists the roles of operators.
func OperatorRoles() []OperatorRole {
	return []OperatorRole{OperatorAdmin, OperatorSupport, OperatorBackend}
}
