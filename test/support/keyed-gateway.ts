import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { ACME, type TestGateway, startTestGateway } from './gateway.js';
import { type Arranged, WRITES_TENANTS, arrangeTarget } from './keyed-writes.js';
import { RedisServer } from './redis-server.js';
import { TcpProxy } from './tcp-proxy.js';

/** The fixtures for a test of writes with an idempotency key. */
export interface KeyedGateway {
  readonly gateway: TestGateway;
  readonly redis: RedisServer;
  /** A proxy in front of Redis, for gateways configured to use it. Repaired before each test. */
  readonly proxy: TcpProxy;
  /** A new group that the gateway has seen. */
  readonly target: Arranged;
}

/**
 * Starts a gateway and a Redis for all tests of a file. Redis is at `direct` and, through the proxy, at `proxied`.
 * Resets the sandbox before each test and passes the fixtures to `take`.
 */
export function useKeyedGateway(
  settings: (urls: { readonly direct: string; readonly proxied: string }) => Record<string, string>,
  take: (fresh: KeyedGateway) => void,
): void {
  let redis: RedisServer;
  let proxy: TcpProxy;
  let gateway: TestGateway;

  beforeAll(async () => {
    redis = await RedisServer.start();
    proxy = await TcpProxy.start(redis.port);
    const proxied = `redis://127.0.0.1:${proxy.port}`;
    gateway = await startTestGateway({ ...WRITES_TENANTS, ...settings({ direct: redis.url, proxied }) });
  });
  afterAll(async () => {
    await gateway.close();
    await proxy.close();
    await redis.stop();
  });
  beforeEach(async () => {
    proxy.repair();
    await gateway.sandbox.reset();
    take({ gateway, redis, proxy, target: await arrangeTarget(gateway, ACME) });
  });
}
