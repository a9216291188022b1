import { canonicalHost, isLoopback } from './addresses.js';
import type { EnvReader } from './env-reader.js';
import type { RedisTarget } from './redis-target.js';

type RedisSetting = 'REDIS_URL' | 'STATE_REDIS_URL';

/** Refuses an unencrypted connection to another machine: it carries phone numbers and invite links. */
export function refusePlaintext(read: EnvReader, name: RedisSetting, target: RedisTarget | null): void {
  if (target === null || target.tls || nodesOf(target).every(({ host }) => isLoopback(host))) return;
  const remedy =
    target.kind === 'sentinel'
      ? 'Sentinel is not supported over TLS, so set REDIS_PLAINTEXT=allowed on a private network'
      : 'use rediss://, or REDIS_PLAINTEXT=allowed on a private network';
  read.fault(name, `is not encrypted, but carries phone numbers and invite links: ${remedy}`);
}

/** Whether two targets share a server, whichever database they use: a server has one eviction policy. */
export function shareServer(one: RedisTarget, other: RedisTarget): boolean {
  const [first, second] = [serversOf(one), serversOf(other)];
  return first.some((server) => second.includes(server));
}

function nodesOf(target: RedisTarget) {
  return target.kind === 'standalone' ? [target.node] : target.nodes;
}

/** Names the servers. Sentinels name masters, so the same ones can lead to different servers. */
function serversOf(target: RedisTarget): readonly string[] {
  const master = target.kind === 'sentinel' ? ` ${target.name}` : '';
  return nodesOf(target).map(
    ({ host, port }) => `${isLoopback(host) ? 'loopback' : canonicalHost(host)} ${port}${master}`,
  );
}
