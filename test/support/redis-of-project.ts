import { RedisCluster } from './redis-cluster.js';
import { outlivesQuarantine } from './redis-time.js';

/** A Redis for the gateways of one test, and their settings. */
export interface ProjectRedis {
  readonly settings: Readonly<Record<string, string>>;
  /** Resolves when new scopes are no longer in quarantine. Until then, reads bypass the cache. */
  isUsed(quarantineMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts an empty Cluster if the jest project asks for it; `undefined` if pages are cached in the process. */
export async function startProjectRedis(): Promise<ProjectRedis | undefined> {
  // A global of the jest project, see jest.config.js.
  if ((globalThis as { TEST_REDIS?: string }).TEST_REDIS !== 'cluster') return undefined;
  const started = await RedisCluster.start();
  return {
    // Short times, because every start waits until the quarantine ends.
    settings: { REDIS_URL: started.url, CAMS_TIMEOUT_MS: '2000', CAMS_LATE_APPLY_MS: '250' },
    async isUsed(quarantineMs) {
      await Promise.all(started.masters.map((master) => outlivesQuarantine(master, quarantineMs)));
    },
    stop: () => started.stop(),
  };
}
