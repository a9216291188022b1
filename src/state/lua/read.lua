-- Returns an entry as {version, value, age in ms}, or {}. KEYS[1] is the entry.
local entry = redis.call('HMGET', KEYS[1], 'n', 'v', 't')
if not entry[1] then return {} end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
return { entry[1], entry[2], now - tonumber(entry[3]) }
