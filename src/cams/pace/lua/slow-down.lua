-- Slows an account down for all replicas, after CAMS throttled one of its calls: see AdaptiveRate.
-- KEYS[1] is the state of the account. ARGV: [1] the rate of the settings, [2] its growth per second, as a part, [3] what
-- remains of it each time, [4] how long calls that were sent together count as one, in ms, [5] the lowest rate, [6] how long CAMS
-- asked to wait, in ms.
local KEPT_MS = 3600000
local most, growth = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
local state = redis.call('HMGET', KEYS[1], 'rate', 'changed', 'paused')

local paused = math.max(tonumber(state[3] or '0'), now + tonumber(ARGV[6]))
redis.call('HSET', KEYS[1], 'paused', string.format('%.3f', paused))
local changed = tonumber(state[2] or '0')
if now - changed >= tonumber(ARGV[4]) then
  local rate = most
  if state[1] then rate = math.min(most, tonumber(state[1]) + (now - changed) / 1000 * most * growth) end
  rate = math.max(tonumber(ARGV[5]), rate * tonumber(ARGV[3]))
  redis.call('HSET', KEYS[1], 'rate', string.format('%.17g', rate), 'changed', string.format('%.3f', now))
end
redis.call('PEXPIRE', KEYS[1], KEPT_MS)
return 0
