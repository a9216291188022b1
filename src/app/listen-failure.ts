import { isNativeError } from 'node:util/types';
import type { Config } from '../config/config.js';

const PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another process: choose another port, or stop that process',
  EACCES: 'requires privileges that this user lacks: choose a port above 1023',
};

/** Returns the error to report: for a failure to listen, one that names the setting. */
export function listenFailure(error: unknown, { http, management, sandbox }: Config): unknown {
  if (!isNativeError(error) || !('syscall' in error) || !('code' in error)) return error;
  const { syscall, code } = error;
  if (syscall === 'getaddrinfo' || code === 'EADDRNOTAVAIL') {
    const host = 'hostname' in error ? error.hostname : 'address' in error ? error.address : undefined;
    const name = host === http.host ? 'HOST' : 'MANAGEMENT_HOST';
    return new Error(`${name} ${String(host)} is not an address of this machine (${String(code)}).`);
  }
  if (syscall !== 'listen' || !('port' in error)) return error;
  const { port } = error;
  const names = { PORT: http.port, MANAGEMENT_PORT: management?.port, SANDBOX_PORT: sandbox?.port };
  const name = Object.entries(names).find(([, value]) => value === port)?.[0];
  const problem = PROBLEMS[String(code)];
  return name === undefined || problem === undefined
    ? error
    : new Error(`${name} ${String(port)} ${problem}.`);
}
