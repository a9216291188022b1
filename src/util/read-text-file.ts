import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { isNativeError } from 'node:util/types';

/** Reads a regular file as UTF-8. Throws if it is not a regular file or is longer than `maxBytes`. */
export function readTextFile(path: string, maxBytes: number): string {
  // Without O_NONBLOCK, a named pipe would block the process until another process writes to it.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error('not a regular file');
    if (stat.size > maxBytes) throw new Error(`it has ${stat.size} bytes, more than ${maxBytes}`);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Returns why a file could not be read or used, without its content. */
export function readFailure(error: unknown): string {
  // The message of a syntax error quotes the input.
  if (error instanceof SyntaxError) return 'cannot be used: it is not valid JSON';
  if (!isNativeError(error)) return 'cannot be read';
  const code = 'syscall' in error && 'code' in error ? String(error.code) : null;
  return code === null ? `cannot be used: ${error.message}` : `cannot be read (${code})`;
}
