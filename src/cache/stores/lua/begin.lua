-- A write is about to be sent. ARGV[3] is its token. From now on nothing is stored or served from the cache.
redis.call('HSET', meta_key, 'g', new_generation(), 'i:' .. ARGV[3], now + tq)
return 1
