import type { StoredError } from '../errors/stored-error.js';

/** How a write ended, in facts, not in bytes: each transport renders it for whoever asks again. */
export type Outcome =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: StoredError };

/**
 * What is known of the write that has a key. `started`: nothing was sent; `sent`: it may have been; `applied`: CAMS has
 * answered; `unknown`: nobody knows whether CAMS has executed it; `done`: it has an outcome.
 */
export interface IdempotencyRecord {
  readonly fingerprint: string;
  /** The attempt that it belongs to; whoever takes the record over before it was sent is another owner. */
  readonly owner: string;
  readonly state: 'started' | 'sent' | 'applied' | 'unknown' | 'done';
  /** How long, from when this was written, its owner may still be at work, in ms. */
  readonly ownedMs: number;
  /** How long before this was written the write was sent, in ms. */
  readonly sentBeforeMs?: number;
  /** What whoever reconciles it has to know, from `sent` on. */
  readonly facts?: unknown;
  /** What CAMS answered, from `applied` on. */
  readonly result?: unknown;
  readonly outcome?: Outcome;
}
