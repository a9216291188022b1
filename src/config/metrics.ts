import type { EnvReader } from './env-reader.js';

/** Whether request metrics have a label with the tenant. */
export function readTenantLabel(read: EnvReader): boolean {
  return read.flag('METRICS_TENANT_LABEL', false);
}
