import type { CamsKind } from './api.js';
import type { CamsFailure } from './cams-failure.js';
import { isServerFault } from './refusal-meaning.js';

/** Returns whether CAMS, or the way to it, has failed, rather than refused the call. */
export function isUpstreamFault(failure: CamsFailure, kind: CamsKind): boolean {
  switch (failure.kind) {
    case 'timeout':
    case 'lost':
      return true;
    case 'broken':
      return (failure.status ?? 0) >= 500;
    case 'refused':
      return isServerFault(failure, kind);
    case 'short-page':
      return false;
  }
}
