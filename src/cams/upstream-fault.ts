import type { CamsKind } from './api.js';
import type { CamsFailure } from './cams-failure.js';
import { isServerFault } from './refusal-meaning.js';

const REFUSED_BY_PROXY = /^PROXY_STATUS_[34]/;

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
