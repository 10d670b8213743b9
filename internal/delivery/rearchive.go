package delivery

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hookline/hookline/internal/queue"
)

const (
	archiveSize  = 9_999 // what Asynq's archive holds
	archiveBatch = 100   // a tick, so that dead letters don't stand in the way of the living
)

// rearchive shows operators' tools, a little at each tick, the dead letters that Redis forgot, the latest last, since
// the archive drops what came first. A task is only enqueued: the worker finds its delivery dead and archives it with
// the mark by which a run that an operator asks for is known.
func (r *Reconciler) rearchive(ctx context.Context) error {
	if len(r.forgotten) == 0 {
		return nil
	}
	ping, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := r.alive(ping); err != nil {
		return err
	}
	batch := r.forgotten[:min(archiveBatch, len(r.forgotten))]
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runCount)
	for _, deliveryID := range batch {
		g.Go(func() error { return r.queue.Enqueue(gctx, queue.Fast, deliveryID) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	r.forgotten = r.forgotten[len(batch):]
	return nil
}
