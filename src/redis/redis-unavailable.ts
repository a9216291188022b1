import { types } from 'node:util';

/** `down`: not sent, or the connection was lost; `timeout`: no answer in time; `refused`: answered with an error. */
export type RedisFailure = 'down' | 'timeout' | 'refused';

/**
 * Redis did not confirm a script. Unless it was refused, it may have run, or may still run later. It carries no error
 * of the client as its cause: those hold the arguments of the command.
 */
export class RedisUnavailable extends Error {
  override readonly name = 'RedisUnavailable';

  constructor(
    readonly kind: RedisFailure,
    readonly reason: string,
  ) {
    super(`Redis: ${kind} (${reason})`);
  }
}

const MAX_REASON_LENGTH = 200;

/** What the client threw, in words that can be logged. */
export function reasonOf(error: unknown): string {
  if (error instanceof RedisUnavailable) return error.reason;
  if (!types.isNativeError(error)) return 'unknown';
  // An attempt on several addresses of a host fails with an empty message.
  const { message, name, code } = error as NodeJS.ErrnoException;
  return (message || code || name).slice(0, MAX_REASON_LENGTH);
}

/** Whether the server answered with an error, and with this one. */
export function isReply(error: unknown, prefix: RegExp = /^/): error is Error {
  return types.isNativeError(error) && error.name === 'ReplyError' && prefix.test(error.message);
}

export function redisUnavailable(error: unknown): RedisUnavailable {
  if (error instanceof RedisUnavailable) return error;
  return new RedisUnavailable(isReply(error) ? 'refused' : 'down', reasonOf(error));
}
