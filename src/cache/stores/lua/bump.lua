-- Invalidates the stored pages, after a write of unknown outcome (its intent stays) or a change seen upstream.
redis.call('HSET', meta_key, 'g', new_generation())
return 1
