import { Redis } from 'ioredis';
import type { RedisCredentials, RedisTarget } from '../config/config.js';
import { connectionOptions, login, retryDelayMs } from './client-options.js';
import type { Durability } from './durability.js';
import { RedisNode } from './redis-node.js';

export interface TopologyOptions {
  readonly commandTimeoutMs: number;
  readonly durability?: Durability;
  /** Called when the state of a server has changed. */
  readonly onState: () => void;
  /** Called when no server can name the masters. */
  readonly onUnreachable: (reason: string) => void;
}

/** The servers behind one `REDIS_URL`. */
export interface RedisTopology {
  /** Returns the server that holds a key; `undefined` while none is known. */
  for(key: string | undefined): RedisNode | undefined;
  /** Returns the masters by name (`host:port`) with their connections, if any. Empty while no master is known. */
  masters(): ReadonlyMap<string, RedisNode | undefined>;
  /** Authenticates later connections with these credentials. Missing where the client cannot change them. */
  useCredentials?(credentials: RedisCredentials): void;
  close(): void;
}

/**
 * One server; with Sentinel, the master that it names when a connection is opened. Sentinel support comes from ioredis
 * and is not tested here. Its failover detector stays off, because clients did not recover with it.
 */
export class SingleNode implements RedisTopology {
  readonly #redis: Redis;
  readonly #link: RedisNode;
  readonly #name: string;

  constructor(target: Exclude<RedisTarget, { kind: 'cluster' }>, options: TopologyOptions) {
    const connection = connectionOptions(target, options.commandTimeoutMs);
    const where =
      target.kind === 'standalone'
        ? { ...target.node, db: target.db }
        : { sentinels: [...target.nodes], name: target.name, sentinelRetryStrategy: retryDelayMs };
    this.#name = target.kind === 'standalone' ? `${target.node.host}:${target.node.port}` : target.name;
    this.#redis = new Redis({ ...connection, ...where });
    this.#link = new RedisNode(this.#redis, options);
  }

  for(): RedisNode {
    return this.#link;
  }

  masters(): ReadonlyMap<string, RedisNode> {
    return new Map([[this.#name, this.#link]]);
  }

  useCredentials(credentials: RedisCredentials): void {
    Object.assign(this.#redis.options, login(credentials));
  }

  close(): void {
    this.#link.close();
  }
}
