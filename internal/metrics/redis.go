package metrics

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

// Hook times what a Redis client does. Dials are not timed: a command waits for them.
func (m *Metrics) Hook() redis.Hook { return redisHook{m} }

type redisHook struct{ metrics *Metrics }

// DialHook implements redis.Hook.
func (redisHook) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook implements redis.Hook.
func (h redisHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, c redis.Cmder) error {
		start := time.Now()
		err := next(ctx, c)
		h.metrics.answeredByRedis(start, err)
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (h redisHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, c []redis.Cmder) error {
		start := time.Now()
		err := next(ctx, c)
		h.metrics.answeredByRedis(start, err)
		return err
	}
}

// answeredByRedis counts a round trip. An error that Redis answered with, such as that a key is missing or a script is
// not cached, is an answer.
func (m *Metrics) answeredByRedis(start time.Time, err error) {
	m.redis.Observe(time.Since(start).Seconds())
	var answer redis.Error
	if err != nil && !errors.As(err, &answer) && !errors.Is(err, context.Canceled) {
		m.redisFault.Inc()
	}
}
