/** A business number of a space. */
export interface Scope {
  readonly custSpaceId: string;
  readonly businessNumber: string;
}

/**
 * Each space belongs to one tenant. There are four, because a tenant is limited to 1,000,000 requests per minute, and
 * the fastest workloads exceed that.
 */
export const SPACES = ['bench-1', 'bench-2', 'bench-3', 'bench-4'] as const;

/** The lists that every caller requests: one in each space. */
export const MAIN_SCOPES: readonly Scope[] = SPACES.map((custSpaceId) => ({
  custSpaceId,
  businessNumber: '8613800000001',
}));

/** Lists of groups with short subjects and descriptions: one in each space. */
export const SHORT_SCOPES: readonly Scope[] = SPACES.map((custSpaceId) => ({
  custSpaceId,
  businessNumber: '8613800000002',
}));

/** `count` scopes of a series, spread over all spaces. Two series have no scope in common. */
export function scopesOf(series: number, count: number): readonly Scope[] {
  return Array.from({ length: count }, (_, index) => ({
    custSpaceId: SPACES[index % SPACES.length] ?? SPACES[0],
    businessNumber: `86139${series}${String(index).padStart(7, '0')}`,
  }));
}
