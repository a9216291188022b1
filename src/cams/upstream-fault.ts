import type { CamsKind } from './api.js';
import type { CamsFailure } from './cams-failure.js';
import { isServerFault } from './refusal-meaning.js';

const REFUSED_BY_PROXY = /^PROXY_STATUS_[34]/;
/** Part of `CAMS_TIMEOUT_MS` without a response after which CAMS counts as failing. */
const LONG_PART = 0.5;

/** A call that has failed. */
export interface Judged {
  readonly kind: CamsKind;
  readonly tookMs: number;
  /** `CAMS_TIMEOUT_MS` */
  readonly timeoutMs: number;
  /** Whether it was sent to find out if CAMS works again. */
  readonly isTrial: boolean;
}

/** Returns whether a failed call counts as a fault of CAMS, for deciding whether to go on calling it. */
export function showsFault(failure: CamsFailure, { kind, tookMs, timeoutMs, isTrial }: Judged): boolean {
  if (failure.kind !== 'timeout') return isUpstreamFault(failure, kind);
  // A call that got too little time says nothing about CAMS, but a trial must succeed to close the circuit.
  return isTrial || tookMs > timeoutMs * LONG_PART;
}

/** Returns whether CAMS, or the way to it, has failed, rather than refused the call. */
export function isUpstreamFault(failure: CamsFailure, kind: CamsKind): boolean {
  switch (failure.kind) {
    case 'timeout':
      return true;
    case 'lost':
      return !REFUSED_BY_PROXY.test(failure.errorCode);
    case 'broken':
      return (failure.status ?? 0) >= 500;
    case 'refused':
      return isServerFault(failure, kind);
    case 'short-page':
      return false;
  }
}
