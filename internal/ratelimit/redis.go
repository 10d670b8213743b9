package ratelimit

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// take counts a request in the log that all processes share.
//
//	KEYS[1]  a list: the moments at which the subject's requests were let through, oldest first, in microseconds
//	         since 1970 by Redis' clock. It expires when a window has passed since the last of them.
//	ARGV[1]  how many requests the window may hold
//	ARGV[2]  the window in microseconds
//	returns  four integers: 1 when the request is let through and 0 when not; how many more would be; in how many
//	         microseconds there will be room for one more; and the moment that counted as now
//
// A list takes a tenth of a sorted set's memory, and two requests in the same microsecond are two entries of it. What
// left the window is cut off in steps that double, so that a subject that comes back after a pause costs little.
//
// The clock can go back, when a replica with another clock takes over. Time then stands still until it has caught up,
// so that the log stays in order; but a log that is ahead by more than a window would shut the subject out for as
// long, so it is thrown away.
var take = redis.NewScript(`
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])

local last = tonumber(redis.call('LINDEX', KEYS[1], -1) or 0)
if last > now + window then
  redis.call('DEL', KEYS[1])
elseif last > now then
  now = last
end

local first
local step = 1
while step >= 1 do
  local moment = redis.call('LINDEX', KEYS[1], step - 1)
  if step == 1 then first = moment end
  if moment and tonumber(moment) <= now - window then
    redis.call('LTRIM', KEYS[1], step, -1)
    step = step * 2
  else
    step = math.floor(step / 2)
  end
end

local count = redis.call('LLEN', KEYS[1])
if count >= limit then
  local leaves = tonumber(redis.call('LINDEX', KEYS[1], count - limit)) + window
  return {0, 0, leaves - now, now}
end
redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
local leaves = tonumber(first or now) + window
return {1, limit - count - 1, leaves - now, now}
`)

// shared is the log in Redis.
type shared struct{ client redis.Scripter }

// take counts a request; moment is when, in microseconds by Redis' clock.
func (s shared) take(ctx context.Context, key string, limit Limit) (d Decision, moment int64, err error) {
	answer, err := take.Run(ctx, s.client, []string{key}, limit.Requests, limit.Window.Microseconds()).Int64Slice()
	if err != nil {
		return Decision{}, 0, err
	}
	if len(answer) != 4 {
		return Decision{}, 0, errors.New("ratelimit: Redis answered something else")
	}
	return Decision{
		Allowed: answer[0] == 1, Limit: limit, Remaining: int(answer[1]), Reset: time.Duration(answer[2]) * time.Microsecond,
	}, answer[3], nil
}
