package ratelimit

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// take counts a request in the shared logs of one or more subjects, or in none when one of them is full.
//
//	KEYS[i]     a list: the times of a subject's allowed requests, oldest first, in microseconds
//	            since 1970 by Redis' clock. It expires a window after the last of them.
//	ARGV[4i-3]  its limit of requests in the window
//	ARGV[4i-2]  its window in microseconds
//	ARGV[4i-1]  how many requests are asked for. More than one are a lease: a hundredth of what is left at most, and
//	            one when that is less than one.
//	ARGV[4i]    how long its lease lasts, in microseconds. All of it is logged at the moment at which it ends, so that
//	            the log is never behind what really happened, whenever the lease is used.
//	returns     four integers for each key: how many requests are allowed, 0 when none is; how many more would be, 0
//	            in a full log; in how many microseconds one more will be; and the time at which they are logged
//
// A list takes a tenth of a sorted set's memory, and two requests in the same microsecond are two entries of it. What
// left the window is cut off in steps that double, so that a subject that comes back after a pause costs little.
//
// The clock can go back, when a replica with another clock takes over. Time then stands still until it has caught up,
// so that the log stays in order; but a log that is ahead by more than a window would refuse the subject for as
// long, so it is deleted. Leases alone put the log ahead by their duration.
var take = redis.NewScript(`
local clock = redis.call('TIME')
local time = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local logs, full = {}, false

for i, key in ipairs(KEYS) do
  local limit, window = tonumber(ARGV[4 * i - 3]), tonumber(ARGV[4 * i - 2])
  local lease, now = tonumber(ARGV[4 * i]), time
  local last = tonumber(redis.call('LINDEX', key, -1) or 0)
  if last > now + lease + window then
    redis.call('DEL', key)
    last = 0
  elseif last > now + lease then
    now = last - lease
  end

  local first
  local step = 1
  while step >= 1 do
    local moment = redis.call('LINDEX', key, step - 1)
    if step == 1 then first = moment end
    if moment and tonumber(moment) <= now - window then
      redis.call('LTRIM', key, step, -1)
      step = step * 2
    else
      step = math.floor(step / 2)
    end
  end
  local count = redis.call('LLEN', key)
  full = full or count >= limit
  logs[i] = {now = now, last = last, first = first, count = count}
end

local out = {}
for i, key in ipairs(KEYS) do
  local limit, window = tonumber(ARGV[4 * i - 3]), tonumber(ARGV[4 * i - 2])
  local want, lease = tonumber(ARGV[4 * i - 1]), tonumber(ARGV[4 * i])
  local log = logs[i]
  local granted, left, moment, leaves = 0, math.max(0, limit - log.count), log.now, log.now
  if log.count >= limit then
    leaves = tonumber(redis.call('LINDEX', key, log.count - limit)) + window
  elseif not full then
    granted = math.max(1, math.min(want, math.floor(left / 100)))
    left = left - granted
    if granted > 1 then moment = log.now + lease end
    moment = math.max(moment, log.last)
    local entries = {}
    for n = 1, granted do entries[n] = string.format('%.0f', moment) end
    redis.call('RPUSH', key, unpack(entries))
    redis.call('PEXPIRE', key, math.ceil((window + lease) / 1000))
    leaves = tonumber(log.first or moment) + window
  end
  out[4 * i - 3], out[4 * i - 2], out[4 * i - 1], out[4 * i] = granted, left, leaves - log.now, moment
end
return out
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

// takeAll counts a request in the logs of the parts that want any, and leases up to want-1 more of each.
func (s shared) takeAll(ctx context.Context, parts []part) ([]grant, error) {
	keys := make([]string, 0, len(parts))
	args := make([]any, 0, 4*len(parts))
	limits := make([]Limit, 0, len(parts))
	for _, p := range parts {
		if p.want > 0 {
			keys, limits = append(keys, p.key), append(limits, p.limit)
			args = append(args, p.limit.Requests, p.limit.Window.Microseconds(), p.want,
				p.limit.leaseTime().Microseconds())
		}
	}
	answer, err := take.Run(ctx, s.client, keys, args...).Int64Slice()
	if err != nil {
		return nil, err
	}
	if len(answer) != len(args) {
		return nil, errors.New("ratelimit: Redis answered something else")
	}
	out := make([]grant, len(keys))
	for i := range out {
		granted, left, reset, moment := answer[4*i], answer[4*i+1], answer[4*i+2], answer[4*i+3]
		out[i] = grant{moment: moment, extra: max(0, int(granted)-1)}
		out[i].Decision = Decision{Allowed: granted > 0, Limit: limits[i], Remaining: int(left) + out[i].extra,
			Reset: time.Duration(reset) * time.Microsecond}
	}
	return out, nil
}

// giveBack removes unused requests from the log. Entries of the same time are equal, so any of them will do.
func (s shared) giveBack(ctx context.Context, key string, n int, moment int64) error {
	return s.client.LRem(ctx, key, int64(-n), moment).Err()
}
