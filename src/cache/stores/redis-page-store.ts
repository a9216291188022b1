import { type RedisConnection, RedisUnavailable } from '../../redis/redis-connection.js';
import { RedisScript } from '../../redis/redis-script.js';
import {
  type PageKey,
  type LookupResult,
  type PageStore,
  type PageToStore,
  type ProtocolTimes,
  StoreUnavailable,
  type StoredPage,
  aged,
} from './page-store.js';
import { type ListFailure, decodeListFailure, encodeListFailure } from '../list-failure.js';
import { KeyedMutex } from '../../util/keyed-mutex.js';
import { LostLeases } from './lost-leases.js';
import { randomToken } from '../../util/random-token.js';
import { luaSource } from '../../util/lua-source.js';

const PRELUDE = luaSource(import.meta.url, 'prelude');

/** Returns a script with the prelude. Without flags, a read-only replica or a full server refuses it. */
function script(name: string, flags = ''): RedisScript {
  return new RedisScript(name, `#!lua${flags}\n${PRELUDE}\n${luaSource(import.meta.url, name)}`);
}

// Steps that protect readers must succeed even when memory is full.
const ALLOW_OOM = ' flags=allow-oom';
const SCRIPTS = {
  read: script('read'),
  store: script('store'),
  fail: script('fail'),
  begin: script('begin', ALLOW_OOM),
  end: script('end', ALLOW_OOM),
  bump: script('bump', ALLOW_OOM),
  generation: script('generation'),
};

/** Returns a script that works on one page, also while memory is full. */
function pageScript(name: string): RedisScript {
  return new RedisScript(name, `#!lua${ALLOW_OOM}\n${luaSource(import.meta.url, name)}`);
}

const DROP = pageScript('drop');
const PAYLOAD = pageScript('payload');

/** Typical pages of 100 groups have less. Larger payloads are transferred one at a time for each tenant. */
const MAX_SHARED_BYTES = 64 * 1024;
const MAX_WAIT_MS = 1_000;

/** The protocol in Redis: one invalidation domain for all replicas of the gateway. */
export class RedisPageStore implements PageStore {
  readonly #lost: LostLeases;
  /** All tenants share a connection: whoever reads many large payloads must not delay the replies to others. */
  readonly #large = new KeyedMutex();

