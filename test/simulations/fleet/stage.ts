import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHmac } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SANDBOX_CREDENTIALS, SANDBOX_PEPPER } from '../../../src/config/config.js';
import { GATEWAY_LINE, Program, SANDBOX_LINE } from '../../support/program.js';
import { RedisServer } from '../../support/redis-server.js';
import { type LoggedCall, SandboxControl } from '../../support/sandbox-control.js';

/** A tenant of the run. Both use the same account, and may use all numbers of their space. */
export interface FleetTenant {
  readonly id: string;
  readonly custSpaceId: string;
  readonly weight: number;
  readonly apiKey: string;
}

const SECRET_CHARACTERS = 43;
const tenant = (id: string, weight: number): FleetTenant => ({
  id,
  custSpaceId: `cams-${id}`,
  weight,
  apiKey: `cgk_${id}.${id.padEnd(SECRET_CHARACTERS, 'x')}`,
});
export const LIGHT = tenant('light', 1);
export const HEAVY = tenant('heavy', 3);

const PERMISSIONS = ['groups:read', 'groups:write'];
const KEPT_CHARACTERS = 100_000;
/** Those of `npm run start:prod`. */
const V8_OPTIONS = [
  '--max-semi-space-size=16',
  '--heap-growing-percent=20',
  '--initial-old-space-size=115',
  '--v8-pool-size=0',
];
const UNCACHED = {
  CACHE_FRESH_MS: '0',
  CACHE_STALE_WHILE_REVALIDATE_MS: '0',
  CACHE_STALE_IF_ERROR_MS: '0',
};

function tenantsFile(): string {
  const tenants = [LIGHT, HEAVY].map(({ id, custSpaceId, weight, apiKey }) => {
    const secret = apiKey.slice(apiKey.indexOf('.') + 1);
    const digest = createHmac('sha256', SANDBOX_PEPPER).update(secret).digest('hex');
    return {
      id,
      name: id,
      spaces: [{ custSpaceId }],
      limits: { requestsPerMinute: 1_000_000, concurrentRequests: 10_000, upstreamWeight: weight },
      apiKeys: [{ id, digest, permissions: PERMISSIONS }],
    };
  });
  return JSON.stringify({ tenants });
}

/** A gateway process. */
export interface Replica {
  readonly url: string;
  readonly pid: number;
  kill(): Promise<void>;
  /** Stops it as a supervisor would. Throws if it does not end by itself with code 0. */
  stop(): Promise<void>;
}

/** Gateways that share a state Redis and a sandbox. */
export class FleetStage {
  readonly #folder = mkdtempSync(join(tmpdir(), 'gateway-fleet-'));
  readonly #programs = new Set<Program>();

  private constructor(
    readonly state: RedisServer,
    sandbox: Program,
    readonly sandboxUrl: string,
  ) {
    this.#programs.add(sandbox);
    writeFileSync(join(this.#folder, 'tenants.yaml'), tenantsFile());
  }

  static async start(sandboxSettings: Readonly<Record<string, string>> = {}): Promise<FleetStage> {
    const state = await RedisServer.start();
    const sandbox = new Program('dist/cli/sandbox.js', { SANDBOX_PORT: '0', ...sandboxSettings });
    return new FleetStage(state, sandbox, await sandbox.said(SANDBOX_LINE));
  }

  async startReplica(settings: Readonly<Record<string, string>>): Promise<Replica> {
    const program = new Program(
      [process.execPath, ...V8_OPTIONS, 'dist/main.js'],
      {
        MALLOC_ARENA_MAX: '1',
        PORT: '0',
        MANAGEMENT_PORT: '0',
        LOG_LEVEL: 'warn',
        TENANTS_FILE: join(this.#folder, 'tenants.yaml'),
        STATE_REDIS_URL: this.state.url,
        CAMS_ENDPOINT: this.sandboxUrl,
        CAMS_ACCESS_KEY_ID: SANDBOX_CREDENTIALS.accessKeyId,
        CAMS_ACCESS_KEY_SECRET: SANDBOX_CREDENTIALS.accessKeySecret,
        API_KEY_PEPPER: SANDBOX_PEPPER,
        MAX_EVENT_LOOP_DELAY_MS: '0',
        ...UNCACHED,
        ...settings,
      },
      { keptChars: KEPT_CHARACTERS },
    );
    this.#programs.add(program);
    const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
      this.#programs.delete(program);
      await program.end(signal);
    };
    return {
      url: await program.said(GATEWAY_LINE),
      pid: program.pid,
      kill: () => end('SIGKILL'),
      stop: async () => {
        await end('SIGTERM');
        if (program.ended?.includes('ended with 0:') !== true) throw new Error(program.ended);
      },
    };
  }

  /** Every call that has arrived at the sandbox. */
  calls(): Promise<LoggedCall[]> {
    return new SandboxControl(this.sandboxUrl).calls();
  }

  async close(): Promise<void> {
    for (const program of this.#programs) await program.end('SIGKILL');
    await this.state.stop();
    rmSync(this.#folder, { recursive: true });
  }
}
