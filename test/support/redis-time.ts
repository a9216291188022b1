import { eventually } from './eventually.js';
import type { RedisServer } from './redis-server.js';

// Moves all timestamps of pages and scopes into the past, and shortens the TTLs of the keys by the same time.
const PASS = `
  local ms, times = tonumber(ARGV[1]), { q = 1, s = 1, f = 1, h = 1, a = 1, x = 1, le = 1, er = 1 }
  for _, key in ipairs(redis.call('KEYS', 'cg:*')) do
    local fields = redis.call('HGETALL', key)
    for i = 1, #fields, 2 do
      if times[fields[i]] or string.sub(fields[i], 1, 2) == 'i:' then
        redis.call('HINCRBY', key, fields[i], -ms)
      end
    end
    redis.call('PEXPIRE', key, redis.call('PTTL', key) - ms)
  end`;

/** Advances time for the cached pages of a server. */
export async function passTime(server: RedisServer, ms: number): Promise<void> {
  await server.command('EVAL', PASS, 0, ms);
}

/** Waits until the server has been up for longer than `quarantineMs`, so that new scopes are not in quarantine. */
export async function outlivesQuarantine(server: RedisServer, quarantineMs: number): Promise<void> {
  await eventually(async () => {
    const [, seconds] = /uptime_in_seconds:(\d+)/.exec(await server.command('INFO', 'server')) ?? [];
    return Number(seconds) * 1000 >= quarantineMs + 1_000 || undefined;
  });
}
