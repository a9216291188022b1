import { isDeepStrictEqual } from 'node:util';
import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ConfigError, isLoopback, type RedisTarget } from '../config/config.js';
import type { Metrics } from '../telemetry/metrics.js';
import { endSpan } from '../tracing/tracing.js';
import { withFallback } from '../util/with-timeout.js';
import { ClusterTopology } from './cluster-topology.js';
import type { Durability } from './durability.js';
import { type RedisTopology, SingleNode } from './redis-topology.js';
import type { NodeState, ScriptArguments } from './redis-node.js';
import type { RedisScript } from './redis-script.js';
import { startScript } from './script-span.js';
import { RedisUnavailable, redisUnavailable } from './redis-unavailable.js';

export { RedisUnavailable } from './redis-unavailable.js';

const COMMAND_TIMEOUT_MS = 100;
/** How long startup waits for the first check of the servers. */
const START_WAIT_MS = 2_000;
/** Names the Cluster as a whole in logs. */
const CLUSTER = 'the Cluster';

export interface RedisConnectionOptions {
  /** Purpose of the connection, in logs and metrics. */
  readonly name: string;
  /** The setting that the target came from, for messages to the operator. */
  readonly setting: string;
  readonly production?: boolean;
  /** Timeout of every call. */
  readonly commandTimeoutMs?: number;
  /** Durability of a server that stores records. A cache needs none. */
  readonly durability?: Durability;
}

/**
 * Runs scripts on one server, on the master named by Sentinel, or on a Cluster. No call waits longer than the command
 * timeout, nothing is sent twice, and it reconnects automatically.
 */
