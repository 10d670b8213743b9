package delivery

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/queue"
)

// Pump lets parked deliveries through their endpoints' gates: it releases in SQL as many as a gate has room for, and
// puts those in the slow lane. Each worker process runs one; the row of an endpoint is the lock, so two never release
// for one room. What a killed one released and did not enqueue, the reconciler does.
type Pump struct {
	*background.Routine

	store *Store
	run   func(ctx context.Context, lane, deliveryID string) error
	alive func(ctx context.Context) error

	mu     sync.Mutex
	missed map[string]time.Time // since when others have been at an endpoint whenever it was looked at
}

const (
	pumpEvery = 100 * time.Millisecond
	pumpPause = 10 * time.Millisecond // at least between two looks, however often somebody calls
	pumpBatch = 200
	// missedFor is how long others may be at an endpoint until the pump waits for its turn: a flood of events for an
	// endpoint holds its row nearly all the time.
	missedFor = 250 * time.Millisecond
)

// NewPump makes a Pump. run puts a delivery in a lane; alive says whether Redis answers.
func NewPump(store *Store, run func(ctx context.Context, lane, deliveryID string) error,
	alive func(ctx context.Context) error) *Pump {
	p := &Pump{store: store, run: run, alive: alive, missed: map[string]time.Time{}}
	p.Routine = background.New(p.loop)
	return p
}

// loop looks when something in this process calls for it, and every tenth of a second.
func (p *Pump) loop(ctx context.Context) {
	tick, pause := time.NewTicker(pumpEvery), time.NewTicker(pumpPause)
	defer tick.Stop()
	defer pause.Stop()
	for {
		if err := p.look(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("releasing deliveries failed; will retry", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		select {
		case <-ctx.Done():
			return
		case <-p.store.woken:
		case <-tick.C:
		}
	}
}

func (p *Pump) look(ctx context.Context) error {
	ids, err := p.store.pumpable(ctx, pumpBatch)
	if err != nil {
		return err
	}
	p.forgetBut(ids)
	if len(ids) == 0 {
		return nil
	}
	ping, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := p.alive(ping); err != nil {
		return err // parked is the better place to wait for a schedule that is away
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(p.store.db.Writers())
	for _, endpointID := range ids {
		g.Go(func() error {
			insist := p.insists(endpointID)
			released, looked, err := p.store.release(gctx, endpointID, insist)
			if err != nil {
				return err
			}
			p.note(endpointID, looked || insist)
			return p.hand(gctx, released)
		})
	}
	return g.Wait()
}

func (p *Pump) insists(endpointID string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	since, missed := p.missed[endpointID]
	return missed && time.Since(since) >= missedFor
}

func (p *Pump) note(endpointID string, looked bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, missed := p.missed[endpointID]; looked {
		delete(p.missed, endpointID)
	} else if !missed {
		p.missed[endpointID] = time.Now()
	}
}

// forgetBut forgets that endpoints were missed which nothing waits for anymore.
func (p *Pump) forgetBut(ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	maps.DeleteFunc(p.missed, func(endpointID string, _ time.Time) bool { return !slices.Contains(ids, endpointID) })
}

func (p *Pump) hand(ctx context.Context, deliveryIDs []string) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runCount)
	for _, id := range deliveryIDs {
		g.Go(func() error { return p.run(gctx, queue.Slow, id) })
	}
	return g.Wait()
}
