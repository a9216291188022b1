import { writeFileSync } from 'node:fs';
import { GATEWAY_LINE, Program, SANDBOX_LINE } from '../../support/program.js';
import { RedisServer } from '../../support/redis-server.js';
import { SandboxControl } from '../../support/sandbox-control.js';
import { soleTenantFile } from '../../support/sole-tenant.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { BuildCopy } from './build-copy.js';
import { ListsUnderWay } from './lists-under-way.js';
import type { Options } from './options.js';
import { REPLICA_SETTINGS, TENANT } from './settings.js';
import { UpstreamTap } from './upstream-tap.js';
import { UpstreamWrites } from './upstream-writes.js';

/** A gateway process and its proxies. */
export interface Replica {
  readonly name: string;
  readonly url: string;
  readonly process: Program;
  readonly redis: TcpProxy;
  readonly upstream: UpstreamTap;
}

/** Everything that runs: one Redis server, one sandbox and the replicas. */
export interface Stage {
  readonly redis: RedisServer;
  readonly sandbox: SandboxControl;
  readonly replicas: readonly Replica[];
  readonly lists: ListsUnderWay;
  readonly upstreamWrites: UpstreamWrites;
  /** Describes processes that exited by themselves. */
  crashes(): string[];
  close(): Promise<void>;
}

/** Starts everything. If a part fails to start, stops the others. */
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
    const sandbox = new Program(build.file('dist/cli/sandbox.js'), { SANDBOX_PORT: '0' });
    running.push(() => sandbox.end('SIGKILL'));
    const sandboxUrl = await sandbox.said(SANDBOX_LINE);
    const tenants = build.file('tenants.yaml');
    writeFileSync(tenants, soleTenantFile(TENANT));
    const lists = new ListsUnderWay();
    const upstreamWrites = new UpstreamWrites();
    const start = async (_: unknown, index: number): Promise<Replica> => {
      const proxy = await TcpProxy.start(redis.port);
      running.push(() => proxy.close());
      const upstream = await UpstreamTap.start(Number(new URL(sandboxUrl).port), index, {
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
      const process = new Program(build.file('dist/main.js'), settings, { keptChars: 10_000 });
      // There is nothing to drain: every request that counts has its response.
      running.push(() => process.end('SIGKILL'));
      const url = await process.said(GATEWAY_LINE);
      return { name: `replica ${index + 1}`, url, process, redis: proxy, upstream };
    };
    const started = await Promise.all(Array.from({ length: replicas }, start));
    return {
      redis,
      sandbox: new SandboxControl(sandboxUrl),
      replicas: started,
      lists,
      upstreamWrites,
      crashes: () =>
        [sandbox, ...started.map(({ process }) => process)].flatMap((child) => child.ended ?? []),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
