-- Returns the payload of a page. KEYS[1] is the page hash; ARGV[1] the expected revision. Returns '' if it has another one.
local page = redis.call('HMGET', KEYS[1], 'r', 'v')
if page[1] ~= ARGV[1] then return '' end
return page[2] or ''
