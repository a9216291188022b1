import { types } from 'node:util';

/** `down`: not sent, or the connection was lost; `timeout`: no reply in time; `refused`: replied with an error. */
export type RedisFailure = 'down' | 'timeout' | 'refused';

/**
 * Redis did not confirm a script. Unless the script was refused, it may have run or may still run later. Has no client
 * error as its cause, because those contain the arguments of the command.
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

/** Returns a reason that can be logged for an error of the client. */
export function reasonOf(error: unknown): string {
  if (error instanceof RedisUnavailable) return error.reason;
  if (!types.isNativeError(error)) return 'unknown';
  // The message is empty if all addresses of a host failed.
  const { message, name, code } = error as NodeJS.ErrnoException;
  return (message || code || name).slice(0, MAX_REASON_LENGTH);
}

/** Returns whether the server replied with an error that matches `prefix`. */
export function isReply(error: unknown, prefix: RegExp = /^/): error is Error {
  return types.isNativeError(error) && error.name === 'ReplyError' && prefix.test(error.message);
}

export function redisUnavailable(error: unknown): RedisUnavailable {
  if (error instanceof RedisUnavailable) return error;
  return new RedisUnavailable(isReply(error) ? 'refused' : 'down', reasonOf(error));
}
