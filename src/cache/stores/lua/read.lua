-- Looks up a page. KEYS[2] is the page hash (T:p:…); ARGV[3] the revision that the caller has ('' for none);
-- ARGV[4] how long a lease lasts, in ms; ARGV[5] the maximum size of a payload, in bytes.
-- Returns {kind, generation, revision, payload, age, left, failure, withheld}. payload is '' if it has more than ARGV[5] bytes
-- (withheld is then 1), if the caller has that revision, or if there is none. age is the time since the list, left the
-- remaining fresh time, both in ms (left is negative once stale). Only error-held has a failure, '' if an earlier version
-- stored it. If a lease was taken, the nonce is its token.
local page_key, known, lease_ms, max_bytes = KEYS[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
if intents > 0 or quarantined then return { 'bypass', meta.g } end

local page = redis.call('HMGET', page_key, 'g', 'r', 'f', 'h', 'a', 'lg', 'le', 'er', 'eg', 'x', 'ef')
local current = page[1] == meta.g
local leased = page[6] == meta.g and tonumber(page[7] or '0') > now
local held = page[9] == meta.g and tonumber(page[8] or '0') > now
-- A lease may keep the key alive beyond this time.
local stands_in = current and tonumber(page[10]) > now

local function answer(kind, with_page, failure)
  if not with_page then return { kind, meta.g, '', '', 0, 0, failure or '', 0 } end
  local payload, withheld = '', 0
  if page[2] ~= known then
    if redis.call('HSTRLEN', page_key, 'v') > max_bytes then withheld = 1 else payload = redis.call('HGET', page_key, 'v') end
  end
  return { kind, meta.g, page[2], payload, now - tonumber(page[5]), tonumber(page[3]) - now, failure or '', withheld }
end

local function take_lease()
  redis.call('HSET', page_key, 'lt', nonce, 'lg', meta.g, 'le', now + lease_ms)
  -- Expire with the lease: a page that was never stored must not stay.
  if redis.call('PTTL', page_key) < lease_ms then redis.call('PEXPIRE', page_key, lease_ms) end
end

if current and tonumber(page[3]) > now then return answer('hit', true) end
-- Nothing may be stored now, so there is nothing to lead or follow.
if settling then return { 'bypass', meta.g } end
if current and tonumber(page[4]) > now then
  if leased or held then return answer('stale', true) end
  take_lease()
  return answer('stale-leader', true)
end
if held then return answer('error-held', stands_in, page[11] or '') end
if leased then return answer('follower', stands_in) end
take_lease()
return answer('leader', stands_in)
