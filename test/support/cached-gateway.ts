import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { cachedIn, settleGroups } from './cached-lists.js';
import { ACME, type TestGateway, startTestGateway } from './gateway.js';
import { type Target, arrangeGroup } from './operations.js';
import { RedisCluster } from './redis-cluster.js';
import { RedisServer } from './redis-server.js';
import { outlivesQuarantine, passTime } from './redis-time.js';
import { unusedPort } from './unused-port.js';

const CALL_MS = 1_000;
const LATE_MS = 300;
export const SETTLE_MS = 3_000;

/** A key and the server that stores it. */
interface HeldKey {
  readonly server: RedisServer;
  readonly key: string;
}

/** The Redis servers that store the pages. */
export class PageServers {
  constructor(
    readonly url: string,
    readonly masters: readonly RedisServer[],
    readonly stop: () => Promise<void>,
  ) {}

  async flush(): Promise<void> {
    for (const server of this.masters) await server.flush();
  }

  async pass(ms: number): Promise<void> {
    for (const server of this.masters) await passTime(server, ms);
  }

  /** Returns the only key of a kind, `m` or `p:*`. Throws if there are none or several. */
  async only(kind: string): Promise<HeldKey> {
    const found: HeldKey[] = [];
    for (const server of this.masters) {
      const names = await server.command('KEYS', `cg:*:${kind}`);
      found.push(...names.split('\n').flatMap((key) => (key === '' ? [] : [{ server, key }])));
    }
    const [one, ...others] = found;
    if (!one || others.length > 0)
      throw new Error(`Found ${found.length} keys of kind ${kind}, expected one`);
    return one;
  }
}

/** Each supported Redis deployment. */
export const PAGE_SERVERS = [
  {
    name: 'one Redis',
    start: async (): Promise<PageServers> => {
      const server = await RedisServer.start();
      return new PageServers(server.url, [server], () => server.stop());
    },
  },
  {
    name: 'a Redis Cluster',
    start: async (): Promise<PageServers> => {
      const three = await RedisCluster.start();
      return new PageServers(three.url, three.masters, () => three.stop());
    },
  },
];

/** The fixtures for a test of cached pages. */
export interface CachedGateway {
  readonly servers: PageServers;
  readonly gateway: TestGateway;
  /** A new group. No group has a change in progress. */
  readonly target: Target;
}

/**
 * Starts the servers and a gateway once for all tests of a block. Resets the servers and the sandbox before each test
 * and passes the fixtures to `take`.
 */
export function useCachedGateway(
  start: () => Promise<PageServers>,
  take: (fresh: CachedGateway) => void,
): void {
  let servers: PageServers;
  let gateway: TestGateway;

  beforeAll(async () => {
    servers = await start();
    for (const server of servers.masters) await outlivesQuarantine(server, CALL_MS + LATE_MS);
    gateway = await startTestGateway({
      ...cachedIn(servers.url, CALL_MS, LATE_MS),
      MANAGEMENT_PORT: String(await unusedPort()),
      CACHE_SETTLE_MS: String(SETTLE_MS),
    });
  });
  afterAll(async () => {
    await gateway.close();
    await servers.stop();
  });
  beforeEach(async () => {
    await gateway.sandbox.reset();
    await servers.flush();
    const target = await arrangeGroup(gateway, ACME);
    await settleGroups(gateway);
    take({ servers, gateway, target });
  });
}
