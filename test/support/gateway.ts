import { protocolTimes } from '../../src/cache/protocol-times.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import { loadConfig, withSandboxAt } from '../../src/config/config.js';
import { startGateway } from '../../src/app/bootstrap.js';
import { FAST_PATH } from './fast-path-of-project.js';
import { gatewayClient } from './gateway-client.js';
import { startProjectRedis } from './redis-of-project.js';
import { SandboxControl } from './sandbox-control.js';

export const ACME_KEY = `cgk_acme.${'A'.repeat(43)}`;
export const GLOBEX_KEY = `cgk_globex.${'B'.repeat(43)}`;
export const READONLY_KEY = `cgk_acme-readonly.${'C'.repeat(43)}`;
export const ACME = { custSpaceId: 'cams-acme', businessNumber: '8613800000001' } as const;
export const GLOBEX = { custSpaceId: 'cams-globex', businessNumber: '8613900000001' } as const;

/** JSON that a test can navigate freely, without type checks. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed if it is JSON. */
  readonly body: Json;
  readonly text: string;
}

export interface RequestOptions {
  readonly key?: string | null;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A gateway and its own sandbox, both over real HTTP. If the jest project asks for Redis, it has its own Redis too. */
export interface TestGateway {
  readonly url: string;
  readonly managementUrl: string | undefined;
  readonly sandbox: SandboxControl;
  /** One REST call; `path` begins with `/`. */
  rest(path: string, options?: RequestOptions): Promise<Answer>;
  graphql(query: string, variables?: Record<string, unknown>, options?: RequestOptions): Promise<Answer>;
  close(): Promise<void>;
}

export const TEST_SETTINGS = {
  PORT: '0',
  MANAGEMENT_PORT: '0',
  SANDBOX_PORT: '0',
  LOG_LEVEL: 'silent',
  FAST_PATH,
  // A busy machine delays the event loop, too.
  MAX_EVENT_LOOP_DELAY_MS: '0',
  // Tests are not throttled unless they ask for it.
  CAMS_QPS: '10000',
  // Tests of the upstream must not hit the cache; tests of the cache set their own lifetimes.
  CACHE_FRESH_MS: '0',
  CACHE_STALE_WHILE_REVALIDATE_MS: '0',
  CACHE_STALE_IF_ERROR_MS: '0',
  CACHE_SETTLE_MS: '0',
};

/** Starts both; `settings` are environment variables that override {@link TEST_SETTINGS}. */
export async function startTestGateway(settings: Record<string, string> = {}): Promise<TestGateway> {
  const [gateway] = await startTestReplicas(1, settings);
  if (!gateway) throw new Error('No gateway was started.');
  return gateway;
}

/** Starts several gateways with one sandbox. It stops with the last one, as does Redis unless `settings` provide it. */
export async function startTestReplicas(
  count: number,
  settings: Record<string, string> = {},
): Promise<TestGateway[]> {
  const redis = settings['REDIS_URL'] === undefined ? await startProjectRedis() : undefined;
  const config = loadConfig({ ...TEST_SETTINGS, ...redis?.settings, ...settings });
  await redis?.isUsed(protocolTimes(config).intentMs);
  if (!config.sandbox) throw new Error('A test gateway needs the sandbox.');
  const sandbox = await startSandbox(config.sandbox);
  const open = new Set<TestGateway>();
  for (let replica = 0; replica < count; replica += 1) {
    const running = await startGateway(withSandboxAt(config, sandbox.url));
    const { url, managementUrl } = running;
    const gateway: TestGateway = {
      url,
      managementUrl,
      sandbox: new SandboxControl(sandbox.url),
      ...gatewayClient(url, ACME_KEY),
      async close() {
        await running.close();
        open.delete(gateway);
        if (open.size > 0) return;
        await sandbox.close();
        await redis?.stop();
      },
    };
    open.add(gateway);
  }
  return [...open];
}
