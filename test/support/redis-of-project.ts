import { RedisCluster } from './redis-cluster.js';
import { RedisServer } from './redis-server.js';
import { outlivesQuarantine } from './redis-time.js';

/** A Redis for the gateways of one test, and their settings. */
export interface ProjectRedis {
  readonly settings: Readonly<Record<string, string>>;
  /** Resolves when new scopes are no longer in quarantine. Until then, reads bypass the cache. */
  isUsed(quarantineMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts an empty Redis of the kind that the jest project asks for; `undefined` if pages are cached in the process. */
export async function startProjectRedis(): Promise<ProjectRedis | undefined> {
  const started = await start();
  if (!started) return undefined;
  const masters = started instanceof RedisCluster ? started.masters : [started];
  return {
    // Short times, because every start waits until the quarantine ends.
    settings: { REDIS_URL: started.url, CAMS_TIMEOUT_MS: '2000', CAMS_LATE_APPLY_MS: '250' },
    async isUsed(quarantineMs) {
      await Promise.all(masters.map((master) => outlivesQuarantine(master, quarantineMs)));
    },
    stop: () => started.stop(),
  };
}

async function start(): Promise<RedisServer | RedisCluster | undefined> {
  // A global of the jest project, see jest.config.js.
  const { TEST_REDIS: kind } = globalThis as { TEST_REDIS?: string };
  switch (kind) {
    case undefined:
      return undefined;
    case 'server':
      return RedisServer.start();
    case 'cluster':
      return RedisCluster.start();
    default:
      throw new Error(`Unknown kind of Redis: ${kind}`);
  }
}
