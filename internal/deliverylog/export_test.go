package deliverylog

// Message takes what is pending, as it would be sent.
func (n *Notices) Message() string { return n.message() }
