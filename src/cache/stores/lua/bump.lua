-- What is stored may be outdated: a write of unknown outcome (its intent stays), or a fact that was seen upstream.
redis.call('HSET', meta_key, 'g', new_generation())
return 1
