import { writeFileSync } from 'node:fs';
import { BuildCopy } from '../coherence/build-copy.js';
import { Program, SANDBOX_LINE } from '../../support/program.js';
import { RedisServer } from '../../support/redis-server.js';
import { SandboxControl } from '../../support/sandbox-control.js';
import { soleTenantFile } from '../../support/sole-tenant.js';
import { breakStep } from '../broken-build.js';
import { STEPS } from './broken-steps.js';
import type { CallIndex } from './call-index.js';
import type { Ledger } from './ledger.js';
import { GatewayProcess } from './gateway-process.js';
import { GATEWAY_SETTINGS, TENANT } from './settings.js';
import { StateTap } from './state-tap.js';
import type { FaultPoints } from './fault-points.js';
import { UpstreamTap } from './upstream-tap.js';

/** A gateway process and its current faults. */
export class Replica {
  /** Killed and not restarted yet. */
  dead = false;
  frozen = false;

  constructor(
    readonly name: string,
    readonly process: GatewayProcess,
  ) {}

  get hurt(): boolean {
    return this.dead || this.frozen;
  }

  die(): void {
    this.dead = true;
    this.process.kill();
  }

  async revive(): Promise<void> {
    await this.process.start();
    this.dead = false;
  }

  freeze(): void {
    this.frozen = true;
    this.process.freeze();
  }

  thaw(): void {
    this.process.thaw();
    this.frozen = false;
  }
}

/** Everything that runs. */
export interface Stage {
  readonly sandbox: SandboxControl;
  readonly state: RedisServer;
  readonly replicas: readonly Replica[];
  /** Describes processes that exited by themselves. */
  crashes(): string[];
  close(): Promise<void>;
}

// With `everysec`, a killed server loses writes that it acknowledged while an fsync was in progress.
const STATE_SETTINGS = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];

/** Copies the build and starts the stores and the sandbox. If a part fails to start, stops the others. */
export async function startStage(broken: string | undefined): Promise<StageWithoutGateways> {
  const running: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of running.splice(0).toReversed()) await stop();
  };
  try {
    const build = new BuildCopy(undefined);
    running.push(() => build.remove());
    if (broken !== undefined) breakStep(STEPS, build.file('dist'), broken);
    const cache = await RedisServer.start({ settings: ['--maxmemory-policy', 'volatile-ttl'] });
    running.push(() => cache.stop());
    const state = await RedisServer.start({ settings: STATE_SETTINGS });
    running.push(() => state.stop());
    const sandbox = new Program(build.file('dist/cli/sandbox.js'), { SANDBOX_PORT: '0' });
    running.push(() => sandbox.end('SIGKILL'));
    const sandboxUrl = await sandbox.said(SANDBOX_LINE);
    writeFileSync(build.file('tenants.yaml'), soleTenantFile(TENANT));
    return { build, cache, state, sandbox, sandboxUrl, running, close };
  } catch (error) {
    await close();
    throw error;
  }
}

export interface StageWithoutGateways {
  readonly build: BuildCopy;
  readonly cache: RedisServer;
  readonly state: RedisServer;
  readonly sandbox: Program;
  readonly sandboxUrl: string;
  readonly running: (() => unknown)[];
  readonly close: () => Promise<void>;
}

/** Starts the gateways, each with its taps. */
export async function startGateways(
  { build, cache, state, sandbox, sandboxUrl, running, close }: StageWithoutGateways,
  count: number,
  faultPoints: FaultPoints,
  index: CallIndex,
  ledger: Ledger,
): Promise<Stage> {
  const start = async (_: unknown, place: number): Promise<Replica> => {
    const stateTap = await StateTap.start(state.port, {
      asked: (step) => faultPoints.asked(replica, step),
      confirmed: (step, done) => faultPoints.confirmed(replica, step, done),
    });
    running.push(() => stateTap.close());
    const upstream = await UpstreamTap.start(Number(new URL(sandboxUrl).port), {
      writeOf: (action, parameters) => index.writeOf(action, parameters),
      arrived: (write) => faultPoints.called(replica, write),
      executed: (write) => faultPoints.executed(replica, write),
    });
    running.push(() => upstream.close());
    const process = new GatewayProcess(
      build.file('dist/main.js'),
      {
        ...GATEWAY_SETTINGS,
        TENANTS_FILE: build.file('tenants.yaml'),
        REDIS_URL: cache.url,
        STATE_REDIS_URL: `redis://127.0.0.1:${stateTap.port}`,
        CAMS_ENDPOINT: `http://127.0.0.1:${upstream.port}`,
      },
      (line) => ledger.note(`${replica.name} logs ${line}`),
    );
    running.push(() => process.kill());
    const replica = new Replica(`replica ${place + 1}`, process);
    await process.start();
    return replica;
  };
  const replicas = await Promise.all(Array.from({ length: count }, start));
  return {
    sandbox: new SandboxControl(sandboxUrl),
    state,
    replicas,
    crashes: () =>
      [sandbox.ended, ...replicas.map(({ process }) => process.crash)].filter((end) => end !== undefined),
    close,
  };
}
