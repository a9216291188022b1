-- Listing failed: releases the lease and holds off further attempts. KEYS[2] is the page hash; ARGV[3] the generation
-- that was read ('' if unknown), [4] the token of the lease, [5] how long to hold, in ms (0: not at all), [6] the failure.
local page_key, hold_ms = KEYS[2], tonumber(ARGV[5])
local lease = redis.call('HMGET', page_key, 'lt', 'lg')
if lease[1] ~= ARGV[4] or (ARGV[3] ~= '' and lease[2] ~= ARGV[3]) then return 0 end
redis.call('HDEL', page_key, 'lt', 'lg', 'le')
if hold_ms > 0 then
  redis.call('HSET', page_key, 'er', now + hold_ms, 'eg', ARGV[3], 'ef', ARGV[6])
  if redis.call('PTTL', page_key) < hold_ms then redis.call('PEXPIRE', page_key, hold_ms) end
end
return 1