  constructor(
    private readonly redis: RedisConnection,
    private readonly times: ProtocolTimes,
  ) {
    this.#lost = new LostLeases(times.leaseMs, (key, token) =>
      this.#release(key, { generation: '', token }, undefined),
    );
  }

  async lookup(key: PageKey, knownRevision: string | undefined): Promise<LookupResult> {
    const token = nonce();
    const args = [token, this.times.intentMs, knownRevision ?? '', this.times.leaseMs, MAX_SHARED_BYTES];
    const reply = await this.#keepingTrack(key, token, this.#run(SCRIPTS.read, [key.meta, key.page], args));
    const lookup = readLook(reply, token);
    return isWithheld(reply) ? this.#withLargePayload(key, lookup) : lookup;
  }

  async store(key: PageKey, page: PageToStore): Promise<string | undefined> {
    const { freshMs, staleWhileRevalidateMs, staleIfErrorMs } = page.lifetimes;
    const stored = this.#run(
      SCRIPTS.store,
      [key.meta, key.page],
      [
        nonce(),
        this.times.intentMs,
        page.generation,
        page.token,
        page.payload,
        Math.round(page.ageMs),
        freshMs,
        staleWhileRevalidateMs,
        staleIfErrorMs,
      ],
    );
    return String(await this.#keepingTrack(key, page.token, stored)) || undefined;
  }

  async fail(
    key: PageKey,
    lease: { generation: string; token: string },
    failure: ListFailure | undefined,
  ): Promise<void> {
    const released = this.#release(key, lease, failure);
    await this.#keepingTrack(key, lease.token, released);
  }

  async drop(key: PageKey, revision: string): Promise<void> {
    await this.#run(DROP, [key.page], [revision]);
  }

  async begin(meta: string, token: string): Promise<void> {
    await this.#run(SCRIPTS.begin, [meta], [nonce(), this.times.intentMs, token]);
  }

  async end(meta: string, token: string): Promise<void> {
    await this.#run(SCRIPTS.end, [meta], [nonce(), this.times.intentMs, token, this.times.settleMs]);
  }

  async bump(meta: string): Promise<void> {
    await this.#run(SCRIPTS.bump, [meta], [nonce(), this.times.intentMs]);
  }

  async generation(meta: string): Promise<string | undefined> {
    return String(await this.#run(SCRIPTS.generation, [meta], [nonce(), this.times.intentMs])) || undefined;
  }

  /** Returns a lookup with the payload of its page, which was too large to be returned at once. */
  async #withLargePayload(key: PageKey, lookup: LookupResult): Promise<LookupResult> {
    if (!('page' in lookup) || !lookup.page) return lookup;
    const isNeeded = lookup.kind === 'hit' || lookup.kind === 'stale';
    const page = await this.#withPayload(key, lookup.page).catch((error: unknown) => {
      if (isNeeded || !(error instanceof StoreUnavailable)) throw error;
    });
    if (page) return { ...lookup, page };
    // Another page was stored meanwhile.
    if (isNeeded) return this.lookup(key, undefined);
    // A leader can list the page, so it goes on without one to fall back on.
    return {
      ...lookup,
      ...(lookup.kind === 'stale-leader' && { kind: 'leader' }),
      page: undefined,
    } as LookupResult;
  }

  async #withPayload(key: PageKey, page: StoredPage): Promise<StoredPage | undefined> {
    const foundAtMs = performance.now();
    const tooLate = (): Error => new StoreUnavailable('too many large pages of the tenant', true);
    const read = () => this.#run(PAYLOAD, [key.page], [page.revision]);
    const payload = String(await this.#large.run(key.owner, MAX_WAIT_MS, tooLate, read));
    if (payload === '') return undefined;
    return {
      ...aged(page, performance.now() - foundAtMs),
      payload,
      receivedBytes: Buffer.byteLength(payload),
    };
  }

  async #release(
    key: PageKey,
    { generation, token }: { readonly generation: string; readonly token: string },
    failure: ListFailure | undefined,
  ): Promise<void> {
    const held = failure ? [this.times.holdMs, encodeListFailure(failure)] : [0, ''];
    const args = [nonce(), this.times.intentMs, generation, token, ...held];
    await this.#run(SCRIPTS.fail, [key.meta, key.page], args);
  }

  /** Notes the lease as lost if the step that takes or releases it is not confirmed. */
  async #keepingTrack<T>(key: PageKey, token: string, step: Promise<T>): Promise<T> {
    try {
      return await step;
    } catch (error) {
      this.#lost.add(key, token);
      throw error;
    }
  }

  async #run(step: RedisScript, keys: string[], args: (string | number)[]): Promise<unknown> {
    try {
      return await this.redis.run(step, keys, args);
    } catch (cause) {
      if (!(cause instanceof RedisUnavailable)) throw cause;
      throw new StoreUnavailable(cause.message, cause.kind === 'timeout', { cause });
    }
  }
}

const PROCESS = randomToken();
let calls = 0;

// Unique for each call on any replica; also the token of a lease. It need not be unguessable: a client with access to
// Redis can read it.
function nonce(): string {
  calls += 1;
  return `${PROCESS}.${calls.toString(36)}`;
}

/** What read.lua returns; of a bypass, the first two. */
type LookReply = [
  kind: string,
  generation: string,
  revision: string,
  payload: string,
  ageMs: number,
  freshForMs: number,
  failure: string,
  withheld: 0 | 1,
];

function isWithheld(reply: unknown): boolean {
  return (reply as LookReply)[7] === 1;
}

function readLook(reply: unknown, token: string): LookupResult {
  const [kind, generation, revision, payload, ageMs, freshForMs, failure] = reply as LookReply;
  const page: StoredPage | undefined = revision
    ? { revision, payload: payload === '' ? undefined : payload, ageMs, freshForMs }
    : undefined;
  switch (kind) {
    case 'hit':
    case 'stale':
      if (page) return { kind, page };
      break;
    case 'stale-leader':
      if (page) return { kind, generation, token, page };
      break;
    case 'error-held':
      return { kind, page, failure: decodeListFailure(failure) };
    case 'follower':
      return { kind, generation, page };
    case 'leader':
      return { kind, generation, token, page };
    default:
  }
  return { kind: 'bypass' };
}
