// Package clock is where the time comes from, so that tests can bring their own.
package clock

import "time"

// Clock tells the time, in UTC and exact to the microsecond, which is what both databases keep.
type Clock func() time.Time

// System is the clock of the machine.
func System() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
