-- Read past a full memory, and never on a replica.
return redis.call('SMEMBERS', KEYS[1])
