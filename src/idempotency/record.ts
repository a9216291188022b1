import type { StoredError } from '../errors/stored-error.js';

/** The outcome of a write as data, not as a rendered response: each transport renders its own replay. */
export type Outcome =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: StoredError };

/**
 * The state of a write with an idempotency key. `started`: nothing was sent; `sent`: it may have been sent; `applied`:
 * CAMS responded; `unknown`: it is unknown whether CAMS executed it; `done`: it has an outcome.
 */
export interface IdempotencyRecord {
  readonly fingerprint: string;
  /** Digest of the space that the key was used in. Missing in records of earlier releases. */
  readonly space?: string;
  /** The attempt that owns the record. A request that takes it over before the write was sent is a new owner. */
  readonly owner: string;
  readonly state: 'started' | 'sent' | 'applied' | 'unknown' | 'done';
  /** How long after this was written its owner may still be working, in ms. */
  readonly ownedMs: number;
  /** Time between sending the write and writing this record, in ms. */
  readonly sentBeforeMs?: number;
  /** What is needed to reconcile the write, from `sent` on. */
  readonly facts?: unknown;
  /** The CAMS response, from `applied` on. */
  readonly result?: unknown;
  readonly outcome?: Outcome;
}

/** Returns what stays the same in every state of a record. */
export function identityOf({
  fingerprint,
  space,
  owner,
}: IdempotencyRecord): Pick<IdempotencyRecord, 'fingerprint' | 'space' | 'owner'> {
  return { fingerprint, ...(space !== undefined && { space }), owner };
}
