-- Stores a list unless the scope changed since it was requested. KEYS[2] is the page hash; ARGV[3] the generation that
-- was read, [4] the token of the lease, [5] the payload, [6] its age, [7] fresh, [8] stale and [9] stale-if-error life,
-- in ms since the list. Returns the new revision, or '' if it was refused.
local page_key, generation, token = KEYS[2], ARGV[3], ARGV[4]
local lease = redis.call('HMGET', page_key, 'lt', 'lg', 'le')
local mine = lease[1] == token and lease[2] == generation
if mine then redis.call('HDEL', page_key, 'lt', 'lg', 'le') end
local expired = tonumber(lease[3] or '0') <= now
if not mine or expired or meta.g ~= generation or intents > 0 or quarantined or settling then return '' end

local listed = now - tonumber(ARGV[6])
local revision = new_generation()
redis.call('HSET', page_key, 'g', generation, 'r', revision, 'v', ARGV[5], 'a', listed,
  'f', listed + tonumber(ARGV[7]), 'h', listed + tonumber(ARGV[8]), 'x', listed + tonumber(ARGV[9]))
redis.call('HDEL', page_key, 'er', 'eg', 'ef')
local life = listed + math.max(tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])) - now
redis.call('PEXPIRE', page_key, math.max(1, life))
remember(math.max(life, META_LIFE_MS))
return revision
