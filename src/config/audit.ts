import type { EnvReader } from './env-reader.js';

/** Settings of the audit log of writes. */
export interface AuditSettings {
  /** File that lines are appended to in addition to the log. `null` for the log only. */
  readonly file: string | null;
  /** Whether to reject a write whose attempt cannot be recorded. */
  readonly required: boolean;
}

export function readAudit(read: EnvReader): AuditSettings {
  const file = read.text('AUDIT_FILE') ?? null;
  const required = read.flag('AUDIT_REQUIRED', false);
  // Standard output gives no confirmation that a line was stored.
  if (required && file === null) read.fault('AUDIT_FILE', 'is required with AUDIT_REQUIRED=true');
  return { file, required };
}
