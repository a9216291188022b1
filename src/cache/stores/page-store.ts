import type { ListFailure } from '../list-failure.js';

/** Store keys of a page and its scope. */
export interface PageKey {
  /** The scope's meta hash, `T:m`. */
  readonly meta: string;
  /** The page's hash, `T:p:…`. */
  readonly page: string;
  /** The tenant, in whose part of the memory of a process the page is kept. */
  readonly owner: string;
}

/** How long a stored page lives, in ms since it was listed. */
export interface PageLifetimes {
  readonly freshMs: number;
  readonly staleWhileRevalidateMs: number;
  /** How long it may be served while the upstream is unavailable. */
  readonly staleIfErrorMs: number;
}

/** A page as a store holds it. */
export interface StoredPage {
  readonly revision: string;
  /** `undefined` if the reader already has this revision. */
  readonly payload: string | undefined;
  /** Time since the page was listed, in ms. */
  readonly ageMs: number;
  /** Remaining fresh time in ms; negative once stale. */
  readonly freshForMs: number;
  /** Size of a large payload that was transferred for this reader alone, in bytes. */
  readonly receivedBytes?: number;
}

/** Returns the page as it is this much later, in ms. */
export function aged(page: StoredPage, ms: number): StoredPage {
  return { ...page, ageMs: page.ageMs + ms, freshForMs: page.freshForMs - ms };
}

/** The result of one lookup. Source: docs/coherence.md, "Read". */
export type LookupResult =
  /** A write, quarantine or the settle window is in progress: list, and store nothing. */
  | { readonly kind: 'bypass' }
  | { readonly kind: 'hit'; readonly page: StoredPage }
  /** Stale; another reader refreshes it. */
  | { readonly kind: 'stale'; readonly page: StoredPage }
  /** Stale; the caller holds the lease to refresh it. */
  | {
      readonly kind: 'stale-leader';
      readonly generation: string;
      readonly token: string;
      readonly page: StoredPage;
    }
  /** The upstream failed on this page a moment ago. The stale page, if there is one, may be served. */
  | { readonly kind: 'error-held'; readonly page: StoredPage | undefined; readonly failure: ListFailure }
  | { readonly kind: 'follower'; readonly generation: string; readonly page: StoredPage | undefined }
  | {
      readonly kind: 'leader';
      readonly generation: string;
      readonly token: string;
      readonly page: StoredPage | undefined;
    };

/** A page that a leader stores, with its lease and the generation that it read. */
export interface PageToStore {
  readonly generation: string;
  readonly token: string;
  readonly payload: string;
  /** Time since the list was requested, in ms. */
  readonly ageMs: number;
  readonly lifetimes: PageLifetimes;
}

/** Durations of the protocol in ms, derived from the upstream deadlines. */
export interface ProtocolTimes {
  /** TQ: how long an intent or a quarantine lasts. */
  readonly intentMs: number;
  readonly leaseMs: number;
  readonly settleMs: number;
  /** How long a page is not listed again after an error. */
  readonly holdMs: number;
}

/**
 * Stores pages and implements the steps of the coherence protocol, each of them atomic. Every step may throw
 * `StoreUnavailable`: the step may then have been executed, may be executed later, or may never be executed.
 */
export interface PageStore {
  /** Looks up a page. `knownRevision` is the revision whose payload the reader already has. */
  lookup(key: PageKey, knownRevision: string | undefined): Promise<LookupResult>;
  /** Stores a list unless the scope changed meanwhile. Returns its revision, or `undefined` if it was refused. */
  store(key: PageKey, page: PageToStore): Promise<string | undefined>;
  /** Releases a lease after a failed list. After a failure of CAMS, the page is not listed again for `holdMs`. */
  fail(
    key: PageKey,
    lease: { readonly generation: string; readonly token: string },
    failure: ListFailure | undefined,
  ): Promise<void>;
  /** Removes a page if it still has this revision. */
  drop(key: PageKey, revision: string): Promise<void>;
  /** Call it before a write is sent: from then on, no page of the scope is served or stored. */
  begin(meta: string, token: string): Promise<void>;
  /** Call it when the outcome of the write is known. */
  end(meta: string, token: string): Promise<void>;
  /** Invalidates the stored pages. Intents stay. */
  bump(meta: string): Promise<void>;
  /**
   * Returns the generation of the scope; `undefined` while nothing may be remembered of it, that is, while a write,
   * quarantine or the settle window is in progress.
   */
  generation(meta: string): Promise<string | undefined>;
}

/** The store did not confirm a step in time. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';

  constructor(
    message: string,
    /** Whether the step timed out, so that the caller has used up its wait for the store. */
    readonly timedOut: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
