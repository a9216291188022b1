import { Logger } from '@nestjs/common';
import { loadConfig } from '../../src/config/config.js';
import { RedisConnection } from '../../src/redis/redis-connection.js';
import { MemoryStateStore } from '../../src/state/memory-state-store.js';
import { RedisStateStore } from '../../src/state/redis-state-store.js';
import type { StateStore } from '../../src/state/state-store.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { RedisServer } from './redis-server.js';
import { TcpProxy } from './tcp-proxy.js';

/** A state store as seen by two concurrent users. */
export interface StateBench {
  readonly store: StateStore;
  readonly other: StateStore;
  close(): Promise<void>;
}

export function memoryBench(maxBytes?: number): StateBench {
  const store = new MemoryStateStore(maxBytes);
  return { store, other: store, close: async () => undefined };
}

/** Uses its own server. `store` reaches it through a proxy, `other` directly. */
export class RedisStateBench implements StateBench {
  private constructor(
    readonly server: RedisServer,
    readonly proxy: TcpProxy,
    readonly connections: readonly RedisConnection[],
    readonly store: StateStore,
    readonly other: StateStore,
  ) {}

  static async start(): Promise<RedisStateBench> {
    Logger.overrideLogger(false);
    const server = await RedisServer.start();
    const proxy = await TcpProxy.start(server.port);
    const first = await connect(`redis://127.0.0.1:${proxy.port}`);
    const second = await connect(server.url);
    const [store, other] = [new RedisStateStore(first), new RedisStateStore(second)];
    return new RedisStateBench(server, proxy, [first, second], store, other);
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.close();
    await this.proxy.close();
    await this.server.stop();
  }
}

async function connect(url: string): Promise<RedisConnection> {
  const { redis: target } = loadConfig({ REDIS_URL: url });
  if (!target) throw new Error('REDIS_URL was not read');
  // The timeout is longer than any pause of a busy test machine.
  const options = { name: 'state', setting: 'STATE_REDIS_URL', commandTimeoutMs: 400 };
  const connection = new RedisConnection(target, new Metrics(), options);
  await connection.start();
  return connection;
}
