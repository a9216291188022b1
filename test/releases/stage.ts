import { createHmac } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { PERMISSIONS } from '../../src/tenancy/permissions.js';
import { eventually } from '../support/eventually.js';
import type { TestGateway } from '../support/gateway.js';
import { gatewayClient } from '../support/gateway-client.js';
import { Program } from '../support/program.js';
import { RedisServer } from '../support/redis-server.js';
import { SandboxControl } from '../support/sandbox-control.js';
import { apiKeyOf } from '../support/sole-tenant.js';
import { unusedPort } from '../support/unused-port.js';

const PEPPER = 'sandbox-pepper';
const UNLIMITED = 1_000_000;
export const ACME = { custSpaceId: 'cams-acme', businessNumber: '8613800000001' } as const;
export const GLOBEX = { custSpaceId: 'cams-globex', businessNumber: '8613900000001' } as const;
/** `globex` has few deletes per hour, `initech` few requests per minute. */
export const TENANTS = {
  acme: { scope: ACME, requestsPerMinute: UNLIMITED, deletesPerHour: UNLIMITED },
  globex: { scope: GLOBEX, requestsPerMinute: UNLIMITED, deletesPerHour: 2 },
  initech: {
    scope: { custSpaceId: 'cams-initech', businessNumber: '8613700000001' },
    requestsPerMinute: 3,
    deletesPerHour: UNLIMITED,
  },
} as const;
const secretOf = (tenant: string): string => tenant.padEnd(43, 'R');
export const keyOf = (id: keyof typeof TENANTS): string => apiKeyOf({ id, secret: secretOf(id) });

/** A running gateway of one build. */
export interface Side extends TestGateway {
  kill(): Promise<void>;
}

/** One Redis and one sandbox, for gateways of several builds. */
export class Stage {
  private constructor(
    readonly redis: RedisServer,
    /** Reads and writes the state directly. */
    readonly state: Redis,
    readonly sandbox: SandboxControl,
    private readonly running: (() => Promise<unknown>)[],
  ) {}

  /** Starts the sandbox of the build in a folder. */
  static async start(build: string): Promise<Stage> {
    const redis = await RedisServer.start({ settings: ['--maxmemory-policy', 'noeviction'] });
    const state = new Redis(redis.url);
    const running = [() => redis.stop(), async () => state.disconnect()];
    const port = await unusedPort();
    const program = new Program(fileOf(build, 'dist/cli/sandbox.js'), { SANDBOX_PORT: String(port) });
    running.push(() => program.end('SIGKILL'));
    const url = `http://127.0.0.1:${port}`;
    await answers(program, `${url}/__sandbox__/settings`);
    writeFileSync(redis.file('tenants.yaml'), tenantsFile());
    return new Stage(redis, state, new SandboxControl(url), running);
  }

  /** Starts a gateway. Waits for its port instead of its output, which differs between releases. */
  async gateway(build: string, settings: Readonly<Record<string, string>>): Promise<Side> {
    const port = await unusedPort();
    const program = new Program(fileOf(build, 'dist/main.js'), {
      // Earlier releases ignore it.
      MAX_EVENT_LOOP_DELAY_MS: '0',
      PORT: String(port),
      MANAGEMENT_PORT: '0',
      LOG_LEVEL: 'error',
      TENANTS_FILE: this.redis.file('tenants.yaml'),
      API_KEY_PEPPER: PEPPER,
      REDIS_URL: this.redis.url,
      CAMS_ENDPOINT: this.sandbox.url,
      CAMS_ACCESS_KEY_ID: 'sandbox',
      CAMS_ACCESS_KEY_SECRET: 'sandbox-secret',
      CAMS_QPS: '10000',
      CACHE_SETTLE_MS: '0',
      ...settings,
    });
    const end = (signal: 'SIGTERM' | 'SIGKILL') => () => program.end(signal);
    this.running.push(end('SIGKILL'));
    const url = `http://127.0.0.1:${port}`;
    await answers(program, `${url}/docs`);
    return {
      url,
      managementUrl: undefined,
      sandbox: this.sandbox,
      ...gatewayClient(url, keyOf('acme'), { declared: false }),
      close: end('SIGTERM'),
      kill: end('SIGKILL'),
    };
  }

  /** Kills everything. */
  async close(): Promise<void> {
    for (const stop of this.running.splice(0).toReversed()) await stop();
  }
}

function fileOf(build: string, name: string): string {
  const file = join(resolve(build), name);
  if (!existsSync(file)) throw new Error(`${file} does not exist: run npm run build in that folder.`);
  return file;
}

async function answers(program: Program, url: string): Promise<void> {
  await eventually(async () => {
    if (program.ended !== undefined) throw new Error(program.ended);
    return fetch(url, { redirect: 'manual' }).catch(() => undefined);
  });
}

function tenantsFile(): string {
  const tenants = Object.entries(TENANTS).map(([id, { scope, ...limits }]) => ({
    id,
    name: id,
    spaces: [{ custSpaceId: scope.custSpaceId, businessNumbers: [scope.businessNumber] }],
    limits,
    apiKeys: [{ id, digest: digestOf(secretOf(id)), permissions: PERMISSIONS }],
  }));
  return JSON.stringify({ tenants });
}

function digestOf(secret: string): string {
  return createHmac('sha256', PEPPER).update(secret).digest('hex');
}
