import type { EnvReader } from './env-reader.js';

/** Old name → new name. */
const RENAMED: Readonly<Record<string, string>> = {
  CACHE_STALE_MS: 'CACHE_STALE_WHILE_REVALIDATE_MS',
  CACHE_ERROR_MS: 'CACHE_STALE_IF_ERROR_MS',
};

/** Whether a setting has an old name. */
export function isRenamed(name: string): boolean {
  return Object.hasOwn(RENAMED, name);
}

/** Rejects settings with old names. Ignoring them would silently apply the defaults. */
export function refuseRenamed(read: EnvReader): void {
  for (const [oldName, newName] of Object.entries(RENAMED)) {
    if (read.variable(oldName) !== undefined) read.fault(oldName, `was renamed: set ${newName} instead`);
  }
}
