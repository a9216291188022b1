import { notFound } from '../errors/gateway-error.js';
import type { Principal } from './principal.js';
import type { ScopeTarget } from './tenant-scope.js';

/** Names that narrow a list. */
export type ReachFilter = Partial<ScopeTarget>;

/** The spaces and numbers that a caller can access and that a filter selects. */
export interface Reach {
  includes(target: Required<ScopeTarget>): boolean;
}

/** Throws `NOT_FOUND` if the filter names a space or a number that the caller does not own. */
export function reachOf({ spaces }: Principal, { custSpaceId, businessNumber }: ReachFilter): Reach {
  const selected = [...spaces].filter(([id, numbers]) => {
    if (custSpaceId !== undefined && custSpaceId !== id) return false;
    return businessNumber === undefined || numbers === null || numbers.has(businessNumber);
  });
  const isNarrowed = custSpaceId !== undefined || businessNumber !== undefined;
  if (isNarrowed && selected.length === 0) throw notFound();
  const reachable = new Map(selected);
  return {
    includes: (target) => {
      const numbers = reachable.get(target.custSpaceId);
      if (numbers === undefined || (numbers !== null && !numbers.has(target.businessNumber))) return false;
      return businessNumber === undefined || businessNumber === target.businessNumber;
    },
  };
}
