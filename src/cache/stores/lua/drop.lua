-- Removes a page. KEYS[1] is the page hash.
return redis.call('UNLINK', KEYS[1])
