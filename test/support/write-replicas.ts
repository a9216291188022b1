import { type TestGateway, startTestReplicas } from './gateway.js';
import { RedisServer } from './redis-server.js';
import { outlivesQuarantine } from './redis-time.js';
import { WRITES_TENANTS } from './keyed-writes.js';

const CALL_MS = 3_000;
const LATE_MS = 300;

/** Gateways that share a cache Redis, a state Redis and a sandbox. */
export interface WriteReplicas {
  readonly gateways: TestGateway[];
  readonly state: RedisServer;
  /** Returns the gateway at an index, modulo their number. */
  at(index: number): TestGateway;
  close(): Promise<void>;
}

export async function startWriteReplicas(
  count: number,
  settings: Record<string, string> = {},
): Promise<WriteReplicas> {
  const [cache, state] = [await RedisServer.start(), await RedisServer.start()];
  await outlivesQuarantine(cache, CALL_MS + LATE_MS);
  const gateways = await startTestReplicas(count, {
    ...WRITES_TENANTS,
    REDIS_URL: cache.url,
    STATE_REDIS_URL: state.url,
    CAMS_TIMEOUT_MS: String(CALL_MS),
    CAMS_LATE_APPLY_MS: String(LATE_MS),
    ...settings,
  });
  return {
    gateways,
    state,
    at: (index) => gateways[index % count] as TestGateway,
    async close() {
      for (const gateway of gateways) await gateway.close();
      await Promise.all([cache.stop(), state.stop()]);
    },
  };
}
