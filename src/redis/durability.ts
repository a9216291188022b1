/** How durability of a server is enforced. `required`: the server is refused without it; `advised`: logs a warning. */
export type Durability = 'required' | 'advised';

/** The sections of INFO that {@link forgetfulness} reads. */
export const DURABILITY_SECTIONS = ['memory', 'persistence'] as const;

/**
 * Returns why a server may lose data, according to its INFO; `undefined` if it neither evicts keys nor loses them in a
 * restart. Uses INFO because managed servers refuse CONFIG.
 */
export function forgetfulness(info: string): string | undefined {
  const policy = /^maxmemory_policy:([\w-]+)/m.exec(info)?.[1];
  const causes = [
    ...(policy === 'noeviction' || /^maxmemory:0\s/m.test(info)
      ? []
      : [`may evict keys (maxmemory-policy ${policy ?? 'unknown'}, not noeviction)`]),
    ...(/^aof_enabled:1/m.test(info) ? [] : ['keeps no append-only file (appendonly no)']),
  ];
  return causes.length === 0 ? undefined : `it ${causes.join(', and ')}: records of writes can be lost`;
}
