-- Extends an entry. KEYS[1] is the entry; ARGV[1] the version that it must have, [2] its life in ms from now.
if redis.call('HGET', KEYS[1], 'n') ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
