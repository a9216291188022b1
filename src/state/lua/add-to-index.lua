-- KEYS[1] is the index; ARGV[1] a name, [2] the oldest name to keep, [3] the maximum number of names, [4] its life in ms.
redis.call('ZADD', KEYS[1], 0, ARGV[1])
redis.call('ZREMRANGEBYLEX', KEYS[1], '-', '(' .. ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -(tonumber(ARGV[3]) + 1))
return redis.call('PEXPIRE', KEYS[1], ARGV[4])
