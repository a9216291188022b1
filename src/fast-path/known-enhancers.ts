import type { ApplicationConfig } from '@nestjs/core';

/**
 * Throws if Nest would run anything for all handlers but one of these enhancers: the fast path would miss it.
 */
export function assertKnownEnhancers(known: readonly object[], nest: ApplicationConfig): void {
  const others = [
    ...nest.getGlobalGuards(),
    ...nest.getGlobalPipes(),
    ...nest.getGlobalInterceptors(),
    ...nest.getGlobalFilters(),
    ...nest.getGlobalRequestGuards(),
    ...nest.getGlobalRequestPipes(),
    ...nest.getGlobalRequestInterceptors(),
    ...nest.getGlobalRequestFilters(),
  ].filter((enhancer) => !known.includes(enhancer.constructor));
  if (others.length === 0) return;
  const names = others.map(({ constructor }) => constructor.name).join(', ');
  throw new Error(`The fast path would miss ${names}: use FAST_PATH=off, or teach it`);
}