export class RedisConnection implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger('Redis');
  /** The state last logged for each server. */
  readonly #told = new Map<string, string>();
  readonly #known = Promise.withResolvers<void>();
  #links: RedisTopology | undefined;

  constructor(
    private target: RedisTarget,
    private readonly metrics: Metrics,
    private readonly options: RedisConnectionOptions,
  ) {}

  onModuleInit(): Promise<void> {
    return this.start();
  }

  onApplicationShutdown(): void {
    this.close();
  }

  /**
   * Connects. Resolves when every server has been checked or Redis is unreachable: scripts then fail until it is reachable.
   * Throws {@link ConfigError} if Redis is reachable but the gateway cannot use it.
   */
  async start(): Promise<void> {
    this.#warnOfOpenAccess();
    const options = {
      commandTimeoutMs: this.options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS,
      ...(this.options.durability && { durability: this.options.durability }),
      onState: () => this.#noteStates(),
      onUnreachable: (reason: string) => this.#noteUnreachable(reason),
    };
    this.#links =
      this.target.kind === 'cluster'
        ? new ClusterTopology(this.target, options)
        : new SingleNode(this.target, options);
    await withFallback(this.#known.promise, START_WAIT_MS, () => undefined);
    if (!this.#links) return;
    this.#tellSilence();
    const faults = [...this.#states()].flatMap(([server, state]) =>
      state?.kind === 'down' && state.unfit
        ? [`${this.options.setting} points to ${server}: ${state.reason}`]
        : [],
    );
    if (faults.length === 0) return;
    this.close();
    throw new ConfigError(faults);
  }

  /**
   * Uses the user and password of a target for later connections; those that are open stay authenticated. Returns
   * `refused` if the target differs in more than that, or if the client cannot change them: that requires a restart.
   */
  useCredentialsOf(target: RedisTarget): 'unchanged' | 'applied' | 'refused' {
    const { credentials: own, ...place } = this.target;
    const { credentials, ...otherPlace } = target;
    const isSamePlace = isDeepStrictEqual(place, otherPlace);
    if (isSamePlace && (own === credentials || own?.equals(credentials))) return 'unchanged';
    if (!isSamePlace || credentials === null || !this.#links?.useCredentials) return 'refused';
    this.target = target;
    this.#links.useCredentials(credentials);
    return 'applied';
  }

  /** Whether every server is available. */
  get up(): boolean {
    const states = [...this.#states().values()];
    return states.length > 0 && states.every((state) => state?.kind === 'up');
  }

  /** `ok`, or which servers are unavailable, and why. */
  get status(): string {
    const states = [...this.#states()];
    if (states.length === 0) return 'not connected';
    const faults = states.flatMap(([server, state]) =>
      state?.kind === 'up'
        ? []
        : [`${server}: ${state?.kind === 'down' ? state.reason : 'not connected yet'}`],
    );
    return faults.length === 0 ? 'ok' : faults.join('; ');
  }

  /**
   * Runs a script on the master of its keys, which in a Cluster must all be in one slot. Throws only
   * {@link RedisUnavailable}, after the command timeout at the latest.
   */
  async run(script: RedisScript, keys: readonly string[], args: ScriptArguments = []): Promise<unknown> {
    const span = startScript(script, this.options.name);
    try {
      const link = this.#links?.for(keys[0]);
      if (!link) throw new RedisUnavailable('down', 'not connected');
      const reply = await link.run(script, keys, args);
      endSpan(span);
      return reply;
    } catch (error) {
      const failure = redisUnavailable(error);
      this.metrics.redisFailures.inc({ connection: this.options.name, kind: failure.kind });
      endSpan(span, failure.kind);
      throw failure;
    }
  }

  /** Closes at once. Calls in flight fail. */
  close(): void {
    this.#links?.close();
    this.#links = undefined;
    // Ends a start that is still waiting, for example when another part of the application failed to start.
    this.#known.resolve();
    this.metrics.redisUp.set({ connection: this.options.name }, 0);
  }

  /** The states of the known masters; `undefined` for one without a connection. */
  #states(): ReadonlyMap<string, NodeState | undefined> {
    return new Map([...(this.#links?.masters() ?? [])].map(([server, link]) => [server, link?.state]));
  }

  #noteStates(): void {
    const states = this.#states();
    for (const [server, state] of states) if (state) this.#tell(server, state);
    const all = [...states.values()];
    const up = all.filter((state) => state?.kind === 'up').length;
    this.metrics.redisUp.set({ connection: this.options.name }, up / Math.max(all.length, 1));
    if (up > 0) this.#told.delete(CLUSTER);
    if (all.length > 0 && all.every((state) => state?.kind !== 'connecting')) this.#known.resolve();
  }

  #noteUnreachable(reason: string): void {
    this.#tell(CLUSTER, { kind: 'down', failure: 'down', reason, unfit: false });
    this.#known.resolve();
  }

  #tellSilence(): void {
    const reason = `no response within ${START_WAIT_MS} ms`;
    if (this.#states().size === 0 && !this.#told.has(CLUSTER)) this.#noteUnreachable(reason);
    for (const [server, state] of this.#states()) {
      if (state?.kind === 'connecting')
        this.#tell(server, { kind: 'down', failure: 'down', reason, unfit: false });
    }
  }

  /** Logs the state of a server if it changed. */
  #tell(server: string, state: NodeState): void {
    if (state.kind === 'connecting') return;
    const news = state.kind === 'up' ? `${state.version} ${state.advice}` : state.reason;
    if (this.#told.get(server) === news) return;
    this.#told.set(server, news);
    const details = { connection: this.options.name, server };
    if (state.kind === 'up') {
      this.#logger.log({ msg: 'Redis is up', ...details, version: state.version });
      if (state.advice)
        this.#logger.warn({
          msg: 'Redis is not durable enough for records',
          ...details,
          reason: state.advice,
        });
    } else if (state.unfit)
      this.#logger.error({
        msg: 'Redis cannot be used: change this server, or the setting that names it',
        ...details,
        reason: state.reason,
      });
    else this.#logger.warn({ msg: 'Redis is down', ...details, reason: state.reason });
  }

  /** For networks that the operator trusts: the settings refuse plain text that nobody allowed. */
  #warnOfOpenAccess(): void {
    const { target } = this;
    const nodes = target.kind === 'standalone' ? [target.node] : target.nodes;
    if (!this.options.production || nodes.every(({ host }) => isLoopback(host))) return;
    const connection = this.options.name;
    if (!target.tls)
      this.#logger.log({
        msg: 'the connection to Redis is not encrypted, although it carries invite links and phone numbers: REDIS_PLAINTEXT allows it',
        connection,
      });
    if (target.credentials === null)
      this.#logger.warn({
        msg: 'Redis on another machine is used without a password and stores invite links and phone numbers: set one',
        connection,
      });
  }
}
