import { Cluster, Command, type Redis } from 'ioredis';
import type { RedisTarget } from '../config/config.js';
import { clusterOptions, connectionOptions } from './client-options.js';
import type { RedisTopology, TopologyOptions } from './redis-topology.js';
import { RedisNode } from './redis-node.js';
import { reasonOf } from './redis-unavailable.js';

/** How often the Cluster is asked for its masters while one of them cannot be used. */
const REPAIR_INTERVAL_MS = 500;

/**
 * The masters of a Cluster, each with a link of its own, so that a shard that hangs fails alone. ioredis knows the slots,
 * follows keys that move, and forgets a server whose connection ends; asking for the slots again brings it back.
 */
export class ClusterTopology implements RedisTopology {
  readonly #cluster: Cluster;
  readonly #links = new Map<string, { readonly node: Redis; readonly link: RedisNode }>();
  readonly #repair: NodeJS.Timeout;

  constructor(
    target: Extract<RedisTarget, { kind: 'cluster' }>,
    private readonly options: TopologyOptions,
  ) {
    const redisOptions = connectionOptions(target, options.commandTimeoutMs);
    this.#cluster = new Cluster([...target.nodes], clusterOptions(target, redisOptions));
    this.#cluster.on('error', (error: Error & { lastNodeError?: Error }) =>
      options.onUnreachable(reasonOf(error.lastNodeError ?? error)),
    );
    this.#cluster.on('refresh', () => {
      this.#adopt();
      this.#forgetFormer();
      // Links may have been checked before it was known that their servers are masters.
      options.onState();
    });
    this.#cluster.on('+node', () => this.#adopt());
    this.#cluster.on('-node', (node: Redis) => this.#abandon(node));
    this.#repair = setInterval(() => this.#repairSlots(), REPAIR_INTERVAL_MS);
  }

  for(key = ''): RedisNode | undefined {
    const address = this.#cluster.slots[new Command('type', [key]).getSlot()]?.[0];
    return address === undefined ? undefined : this.#links.get(address)?.link;
  }

  masters(): ReadonlyMap<string, RedisNode | undefined> {
    const addresses = new Set(this.#cluster.slots.flatMap(([address = []]) => address));
    return new Map([...addresses].map((address) => [address, this.#links.get(address)?.link]));
  }

  close(): void {
    clearInterval(this.#repair);
    for (const { link } of this.#links.values()) link.close();
    this.#cluster.disconnect();
  }

  // At once, and not with the first command as ioredis would: a command must not wait for a connection.
  #adopt(): void {
    for (const node of this.#cluster.nodes('master')) {
      const address = addressOf(node);
      if (this.#links.get(address)?.node === node) continue;
      const link = new RedisNode(node, { ...this.options, cluster: this.#cluster });
      this.#links.set(address, { node, link });
    }
  }

  #abandon(node: Redis): void {
    const address = addressOf(node);
    const known = this.#links.get(address);
    if (known?.node !== node) return;
    known.link.close();
    // One that is down tells why, until a new one has been checked: a start must not miss that it is unfit.
    if (known.link.state.kind !== 'down') this.#links.delete(address);
    this.options.onState();
  }

  /** Servers that have left the Cluster for good. */
  #forgetFormer(): void {
    const masters = this.masters();
    const nodes = this.#cluster.nodes();
    for (const [address, { node }] of this.#links)
      if (!masters.has(address) && !nodes.includes(node)) this.#links.delete(address);
  }

  #repairSlots(): void {
    const links = [...this.masters().values()];
    if (this.#cluster.status !== 'ready' || links.every((link) => link?.state.kind === 'up')) return;
    this.#cluster.refreshSlotsCache();
  }
}

function addressOf({ options }: Redis): string {
  return `${options.host}:${options.port}`;
}
