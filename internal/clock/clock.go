// Package clock provides the time, so that tests can replace it.
package clock

import "time"

// Clock returns the time in UTC, to the microsecond, which is the resolution of both databases.
type Clock func() time.Time

// System is the system clock.
func System() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
