-- Decides which calls of an account may start now, for all replicas: see ProcessPace, which does the same in one process.
-- KEYS: [1] state of the account, [2] times of its latest starts, [3] tenants that wait, by until when that is known,
-- [4] pass and weight of each tenant, [5] replicas by when they last asked.
-- ARGV: [1] the rate of the settings, [2] its growth per second after a throttle, as a part, [3] this replica, [4] for how long
-- others may go on alone, in ms, if this one could not ask for a while, else 0; then tenant, weight and number of calls, for each
-- tenant that waits here.
-- Returns for how long to go on alone in ms, the time to wait before asking again in ms, the number of replicas, the rate of the
-- account, and for each call that may start the place of its tenant in ARGV.
local FIRST = 5
local POLL_MS, KNOWN_MS, REPLICA_MS, KEPT_MS = 10, 50, 10000, 3600000
-- How far one tenant may be served ahead of another that waits at another replica, in seconds of the account's rate.
local AHEAD = 0.05

local most, growth = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', now - REPLICA_MS)
redis.call('ZADD', KEYS[5], now, ARGV[3])
local state = redis.call('HMGET', KEYS[1], 'due', 'virtual', 'rate', 'changed', 'paused', 'alone')
local virtual, paused = tonumber(state[2] or '0'), tonumber(state[5] or '0')
local rate = most
if state[3] then rate = math.min(most, tonumber(state[3]) + (now - tonumber(state[4])) / 1000 * most * growth) end

local spacing, in_a_second = 1000 / rate, math.max(1, math.ceil(rate))
local burst = (math.ceil(rate / 2) - 1) * spacing
local due = tonumber(state[1] or '0')
-- It is not known what was sent a moment ago, so there is no burst.
if not state[1] then due = now + burst end

-- Replicas come back one after the other. Nobody gets more than its part before the last one is back.
local alone = tonumber(state[6] or '0')
if ARGV[4] ~= '0' then alone = now + tonumber(ARGV[4]) end
if alone > now then
  due = math.max(due, alone + burst)
  redis.call('HSET', KEYS[1], 'due', string.format('%.3f', due), 'alone', string.format('%.3f', alone))
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, KEPT_MS) end
  return { math.ceil(alone - now), 0, redis.call('ZCARD', KEYS[5]), string.format('%.3f', rate) }
end

local mine, weights = {}, 0
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
for i = FIRST, #ARGV, 3 do
  local known = redis.call('HGET', KEYS[4], ARGV[i])
  local pass = math.max(virtual, tonumber(known and string.match(known, '^%S+') or '0'))
  local weight = tonumber(ARGV[i + 1])
  mine[#mine + 1] = { place = i, id = ARGV[i], pass = pass, weight = weight, calls = tonumber(ARGV[i + 2]) }
  weights = weights + weight
  -- Those of other replicas are what is left.
  redis.call('ZREM', KEYS[3], ARGV[i])
end
local others = nil
for _, id in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
  local pass, weight = string.match(redis.call('HGET', KEYS[4], id) or '0 1', '^(%S+) (%S+)')
  pass = math.max(virtual, tonumber(pass))
  weights = weights + tonumber(weight)
  if not others or pass < others then others = pass end
end

local starts, wait = {}, 0
while true do
  local next = nil
  for _, tenant in ipairs(mine) do
    if tenant.calls > 0 and (not next or tenant.pass < next.pass) then next = tenant end
  end
  if not next then break end
  local opens = tonumber(redis.call('LINDEX', KEYS[2], -in_a_second) or '0') + 1000
  wait = math.max(paused - now, opens - now, due - burst - now)
  if wait > 0 then break end
  if others and next.pass > others + rate * AHEAD / weights then
    wait = POLL_MS
    break
  end
  -- Who waits elsewhere and is behind keeps its place.
  virtual = math.max(virtual, math.min(next.pass, others or next.pass))
  next.pass = next.pass + 1 / next.weight
  next.calls = next.calls - 1
  due = math.max(due, now) + spacing
  redis.call('RPUSH', KEYS[2], string.format('%.3f', now))
  starts[#starts + 1] = next.place
end
if wait > 0 then wait = math.max(POLL_MS, math.ceil(wait)) end

redis.call('LTRIM', KEYS[2], -most, -1)
redis.call('HSET', KEYS[1], 'due', string.format('%.3f', due), 'virtual', string.format('%.17g', virtual))
for _, tenant in ipairs(mine) do
  redis.call('HSET', KEYS[4], tenant.id, string.format('%.17g %.17g', tenant.pass, tenant.weight))
  if tenant.calls > 0 then redis.call('ZADD', KEYS[3], now + wait + KNOWN_MS, tenant.id) end
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, KEPT_MS) end
return { 0, wait, redis.call('ZCARD', KEYS[5]), string.format('%.3f', rate), unpack(starts) }
