package ratelimit

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// take counts requests in the shared log.
//
//	KEYS[1]  a list: the times of the subject's allowed requests, oldest first, in microseconds
//	         since 1970 by Redis' clock. It expires a window after the last of them.
//	ARGV[1]  the limit of requests in the window
//	ARGV[2]  the window in microseconds
//	ARGV[3]  how many requests are asked for. More than one are a lease: a hundredth of what is left at most, and one
//	         when that is less than one.
//	ARGV[4]  how long a lease lasts, in microseconds. All of it is logged at the moment at which it ends, so that the
//	         log is never behind what really happened, whenever the lease is used.
//	returns  four integers: how many requests are allowed, 0 when none is; how many more would be; in how many
//	         microseconds one more will be; and the time at which they are logged
//
// A list takes a tenth of a sorted set's memory, and two requests in the same microsecond are two entries of it. What
// left the window is cut off in steps that double, so that a subject that comes back after a pause costs little.
//
// The clock can go back, when a replica with another clock takes over. Time then stands still until it has caught up,
// so that the log stays in order; but a log that is ahead by more than a window would refuse the subject for as
// long, so it is deleted. Leases alone put the log ahead by their duration.
var take = redis.NewScript(`
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local want, lease = tonumber(ARGV[3]), tonumber(ARGV[4])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])

local last = tonumber(redis.call('LINDEX', KEYS[1], -1) or 0)
if last > now + lease + window then
  redis.call('DEL', KEYS[1])
  last = 0
elseif last > now + lease then
  now = last - lease
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
local granted = math.max(1, math.min(want, math.floor((limit - count) / 100)))
local moment = now
if granted > 1 then moment = now + lease end
moment = math.max(moment, last)
local entries = {}
for i = 1, granted do entries[i] = string.format('%.0f', moment) end
redis.call('RPUSH', KEYS[1], unpack(entries))
redis.call('PEXPIRE', KEYS[1], math.ceil((window + lease) / 1000))
local leaves = tonumber(first or moment) + window
return {granted, limit - count - granted, leaves - now, moment}
`)

// commands are the client's methods that shared uses.
type commands interface {
	redis.Scripter
	LRem(ctx context.Context, key string, count int64, value any) *redis.IntCmd
}

// shared is the log in Redis.
type shared struct{ client commands }

// grant is the reply of Redis.
type grant struct {
	Decision       // about the first request
	extra    int   // how many more were allowed
	moment   int64 // when they are logged, in microseconds by Redis' clock
}

// take counts a request, and leases up to want-1 more.
func (s shared) take(ctx context.Context, key string, limit Limit, want int) (grant, error) {
	answer, err := take.Run(ctx, s.client, []string{key},
		limit.Requests, limit.Window.Microseconds(), want, limit.leaseTime().Microseconds()).Int64Slice()
	if err != nil {
		return grant{}, err
	}
	if len(answer) != 4 {
		return grant{}, errors.New("ratelimit: Redis answered something else")
	}
	g := grant{moment: answer[3], extra: max(0, int(answer[0])-1)}
	g.Decision = Decision{
		Allowed: answer[0] > 0, Limit: limit, Remaining: int(answer[1]) + g.extra,
		Reset: time.Duration(answer[2]) * time.Microsecond,
	}
	return g, nil
}

// giveBack removes unused requests from the log. Entries of the same time are equal, so any of them will do.
func (s shared) giveBack(ctx context.Context, key string, n int, moment int64) error {
	return s.client.LRem(ctx, key, int64(-n), moment).Err()
}
