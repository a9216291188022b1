/** What is expected of a server that keeps records: `required`: it is not used otherwise; `advised`: it is said. */
export type Durability = 'required' | 'advised';

/** The sections of INFO that {@link forgetfulness} reads. */
export const DURABILITY_SECTIONS = ['memory', 'persistence'] as const;

/**
 * Why a server may lose what it was given, by its INFO; `undefined` if it neither evicts nor forgets in a restart.
 * INFO and no CONFIG: managed servers refuse that one.
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
