import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GATEWAY_LINE, Program, SANDBOX_LINE } from '../../support/program.js';
import { RedisServer } from '../../support/redis-server.js';
import { SandboxControl } from '../../support/sandbox-control.js';
import { AUDIENCE, ISSUER, keySet, makeKey, type SigningKey } from '../../support/tenancy-issuer.js';
import { unusedPort } from '../../support/unused-port.js';
import { BuildCopy } from '../coherence/build-copy.js';
import { type RunTenant, tenantsFile } from '../tenants.js';
import { UpstreamProxy } from './upstream/upstream-proxy.js';

/** A gateway process. The two differ in `FAST_PATH`. */
export interface StageGateway {
  readonly name: string;
  readonly url: URL;
  readonly managementUrl: string;
  readonly process: Program;
}

/** Everything that runs: Redis for the cache and the state, a sandbox behind a proxy, and two gateways. */
export interface Stage {
  readonly sandbox: SandboxControl;
  readonly upstream: UpstreamProxy;
  readonly gateways: readonly [StageGateway, StageGateway];
  /** Signs tokens that the gateways accept. */
  readonly signingKey: SigningKey;
  /** Describes processes that exited by themselves. */
  crashes(): string[];
  close(): Promise<void>;
}

const STATE_SETTINGS = [
  '--appendonly',
  'yes',
  '--appendfsync',
  'everysec',
  '--maxmemory-policy',
  'noeviction',
];

/** Starts everything. If a part fails to start, stops the others. */
export async function startStage(
  tenants: readonly RunTenant[],
  settings: Readonly<Record<string, string>>,
  {
    onLine,
    change = () => undefined,
  }: {
    readonly onLine: (gateway: string, line: string) => void;
    /** Changes the copy of the build that will run. */
    readonly change?: (dist: string) => void;
  },
): Promise<Stage> {
  const running: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of running.splice(0).toReversed()) await stop();
  };
  try {
    const build = new BuildCopy(undefined);
    running.push(() => build.remove());
    change(build.file('dist'));
    const folder = mkdtempSync(join(tmpdir(), 'gateway-fuzz-'));
    running.push(() => rmSync(folder, { recursive: true, force: true }));
    const signingKey = await makeKey('ES256', 'fuzz');
    writeFileSync(join(folder, 'jwks.json'), keySet(signingKey));
    writeFileSync(join(folder, 'tenants.yaml'), tenantsFile(tenants));
    const cache = await RedisServer.start({ settings: ['--maxmemory-policy', 'volatile-ttl'] });
    running.push(() => cache.stop());
    const state = await RedisServer.start({ settings: STATE_SETTINGS });
    running.push(() => state.stop());
    const sandbox = new Program(build.file('dist/cli/sandbox.js'), { SANDBOX_PORT: '0' });
    running.push(() => sandbox.end('SIGKILL'));
    const sandboxUrl = await sandbox.said(SANDBOX_LINE);
    const upstream = await UpstreamProxy.start(Number(new URL(sandboxUrl).port));
    running.push(() => upstream.close());
    const start = async (name: string, fastPath: string): Promise<StageGateway> => {
      const managementPort = await unusedPort();
      const program = new Program(
        build.file('dist/main.js'),
        {
          ...settings,
          MANAGEMENT_PORT: String(managementPort),
          FAST_PATH: fastPath,
          TENANTS_FILE: join(folder, 'tenants.yaml'),
          JWT_ISSUER: ISSUER,
          JWT_AUDIENCE: AUDIENCE,
          JWT_JWKS_FILE: join(folder, 'jwks.json'),
          REDIS_URL: cache.url,
          STATE_REDIS_URL: state.url,
          CAMS_ENDPOINT: `http://127.0.0.1:${upstream.port}`,
        },
        { keptChars: 10_000 },
      );
      program.onLine((line) => onLine(name, line));
      running.push(() => program.end('SIGKILL'));
      const url = new URL(await program.said(GATEWAY_LINE));
      return { name, url, managementUrl: `http://127.0.0.1:${managementPort}`, process: program };
    };
    // One after the other: each start takes a while on a busy machine.
    const gateways = [await start('fast path', 'on'), await start('no fast path', 'off')] as const;
    return {
      sandbox: new SandboxControl(sandboxUrl),
      upstream,
      gateways,
      signingKey,
      crashes: () =>
        [sandbox, ...gateways.map(({ process }) => process)].flatMap((child) => child.ended ?? []),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
