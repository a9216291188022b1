-- Counts in a window that begins with its first count. KEYS[1] is the count; ARGV: the change (below zero: to give
-- back), the window in seconds, the limit. Returns the count and how long the window still lasts, in ms.
local change, window_ms, limit = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000, tonumber(ARGV[3])
local count = tonumber(redis.call('GET', KEYS[1]) or '0') + change
local left = redis.call('PTTL', KEYS[1])
if left < 1 then left = window_ms end

-- What is refused is not counted, so that what is given back can be used; what is given back late opens no window.
if count < 0 then return { 0, left } end
if change < 0 or count <= limit then redis.call('SET', KEYS[1], count, 'PX', left) end
return { count, left }
