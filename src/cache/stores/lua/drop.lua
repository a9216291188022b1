-- Removes a page. KEYS[1] is the page hash; ARGV[1] the expected revision. A page of another revision stays.
if redis.call('HGET', KEYS[1], 'r') == ARGV[1] then return redis.call('UNLINK', KEYS[1]) end
return 0
