-- The outcome of a write is known. ARGV[3] is its token, ARGV[4] the settle window in ms, when lists are not trusted.
redis.call('HSET', meta_key, 'g', new_generation(), 's', math.max(tonumber(meta.s or '0'), now + tonumber(ARGV[4])))
redis.call('HDEL', meta_key, 'i:' .. ARGV[3])
remember(META_LIFE_MS)
return 1
