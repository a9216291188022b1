-- Counts in a window that begins with its first count. KEYS[1] is the count; ARGV: the change (below zero: to give
-- back), the window in seconds, the limit. Of a change beyond the limit as much is counted as fits.
-- Returns the count before and how long the window still lasts, in ms.
local change, window_ms, limit = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000, tonumber(ARGV[3])
local before = tonumber(redis.call('GET', KEYS[1]) or '0')
local left = redis.call('PTTL', KEYS[1])
if left < 1 then left = window_ms end

-- What is refused is not counted, so that what is given back can be used; what is given back late opens no window.
if before + change < 0 then return { before, left } end
if change > 0 then change = math.max(0, math.min(change, limit - before)) end
if change ~= 0 then redis.call('SET', KEYS[1], before + change, 'PX', left) end
return { before, left }
