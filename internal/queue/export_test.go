package queue

// LookEvery is how late a task is taken of which nobody said that it was enqueued.
const LookEvery = lookEvery
