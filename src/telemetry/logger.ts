import type { EventEmitter } from 'node:events';
import { Logger as NestPinoLogger, PinoLogger } from 'nestjs-pino';
import { type Logger, type LoggerOptions, pino, stdSerializers } from 'pino';
import { currentRequest } from '../request/request-context.js';
import type { Config } from '../config/config.js';
import { redact } from './redaction.js';

/** Lines are written in batches of this size, or after this time. */
const PORTION_BYTES = 8 * 1024;
const LONGEST_WAIT_MS = 100;
/** Buffer for a slow reader of standard output. Lines beyond it are dropped. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** A logger and its output, which emits `drop` for each dropped line. No output on a terminal. */
export interface LogOutput {
  readonly logger: Logger;
  readonly output: EventEmitter | undefined;
}

/** Creates a logger for JSON lines on standard output, pretty-printed on a terminal, with the id of the request. */
export function createLogger({ logLevel }: Pick<Config, 'logLevel'>): LogOutput {
  const options: LoggerOptions = {
    level: logLevel,
    base: null,
    timestamp: isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: redactedError },
    mixin: () => {
      const requestId = currentRequest.getStore()?.requestId;
      return requestId === undefined ? {} : { requestId };
    },
    // The request line already has the id, and copying all its fields is expensive.
    mixinMergeStrategy: (line: { requestId?: string }, mixin) =>
      line.requestId === undefined ? Object.assign(mixin, line) : line,
    hooks: {
      logMethod(args, method) {
        method.apply(
          this,
          args.map((arg: unknown) => (typeof arg === 'string' ? redact(arg) : arg)) as typeof args,
        );
      },
    },
  };
  if (process.stdout.isTTY) {
    const transport = { target: 'pino-pretty', options: { singleLine: true } };
    return { logger: pino({ ...options, transport }), output: undefined };
  }
  // Buffered, to avoid a blocking system call per line. The rest is written when the process exits.
  const output = pino.destination({
    sync: false,
    minLength: PORTION_BYTES,
    periodicFlush: LONGEST_WAIT_MS,
    maxLength: MAX_WAITING_BYTES,
  });
  return { logger: pino(options, output), output };
}

/** Wraps the logger for Nest and its `Logger` class. */
export function nestLogger(logger: Logger): NestPinoLogger {
  const params = { pinoHttp: { logger } };
  return new QuietStart(new PinoLogger(params), params);
}

// Nest logs every module and route that it sets up. This is only useful for debugging the startup.
const SET_UP = new Set([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'GraphQLModule',
  'NestFactory',
]);

class QuietStart extends NestPinoLogger {
  override log(message: unknown, ...parameters: unknown[]): void {
    if (SET_UP.has(String(parameters.at(-1)))) this.debug(message, ...parameters);
    else super.log(message, ...parameters);
  }
}

// Messages and stacks of libraries may quote their input: numbers, URLs, tokens.
function redactedError(error: Error): { type: string; message: string; stack: string } {
  const { type, message, stack } = stdSerializers.err(error);
  return { type, message: redact(message), stack: redact(stack) };
}

let timeMs = NaN;
let time = '';

// Many lines share a millisecond, and formatting a date is slow.
function isoTime(): string {
  const nowMs = Date.now();
  if (nowMs !== timeMs) {
    timeMs = nowMs;
    time = `,"time":"${new Date(nowMs).toISOString()}"`;
  }
  return time;
}
