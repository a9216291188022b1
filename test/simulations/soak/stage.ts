import { renameSync, writeFileSync } from 'node:fs';
import { Program, SANDBOX_LINE } from '../../support/program.js';
import { RedisServer } from '../../support/redis-server.js';
import { SandboxControl } from '../../support/sandbox-control.js';
import { breakStep } from '../broken-build.js';
import { BuildCopy } from '../coherence/build-copy.js';
import { LEAKS } from './broken-steps.js';
import { type Replica, startReplica } from './replica.js';
import { CACHE_REDIS, GATEWAY_SETTINGS, STATE_REDIS, tenantsOf } from './settings.js';

/** Everything that runs. */
export interface Stage {
  readonly replicas: readonly Replica[];
  /** Settings of the gateways, except for their ports. */
  readonly settings: Readonly<Record<string, string>>;
  readonly cache: RedisServer;
  readonly state: RedisServer;
  readonly sandbox: SandboxControl;
  readonly tenantsFile: string;
  /** Replaces it by one with other tenants. */
  changeTenants(): void;
  /** Describes processes that exited by themselves. */
  crashes(): string[];
  close(): Promise<void>;
}

const REPLICAS = 2;

/** Starts everything. If a part fails to start, stops the others. */
export async function startStage(
  leak: string | undefined,
  onLine: (replica: string, line: string) => void,
  settings: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const running: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of running.splice(0).toReversed()) await stop();
  };
  try {
    const build = new BuildCopy(undefined);
    running.push(() => build.remove());
    if (leak !== undefined) breakStep(LEAKS, build.file('dist'), leak);
    const cache = await RedisServer.start({ settings: CACHE_REDIS });
    running.push(() => cache.stop());
    const state = await RedisServer.start({ settings: STATE_REDIS });
    running.push(() => state.stop());
    const sandbox = new Program(build.file('dist/cli/sandbox.js'), { SANDBOX_PORT: '0' });
    running.push(() => sandbox.end('SIGKILL'));
    const sandboxUrl = await sandbox.said(SANDBOX_LINE);
    const tenants = build.file('tenants.yaml');
    writeFileSync(tenants, tenantsOf(false));
    let hasMore = false;
    const all = {
      ...GATEWAY_SETTINGS,
      TENANTS_FILE: tenants,
      REDIS_URL: cache.url,
      STATE_REDIS_URL: state.url,
      CAMS_ENDPOINT: sandboxUrl,
      ...settings,
    };
    const start = (_: unknown, index: number): Promise<Replica> => {
      const name = `gateway ${index + 1}`;
      const onProcess = (process: Program): void => {
        running.push(() => process.end('SIGKILL'));
        process.onLine((line) => onLine(name, line));
      };
      return startReplica({ name, build, settings: all, onProcess });
    };
    const replicas = await Promise.all(Array.from({ length: REPLICAS }, start));
    return {
      replicas,
      settings: all,
      cache,
      state,
      sandbox: new SandboxControl(sandboxUrl),
      tenantsFile: tenants,
      changeTenants() {
        hasMore = !hasMore;
        // At once, as configuration management does it: a reader never finds half of a file.
        writeFileSync(`${tenants}.new`, tenantsOf(hasMore));
        renameSync(`${tenants}.new`, tenants);
      },
      crashes: () =>
        [sandbox, ...replicas.map(({ process }) => process)].flatMap((child) => child.ended ?? []),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
