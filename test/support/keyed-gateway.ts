import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { ACME, type TestGateway, startTestGateway } from './gateway.js';
import { type Arranged, WRITES_TENANTS, arrangeTarget } from './keyed-writes.js';
import { RedisServer } from './redis-server.js';
import { TcpProxy } from './tcp-proxy.js';

/** What a test of writes with a key works on. */
export interface KeyedGateway {
  readonly gateway: TestGateway;
  readonly redis: RedisServer;
  /** Stands before Redis, for gateways whose settings go through it; mended before each test. */
  readonly proxy: TcpProxy;
  /** A group that the gateway knows, and nobody has used. */
  readonly target: Arranged;
}

/**
 * For all tests of a file a gateway and a Redis of its own, at `direct` and, through the proxy, at `proxied`. Before each
 * the sandbox is as new, and `take` gets what there is.
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
    proxy.mend();
    await gateway.sandbox.reset();
    take({ gateway, redis, proxy, target: await arrangeTarget(gateway, ACME) });
  });
}
