package deliverylog

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// latencySteps are the milliseconds that latencies are rounded up to.
var latencySteps = []int{10, 25, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000,
	60_000, 300_000, 1_800_000, 7_200_000, 86_400_000}

// latencyStep is the place of a latency in latencySteps, or the one after the last.
func latencyStep(d time.Duration) int {
	i, _ := slices.BinarySearchFunc(latencySteps, d, func(ms int, d time.Duration) int {
		return cmp.Compare(time.Duration(ms)*time.Millisecond, d)
	})
	return i
}

// Histogram counts durations by latencySteps; the last place is for all that is longer.
type Histogram [countResponse - countLatency]int

// Quantile is the step in milliseconds that a share of the durations is not beyond; nil when there are none.
func (h Histogram) Quantile(q float64) *int {
	total := 0
	for _, n := range h {
		total += n
	}
	if total == 0 {
		return nil
	}
	left := int(math.Ceil(q * float64(total)))
	for i := range latencySteps {
		if left -= h[i]; left <= 0 {
			return &latencySteps[i]
		}
	}
	return &latencySteps[len(latencySteps)-1]
}

// add adds sums of the same places, of which there may be fewer.
func (h *Histogram) add(sums []int64) {
	for i, n := range sums {
		h[i] += int(n)
	}
}
