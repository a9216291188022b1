import { MemoryPageStore } from '../../src/cache/stores/memory-page-store.js';
import type { PageKey, LookupResult, PageStore, ProtocolTimes } from '../../src/cache/stores/page-store.js';

export type Clock = () => number;

export function sound(times: ProtocolTimes, now: Clock): PageStore {
  return new MemoryPageStore(times, 1_000_000, now);
}

/** Beginning a write records the intent, but keeps the old generation until the write ends. */
export function withoutBumpBefore(times: ProtocolTimes, now: Clock): PageStore {
  const store = sound(times, now);
  const intents = new Map<string, number>();
  const written = (): boolean => [...intents.values()].some((untilMs) => untilMs > now());
  return {
    lookup: async (key, known) => (written() ? { kind: 'bypass' } : store.lookup(key, known)),
    store: async (key, page) => (written() ? undefined : store.store(key, page)),
    fail: (key, lease, failure) => store.fail(key, lease, failure),
    drop: (key, revision) => store.drop(key, revision),
    begin: async (_, token) => {
      intents.set(token, now() + times.intentMs);
    },
    end: async (meta, token) => {
      intents.delete(token);
      await store.end(meta, token);
    },
    bump: (meta) => store.bump(meta),
    generation: async (meta) => (written() ? undefined : store.generation(meta)),
  };
}

/** A write bumps the generation before and after, but records no intent, so lists can be stored in between. */
export function withoutIntent(times: ProtocolTimes, now: Clock): PageStore {
  const store = sound(times, now);
  return delegate(store, { begin: (meta) => store.bump(meta) });
}

/** A list is stored under the current generation, even if the generation changed since the list was requested. */
export function withoutComparing(times: ProtocolTimes, now: Clock): PageStore {
  const store = sound(times, now);
  return delegate(store, {
    store: async (key, page) => {
      const revision = await store.store(key, page);
      if (revision !== undefined) return revision;
      const look = await store.lookup(key, undefined);
      if (!('token' in look)) return undefined;
      return store.store(key, { ...page, generation: look.generation, token: look.token });
    },
  });
}

/** Readers join any list of the page that is in flight, regardless of its generation. */
export function withNaiveJoin(times: ProtocolTimes, now: Clock): PageStore {
  const store = sound(times, now);
  const generations = new Map<string, string>();
  const told = (token: string): string => generations.get(token) ?? '';
  return delegate(store, {
    lookup: async (key: PageKey, known: string | undefined): Promise<LookupResult> => {
      const look = await store.lookup(key, known);
      if ('token' in look) generations.set(look.token, look.generation);
      return 'generation' in look ? { ...look, generation: 'any' } : look;
    },
    store: (key, page) => store.store(key, { ...page, generation: told(page.token) }),
    fail: (key, lease, failure) => store.fail(key, { ...lease, generation: told(lease.token) }, failure),
  });
}

/** There is no settle window: a list requested right after a write is stored. */
export function withoutSettling(times: ProtocolTimes, now: Clock): PageStore {
  return sound({ ...times, settleMs: 0 }, now);
}

/** The intent of a write with an unknown outcome ends at once. */
export function withoutIntentAfterUnknown(times: ProtocolTimes, now: Clock): PageStore {
  const store = sound(times, now);
  const begun = new Set<string>();
  return delegate(store, {
    begin: async (meta, token) => {
      begun.add(token);
      await store.begin(meta, token);
    },
    bump: async (meta) => {
      for (const token of begun) await store.end(meta, token);
    },
  });
}

/** Returns a store that overrides some steps of another store. */
export function delegate(store: PageStore, change: Partial<PageStore>): PageStore {
  return {
    lookup: (key, known) => store.lookup(key, known),
    store: (key, page) => store.store(key, page),
    fail: (key, lease, failure) => store.fail(key, lease, failure),
    drop: (key, revision) => store.drop(key, revision),
    begin: (meta, token) => store.begin(meta, token),
    end: (meta, token) => store.end(meta, token),
    bump: (meta) => store.bump(meta),
    generation: (meta) => store.generation(meta),
    ...change,
  };
}
