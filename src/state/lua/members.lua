-- A script, so that the set is read even when memory is full, and never on a replica.
return redis.call('SMEMBERS', KEYS[1])
