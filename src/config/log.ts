import type { EnvReader } from './env-reader.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFormat = 'json' | 'pretty';

/** Defaults to lines for people on a terminal, and to JSON everywhere else. */
export function readLogFormat(read: EnvReader): LogFormat {
  return read.oneOf('LOG_FORMAT', ['json', 'pretty'] as const, process.stdout.isTTY ? 'pretty' : 'json');
}

export function readLogLevel(read: EnvReader): LogLevel {
  return read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info');
}
