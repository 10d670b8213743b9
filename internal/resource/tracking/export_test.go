package tracking

// InStatus is what the sweep looks for.
var InStatus = inStatus
