import { Redis } from 'ioredis';
import type { RedisTarget } from '../config/config.js';
import { connectionOptions, retryDelayMs } from './client-options.js';
import type { Durability } from './durability.js';
import { RedisLink } from './redis-node.js';

export interface LinksOptions {
  readonly commandTimeoutMs: number;
  readonly durability?: Durability;
  /** The state of a server changed. */
  readonly onState: () => void;
  /** No server tells where the masters are. */
  readonly onUnreachable: (reason: string) => void;
}

/** The servers behind one `REDIS_URL`. */
export interface Links {
  /** The server that holds a key; `undefined` while none is known. */
  for(key: string | undefined): RedisLink | undefined;
  /** The masters by name, `host:port`, with their connections where there are some; empty while no master is known. */
  masters(): ReadonlyMap<string, RedisLink | undefined>;
  close(): void;
}

/**
 * One server; with Sentinel, the master that the sentinels name when a connection is made. Sentinel is ioredis' own
 * option and is not tested here; its failover detector stays off, since clients stayed dead with it.
 */
export class SingleLink implements Links {
  readonly #link: RedisLink;
  readonly #name: string;

  constructor(target: Exclude<RedisTarget, { kind: 'cluster' }>, options: LinksOptions) {
    const connection = connectionOptions(target, options.commandTimeoutMs);
    const where =
      target.kind === 'standalone'
        ? { ...target.node, db: target.db }
        : { sentinels: [...target.nodes], name: target.name, sentinelRetryStrategy: retryDelayMs };
    this.#name = target.kind === 'standalone' ? `${target.node.host}:${target.node.port}` : target.name;
    this.#link = new RedisLink(new Redis({ ...connection, ...where }), options);
  }

  for(): RedisLink {
    return this.#link;
  }

  masters(): ReadonlyMap<string, RedisLink> {
    return new Map([[this.#name, this.#link]]);
  }

  close(): void {
    this.#link.close();
  }
}
