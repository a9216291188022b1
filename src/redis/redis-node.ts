import { TLSSocket } from 'node:tls';
import type { Cluster, Redis } from 'ioredis';
import { CommandQueue } from './command-queue.js';
import type { Durability } from './durability.js';
import type { RedisScript } from './redis-script.js';
import { isReply, reasonOf, type RedisFailure, RedisUnavailable } from './redis-unavailable.js';
import { checkServer } from './server-check.js';

const TIMEOUTS_IN_A_ROW = 3;
const MAX_UNANSWERED = 256;
/** Delay before a server that responded but cannot be used is checked again. */
const REPEAT_CHECK_MS = 500;

export type ScriptArguments = readonly (string | number)[];

export type NodeState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'up'; readonly version: string; readonly advice?: string }
  /** `unfit`: the server responds, but the gateway cannot use it. */
  | {
      readonly kind: 'down';
      readonly failure: RedisFailure;
      readonly reason: string;
      readonly unfit: boolean;
    };

export interface NodeOptions {
  readonly commandTimeoutMs: number;
  readonly durability?: Durability;
  readonly onState: () => void;
  /** Reruns a script through the Cluster when its keys have moved to another server. */
  readonly cluster?: Cluster;
}

/**
 * The connection to one server. It is used only after the server passed its check. After three consecutive timeouts it
 * is dropped together with the commands queued on it. Until the next connection passes the check, calls fail at once
 * without being sent.
 */
export class RedisNode {
  readonly #calls: CommandQueue;
  #state: NodeState = { kind: 'connecting' };
  #timeoutsInARow = 0;
  /** Counts connections, so that the check of a lost one is ignored. */
  #connection = 0;
  #lastError: unknown;
  #dropped = false;
  #repeat: NodeJS.Timeout | undefined;
  /** The stream that is corked until this tick of the event loop ends. */
  #gathering: Redis['stream'] | undefined;
  #closed = false;

  constructor(
    private readonly redis: Redis,
    private readonly options: NodeOptions,
  ) {
    const limits = { timeoutMs: options.commandTimeoutMs, maxUnanswered: MAX_UNANSWERED };
    this.#calls = new CommandQueue(limits, () => this.#timedOut());
    redis.on('error', (error) => (this.#lastError = error));
    redis.on('ready', () => void this.#admit());
    redis.on('close', () => this.#lost());
    if (redis.status === 'ready') void this.#admit();
    else
      redis.connect().catch(() => {
        // Also emitted as an event, which is handled above. The client reconnects automatically.
      });
  }

  get state(): NodeState {
    return this.#state;
  }

  /** Throws {@link RedisUnavailable}, after the command timeout at the latest. */
  run(script: RedisScript, keys: readonly string[], args: ScriptArguments): Promise<unknown> {
    const state = this.#state;
    if (state.kind !== 'up') {
      const { failure = 'down', reason = 'not connected yet' } = state.kind === 'down' ? state : {};
      return Promise.reject(new RedisUnavailable(failure, reason));
    }
    return this.#calls.run(async (live) => {
      this.#gather();
      try {
        const reply = await this.#evaluateOrFollow(script, keys, args, live);
        if (live()) this.#timeoutsInARow = 0;
        return reply;
      } catch (error) {
        if (live() && isReply(error)) this.#timeoutsInARow = 0;
        if (isReply(error, /^READONLY/)) this.#down('refused', reasonOf(error));
        throw error;
      }
    });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#repeat);
    this.#calls.failAll(new RedisUnavailable('down', 'closed'));
    this.redis.disconnect();
  }

  /** Sends the commands of one tick of the event loop in one write, except the source of an unknown script. */
  #gather(): void {
    const { stream } = this.redis;
    if (this.#gathering === stream) return;
    this.#gathering = stream;
    stream.cork();
    setImmediate(() => {
      if (this.#gathering === stream) this.#gathering = undefined;
      stream.uncork();
    });
  }

  async #evaluateOrFollow(
    script: RedisScript,
    keys: readonly string[],
    args: ScriptArguments,
    live: () => boolean,
  ): Promise<unknown> {
    try {
      return await evaluate(this.redis, script, keys, args, live);
    } catch (error) {
      const { cluster } = this.options;
      if (!cluster || !live() || !isReply(error, /^(MOVED|ASK|TRYAGAIN) /)) throw error;
      return evaluate(cluster, script, keys, args, live);
    }
  }

  #timedOut(): void {
    if (++this.#timeoutsInARow >= TIMEOUTS_IN_A_ROW && this.#state.kind === 'up') {
      this.#down('down', `${TIMEOUTS_IN_A_ROW} consecutive timeouts`);
    }
  }

  #lost(): void {
    this.#connection++;
    clearTimeout(this.#repeat);
    const error = this.#lastError;
    this.#lastError = undefined;
    const dropped = this.#dropped;
    this.#dropped = false;
    // Keep the reason for which it was dropped here: it says more than a closed connection.
    if (dropped && error === undefined) return;
    this.#change(down('down', error === undefined ? 'the connection was closed' : reasonOf(error)));
  }

  async #admit(): Promise<void> {
    const connection = ++this.#connection;
    const state = await this.#check();
    if (connection !== this.#connection || this.#closed) return;
    this.#timeoutsInARow = 0;
    this.#lastError = undefined;
    if (state.kind === 'down') this.#repeat = setTimeout(() => this.#drop(), REPEAT_CHECK_MS);
    // Stay `connecting` while a server has never responded: startup waits for its check, even on a busy machine.
    const silent = state.kind === 'down' && state.failure !== 'refused';
    if (!silent || this.#state.kind !== 'connecting') this.#change(state);
  }

  async #check(): Promise<NodeState> {
    try {
      const fitness = await this.#calls.run(() => checkServer(this.redis, this.options.durability));
      if (fitness.kind === 'fit') return { ...fitness, kind: 'up' };
      return down('refused', fitness.reason, fitness.kind === 'unfit');
    } catch (error) {
      return down('down', reasonOf(error));
    }
  }

  #down(failure: RedisFailure, reason: string): void {
    if (this.#state.kind !== 'up') return;
    this.#change(down(failure, reason));
    this.#drop();
  }

  /** Drops the connection at once. The client opens a new one. */
  #drop(): void {
    const { stream } = this.redis;
    this.#dropped = true;
    // After a reset, the server discards what it has not read. After a normal close it would still run all of it.
    if (stream instanceof TLSSocket) stream.destroy();
    else stream.resetAndDestroy();
  }

  #change(state: NodeState): void {
    if (this.#closed) return;
    this.#state = state;
    if (state.kind === 'down') this.#calls.failAll(new RedisUnavailable(state.failure, state.reason));
    this.options.onState();
  }
}

function down(failure: RedisFailure, reason: string, unfit = false): NodeState {
  return { kind: 'down', failure, reason, unfit };
}

async function evaluate(
  client: Redis | Cluster,
  { sha, source }: RedisScript,
  keys: readonly string[],
  args: ScriptArguments,
  live: () => boolean,
): Promise<unknown> {
  try {
    return await client.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!isReply(error, /^NOSCRIPT/) || !live()) throw error;
    return client.eval(source, keys.length, ...keys, ...args);
  }
}
