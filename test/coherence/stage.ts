import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { RedisServer } from '../support/redis-server.js';
import { SandboxControl } from '../support/sandbox-control.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { BuildCopy } from './build-copy.js';
import { type Child, startChild } from './child.js';
import { ListsUnderWay } from './lists-under-way.js';
import type { Options } from './options.js';
import { REPLICA_SETTINGS, SPACE } from './settings.js';
import { UpstreamTap } from './upstream-tap.js';
import { UpstreamWrites } from './upstream-writes.js';

const SECRET = 'K'.repeat(43);
const PERMISSIONS = [
  'groups:read',
  'groups:write',
  'groups:delete',
  'participants:read',
  'participants:remove',
];
export const API_KEY = `cgk_coherence.${SECRET}`;

/** One gateway process, and what stands between it and the others. */
export interface Replica {
  readonly name: string;
  readonly url: string;
  readonly process: Child;
  readonly redis: TcpProxy;
  readonly upstream: UpstreamTap;
}

/** Everything that runs: one Redis, one sandbox, and the replicas. */
export interface Stage {
  readonly redis: RedisServer;
  readonly sandbox: SandboxControl;
  readonly replicas: readonly Replica[];
  readonly lists: ListsUnderWay;
  readonly upstreamWrites: UpstreamWrites;
  /** What ended by itself. */
  crashes(): string[];
  close(): Promise<void>;
}

/** Starts everything; what had started is stopped when something does not. */
export async function startStage({ replicas, broken, coherence }: Options): Promise<Stage> {
  const running: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of running.splice(0).toReversed()) await stop();
  };
  try {
    const build = new BuildCopy(broken);
    running.push(() => build.remove());
    const redis = await RedisServer.start({ settings: ['--maxmemory-policy', 'volatile-ttl'] });
    running.push(() => redis.stop());
    const sandbox = await startChild(
      build.file('dist/main-sandbox.js'),
      { SANDBOX_PORT: '0' },
      /^CAMS sandbox on (\S+)$/m,
    );
    running.push(() => sandbox.stop());
    const tenants = build.file('tenants.yaml');
    writeFileSync(tenants, tenantsFile());
    const lists = new ListsUnderWay();
    const upstreamWrites = new UpstreamWrites();
    const start = async (_: unknown, index: number): Promise<Replica> => {
      const proxy = await TcpProxy.start(redis.port);
      running.push(() => proxy.close());
      const upstream = await UpstreamTap.start(Number(new URL(sandbox.url).port), index, {
        lists,
        writes: upstreamWrites,
      });
      running.push(() => upstream.close());
      const settings = {
        ...REPLICA_SETTINGS,
        COHERENCE: coherence,
        TENANTS_FILE: tenants,
        REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
        CAMS_ENDPOINT: `http://127.0.0.1:${upstream.port}`,
      };
      const process = await startChild(build.file('dist/main.js'), settings, /^Gateway +(\S+)$/m);
      running.push(() => process.stop());
      return { name: `replica ${index + 1}`, url: process.url, process, redis: proxy, upstream };
    };
    const started = await Promise.all(Array.from({ length: replicas }, start));
    return {
      redis,
      sandbox: new SandboxControl(sandbox.url),
      replicas: started,
      lists,
      upstreamWrites,
      crashes: () =>
        [sandbox, ...started.map(({ process }) => process)].flatMap((child) => child.ended() ?? []),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One tenant that may do everything, to any number of its space, as often as it likes. */
function tenantsFile(): string {
  const digest = createHmac('sha256', REPLICA_SETTINGS['API_KEY_PEPPER'] ?? '')
    .update(SECRET)
    .digest('hex');
  return JSON.stringify({
    tenants: [
      {
        id: 'coherence',
        name: 'Coherence',
        spaces: [{ custSpaceId: SPACE }],
        limits: { requestsPerMinute: 1_000_000, deletesPerHour: 1_000_000 },
        apiKeys: [{ id: 'coherence', digest, permissions: PERMISSIONS }],
      },
    ],
  });
}
