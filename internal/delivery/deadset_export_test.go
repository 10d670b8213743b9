package delivery

// DeadPage and DeadStep are the queries on dead letters, for looking at how engines run them.
var (
	DeadPage = DeadFilter.page
	DeadStep = DeadFilter.step
)
