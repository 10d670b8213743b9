package delivery

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/hookline/hookline/internal/background"
)

// pool runs functions side by side, on goroutines that it keeps for a while: an attempt needs a deep stack, and growing
// one for each costs a fifteenth of a worker's CPU.
type pool struct {
	running sync.WaitGroup // functions
	next    chan func()
	idle    atomic.Int32
}

// mostIdle is how many goroutines without a function are kept.
const mostIdle = 256

func newPool() *pool { return &pool{next: make(chan func())} }

// run starts f. Goroutines that are idle end with ctx.
func (p *pool) run(ctx context.Context, f func()) {
	p.running.Add(1)
	select {
	case p.next <- f:
	default:
		go p.loop(ctx, f)
	}
}

func (p *pool) loop(ctx context.Context, f func()) {
	for {
		f()
		p.running.Done()
		if p.idle.Add(1) > mostIdle {
			p.idle.Add(-1)
			return
		}
		select {
		case f = <-p.next:
			p.idle.Add(-1)
		case <-ctx.Done():
			return
		}
	}
}

// wait waits until every function has returned, or ctx ends.
func (p *pool) wait(ctx context.Context) error { return background.Wait(ctx, &p.running) }
