/** Names of a page and of its scope in a store. */
export interface PageKey {
  /** The scope's meta hash, `T:m`. */
  readonly meta: string;
  /** The page's hash, `T:p:…`. */
  readonly page: string;
}

/** How long a stored page lives, in ms from the moment of its list. */
export interface PageLifetimes {
  readonly freshMs: number;
  readonly staleWhileRevalidateMs: number;
  /** How long it may stand in for an upstream that does not answer. */
  readonly staleIfErrorMs: number;
}

/** A page as a store holds it. */
export interface StoredPage {
  readonly revision: string;
  /** `undefined` when the reader said that it holds this revision. */
  readonly payload: string | undefined;
  /** Since the list, in ms. */
  readonly ageMs: number;
  /** Until it is no longer fresh, in ms; negative afterwards. */
  readonly freshForMs: number;
}

/** What one look at a page tells. Source: docs/coherence.md, "Read". */
export type LookupResult =
  /** A write is in progress, quarantine or the settle window lasts: list, and store nothing. */
  | { readonly kind: 'bypass' }
  | { readonly kind: 'hit'; readonly page: StoredPage }
  /** Past fresh, and somebody else refreshes. */
  | { readonly kind: 'stale'; readonly page: StoredPage }
  /** Past fresh, and the lease to refresh is yours. */
  | {
      readonly kind: 'stale-leader';
      readonly generation: string;
      readonly token: string;
      readonly page: StoredPage;
    }
  /** The upstream failed on this page a moment ago; the page, if there is one, may stand in. */
  | { readonly kind: 'error-held'; readonly page: StoredPage | undefined }
  | { readonly kind: 'follower'; readonly generation: string; readonly page: StoredPage | undefined }
  | {
      readonly kind: 'leader';
      readonly generation: string;
      readonly token: string;
      readonly page: StoredPage | undefined;
    };

/** What a leader stores, under the lease and the generation that it read. */
export interface PageToStore {
  readonly generation: string;
  readonly token: string;
  readonly payload: string;
  /** Since the list was asked for, in ms. */
  readonly ageMs: number;
  readonly lifetimes: PageLifetimes;
}

/** Durations of the protocol, in ms, derived from the deadlines of upstream calls. */
export interface ProtocolTimes {
  /** TQ: how long an intent or a quarantine lasts. */
  readonly intentMs: number;
  readonly leaseMs: number;
  readonly settleMs: number;
  /** How long an error is held. */
  readonly holdMs: number;
}

/**
 * Where pages are kept, with the steps of the coherence protocol, each of them atomic. Every step may throw
 * `StoreUnavailable`; it may then have happened, may happen later, or never.
 */
export interface PageStore {
  /** Looks at a page; `knownRevision` is the one whose payload the reader has. */
  lookup(key: PageKey, knownRevision: string | undefined): Promise<LookupResult>;
  /** Stores a list unless anything happened meanwhile. Its revision, or `undefined` when it was refused. */
  store(key: PageKey, page: PageToStore): Promise<string | undefined>;
  /** Gives a lease back after a failed list; `hold`: nobody tries again for a moment. */
  fail(
    key: PageKey,
    lease: { readonly generation: string; readonly token: string },
    hold: boolean,
  ): Promise<void>;
  /** A write is about to be sent: from now on nothing of the scope is served or stored. */
  begin(meta: string, token: string): Promise<void>;
  /** The outcome of the write is known. */
  end(meta: string, token: string): Promise<void>;
  /** What is stored may be outdated; intents stay. */
  bump(meta: string): Promise<void>;
  /**
   * The generation of the scope; `undefined` while nothing may be remembered of it: a write is in progress, quarantine
   * or the settle window lasts.
   */
  generation(meta: string): Promise<string | undefined>;
}

/** The store did not confirm a step in time. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';

  constructor(
    message: string,
    /** Whether the caller has waited for it as long as one may wait for a store. */
    readonly timedOut: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
