import type { TenantScope } from '../tenancy/tenant-scope.js';
import type { CamsBody } from './answer-shapes.js';
import type { CamsOperation, CamsQuery } from './api.js';
import type { CamsFailure } from './cams-failure.js';

export interface CamsAnswer<T> {
  readonly result: T;
  /** The upstream request ID of the call. */
  readonly requestId: string | undefined;
}

/** A call that can be sent. */
export interface Call<T> {
  readonly scope: TenantScope;
  readonly operation: Pick<CamsOperation<never, T>, 'action' | 'kind' | 'inPart'>;
  readonly query: CamsQuery;
  readonly read: (body: CamsBody) => T;
}

/** How a call ended, for diagnosis: a failure is not mapped to the error that a caller would get. */
export interface CallOutcome<T> {
  readonly outcome: CamsAnswer<T> | CamsFailure;
  /** By how much CAMS' clock is ahead of ours, ms; `undefined` if CAMS did not respond, or without its date. */
  readonly clockOffsetMs: number | undefined;
}

/** One attempt of a call. */
export interface AttemptResult<T> extends CallOutcome<T> {
  readonly tookMs: number;
  /** Whether CAMS or the way to it failed, rather than refusing the call. */
  readonly isFault: boolean;
  /** Whether it was given up, because nobody waited for it. */
  readonly isAbandoned: boolean;
}
