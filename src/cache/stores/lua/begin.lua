-- A write is about to be sent. From now on nothing is stored or served from the cache. ARGV[3] is the write's token.
redis.call('HSET', meta_key, 'g', new_generation(), 'i:' .. ARGV[3], now + tq)
remember(META_LIFE_MS)
return 1
