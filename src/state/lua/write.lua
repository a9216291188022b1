-- Compare and set. KEYS[1] is the entry; ARGV[1] the version that it must have ('' for none), [2] its new version,
-- [3] its value, [4] its life in ms. A repeated write finds its own version, changes nothing and returns 2.
local current = redis.call('HGET', KEYS[1], 'n') or ''
if current == ARGV[2] then return 2 end
if current ~= ARGV[1] then return 0 end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('HSET', KEYS[1], 'n', ARGV[2], 'v', ARGV[3], 't', now)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
