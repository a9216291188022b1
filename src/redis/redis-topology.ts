import { Redis } from 'ioredis';
import type { RedisTarget } from '../config/config.js';
import { connectionOptions, retryDelayMs } from './client-options.js';
import type { Durability } from './durability.js';
import { RedisNode } from './redis-node.js';

export interface TopologyOptions {
  readonly commandTimeoutMs: number;
  readonly durability?: Durability;
  /** The state of a server changed. */
  readonly onState: () => void;
  /** No server tells where the masters are. */
  readonly onUnreachable: (reason: string) => void;
}

/** The servers behind one `REDIS_URL`. */
export interface RedisTopology {
  /** The server that holds a key; `undefined` while none is known. */
  for(key: string | undefined): RedisNode | undefined;
  /** The masters by name, `host:port`, with their connections where there are some; empty while no master is known. */
  masters(): ReadonlyMap<string, RedisNode | undefined>;
  close(): void;
}

/**
 * One server; with Sentinel, the master that the sentinels name when a connection is made. Sentinel is ioredis' own
 * option and is not tested here; its failover detector stays off, since clients stayed dead with it.
 */
export class SingleNode implements RedisTopology {
  readonly #link: RedisNode;
  readonly #name: string;

  constructor(target: Exclude<RedisTarget, { kind: 'cluster' }>, options: TopologyOptions) {
    const connection = connectionOptions(target, options.commandTimeoutMs);
    const where =
      target.kind === 'standalone'
        ? { ...target.node, db: target.db }
        : { sentinels: [...target.nodes], name: target.name, sentinelRetryStrategy: retryDelayMs };
    this.#name = target.kind === 'standalone' ? `${target.node.host}:${target.node.port}` : target.name;
    this.#link = new RedisNode(new Redis({ ...connection, ...where }), options);
  }

  for(): RedisNode {
    return this.#link;
  }

  masters(): ReadonlyMap<string, RedisNode> {
    return new Map([[this.#name, this.#link]]);
  }

  close(): void {
    this.#link.close();
  }
}
