import type { EnvReader } from './env-reader.js';

/** The record of writes that an operator keeps. */
export interface AuditSettings {
  /** Lines are appended to it, besides the log; `null`: the log alone has them. */
  readonly file: string | null;
  /** Whether a write is refused whose attempt cannot be recorded. */
  readonly required: boolean;
}

export function readAudit(read: EnvReader): AuditSettings {
  const file = read.text('AUDIT_FILE') ?? null;
  const required = read.flag('AUDIT_REQUIRED', false);
  // Nobody confirms that a line on standard output was kept.
  if (required && file === null) read.fault('AUDIT_FILE', 'is required with AUDIT_REQUIRED=true');
  return { file, required };
}
