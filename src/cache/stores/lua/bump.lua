-- Invalidates the stored pages, after a write of unknown outcome (its intent stays) or a change seen upstream.
redis.call('HSET', meta_key, 'g', new_generation())
remember(META_LIFE_MS)
return 1
