/** A number of a space, as every request names it. */
export interface Scope {
  readonly custSpaceId: string;
  readonly businessNumber: string;
}

/**
 * One tenant owns each space, and every number of it. Four of them, since a tenant may have 1,000,000 requests a minute
 * at the most, and the fastest answers come quicker than that.
 */
export const SPACES = ['bench-1', 'bench-2', 'bench-3', 'bench-4'] as const;

/** The lists that everybody asks for: one in each space. */
export const MAIN_SCOPES: readonly Scope[] = SPACES.map((custSpaceId) => ({
  custSpaceId,
  businessNumber: '8613800000001',
}));

/** `count` scopes of a series, in turn of all spaces; two series have none in common. */
export function scopesOf(series: number, count: number): readonly Scope[] {
  return Array.from({ length: count }, (_, index) => ({
    custSpaceId: SPACES[index % SPACES.length] ?? SPACES[0],
    businessNumber: `86139${series}${String(index).padStart(7, '0')}`,
  }));
}
