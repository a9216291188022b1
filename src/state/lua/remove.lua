-- Removes an entry. KEYS[1] is the entry; ARGV[1] the version that it must have.
if redis.call('HGET', KEYS[1], 'n') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
