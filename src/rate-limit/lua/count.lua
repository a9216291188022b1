-- Counts in a window that begins with its first count. KEYS[1] is the count; ARGV: the change (negative to give back),
-- the window in seconds, the limit. A change beyond the limit is counted up to the limit.
-- Returns the count before the change and the time until the window ends, in ms.
local change, window_ms, limit = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000, tonumber(ARGV[3])
local before = tonumber(redis.call('GET', KEYS[1]) or '0')
local left = redis.call('PTTL', KEYS[1])
if left < 1 then left = window_ms end

-- Refusals are not counted, so that usage given back can be used. Giving back after the window ended opens no window.
if before + change < 0 then return { before, left } end
if change > 0 then change = math.max(0, math.min(change, limit - before)) end
if change ~= 0 then redis.call('SET', KEYS[1], before + change, 'PX', left) end
return { before, left }
