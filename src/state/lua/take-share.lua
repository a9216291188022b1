-- Counts new records of a tenant. KEYS[1] maps the hour (since 1970) of their creation to their number; ARGV[1] is how many
-- are new (0 only asks whether one more may be, negative to give back), [2] the limit, [3] for how many hours after the one of its creation a record may exist.
-- Returns the time in ms until records expire if the limit would be exceeded, else 0.
local change, limit, hours = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local HOUR = 3600
local now = math.floor(tonumber(time[1]) / HOUR)

local total, oldest = 0, now
local counts = redis.call('HGETALL', KEYS[1])
for i = 1, #counts, 2 do
  local hour, count = tonumber(counts[i]), tonumber(counts[i + 1])
  if hour + hours < now or count <= 0 then
    redis.call('HDEL', KEYS[1], counts[i])
  else
    total = total + count
    if hour < oldest then oldest = hour end
  end
end

if change >= 0 and total + math.max(1, change) > limit then
  return ((oldest + hours + 1) * HOUR - tonumber(time[1])) * 1000
end
if change == 0 then return 0 end
-- What is given back was usually created a moment ago. At worst it is counted until the end of its hour.
local hour = now
if change < 0 and tonumber(redis.call('HGET', KEYS[1], hour) or '0') + change < 0 then hour = now - 1 end
if change < 0 and tonumber(redis.call('HGET', KEYS[1], hour) or '0') + change < 0 then return 0 end
redis.call('HINCRBY', KEYS[1], hour, change)
redis.call('PEXPIRE', KEYS[1], (hours + 1) * HOUR * 1000)
return 0
