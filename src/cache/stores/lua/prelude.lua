-- Shared by every script: the clock, the epoch of this Redis, and the meta hash of the scope.
-- KEYS[1] is the meta hash (T:m); ARGV[1] a nonce, unique per call; ARGV[2] TQ, in ms.
local meta_key, nonce, tq = KEYS[1], ARGV[1], tonumber(ARGV[2])
-- How long a scope is remembered without a request after a write or a stored page, at least: it outlives its writes in
-- progress, its settle window and its pages (store.lua).
local META_LIFE_MS = 600000 + tq
-- How long after a lookup: it outlives the quarantine and the lease. A tenant can look up any number of phone numbers that do
-- not exist, each of which leaves a meta hash.
local LOOKUP_LIFE_MS = tq + 10000

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

-- A generation combines this server's clock and the caller's nonce: a command that is delivered twice, or after a
-- rollback, cannot restore a generation that a page may carry.
local function new_generation()
  return time[1] .. '.' .. time[2] .. '.' .. nonce
end

-- Identifies this Redis server and its data history: one or both change on a restart or failover.
local info = redis.call('INFO', 'server', 'replication')
-- A plain search, then a pattern match from there: matching a pattern at each character of the text took 20 µs of the
-- 48 µs of a lookup.
local function told(name)
  local _, colon = string.find(info, '\n' .. name .. ':', 1, true)
  return string.match(info, '^%w+', colon + 1)
end
local epoch = told('run_id') .. told('master_replid')

local meta = {}
do
  local fields = redis.call('HGETALL', meta_key)
  for i = 1, #fields, 2 do meta[fields[i]] = fields[i + 1] end
end

local function remember(life_ms)
  redis.call('PEXPIRE', meta_key, life_ms, 'GT')
end

if meta.e == epoch then
  remember(LOOKUP_LIFE_MS)
else
  local lost = meta.e ~= nil
  redis.call('DEL', meta_key)
  meta = { e = epoch, g = new_generation() }
  -- Writes that began under the previous epoch are unknown here: trust nothing until they must have ended.
  local up_ms = tonumber(told('uptime_in_seconds')) * 1000
  if lost or up_ms < tq + 1000 then meta.q = tostring(now + tq) end
  redis.call('HSET', meta_key, 'e', meta.e, 'g', meta.g, 'q', meta.q or '0')
  redis.call('PEXPIRE', meta_key, LOOKUP_LIFE_MS)
end

local intents = 0
for field, expiry in pairs(meta) do
  if string.sub(field, 1, 2) == 'i:' then
    if tonumber(expiry) > now then intents = intents + 1 else redis.call('HDEL', meta_key, field) end
  end
end

local quarantined = tonumber(meta.q or '0') > now
local settling = tonumber(meta.s or '0') > now
