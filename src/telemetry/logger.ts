import type { EventEmitter } from 'node:events';
import { Logger as NestPinoLogger, PinoLogger } from 'nestjs-pino';
import { type Logger, type LoggerOptions, pino, stdSerializers } from 'pino';
import { currentRequest } from '../request/request-context.js';
import type { Config } from '../config/config.js';
import { spanOf, traceIds } from '../tracing/tracing.js';
import { redact, redactFields } from '../util/redaction.js';

/** Lines are written in batches of this size, or after this time. */
const PORTION_BYTES = 8 * 1024;
const LONGEST_WAIT_MS = 100;
/** Buffer for a slow reader of standard output. Lines beyond it are dropped. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** What joins a line with its request and its trace. */
interface Ids {
  readonly requestId?: string;
  readonly traceId?: string;
}

/** A logger and its output, which emits `drop` for each dropped line. No output if lines are pretty-printed. */
export interface LogOutput {
  readonly logger: Logger;
  readonly output: EventEmitter | undefined;
}

/** Returns the options of every logger: lines with the id of the request, in which nothing secret is shown. */
export function loggerOptions(level: string): LoggerOptions {
  return {
    level,
    base: null,
    timestamp: isoTime,
    formatters: { level: (label) => ({ level: label }), log: (line) => redactFields(line) },
    serializers: { err: redactedError },
    mixin: () => {
      const request = currentRequest.getStore();
      return request === undefined ? {} : { requestId: request.requestId, ...traceIds(spanOf(request)) };
    },
    mixinMergeStrategy: (line: Ids, mixin: Ids) => {
      const { requestId } = line;
      // A connection may refuse its next request while the store still has the previous one.
      const isOther = requestId !== undefined && requestId !== mixin.requestId;
      // The request line already has the ids, and copying all its fields is expensive.
      const isComplete =
        requestId !== undefined && (line.traceId !== undefined || mixin.traceId === undefined);
      return isOther || isComplete ? line : Object.assign(mixin, line);
    },
    hooks: {
      logMethod(args, method) {
        method.apply(
          this,
          args.map((arg: unknown) => (typeof arg === 'string' ? redact(arg) : arg)) as typeof args,
        );
      },
    },
  };
}

/** Creates a logger for lines on standard output. */
export function createLogger({ logLevel, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>): LogOutput {
  const options = loggerOptions(logLevel);
  if (logFormat === 'pretty') {
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
  // Otherwise the library would replace the serializer of the logger, and show errors as they are.
  const params = { pinoHttp: { logger, serializers: { err: redactedError }, wrapSerializers: false } };
  return new QuietStart(new PinoLogger(params), params);
}

// Nest logs every module and route that it sets up. This is only useful for debugging the startup.
const SET_UP = new Set([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'GraphQLModule',
  'NestFactory',
  'NestApplication',
]);

class QuietStart extends NestPinoLogger {
  override log(message: unknown, ...parameters: unknown[]): void {
    if (SET_UP.has(String(parameters.at(-1)))) this.debug(message, ...parameters);
    else super.log(message, ...parameters);
  }

  override error(message: unknown, ...parameters: unknown[]): void {
    // The process reports why it cannot listen, with the name of the setting.
    if (parameters.at(-1) === 'NestApplication') this.debug(message, ...parameters);
    else super.error(message, ...parameters);
  }
}

/** A stack is long, and most of it is our own. */
const MAX_STACK_CHARACTERS = 16_384;

// Messages and stacks of libraries may quote their input: numbers, URLs, tokens.
function redactedError(error: Error): { type: string; message: string; stack: string } {
  const { type, message, stack } = stdSerializers.err(error);
  return { type, message: redact(message), stack: redact(stack, MAX_STACK_CHARACTERS) };
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
