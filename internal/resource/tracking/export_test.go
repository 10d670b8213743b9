package tracking

// InStatus is inStatus, the query of the sweep.
var InStatus = inStatus
