import type { EnvReader } from './env-reader.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function readLogLevel(read: EnvReader): LogLevel {
  return read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info');
}
