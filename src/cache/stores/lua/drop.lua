-- Removes a page. KEYS[1] is the page hash; ARGV[1] the expected revision. A page of another revision stays, as does the
-- lease of a reader who is listing it again.
if redis.call('HGET', KEYS[1], 'r') ~= ARGV[1] then return 0 end
return redis.call('HDEL', KEYS[1], 'g', 'r', 'v', 'a', 'f', 'h', 'x')
