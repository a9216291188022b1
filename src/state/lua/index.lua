-- Returns the greatest names of an index. KEYS[1] is the index; ARGV[1] the name that they are below ('' for none), [2] their
-- maximum number.
local below = ARGV[1] == '' and '+' or '(' .. ARGV[1]
return redis.call('ZRANGE', KEYS[1], below, '-', 'BYLEX', 'REV', 'LIMIT', 0, ARGV[2])
