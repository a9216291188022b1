import { Cluster, Command, type Redis } from 'ioredis';
import type { RedisTarget } from '../config/config.js';
import { clusterOptions, connectionOptions } from './client-options.js';
import type { RedisTopology, TopologyOptions } from './redis-topology.js';
import { RedisNode } from './redis-node.js';
import { reasonOf } from './redis-unavailable.js';

/** How often the slots are refreshed while a master is unavailable. */
const REPAIR_INTERVAL_MS = 500;

/**
 * The masters of a Cluster, each with a separate connection, so that a hung shard does not affect others. ioredis
 * tracks the slots, follows keys that move, and drops a server whose connection ends. Refreshing the slots restores it.
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
      // A link may have passed its check before its server was known to be a master.
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

  // Connects at once, not on the first command as ioredis would: a command must not wait for a connection.
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
    // Keep a link that is down until a new one has been checked: startup must see the reason if the server is unfit.
    if (known.link.state.kind !== 'down') this.#links.delete(address);
    this.options.onState();
  }

  /** Removes servers that have left the Cluster for good. */
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
