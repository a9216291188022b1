import type { EnvReader } from './env-reader.js';

export interface CreateSettings {
  /** How long a create request waits for its group before it returns an operation. */
  readonly resolveTimeoutMs: number;
  /** How long an operation stays `PENDING` before it is `UNRESOLVED`. */
  readonly operationWindowMs: number;
  /** How long it stays `PENDING` while lookups are inconclusive. */
  readonly longestWindowMs: number;
}

const LONGEST_WINDOWS = 2;

export function readCreates(read: EnvReader): CreateSettings {
  const operationWindowMs = read.integer('OPERATION_WINDOW_MS', 600_000, 1_000, 86_400_000);
  return {
    resolveTimeoutMs: read.integer('CREATE_RESOLVE_TIMEOUT_MS', 5_000, 0, 60_000),
    operationWindowMs,
    longestWindowMs: LONGEST_WINDOWS * operationWindowMs,
  };
}
